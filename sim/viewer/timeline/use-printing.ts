import { useEffect, useState } from 'preact/hooks';

/** Whether the page is being laid out for paper. */
export function usePrinting(): boolean {
  const [isPrinting, setPrinting] = useState(false);
  useEffect(() => {
    const query = matchMedia('print');
    const follow = () => {
      setPrinting(query.matches);
    };
    const begin = () => {
      setPrinting(true);
    };
    follow();
    query.addEventListener('change', follow);
    addEventListener('beforeprint', begin);
    addEventListener('afterprint', follow);
    return () => {
      query.removeEventListener('change', follow);
      removeEventListener('beforeprint', begin);
      removeEventListener('afterprint', follow);
    };
  }, []);
  return isPrinting;
}
