import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { projectFile } from './files.js';
import type { Load, LoadResult } from './load.js';

export type { LoadResult } from './load.js';

/** Runs a load in a process of its own, so that it does not share a thread with what measures it. */
export async function loadInProcess(load: Load): Promise<LoadResult> {
  const child = projectFile('dist/test/support/load-child.js');
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [child, JSON.stringify(load)], {
    maxBuffer: 64 << 20,
  });
  return JSON.parse(stdout) as LoadResult;
}
