import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { runInProcess } from './in-process.js';

/** Plans that one file cannot hold: those of a job with stragglers differ by pipeline and time. */
const WHOLE_FRONTIER = '200000';

/**
 * Asserts that a policy's row is the one of its plans written to files and read back, to the byte
 * in all columns but the name: from a folder of Zeus' files with the whole frontier, and from one
 * file in each format where the job has no stragglers.
 */
export async function plannedRowComesBack(
  t: ExecutionContext,
  scenario: string,
  folder: string,
  policy = 'perseus',
  wholeFrontier: 'always' | 'if there are stragglers' = 'always',
): Promise<void> {
  const run = async (...args: string[]) => {
    const { code, out, err } = await runInProcess(args);
    if (code !== 0) throw new Error(`${args.join(' ')} ends with ${code}: ${err}`);
    return out;
  };
  const write = async (format: string, name: string, ...more: string[]) => {
    const output = join(folder, name);
    const { code, err } = await runInProcess([
      ...['plan', scenario, '--planner', policy, '--format', format, '--output', output],
      ...more,
    ]);
    if (code !== 0) throw new Error(err);
    return { output, hasStraggler: err.includes('This is the plan of') };
  };
  const compare = async (output: string, name: string) => {
    const csv = await run('run', scenario, '--plan', output, '--format', 'csv', '--no-bound');
    const rows = csv.trimEnd().split('\n');
    const planned = rows.find((row) => row.split(',').includes(policy));
    const given = rows.at(-1)!;
    t.not(given, planned, 'it has another name');
    t.is(given.replace(name, policy), planned!, name);
  };
  const { hasStraggler } = await write('json', 'plan.json');
  const isList = policy === 'perseus-hull';
  // Plans on the hull are made for each deadline anew: files hold those of a few.
  if (!isList && (hasStraggler || wholeFrontier === 'always')) {
    const { output } = await write('zeus', 'frontier', '--frontier', WHOLE_FRONTIER);
    await compare(output, 'frontier');
  }
  if (hasStraggler) return;
  await compare(join(folder, 'plan.json'), 'plan.json');
  await compare((await write('csv', 'plan.csv')).output, 'plan.csv');
  await compare((await write('zeus', 'one')).output, 'one');
}
