import type { Job } from './job.js';
import type { JobState } from './job-state.js';
import type { ServedDefaults } from './planning-settings.js';

/** Names of the states of a job, in the order in which a job passes them. */
export const JOB_STATES = [
  'registering',
  'waiting',
  'profiling',
  'planning',
  'planned',
  'failed',
] as const;

export type JobStateName = (typeof JOB_STATES)[number];

/** The state that a job is in. */
export function stateName(job: Job): JobStateName {
  const { state, plan } = job;
  if (plan.failure !== undefined && plan.failure.revision >= state.revision) return 'failed';
  if (state.ranks.size < state.worldSize) return 'registering';
  if (state.online?.isSweeping === true) return 'profiling';
  if (plan.served !== undefined && plan.served.revision >= state.revision) return 'planned';
  const { need } = job;
  if ('lacks' in need) return 'waiting';
  return 'profiling' in need ? 'profiling' : 'planning';
}

/** A job in the list of all jobs. */
export function jobSummary(job: Job) {
  const { id, degrees, ranks, worldSize, registeredAt } = job.state;
  return {
    id,
    state: stateName(job),
    degrees,
    ranks: ranks.size,
    worldSize,
    registeredAt,
  };
}

/** Everything about one job; energies are those of one pipeline, all its GPUs. */
export function jobView(job: Job, defaults: ServedDefaults) {
  const { state, plan } = job;
  const schedules = plan.served?.schedules;
  const { need } = job;
  return {
    ...jobSummary(job),
    metadata: state.metadata ?? null,
    version: plan.served?.revision ?? null,
    policy: schedules?.policy ?? state.profile?.settings.policy ?? defaults.policy,
    microbatches: schedules === undefined ? null : microbatchesOf(schedules.healthy),
    stragglers: stragglersOf(state),
    ...(schedules === undefined
      ? {}
      : {
          frontier: schedules.frontier,
          frontierPoints: schedules.frontierPoints,
          fastest: schedules.fastest,
          chosen: schedules.chosen,
          stragglerTimeS: schedules.stragglerTimeS,
        }),
    planned: schedules === undefined ? null : plannedIteration(job),
    reported: reportedIteration(state),
    profiling: state.online?.view ?? null,
    problems: plan.failure?.problems ?? ('lacks' in need ? [need.lacks] : []),
  };
}

/** The stragglers that are known, by pipeline. */
export function stragglersOf({ stragglers }: JobState) {
  return [...stragglers.values()].sort((a, b) => a.pipeline - b.pipeline);
}

/** The iteration that the plan promises: the whole job waits for its slowest pipeline. */
export function plannedIteration({ plan }: Job) {
  const { chosen, stragglerTimeS } = plan.served!.schedules;
  return { timeS: Math.max(chosen.timeS, stragglerTimeS), energyJ: chosen.energyJ };
}

/** The mean iteration that ranks have reported since the schedule last changed. */
export function reportedIteration({ recent, total, worldSize, degrees }: JobState) {
  const mean = recent.mean(worldSize);
  return {
    reports: total.reports,
    ranks: mean?.ranks ?? 0,
    iterations: mean?.iterations ?? 0,
    timeS: mean?.timeS ?? null,
    energyJ: mean?.energyJ === undefined ? null : mean.energyJ / degrees.dp,
  };
}

function microbatchesOf(healthy: readonly (readonly { readonly kind?: string | undefined }[])[]) {
  return (healthy[0] ?? []).filter(({ kind = 'forward' }) => kind === 'forward').length;
}
