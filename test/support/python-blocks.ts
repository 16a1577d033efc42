import { readFileSync } from 'node:fs';
import { projectFile } from './files.js';

/** The Python of a page, all blocks of it as one program, and the lines that it says that it prints. */
export function pythonOf(page: string): { readonly program: string; readonly printed: string[] } {
  const text = readFileSync(projectFile(page), 'utf8');
  const blocks = [...text.matchAll(/```python\n(.*?)```/gs)].map(([, block]) => block!);
  const program = blocks.join('\n');
  const printed = program
    .split('\n')
    .flatMap((line) => /(?:\) {2}|^)# > (.*)$/.exec(line)?.[1] ?? []);
  return { program, printed };
}
