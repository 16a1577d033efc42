import fc from 'fast-check';
import { csvMutation, mutatedCsv } from '../mutate-csv.js';
import { mutatedFile, textMutation } from '../mutate-text.js';
import { notFinite, withoutNames } from '../oracle.js';
import { commandLine, type FuzzTarget } from '../target.js';

const JOB = 'job';
const STAGES = 2;
const MICROBATCHES = 3;

/** Both stages take as long as each other: times of whole iterations are simple sums. */
const timeS = (kind: number, clockMHz: number) => 0.02 * (kind + 1) * (0.3 + 980 / clockMHz);
const powerW = (clockMHz: number) => 60 + 200 * (clockMHz / 1400) ** 2;
const BLOCKING_W = 80;

/** Orders of one 1F1B pipeline of two stages: 0 is a forward. */
const KINDS = [
  [0, 0, 1, 0, 1, 1],
  [0, 1, 0, 1, 0, 1],
];

/** A folder of executed plans, each at one clock; plan 0 is cold. */
function measuredFolder(): Record<string, string> {
  const plans = [1400, 1400, 1100, 900, 1400, 1100, 900].map((clockMHz, plan) => ({
    plan,
    clockMHz,
  }));
  const lines = (head: string, rows: readonly string[]) => [head, ...rows, ''].join('\n');
  const kindNames = ['forward', 'backward'];
  return {
    'runs/plans.csv': lines(
      'workload_id,plan,stage,index,frequency_mhz',
      plans.flatMap(({ plan, clockMHz }) =>
        KINDS.flatMap((kinds, stage) =>
          kinds.map((_, k) => `${JOB},${plan},${stage},${k},${clockMHz}`),
        ),
      ),
    ),
    'runs/iterations.csv': lines(
      'workload_id,plan,stage,iter_time_s,iter_energy_j',
      plans.flatMap(({ plan, clockMHz }) => {
        const roundS = timeS(0, clockMHz) + timeS(1, clockMHz);
        const iterationS = (MICROBATCHES + STAGES - 1) * roundS + 0.1;
        const computingS = MICROBATCHES * roundS;
        const energyJ = computingS * powerW(clockMHz) + (iterationS - computingS) * BLOCKING_W;
        return [0, 1].map((stage) => `${JOB},${plan},${stage},${iterationS},${energyJ}`);
      }),
    ),
    'runs/instructions.csv': lines(
      'workload_id,plan,stage,instruction,frequency_mhz,count,time_mean_s',
      plans.flatMap(({ plan, clockMHz }) =>
        KINDS.flatMap((_, stage) =>
          [0, 1].map(
            (kind) =>
              `${JOB},${plan},${stage},${kindNames[kind]!},${clockMHz},${MICROBATCHES},${timeS(kind, clockMHz)}`,
          ),
        ),
      ),
    ),
    'runs/load_times.csv': lines(
      'workload_id,stage,load_mean_s_per_microbatch',
      [0, 1].map((stage) => `${JOB},${stage},0.0001`),
    ),
  };
}

const folder = measuredFolder();
const anyFolder = fc
  .tuple(
    fc.constantFrom(...Object.keys(folder)),
    fc.oneof(
      fc
        .array(csvMutation, { minLength: 1, maxLength: 2 })
        .map((changes) => (text: string) => mutatedCsv(text, changes)),
      fc
        .array(textMutation, { minLength: 1, maxLength: 1 })
        .map((changes) => (text: string) => mutatedFile(text, changes)),
    ),
  )
  .map(([path, change]) => ({ ...folder, [path]: change(folder[path]!) }));

/** Folders of executed plans. */
export const measuredRuns: FuzzTarget = {
  name: 'measured runs',
  share: 4,
  inputs: () =>
    fc
      .tuple(
        fc.constantFrom(
          ['fit-runs', 'runs', '--format', 'json'],
          ['fit-runs', 'runs'],
          ['validate', '--fit', 'runs', '--test', 'runs', '--format', 'json'],
        ),
        anyFolder,
      )
      .map(([args, files]) => commandLine(args, files)),
  oracle: ({ args }, { code, out }) => {
    if (code !== 0) return undefined;
    if (!args.includes('json')) return /\bNaN\b|Infinity|undefined/.exec(withoutNames(out))?.[0];
    return notFinite(JSON.parse(out), new Set())[0];
  },
};
