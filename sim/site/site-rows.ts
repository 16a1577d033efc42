import { SECONDS_PER_DAY } from '../run/cost-saved.js';
import type { LaneAnswer, PolicyLeastEnergy, SiteAnswer } from './given-megawatts.js';
import type { EnergyPoint } from './least-energy.js';
import { WATTS_PER_MW } from './power-budget.js';

/** A row of the site's table: one lane. Null where not even one pipeline fits, or a figure is unknown. */
export type SiteRow = Readonly<Record<string, number | string | null>>;

/** Rows of the answer, one per lane; the same in CSV and JSON. Without megawatts, one per policy. */
export function siteRows(answer: SiteAnswer): SiteRow[] {
  const { lanes, leastEnergy } = answer;
  const energyOf = (policy: string) => {
    const least = leastEnergy.find((each) => each.policy === policy);
    return least === undefined ? {} : energyRow(answer, least);
  };
  if (lanes.length === 0) {
    return leastEnergy.map(({ policy }) => ({ policy, ...energyOf(policy) }));
  }
  return lanes.map((each) => ({ ...filledRow(answer, each), ...energyOf(each.lane.policy) }));
}

function filledRow({ tokensPerMicrobatch }: SiteAnswer, { lane, filled }: LaneAnswer): SiteRow {
  const perDay = (perS: number | undefined, times: number | undefined) =>
    perS === undefined || times === undefined ? null : perS * times * SECONDS_PER_DAY;
  const { point, microbatchesPerS, moreWithOneMWPerS } = filled ?? {};
  return {
    policy: lane.policy,
    held_by: lane.heldBy,
    pipelines: filled?.pipelines ?? null,
    gpus: filled?.gpus ?? null,
    microbatches: filled?.microbatches ?? null,
    gpu_limit_w: point?.limitW ?? null,
    planned_time_s: point?.plannedTimeS ?? null,
    iteration_time_s: filled?.timeS ?? null,
    site_mw: filled === undefined ? null : filled.siteW / WATTS_PER_MW,
    microbatches_per_day: perDay(microbatchesPerS, 1),
    tokens_per_day: perDay(microbatchesPerS, tokensPerMicrobatch),
    one_mw_more_microbatches_per_day: perDay(moreWithOneMWPerS, 1),
    one_mw_more_tokens_per_day: perDay(moreWithOneMWPerS, tokensPerMicrobatch),
  };
}

function energyRow(
  { tokensPerMicrobatch, scenario }: SiteAnswer,
  { ofGpus, ofSite }: PolicyLeastEnergy,
): SiteRow {
  const { microbatches } = scenario.pipeline;
  const figures = (name: string, { point, timeS, pipelineJ, siteJ }: EnergyPoint) => ({
    [`least_${name}_planned_time_s`]: point.plannedTimeS,
    [`least_${name}_time_s`]: timeS,
    [`least_${name}_gpu_j_per_pipeline`]: pipelineJ,
    [`least_${name}_site_j_per_pipeline`]: siteJ,
    [`least_${name}_site_j_per_token`]:
      tokensPerMicrobatch === undefined ? null : siteJ / (microbatches * tokensPerMicrobatch),
  });
  return { ...figures('gpu_energy', ofGpus), ...figures('site_energy', ofSite) };
}

/** The document of `--format json`. */
export function siteDocument(answer: SiteAnswer) {
  const { title, scenario, mw, surroundings, gpusPerPipeline, tokensPerMicrobatch } = answer;
  return {
    title,
    scenario,
    mw: mw ?? null,
    surroundings,
    gpusPerPipeline,
    tokensPerMicrobatch: tokensPerMicrobatch ?? null,
    rows: siteRows(answer),
  };
}
