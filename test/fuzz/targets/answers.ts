import fc from 'fast-check';
import type { FuzzInput } from '../fuzz-input.js';
import { answeredProblem } from '../functions.js';
import { mutatedFile, textMutation } from '../mutate-text.js';
import { mutated, treeMutation } from '../mutate-tree.js';
import { firstOf, notFinite } from '../oracle.js';
import { type FuzzTarget } from '../target.js';
import { perseus } from '../../../src/planner/perseus/perseus.js';

/** The answer of a correct planner: the fastest plan, one in the middle, the slowest. */
function rightAnswer() {
  const plans = perseus.plan(answeredProblem());
  const last = plans.pointCount - 1;
  const times = [0, Math.floor(last / 2), last].map((k) => plans.point(k).timeS);
  return {
    version: 1,
    plans: times.map((timeS) => {
      const plan = plans.planAt(timeS);
      return {
        timeS: plan.plannedTimeS,
        energyJ: plan.plannedEnergyJ,
        frequencyMHz: [...plan.frequencyMHz],
      };
    }),
  };
}

const right = rightAnswer();
const fastestS = Math.min(...right.plans.map(({ timeS }) => timeS));

const anyAnswer = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .array(treeMutation, { minLength: 1, maxLength: 2 })
      .map((changes) => JSON.stringify(mutated(right, changes))),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(textMutation, { minLength: 1, maxLength: 2 })
      .map((changes) => mutatedFile(JSON.stringify(right), changes) ?? ''),
  },
);

const QUESTIONS = [
  { ask: 'frontier' },
  { ask: 'deadline', deadlineS: 1.2 * fastestS },
  { ask: 'straggler', slowdown: 1.1 },
];

/** Answers of planners in other languages, over JSON. */
export const plannerAnswers: FuzzTarget = {
  name: 'answers of planners',
  share: 4,
  inputs: () =>
    fc.tuple(anyAnswer, fc.constantFrom(...QUESTIONS)).map(([answer, question]): FuzzInput => ({
      call: 'planner answer',
      args: [JSON.stringify(question)],
      files: { 'answer.json': answer },
    })),
  oracle: (_, { code, out }) => {
    if (code !== 0) return undefined;
    const answer = JSON.parse(out) as {
      points: { timeS: number; energyJ: number }[];
      clocks: number[];
    };
    const bad = notFinite(answer, new Set());
    if (bad.length > 0) return `not a number: ${bad.slice(0, 5).join(', ')}`;
    return firstOf([
      ...answer.points.map(
        ({ timeS, energyJ }) =>
          !(timeS > 0 && energyJ > 0) && `a point of ${timeS} s and ${energyJ} J`,
      ),
      ...answer.points.map(
        ({ timeS }) => timeS < 0.99 * fastestS && `a point of ${timeS} s, faster than can be`,
      ),
      answer.clocks.some((clock) => !(clock >= 1000 && clock <= 1410)) &&
        'a clock that the profile lacks',
    ]);
  },
};
