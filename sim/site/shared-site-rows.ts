import { WATTS_PER_MW } from './power-budget.js';
import type { JobPoint, SharedSiteAnswer } from './shared-site.js';
import type { SiteRow } from './site-rows.js';

/** Rows of the split, one per job; the same in CSV and JSON. */
export function sharedSiteRows({ jobs, split }: SharedSiteAnswer): SiteRow[] {
  return jobs.map((job, k): SiteRow => {
    const { speed, powerW, slower, faster, fasterPart } = split.shares[k]!;
    return {
      job: job.name,
      policy: job.policy,
      gpus: job.gpus,
      pipelines: job.pipelines,
      weight: job.weight,
      priority: job.priority,
      least_speed: job.leastSpeed,
      speed,
      site_mw: powerW / WATTS_PER_MW,
      full_clock_site_mw: job.full.powerW / WATTS_PER_MW,
      tokens_per_day: job.tokensPerDay === undefined ? null : job.tokensPerDay * speed,
      ...pointRow('slower', slower),
      ...pointRow('faster', faster),
      faster_part: fasterPart,
    };
  });
}

function pointRow(name: string, { run }: JobPoint): SiteRow {
  return {
    [`${name}_policy`]: run?.policy ?? 'pause',
    [`${name}_planned_time_s`]: run?.point.plannedTimeS ?? null,
    [`${name}_iteration_time_s`]: run?.timeS ?? null,
  };
}

/** The document of `--format json`. */
export function sharedSiteDocument(answer: SharedSiteAnswer) {
  const { file, mw, surroundings, split, worthOfOneMW, compared } = answer;
  return {
    name: file.name,
    mw,
    surroundings,
    siteMW: split.powerW / WATTS_PER_MW,
    worth: split.worth,
    worthPerW: split.worthPerW,
    worthOfOneMW,
    jobs: sharedSiteRows(answer),
    compared: compared.map(({ name, limitW, result }) => ({
      name,
      limitW: limitW ?? null,
      siteMW: result === undefined ? null : result.powerW / WATTS_PER_MW,
      worth: result?.worth ?? null,
      speeds: result?.shares.map(({ speed }) => speed) ?? null,
    })),
  };
}
