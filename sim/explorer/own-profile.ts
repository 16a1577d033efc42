import type { Scenario } from '../scenario/scenario-schema.js';
import { blockingPower, withBlockingPower } from './edits.js';

/** A number that a stage profile does not contain, and that changes what is saved. */
export interface Assumable {
  /** The field's name in links. */
  readonly field: string;
  /** The label of its control, which problems name. */
  readonly label: string;
  readonly why: string;
  readonly unit?: string;
  readonly min: number;
  readonly max?: number;
  readonly step?: 'any';
  readonly value: (scenario: Scenario) => number | undefined;
  readonly change: (scenario: Scenario, value: number) => Scenario;
}

/** Everything that the page asks for when it is given a profile. */
export const ASSUMABLE: readonly Assumable[] = [
  {
    field: 'blockingPowerW',
    label: 'Power of a GPU that waits',
    why: 'Measure a GPU that waits in a barrier: not an idle one, which draws less.',
    unit: 'W',
    ...{ min: 0, step: 'any' },
    value: blockingPower,
    change: withBlockingPower,
  },
  {
    field: 'microbatches',
    label: 'Microbatches',
    why: 'Of one pipeline in one iteration.',
    ...{ min: 1, max: 100_000 },
    value: ({ pipeline }) => pipeline.microbatches,
    change: (scenario, microbatches) => ({
      ...scenario,
      pipeline: { ...scenario.pipeline, microbatches },
    }),
  },
  {
    field: 'tensorParallel',
    label: 'Tensor parallel',
    why: 'GPUs of one stage; the profile is of one of them.',
    unit: 'GPUs',
    ...{ min: 1, max: 1024 },
    value: ({ tensorParallel }) => tensorParallel,
    change: (scenario, tensorParallel) => ({ ...scenario, tensorParallel }),
  },
  {
    field: 'pipelines',
    label: 'Pipelines',
    why: 'Data-parallel copies of the pipeline.',
    ...{ min: 1, max: 1_000_000 },
    value: ({ pipelines }) => pipelines,
    change: (scenario, pipelines) => ({ ...scenario, pipelines }),
  },
];
