import { useEffect, useRef } from 'preact/hooks';
import { linkOf, linkOfStep } from './link.js';
import { isUnchanged, linkContent, type Asked, type View } from './page-state.js';

/** Time from the last change to that of the address. */
const ADDRESS_PAUSE_MS = 250;

/** The link of the page's state; short if it is a step at its beginning. */
export async function linkOfPage(asked: Asked, view: View): Promise<string> {
  const isPlain = view.drawn === undefined && view.pinned === undefined;
  if (isPlain && isUnchanged(asked)) return linkOfStep(asked.step + 1);
  const { files, ...more } = linkContent(asked, view);
  return linkOf(files, more);
}

/**
 * Keeps the page's state in the address, except the initial one. Another step is another entry of the
 * browser's history.
 * @returns the last link written.
 */
export function useAddress(asked: Asked, view: View) {
  const written = useRef('');
  const last = useRef({ asked, view });
  const step = useRef(asked.step);
  useEffect(() => {
    if (last.current.asked === asked && last.current.view === view) return;
    last.current = { asked, view };
    const timer = setTimeout(
      () => {
        void linkOfPage(asked, view).then((link) => {
          const isOtherStep = step.current !== asked.step;
          written.current = link;
          step.current = asked.step;
          if (link === location.hash.slice(1)) return;
          if (isOtherStep) history.pushState(undefined, '', `#${link}`);
          else history.replaceState(undefined, '', `#${link}`);
        });
      },
      step.current === asked.step ? ADDRESS_PAUSE_MS : 0,
    );
    return () => {
      clearTimeout(timer);
    };
  }, [asked, view]);
  return written;
}
