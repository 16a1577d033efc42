import fc from 'fast-check';
import { stringify } from 'yaml';
import { hostileText, hostileValue, plausibleValue } from '../hostile.js';
import { mutated, treeMutation, type TreeMutation } from '../mutate-tree.js';
import { mutatedFile, textMutation } from '../mutate-text.js';
import { profileCsv } from '../small-scenarios.js';
import { commandLine, type FuzzTarget } from '../target.js';
import { keptSmall } from './scenarios.js';

const BASE = {
  name: 'base',
  profile: { csv: 'profile.csv', blockingPowerW: 80 },
  pipeline: { stages: 2, microbatches: 2 },
  unitTimeS: 0.001,
  pipelines: 2,
  stragglers: [{ pipeline: 0, slowdown: 1.2 }],
};

const SWEEPS: readonly Record<string, unknown>[] = [
  {
    name: 'small',
    base: BASE,
    matrix: {
      'pipeline.microbatches': [2, 3],
      'stragglers[0].slowdown': { from: 1, to: 1.2, step: 0.1 },
    },
    seeds: 2,
  },
  {
    name: 'zipped',
    base: 's.yaml',
    zip: [{ pipelines: [2, 3], tensorParallel: [1, 2] }],
    matrix: { 'timing.transferS': { from: 0.001, to: 0.1, count: 3, scale: 'log' } },
    exclude: [{ pipelines: 2, 'timing.transferS': 0.001 }],
  },
];

/** Fields by path, right and wrong. */
const anyField = fc.oneof(
  fc.constantFrom(
    ...[
      'pipeline.microbatches',
      'pipelines',
      'stragglers[0].slowdown',
      'stragglers[1].slowdown',
      'seed',
      'name',
    ],
    ...[
      'stragglers[-1]',
      '__proto__.polluted',
      'constructor.prototype',
      'stragglers[4294967295]',
      '..',
      '[',
      '',
    ],
    ...[
      'profile',
      'profile.csv',
      'stragglers',
      'prices.perKWh',
      'communication.betweenNodes.bandwidthGBs',
    ],
    ...[
      'pipeline',
      'policies[0]',
      'policies',
      'timing.loadingS',
      'unitTimeS',
      'a.b.c',
      'stragglers[1e8].slowdown',
    ],
  ),
  hostileText,
);
const anyAxis = fc.oneof(
  fc.array(fc.oneof(plausibleValue, hostileValue), { maxLength: 3 }),
  fc.record(
    {
      from: fc.oneof(plausibleValue, hostileValue),
      to: fc.oneof(plausibleValue, hostileValue),
      step: fc.oneof(plausibleValue, hostileValue),
      count: fc.oneof(fc.nat(4), hostileValue),
      scale: fc.constantFrom('log', 'linear', 'lin', 1),
    },
    { requiredKeys: ['from', 'to'] },
  ),
);
const axisMutation = fc
  .tuple(fc.constantFrom('matrix', 'zip'), anyField, anyAxis)
  .map(([where, field, axis]): TreeMutation => ({
    kind: 'put',
    path: where === 'matrix' ? ['matrix', field] : ['zip', 0, field],
    value: axis,
  }));

const anySweep = fc.constantFrom(...SWEEPS).chain((sweep) =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .array(
          fc.oneof({ weight: 3, arbitrary: axisMutation }, { weight: 2, arbitrary: treeMutation }),
          { minLength: 1, maxLength: 2 },
        )
        .map((changes) =>
          stringify(keptSmall(mutated(sweep, changes)), { aliasDuplicateObjects: false }),
        ),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(textMutation, { minLength: 1, maxLength: 2 })
        .map((changes) => mutatedFile(stringify(sweep), changes)),
    },
  ),
);

/** Files of sweeps, without doing their runs but for the probe. */
export const sweeps: FuzzTarget = {
  name: 'sweeps',
  share: 3,
  inputs: () =>
    anySweep.map((sweep) =>
      commandLine(['sweep', 'sweep.yaml', '--dry-run', '--workers', '1'], {
        'sweep.yaml': sweep,
        's.yaml': stringify(BASE),
        'profile.csv': profileCsv(2),
      }),
    ),
  oracle: (_, { code, out }) =>
    code === 0 ? /\bNaN\b|Infinity|\bundefined\b|\[object |\{\}/.exec(out)?.[0] : undefined,
};
