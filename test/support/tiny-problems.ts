import fc from 'fast-check';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import type { PlanningProblem } from '../../src/planner/planner.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import type { ExecutionOption } from '../../src/profile/stage-profile.js';

/** Bounds of random problems whose choices of clocks can all be tried. */
interface TinyBounds {
  /** Of an instruction at any clock: the least and the most. */
  readonly energiesJ: readonly [number, number];
  /** Most clocks of an instruction. */
  readonly clocks: number;
  readonly blockingPowerW: number;
}

/** One or two stages, two microbatches, any times and energies. */
export function anyTinyProblem({
  energiesJ: [min, max],
  clocks,
  blockingPowerW,
}: TinyBounds): fc.Arbitrary<PlanningProblem> {
  const anyOptions: fc.Arbitrary<ExecutionOption[]> = fc
    .array(fc.tuple(fc.integer({ min: 10, max: 40 }), fc.integer({ min, max })), {
      minLength: 1,
      maxLength: clocks,
    })
    .map((pairs) =>
      pairs.map(([timeS, energyJ], k) => ({ frequencyMHz: 1500 - 100 * k, timeS, energyJ })),
    );
  return fc
    .array(fc.tuple(anyOptions, anyOptions), { minLength: 1, maxLength: 2 })
    .map((stages) =>
      planningProblem(
        oneFOneB(stages.length, 2),
        { source: 'random', stages: stages.map(([forward, backward]) => ({ forward, backward })) },
        { unitTimeS: 1, blockingPowerW, gpusPerStage: 1 },
      ),
    );
}
