import { InputError } from '../../src/errors.js';
import type { PlanCache } from '../run/plan-cache.js';
import { SECONDS_PER_DAY } from '../run/cost-saved.js';
import { floorsW, splitBudget, type BudgetSplit, type SharingJob } from './budget-split.js';
import { PipelineKind, type Lane } from './job-fleets.js';
import type { PipelinePoint } from './pipeline-points.js';
import { siteW, type Surroundings } from '../run/surroundings.js';
import { iterationOf, WATTS_PER_MW } from './power-budget.js';
import { comparedSplits, type ComparedSplit } from './compared-splits.js';
import type { LoadedJob, SiteFile } from './site-file.js';
import { SpeedCurve, type SpeedPoint } from './speed-curve.js';
import { UNIFORM_LIMIT } from './uniform-limits.js';

/** A point at which a job of a site can run. */
export interface JobPoint extends SpeedPoint {
  /** Undefined for a pause, in which GPUs wait. */
  readonly run: RunningPoint | undefined;
}

/** The plan of a running job. */
export interface RunningPoint {
  readonly policy: Lane['policy'];
  readonly point: PipelinePoint;
  /** Of an iteration, the reduction of gradients included. */
  readonly timeS: number;
}

/** A job of a site, with all that it can run at. */
export interface SiteJob extends SharingJob<JobPoint> {
  readonly name: string;
  readonly policy: Lane['policy'];
  readonly gpus: number;
  readonly pipelines: number;
  /** With every instruction at the highest clock: its speed is 1. */
  readonly full: JobPoint;
  /** With the same power limit on all of its GPUs, the highest first. */
  readonly limited: readonly JobPoint[];
  /** Of a day at speed 1; undefined if the job's model or sequences are unknown. */
  readonly tokensPerDay: number | undefined;
}

/** The answer to how jobs share the power of a site. */
export interface SharedSiteAnswer {
  readonly file: SiteFile;
  readonly mw: number;
  readonly surroundings: Surroundings;
  readonly jobs: readonly SiteJob[];
  readonly split: BudgetSplit<JobPoint>;
  /** Worth that one more megawatt adds. */
  readonly worthOfOneMW: number;
  readonly compared: readonly ComparedSplit[];
}

/**
 * Shares the power of a site among its jobs. Jobs are simulated without stragglers and jitter.
 * @throws InputError if the jobs' floors cannot be kept.
 */
export function shareSite(
  { file, jobs: loaded }: { readonly file: SiteFile; readonly jobs: readonly LoadedJob[] },
  source: string,
  cache: PlanCache,
  mw: number,
): SharedSiteAnswer {
  const { overheadWPerGpu, pue } = file.site;
  const surroundings = { overheadWPerGpu, pue };
  const jobs = loaded.map((job) => siteJob(job, surroundings, cache));
  checkFloors(jobs, loaded, source);
  const split = splitBudget(jobs, mw * WATTS_PER_MW);
  if (split === undefined) throw tooLittlePower(jobs, source, mw);
  const more = splitBudget(jobs, (mw + 1) * WATTS_PER_MW)!;
  return {
    file,
    mw,
    surroundings,
    jobs,
    split,
    worthOfOneMW: more.worth - split.worth,
    compared: comparedSplits(jobs, mw * WATTS_PER_MW),
  };
}

function siteJob({ scenario, profile, asked }: LoadedJob, around: Surroundings, cache: PlanCache) {
  const { policy, pipelines = scenario.pipelines } = asked;
  const healthy = { ...scenario, pipelines, stragglers: [] };
  const kind = new PipelineKind({ scenario: healthy, source: profile, cache });
  const gpus = pipelines * kind.gpusPerPipeline;
  const reductionS = kind.reductionS(pipelines);
  const running = (lane: Lane) =>
    kind.pointsOf(lane).map((point) => {
      const { timeS, pipelineJ } = iterationOf(point, reductionS);
      const powerW = siteW(around, gpus, (pipelines * pipelineJ) / timeS);
      return { powerW, run: { policy: lane.policy, point, timeS } };
    });
  const [atFull] = running({ policy: 'max-frequency', heldBy: 'mean' });
  const fullS = atFull!.run.timeS;
  const withSpeed = (points: ReturnType<typeof running>): JobPoint[] =>
    points.map((point) => ({ ...point, speed: fullS / point.run.timeS }));
  const [full] = withSpeed([atFull!]);
  const { microbatch } = profile.job ?? {};
  const microbatchesPerS = (pipelines * kind.microbatches) / fullS;
  const tokensPerDay =
    microbatch && microbatchesPerS * microbatch.sequences * microbatch.sequence * SECONDS_PER_DAY;
  const ofPlans = [full!, ...withSpeed(running({ policy, heldBy: 'mean' }))];
  const slowest = new SpeedCurve(ofPlans).slowest;
  const leastSpeed = floorOf(asked, tokensPerDay) ?? slowest.speed;
  const waitingW = gpus * kind.setting.gpus.blockingPowerW;
  const pause = { speed: 0, powerW: siteW(around, gpus, waitingW), run: undefined };
  // A job whose floor lies below its slowest plan may pause now and then.
  const points = leastSpeed < slowest.speed ? [pause, ...ofPlans] : ofPlans;
  return {
    ...{ name: asked.name ?? scenario.name, policy, gpus, pipelines, full: full!, tokensPerDay },
    ...{ curve: new SpeedCurve(points), leastSpeed, priority: asked.priority },
    weight: asked.weight ?? gpus,
    limited: withSpeed(running({ policy: UNIFORM_LIMIT, heldBy: 'mean' })),
  } satisfies SiteJob;
}

/** The least speed that is asked for, if one is. */
function floorOf(
  { leastSpeed, leastTokensPerDay }: LoadedJob['asked'],
  tokensPerDay: number | undefined,
): number | undefined {
  if (leastTokensPerDay === undefined || tokensPerDay === undefined) return leastSpeed;
  return leastTokensPerDay / tokensPerDay;
}

function checkFloors(jobs: readonly SiteJob[], loaded: readonly LoadedJob[], source: string): void {
  const problems = jobs.flatMap(({ curve, leastSpeed, tokensPerDay = 0 }, k) => {
    const { speed } = curve.fastest;
    if (leastSpeed <= speed) return [];
    const { leastTokensPerDay } = loaded[k]!.asked;
    const [field, found, most] =
      leastTokensPerDay === undefined
        ? ['leastSpeed', leastSpeed, speed]
        : ['leastTokensPerDay', leastTokensPerDay, speed * tokensPerDay];
    const message = `found ${found}, but at the highest clocks the job reaches ${most.toPrecision(6)}; expected at most that`;
    return [{ source, field: `jobs[${k}].${field}`, message }];
  });
  if (problems.length > 0) throw new InputError(problems);
}

function tooLittlePower(jobs: readonly SiteJob[], source: string, mw: number): InputError {
  const leastMW = Math.ceil(floorsW(jobs) / 1e3) / 1e3;
  const each = jobs.map(({ name, curve, leastSpeed }) => {
    return `"${name}" ${(curve.at(leastSpeed).powerW / WATTS_PER_MW).toFixed(3)}`;
  });
  const message = `found ${mw}, but at their floors the jobs draw ${leastMW} MW (${each.join(', ')}); allow at least that, or let a job pause with a lower leastSpeed`;
  return InputError.of({ source, field: 'site.mw', message });
}
