import fc from 'fast-check';
import type { FuzzInput } from '../fuzz-input.js';
import { writtenNumber } from '../hostile.js';
import { mutatedFile, textMutation } from '../mutate-text.js';
import { firstOf, notFinite, type Ended } from '../oracle.js';
import { MAY_BE_NULL } from '../run-oracle.js';
import { profileCsv } from '../small-scenarios.js';
import { commandLine, type FuzzTarget } from '../target.js';

const SCENARIO = `name: fuzzed
profile: { csv: p.csv, blockingPowerW: 80 }
unitTimeS: 0.01
tensorParallel: 3
pipelines: 3
pipeline: { stages: 2, microbatches: 2 }
stragglers: [{ pipeline: 1, slowdown: 1.1 }]
`;

/** The same plan in each format that is read. */
const PLANS: readonly (readonly [string, string])[] = [
  [
    'plan.py',
    "[\n[('forward', 1410), ('forward', 990), ('backward', 1095), ('backward', 1200)],\n[('forward', 1410), ('backward', 1410), ('forward', 0), ('backward', 1410)],\n]\n# Iteration 12 cost change: 0.0179\n# Iteration 12 total cost: 150.25\n# Iteration 12 total cost with P2P: 230.5\n# Iteration 12 durations in s: [[0.05,0.06,0.11,0.11],[0.05,0.11,0.05,0.11]]\n",
  ],
  ['plan.txt', '# older\n((1410, 990, 1_095, 1.2e3), [1410, 0x582, 0, 1410],)'],
  [
    'plan.csv',
    'stage,index,instruction,microbatch,frequency_mhz,duration_s,planned_time_s,planned_energy_j\n' +
      [0, 1]
        .flatMap((stage) =>
          [0, 1, 2, 3].map((index) => {
            const isForward = stage === 0 ? index < 2 : index % 2 === 0;
            const kind = isForward ? 'forward' : 'backward';
            return `${stage},${index},${kind},0,1410,0.05,0.42,600`;
          }),
        )
        .join('\n'),
  ],
  [
    'plan.json',
    '[{"rank":0,"frequencies":[["forward",1410],["forward",1410],["backward",1410],["backward",1410]]},{"rank":1,"frequencies":[["forward",1410],["backward",1410],["forward",1410],["backward",1410]]}]',
  ],
];

const NUMBER = /\b\d[\d._x]*\b/g;

/** A text with the number at a place replaced. */
function withNumber(text: string, at: number, written: string): string {
  const found = [...text.matchAll(NUMBER)];
  const chosen = found[Math.floor(at * found.length)]!;
  const end = chosen.index + chosen[0].length;
  return `${text.slice(0, chosen.index)}${written}${text.slice(end)}`;
}

const anyPlan = fc.constantFrom(...PLANS).chain(([name, text]) =>
  fc
    .oneof(
      fc
        .array(textMutation, { minLength: 1, maxLength: 2 })
        .map((changes) => mutatedFile(text, changes)),
      fc
        .tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), writtenNumber)
        .map(([at, written]) => withNumber(text, at, written)),
    )
    .map((plan) => [name, plan] as const),
);

/** Plan files of `run --plan`, alone and as the only one of a folder. */
export const plans: FuzzTarget = {
  name: 'plan files',
  share: 4,
  inputs: () =>
    fc.tuple(anyPlan, fc.boolean()).map(([[name, plan], inFolder]) => {
      const path = inFolder ? 'plans/freqs_pipeline_00012.py' : name;
      const run = ['run', 's.yaml', '--plan', inFolder ? 'plans' : path, '--format', 'json'];
      return commandLine(run, { 's.yaml': SCENARIO, 'p.csv': profileCsv(2), [path]: plan });
    }),
  oracle: (input, ended) => (ended.code === 0 ? wrongPlan(input, ended) : undefined),
};

interface Document {
  readonly policies: readonly Readonly<Record<string, number>>[];
}

/** A given plan is no faster than the highest clocks, and no cheaper than the least possible. */
function wrongPlan(_: FuzzInput, { out }: Ended): string | undefined {
  const document = JSON.parse(out) as Document;
  const { policies } = document;
  const [highest] = policies;
  const given = policies.at(-1)!;
  return firstOf([
    notFinite(document, MAY_BE_NULL)[0],
    policies.length !== 4 && `${policies.length} rows`,
    !(given['simulated_time_s']! >= highest!['simulated_time_s']! * (1 - 1e-9)) &&
      `takes ${given['simulated_time_s']} s`,
    (given['above_bound_pct'] ?? 0) < -0.1 && `${given['above_bound_pct']} % above the bound`,
    !(given['planned_energy_j']! > 0) && `plans ${given['planned_energy_j']} J`,
  ]);
}
