import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { EXIT, runProgram } from '../../sim/cli/program.js';

/** Executed plans of jobs of two stages and two microbatches, one line of clocks per plan. */
function folderOf(jobs: Readonly<Record<string, readonly (readonly [number, number])[]>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-'));
  const plans = ['workload_id,plan,stage,index,frequency_mhz'];
  const iterations = ['workload_id,plan,stage,iter_time_s,iter_energy_j'];
  const instructions = ['workload_id,plan,stage,instruction,frequency_mhz,count,time_mean_s'];
  for (const [job, clocksOf] of Object.entries(jobs)) {
    clocksOf.forEach((clocks, k) => {
      const plan = k + 1;
      clocks.forEach((clock, stage) => {
        for (let index = 0; index < 4; index++) {
          plans.push([job, plan, stage, index, clock].join(','));
        }
        const [forwardS, backwardS] = [140 / clock, 280 / clock];
        instructions.push([job, plan, stage, 'forward', clock, 2, forwardS].join(','));
        instructions.push([job, plan, stage, 'backward', clock, 2, backwardS].join(','));
      });
      const [first, second] = clocks.map((clock) => 140 / clock) as [number, number];
      // Fill, the slower stage's two microbatches, drain.
      const timeS = 3 * (first + second) + 3 * Math.max(first, second);
      clocks.forEach((clock, stage) => {
        const busyS = 2 * 3 * (140 / clock);
        const energyJ = busyS * clock * 0.2 + (timeS - busyS) * 70;
        iterations.push([job, plan, stage, timeS, energyJ].join(','));
      });
    });
  }
  const write = (name: string, lines: readonly string[]) => {
    writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
  };
  write('plans.csv', plans);
  write('iterations.csv', iterations);
  write('instructions.csv', instructions);
  return folder;
}

const CLOCKS = [
  [1400, 1400],
  [1200, 1400],
  [1400, 1000],
  [1000, 1200],
] as const;

async function validate(...args: readonly string[]) {
  let [out, err] = ['', ''];
  const terminal = {
    out: (text: string) => (out += text),
    err: (text: string) => (err += text),
    isWatched: false,
  };
  const code = await runProgram(['validate', ...args], terminal);
  return { code, out, err };
}

test('jobs of one folder only are named and left out; to ask for one is an error', async (t) => {
  const fit = folderOf({ both: CLOCKS, fitted: CLOCKS });
  const tested = folderOf({ both: CLOCKS, tested: CLOCKS });
  const folders = ['--fit', fit, '--test', tested, '--gpu', 'a40'];
  const all = await validate(...folders, '--format', 'json');
  t.is(all.code, EXIT.ok);
  t.is(
    all.err,
    'skipped: fitted is only in the folder to fit, not in the folder to test\n' +
      'skipped: tested is only in the folder to test, not in the folder to fit\n',
  );
  const rows = JSON.parse(all.out) as { workload_id: string; plans: number }[];
  t.deepEqual(
    rows.map((row) => [row.workload_id, row.plans]),
    [['both', 4]],
  );
  for (const [workload, reason] of [
    ['fitted', /fitted is only in the folder to fit/],
    ['none', /--workload: found "none", expected one of both, fitted, tested/],
  ] as const) {
    const asked = await validate(...folders, '--workload', workload);
    t.is(asked.code, EXIT.wrongInput);
    t.regex(asked.err, reason);
    t.is(asked.out, '');
  }
});

test('a GPU that the catalog has not is refused', async (t) => {
  const folder = folderOf({ both: CLOCKS });
  const { code, err } = await validate('--fit', folder, '--test', folder, '--gpu', 'a41');
  t.is(code, EXIT.wrongInput);
  t.regex(err, /pipewatt validate, --gpu: found "a41", expected one of .*; did you mean "a40"\?/);
});
