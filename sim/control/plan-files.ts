import { InputError } from '../../src/errors.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { INSTRUCTION_KINDS } from '../../src/profile/operation.js';
import type { PipelineClocks, StageClocks } from '../plans/clock-lists.js';
import type { PlanFile } from '../plans/plan-file.js';
import { readPlanFile } from '../plans/read-plan.js';
import type {
  Degrees,
  JobPlanning,
  PlannedSchedules,
  PlanningRequest,
} from './planning/planning-request.js';

/** The name of a job's plan file in messages. */
const PLAN_FILE = 'the plan file';

/** Planning that answers with a plan file where a job has one, whatever its stragglers. */
export function withPlanFiles(planning: JobPlanning): JobPlanning {
  return {
    plan: async (request, signal) =>
      request.planText === undefined
        ? planning.plan(request, signal)
        : fixedSchedules(request.planText, request),
    forget: (jobId) => {
      planning.forget(jobId);
    },
    close: () => planning.close(),
  };
}

/**
 * The schedules of a plan file.
 * @throws InputError if it cannot be read, or is for another number of stages.
 */
export function fixedSchedules(
  planText: string,
  { degrees, policy }: Pick<PlanningRequest, 'degrees' | 'policy'>,
): PlannedSchedules {
  const file = readPlanFile(planText, PLAN_FILE);
  const point = pointOf(file, degrees);
  return {
    policy: `plan file instead of ${policy}`,
    healthy: checkedClocks(file.clocks, degrees),
    ofStragglers: {},
    frontier: Number.isNaN(point.timeS) ? [] : [point],
    frontierPoints: 1,
    fastest: point,
    chosen: point,
    stragglerTimeS: 0,
  };
}

/** The promise of a file; NaN where it makes none. */
function pointOf({ timeS, energyJ, costs }: PlanFile, { tp }: Degrees) {
  return {
    timeS: timeS ?? NaN,
    energyJ: energyJ ?? (costs === undefined ? NaN : costs.withWaitingJ * tp),
  };
}

function checkedClocks(clocks: PipelineClocks, { pp }: Degrees): PipelineClocks {
  const refuse = (message: string) => InputError.of({ source: PLAN_FILE, message });
  if (clocks.length !== pp) {
    throw refuse(`has ${clocks.length} stages, but the job registered with pp_degree ${pp}`);
  }
  if (clocks.every((stage) => stage.every(({ kind }) => kind !== undefined))) return clocks;
  const count = clocks[0]!.length;
  if (count % 2 !== 0 || clocks.some((stage) => stage.length !== count)) {
    throw refuse(
      'lists clocks without instructions, which means 1F1B: expected two for each microbatch, as many on every stage',
    );
  }
  const dag = oneFOneB(pp, count / 2);
  return clocks.map((stage, s): StageClocks => {
    const start = dag.stageStart[s]!;
    return stage.map(({ frequencyMHz }, k) => ({
      kind: INSTRUCTION_KINDS[dag.kind[start + k]!]!,
      frequencyMHz,
    }));
  });
}
