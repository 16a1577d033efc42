import test from 'ava';
import { randomStream } from '../../sim/kernel/random-streams.js';
import { comparePlanners } from '../../sim/judge/comparison.js';
import { judgePlanner, type Judgement } from '../../sim/judge/judge-planner.js';
import { suiteCases, type JudgedCase } from '../../sim/judge/suites.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import type {
  FrequencyPlan,
  PlanningProblem,
  Plans,
  UncheckedPlanner,
} from '../../src/planner/planner.js';

/** Perseus, but now and then an instruction runs one clock faster than it need. */
function noisy(seed: number, sound: (problem: PlanningProblem) => Plans): UncheckedPlanner {
  return {
    name: 'noisy',
    plan: (problem) => {
      const plans = sound(problem);
      const uniform = randomStream(seed, JSON.stringify(problem.operations[0]!.allOptions[0]));
      const spoil = (plan: FrequencyPlan): FrequencyPlan => ({
        ...plan,
        frequencyMHz: plan.frequencyMHz.map((clock, i) => {
          if (uniform() > 0.1) return clock;
          const { options } = problem.operations[problem.dag.operation[i]!]!;
          const k = options.findIndex(({ frequencyMHz }) => frequencyMHz === clock);
          return options[Math.max(0, k - 1)]!.frequencyMHz;
        }),
      });
      return {
        pointCount: plans.pointCount,
        point: (k) => plans.point(k),
        planAt: (deadlineS) => spoil(plans.planAt(deadlineS)),
        forStraggler: (timeS) => spoil(plans.forStraggler(timeS)),
      };
    },
  };
}

test('planners that run clocks at random differ by noise: the same in 95 % of trials or more', (t) => {
  t.timeout(600_000);
  const cases = suiteCases('wild', [])
    .filter(({ scenario: { pipeline } }) => pipeline.stages * pipeline.microbatches <= 12)
    .slice(0, 12);
  const known = new Map<string, Plans>();
  const sound = (problem: PlanningProblem) => {
    const key = JSON.stringify(problem.operations[0]!.allOptions);
    const plans = known.get(key) ?? perseus.plan(problem);
    known.set(key, plans);
    return plans;
  };
  // As the command does it: the base is judged anew where the candidate's fastest plan is slower.
  const fastestS = (judged: Judgement) => ('broken' in judged ? 0 : judged.fastest.timeS);
  const judge = (seed: number, one: JudgedCase, ...alsoAtS: number[]) =>
    judgePlanner(noisy(seed, sound), one, alsoAtS, () => 0);
  const pairs = (seed: number) =>
    cases.map((one) => {
      const first = judge(seed, one);
      const candidate = judge(seed + 1, one, fastestS(first));
      const isLater = fastestS(candidate) > fastestS(first) * (1 + 1e-9);
      return [isLater ? judge(seed, one, fastestS(candidate)) : first, candidate] as const;
    });
  const trials = 200;
  let same = 0;
  for (let trial = 0; trial < trials; trial++) {
    const judged = pairs(2 * trial);
    const [base, candidate] = [judged.map(([each]) => each), judged.map(([, each]) => each)];
    if (comparePlanners(base, candidate, { seed: trial }).verdict === 'same') same++;
  }
  t.log(`${same} of ${trials} trials are "same"`);
  t.true(same >= 0.95 * trials);
});
