import { entryOf } from '../../src/groups.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import type { FrequencyPlan, Planner, PlanningProblem, Plans } from '../../src/planner/planner.js';
import { planOfOptions, singlePlan } from '../../src/planner/single-plan.js';
import { ProblemGathering, ProblemList } from '../../src/problem-list.js';
import { INSTRUCTION_KINDS } from '../../src/profile/operation.js';
import { clockFor, highestClock, type QuantisedOption } from '../../src/profile/operation-costs.js';
import { GivenFrontier } from './given-frontier.js';
import type { PlanFile } from './plan-file.js';
import { promiseOf } from './promises.js';

/** A planner that was handed its plans: whatever is limited, it has no others. */
export interface GivenPlanner extends Planner {
  readonly isGiven: true;
}

/**
 * A planner that answers with the plans of files: with the only one always, or with the one of a
 * frontier that suits a deadline or a straggler.
 *
 * @param files at least one. Its `plan` throws an InputError with every reason why they do not fit
 *   the job.
 */
export function givenPlanner(name: string, files: readonly PlanFile[]): GivenPlanner {
  return { name, isGiven: true, plan: (problem) => givenPlans(name, files, problem) };
}

function givenPlans(name: string, files: readonly PlanFile[], problem: PlanningProblem): Plans {
  const gathering = new ProblemGathering();
  const plans = files.flatMap((file) => {
    return gathering.attempt(() => planOfClocks(name, file, problem)) ?? [];
  });
  gathering.throwIfAny();
  return plans.length === 1 ? singlePlan(plans[0]!) : new GivenFrontier(plans, problem);
}

/**
 * The plan that runs the clocks of a file. It promises what the file promises, if that was made for
 * this job; otherwise what was measured at its clocks. O(instructions).
 *
 * @throws InputError with every reason why it does not fit the job.
 */
export function planOfClocks(
  name: string,
  file: PlanFile,
  problem: PlanningProblem,
): FrequencyPlan {
  const { dag, operations, unitTimeS } = problem;
  const problems = new ProblemList(file.source);
  checkShape(file, dag, problems);
  problems.throwIfAny();
  const options = optionsOf(file, problem, problems);
  problems.throwIfAny();
  const plain = planOfOptions(name, problem, (i) => options[i]!);
  const said = file.durationsS?.flat();
  const ticks =
    said?.length === options.length
      ? Int32Array.from(said, (timeS) => Math.round(timeS / unitTimeS))
      : undefined;
  const suits = (duration: number, i: number) =>
    duration === options[i]!.durationTicks ||
    clockFor(operations[dag.operation[i]!]!, duration) === options[i]!;
  const durationTicks = ticks?.every(suits) === true ? ticks : undefined;
  const promise = promiseOf(file, problem, options, durationTicks);
  if (promise === undefined) return plain;
  return { ...plain, ...promise, ...(durationTicks === undefined ? {} : { durationTicks }) };
}

/** Compares the numbers and kinds of instructions with those of the job's schedule. */
function checkShape({ clocks }: PlanFile, dag: ComputationDag, problems: ProblemList): void {
  if (clocks.length !== dag.stageCount) {
    const ranks = clocks.length % dag.stageCount === 0 ? '; keep one list of each stage' : '';
    problems.add(
      `has clocks of ${clocks.length} stages, but the job has ${dag.stageCount}${ranks}`,
    );
    return;
  }
  clocks.forEach((stage, s) => {
    const begin = dag.stageStart[s]!;
    const count = dag.stageStart[s + 1]! - begin;
    const where = { field: `stage ${s}` };
    if (stage.length !== count) {
      problems.add(
        `has ${stage.length} instructions, but the job has ${count} (${dag.schedule}, ${dag.microbatchCount} microbatches)`,
        where,
      );
      return;
    }
    const kindOf = (k: number) => INSTRUCTION_KINDS[dag.kind[begin + k]!]!;
    const wrong = stage.findIndex(({ kind }, k) => kind !== undefined && kind !== kindOf(k));
    if (wrong < 0) return;
    problems.add(
      `its instruction ${wrong} is a ${stage[wrong]!.kind!}, but a ${kindOf(wrong)} in the job's schedule, ${dag.schedule}; both must run the instructions in the same order`,
      where,
    );
  });
}

/** The options at the clocks; 0 leaves the clock of the instruction before it. */
function optionsOf(
  { clocks }: PlanFile,
  { dag, operations }: PlanningProblem,
  problems: ProblemList,
): QuantisedOption[] {
  const known = operations.map(
    ({ allOptions }) => new Map(allOptions.map((option) => [option.frequencyMHz, option])),
  );
  const missing = new Map<string, Missing>();
  const options = clocks.flatMap((stage, s) => {
    // Iterations follow each other: the first instruction comes after the last.
    let inForceMHz = stage.findLast(({ frequencyMHz }) => frequencyMHz > 0)?.frequencyMHz;
    return stage.map(({ frequencyMHz }, k) => {
      if (frequencyMHz > 0) inForceMHz = frequencyMHz;
      const op = dag.operation[dag.stageStart[s]! + k]!;
      const highest = highestClock(operations[op]!);
      const option = inForceMHz === undefined ? highest : known[op]!.get(inForceMHz);
      if (option !== undefined) return option;
      const one = { op, stage: s, index: k, frequencyMHz: inForceMHz!, times: 0 };
      entryOf(missing, `${op} ${inForceMHz!}`, (): Missing => one).times++;
      return highest;
    });
  });
  for (const one of missing.values()) {
    const { kind } = operations[one.op]!;
    const clocksMHz = [...known[one.op]!.keys()].sort((a, b) => a - b);
    const message = `found ${one.frequencyMHz} MHz for ${one.times} of its ${kind} instructions, the first of them instruction ${one.index}, expected ${nearest(clocksMHz, one.frequencyMHz)}`;
    problems.add(message, { field: `stage ${one.stage}` });
  }
  return options;
}

/** A clock that the profile does not have. */
interface Missing {
  readonly op: number;
  readonly stage: number;
  /** The first instruction with it. */
  readonly index: number;
  readonly frequencyMHz: number;
  times: number;
}

function nearest(risingMHz: readonly number[], frequencyMHz: number): string {
  const below = risingMHz.findLast((clock) => clock < frequencyMHz);
  const above = risingMHz.find((clock) => clock > frequencyMHz);
  const near = [below, above].filter((clock) => clock !== undefined).join(' or ');
  return `one of the profile's ${risingMHz.length} clocks from ${risingMHz[0]!} to ${risingMHz.at(-1)!} MHz, such as ${near}`;
}
