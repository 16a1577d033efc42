import { maxFrequency } from '../../src/planner/max-frequency.js';
import * as z from 'zod';
import { INSTRUCTION_KINDS } from '../../src/profile/operation.js';
import { PlanList } from '../../src/planner/plan-list.js';
import {
  PLANNER_INTERFACE_VERSION,
  type FrequencyPlan,
  type PlanningProblem,
  type Plans,
} from '../../src/planner/planner.js';
import { pipelineWaitingW } from '../../src/planner/planning-problem.js';
import { jsonProblems } from '../../src/json-problems.js';

/** A planning problem for a program in any language. Energies and powers are of one GPU. */
export interface ProblemDocument {
  readonly version: number;
  readonly schedule: string;
  readonly stages: number;
  readonly microbatches: number;
  readonly blockingPowerW: number;
  readonly gpusPerStage: number;
  readonly unitTimeS: number;
  /** In the order in which plans list their clocks. */
  readonly instructions: readonly {
    readonly stage: number;
    readonly kind: string;
    readonly microbatch: number;
    /** Index into `operations`. */
    readonly operation: number;
    /** Instructions that wait for this one. */
    readonly successors: readonly number[];
    /** From its end until its own stage is free, and until another stage has its output. */
    readonly ownStageLagS: number;
    readonly otherStageLagS: number;
  }[];
  readonly operations: readonly {
    readonly stage: number;
    readonly kind: string;
    readonly options: readonly {
      readonly frequencyMHz: number;
      readonly timeS: number;
      readonly energyJ: number;
    }[];
  }[];
}

/** The problem as passed to a command. O(instructions + arcs + options). */
export function problemDocument(problem: PlanningProblem): ProblemDocument {
  const { dag, operations, blockingPowerW, gpusPerStage, unitTimeS, lags } = problem;
  return {
    version: PLANNER_INTERFACE_VERSION,
    schedule: dag.schedule,
    stages: dag.stageCount,
    microbatches: dag.microbatchCount,
    blockingPowerW,
    gpusPerStage,
    unitTimeS,
    instructions: Array.from({ length: dag.instructionCount }, (_, i) => ({
      stage: dag.stage[i]!,
      kind: INSTRUCTION_KINDS[dag.kind[i]!]!,
      microbatch: dag.microbatch[i]!,
      operation: dag.operation[i]!,
      successors: Array.from(
        dag.successor.subarray(dag.successorStart[i], dag.successorStart[i + 1]),
      ),
      ownStageLagS: lags?.exactS.ownStage[i] ?? 0,
      otherStageLagS: lags?.exactS.otherStage[i] ?? 0,
    })),
    operations: operations.map(({ stage, kind, allOptions }) => ({
      stage,
      kind,
      options: allOptions.map(({ frequencyMHz, timeS, energyJ }) => ({
        frequencyMHz,
        timeS,
        energyJ,
      })),
    })),
  };
}

const answerSchema = z.object({
  version: z.literal(PLANNER_INTERFACE_VERSION),
  plans: z
    .array(
      z.object({
        timeS: z.number(),
        energyJ: z.number(),
        frequencyMHz: z
          .preprocess(
            (clocks) => (clocks instanceof Float64Array ? [...clocks] : clocks),
            z.array(z.number()),
          )
          .transform((clocks) => Float64Array.from(clocks)),
      }),
    )
    .min(1),
});

/**
 * The plans in a command's answer. The plans themselves are checked before they are used.
 * @throws Error naming the place in the answer and what was expected there, if it is malformed.
 */
export function plansFromAnswer(text: string, problem: PlanningProblem): Plans {
  return plansFromDocument(parseJson(text), problem);
}

/** The same for an answer that has been parsed. */
export function plansFromDocument(document: unknown, problem: PlanningProblem): Plans {
  const answer = answerSchema.safeParse(document);
  if (!answer.success) {
    const [problem] = jsonProblems(answer.error.issues, document);
    throw new Error(`its answer is wrong at ${problem!.field || 'the top'}: ${problem!.message}`);
  }
  const plans = answer.data.plans.map((plan) => planOf(plan, problem));
  checkTimes(plans, problem);
  return new PlanList(plans, pipelineWaitingW(problem));
}

/** Durations may be rounded up or down. */
const ROUNDING = 0.01;

/** No clocks are faster than the highest. */
function checkTimes(plans: readonly FrequencyPlan[], problem: PlanningProblem): void {
  const fastestS = maxFrequency.plan(problem).fastest.plannedTimeS;
  const wrong = plans.find(({ plannedTimeS }) => !(plannedTimeS >= (1 - ROUNDING) * fastestS));
  if (wrong === undefined) return;
  throw new Error(
    `its answer is wrong: it promises a plan of ${wrong.plannedTimeS} s, and the highest clocks take ${fastestS} s`,
  );
}

function parseJson(text: string): unknown {
  if (text.trim() === '') throw new Error('it wrote nothing to standard output');
  try {
    return JSON.parse(text);
  } catch (error) {
    const hint = /\b(?:NaN|Infinity)\b/.test(text) ? '; NaN and Infinity are not JSON' : '';
    throw new Error(`its answer is not JSON: ${(error as Error).message}${hint}`, { cause: error });
  }
}

function planOf(
  { timeS, energyJ, frequencyMHz }: z.output<typeof answerSchema>['plans'][number],
  { dag, operations }: PlanningProblem,
): FrequencyPlan {
  const ticksOf = (clock: number, i: number) =>
    operations[dag.operation[i]!]?.allOptions.find((o) => o.frequencyMHz === clock)?.durationTicks;
  return {
    planner: 'command',
    plannedTimeS: timeS,
    plannedEnergyJ: energyJ,
    frequencyMHz,
    durationTicks: Int32Array.from(frequencyMHz, (clock, i) => ticksOf(clock, i) ?? 0),
  };
}
