import { createInterface } from 'node:readline';
import type { Case } from './cases.js';

/**
 * Measures for another process: a line of JSON asks for a case, and the next line answers. The
 * measured program is the one that this file was compiled with. Measurements are loaded by the
 * first request, so that a version that lacks what they import answers with an error.
 */
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as Case))}\n`);
}

async function answer({ what, job }: Case): Promise<unknown> {
  try {
    const { MEASUREMENTS } = await import('./measurements.js');
    return await MEASUREMENTS[what](job);
  } catch (error) {
    return { error: String(error) };
  }
}
