import { spawnSync } from 'node:child_process';
import type { ExecutionContext } from 'ava';
import { projectFile } from './files.js';
import { temporaryFolder } from './temporary-folder.js';

/** Runs Python, which finds the built program. @returns its output and its errors, if it ends with 0. */
export function runPython(
  t: ExecutionContext,
  command: string,
  args: readonly string[],
  {
    cwd,
    env = {},
  }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): string {
  const PIPEWATT = `${process.execPath} ${projectFile('dist/sim/cli/main.js')}`;
  const { status, stdout, stderr } = spawnSync(command, ['-B', ...args], {
    cwd: cwd ?? temporaryFolder(t),
    encoding: 'utf8',
    env: { ...process.env, PIPEWATT, ...env },
  });
  t.is(status, 0, `${stdout}\n${stderr}`);
  return `${stdout}${stderr}`;
}
