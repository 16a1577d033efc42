import type { FrequencyPlan, FrontierPoint } from '../../src/planner/planner.js';
import type { StageProfile } from '../../src/profile/stage-profile.js';
import {
  artifactsChoice,
  baselinePoint,
  emulatePipeline,
  jobEnergy,
  type EmulatedPipeline,
} from './emulation.js';
import type { PublishedFigure } from './published.js';
import { LATER, type ReproducedFigure, type Reproduction } from './reproduced.js';

/** One of the four emulated jobs. */
export interface EmulatedSource {
  /** Prefix of its workload ids, such as `a100_sxm+gpt3-175b+`. */
  readonly prefix: string;
  readonly profile: StageProfile;
  readonly unitTimeS: number;
  readonly blockingPowerW: number;
}

/**
 * Reproduces table 6 and figures 7 and 8: plans each of the four jobs with each number of
 * microbatches once, and computes every published figure from that, planned and simulated.
 */
export function reproduceEmulation(
  sources: readonly EmulatedSource[],
  published: readonly PublishedFigure[],
): ReproducedFigure[] {
  return sources.flatMap(({ prefix, profile, ...settings }) => {
    const ofJob = published.filter((figure) => figure.workloadId.startsWith(prefix));
    const counts = [...new Set(ofJob.map((figure) => figure.microbatches))].sort((a, b) => a - b);
    return counts.flatMap((microbatches) => {
      const pipeline = emulatePipeline(profile, microbatches, settings);
      return ofJob
        .filter((figure) => figure.microbatches === microbatches)
        .flatMap((figure) => reproduce(pipeline, figure));
    });
  });
}

/** Energy of healthy pipelines and of the straggler under one policy, and without a policy. */
interface Side {
  readonly fastest: FrontierPoint;
  readonly chosen: FrontierPoint;
  readonly envpipe: FrontierPoint;
}

function reproduce(pipeline: EmulatedPipeline, figure: PublishedFigure): ReproducedFigure[] {
  const { fastest, envpipe, plans } = pipeline;
  const chosen = artifactsChoice(plans, figure.slowdown * fastest.planned.timeS);
  const planned = valueOf(pipeline, figure, {
    fastest: fastest.planned,
    chosen: promised(chosen),
    envpipe: envpipe.planned,
  });
  const simulated = valueOf(pipeline, figure, {
    fastest: fastest.simulated,
    chosen: pipeline.simulate(chosen),
    envpipe: envpipe.simulated,
  });
  const reproduced = {
    ...figure,
    plannedPct: planned.asPublished,
    simulatedPct: simulated.asPublished,
    ...(figure.table === 'table6' && figure.system !== 'EnvPipe' && { later: laterOf(pipeline) }),
  };
  if (planned.corrected === undefined) return [reproduced];
  const corrected = {
    ...reproduced,
    metric: `${figure.metric}, with n − 1`,
    plannedPct: planned.corrected,
    simulatedPct: simulated.corrected!,
  };
  return [reproduced, corrected];
}

function promised(plan: FrequencyPlan): FrontierPoint {
  return { timeS: plan.plannedTimeS, energyJ: plan.plannedEnergyJ };
}

/** Table 6 for later deadlines: compared with the highest clocks in their own time, T_min. */
function laterOf(pipeline: EmulatedPipeline): Reproduction[] {
  const { fastest, plans } = pipeline;
  const saved = (point: FrontierPoint, { timeS }: FrontierPoint) =>
    savedPct(point.energyJ, baselinePoint(pipeline, timeS).energyJ);
  return LATER.map((factor) => {
    const plan = plans.forStraggler(factor * fastest.planned.timeS);
    return {
      plannedPct: saved(promised(plan), fastest.planned),
      simulatedPct: saved(pipeline.simulate(plan), fastest.simulated),
    };
  });
}

interface Value {
  readonly asPublished: number;
  /** The published formula contains a slip here. */
  readonly corrected?: number;
}

function valueOf(pipeline: EmulatedPipeline, figure: PublishedFigure, side: Side): Value {
  const { fastest, chosen, envpipe } = side;
  const { slowdown, pipelines, system, metric, table } = figure;
  const { waitingPowerW } = pipeline;
  const baseline = baselinePoint(pipeline, fastest.timeS);
  const plan = system === 'EnvPipe' ? envpipe : fastest;
  if (table === 'table6' || metric === 'intrinsic_energy_reduction_pct') {
    return { asPublished: savedPct(plan.energyJ, baseline.energyJ) };
  }
  // The artifact counts EnvPipe's waiting from T of Perseus' fastest plan.
  const healthy = system === 'EnvPipe' ? { ...envpipe, timeS: fastest.timeS } : chosen;
  const stragglerS = slowdown * fastest.timeS;
  if (metric === 'energy_reduction_pct_per_pipeline') {
    const untilStraggler = (point: FrontierPoint) =>
      point.energyJ + waitingPowerW * (stragglerS - point.timeS);
    return { asPublished: savedPct(untilStraggler(healthy), untilStraggler(baseline)) };
  }
  const job = { slowdown, pipelines, fastestS: fastest.timeS, waitingPowerW };
  const policyJ = jobEnergy(job, plan.energyJ, healthy);
  const baselineJ = jobEnergy(job, baseline.energyJ, baseline);
  if (table === 'figure8') {
    return { asPublished: savedPct(policyJ, jobEnergy(job, fastest.energyJ, fastest)) };
  }
  if (system !== 'EnvPipe') return { asPublished: savedPct(policyJ, baselineJ) };
  const slippedJ = jobEnergy(job, plan.energyJ, healthy, pipelines + 1);
  return { asPublished: savedPct(slippedJ, baselineJ), corrected: savedPct(policyJ, baselineJ) };
}

function savedPct(energyJ: number, ofJ: number): number {
  return 100 * (1 - energyJ / ofJ);
}
