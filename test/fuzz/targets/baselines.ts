import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { projectFile } from '../../support/files.js';
import type { FuzzInput } from '../fuzz-input.js';
import { mutated, treeMutation } from '../mutate-tree.js';
import { mutatedFile, textMutation } from '../mutate-text.js';
import { firstOf, notFinite } from '../oracle.js';
import type { FuzzTarget } from '../target.js';

interface Stored {
  readonly cases: readonly {
    readonly leastTimeS?: number;
    readonly plans?: readonly { readonly timeS: number; readonly energyJ: number }[];
  }[];
}

const stored = JSON.parse(
  readFileSync(projectFile('results/baseline-planner.json'), 'utf8'),
) as Stored;
const short = { ...stored, cases: stored.cases.slice(0, 3) };

const anyText = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .array(treeMutation, { minLength: 1, maxLength: 2 })
      .map((changes) => JSON.stringify(mutated(short, changes))),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(textMutation, { minLength: 1, maxLength: 2 })
      .map((changes) => mutatedFile(JSON.stringify(short), changes) ?? ''),
  },
);

/** A planner's results, stored for `compare --against`. */
export const baselines: FuzzTarget = {
  name: 'stored baselines',
  share: 2,
  inputs: () =>
    anyText.map((text): FuzzInput => ({
      call: 'baseline',
      args: [],
      files: { 'base.json': text },
    })),
  oracle: (_, { code, out }) => {
    if (code !== 0) return undefined;
    const { cases } = JSON.parse(out) as Stored;
    return firstOf([
      notFinite(cases, new Set())[0],
      ...cases.map(({ leastTimeS = 1 }) => !(leastTimeS > 0) && `takes ${leastTimeS} s`),
      ...cases.flatMap(({ plans = [] }) =>
        plans.map(
          ({ timeS, energyJ }) => !(timeS > 0 && energyJ > 0) && `${timeS} s, ${energyJ} J`,
        ),
      ),
    ]);
  },
};
