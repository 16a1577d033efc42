import { readFileSync } from 'node:fs';
import type { ExecutionContext } from 'ava';

/** Headings of a report, which fetches nothing. */
export function headingsOf(t: ExecutionContext, file: string): string[] {
  const html = readFileSync(file, 'utf8');
  t.false(/(?:src|href)\s*=\s*"(?!#)/.test(html), 'nothing is fetched');
  return [...html.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, heading]) => heading!);
}
