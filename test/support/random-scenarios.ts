import fc from 'fast-check';
import { SCHEDULE_NAMES, shapeProblems } from '../../src/pipeline/schedules.js';
import { POLICY_NAMES } from '../../src/planner/policy-names.js';
import { checkScenario } from '../../sim/scenario/scenario.js';
import type { Scenario } from '../../sim/scenario/scenario-schema.js';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });

const anyPipeline = fc
  .record({
    schedule: fc.constantFrom(...SCHEDULE_NAMES),
    stages: fc.integer({ min: 1, max: 12 }),
    microbatches: fc.integer({ min: 1, max: 40 }),
    chunks: fc.integer({ min: 1, max: 3 }),
    inputGradientShare: fc.constantFrom(0.5, 0.4),
    recomputeInBackward: fc.boolean(),
  })
  .filter((pipeline) => shapeProblems(pipeline.schedule, pipeline).length === 0);

const anyProfile = fc.oneof(
  fc.record({ catalog: fc.constantFrom('gpt3-175b-a100-sxm', 'bloom-176b-a40', 'nowhere') }),
  fc.record({ csv: fc.string({ minLength: 1 }), blockingPowerW: number(1, 500) }),
  fc.record({
    model: fc.constantFrom('llama-3-8b', 'gpt3-175b'),
    gpu: fc.constantFrom('h100-sxm', 'a40'),
    microbatch: fc.integer({ min: 1, max: 8 }),
  }),
);

/** Scenarios of every kind that are right. */
export const anyScenario: fc.Arbitrary<Scenario> = fc
  .record({
    name: fc.string({ minLength: 1 }),
    description: maybe(fc.string({ unit: 'grapheme' })),
    profile: anyProfile,
    scale: maybe(number(0.1, 10)),
    pipeline: anyPipeline,
    tensorParallel: fc.constantFrom(1, 8),
    pipelines: fc.integer({ min: 1, max: 9 }),
    imbalance: maybe(fc.array(number(0.5, 2), { minLength: 36, maxLength: 36 })),
    timing: maybe(fc.record({ loadingS: number(0, 1) })),
    power: maybe(fc.record({ blockingW: number(50, 200) })),
    clocks: maybe(fc.record({ switchS: number(0, 0.1) })),
    jitter: maybe(fc.record({ instructionSd: number(0, 0.5) })),
    stragglers: maybe(fc.constantFrom([{ pipeline: 0, slowdown: 1.3 }], [])),
    iterations: fc.constantFrom(1, 3),
    prices: maybe(fc.record({ perKWh: number(0, 1), currency: fc.string({ minLength: 1 }) })),
    policies: fc
      .subarray(POLICY_NAMES.filter((name) => name !== 'envpipe'))
      .map((names) => [...new Set(['max-frequency', ...names])]),
    seed: fc.integer({ min: 0, max: 99 }),
  })
  .map(({ imbalance, pipeline, ...fields }) => {
    const count = pipeline.stages * pipeline.chunks;
    const known = {
      ...fields,
      pipeline,
      ...(imbalance === undefined ? {} : { imbalance: { factors: imbalance.slice(0, count) } }),
    };
    // Undefined fields were left out.
    return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  })
  .map((fields) => checkScenario(fields))
  .filter((checked): checked is Scenario => !Array.isArray(checked));
