import { InputError } from '../../src/errors.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import { JobPipelines, lanesOf, type Lane, type PipelineKind, type Planned } from './job-fleets.js';
import { leastEnergy, type LeastEnergy } from './least-energy.js';
import {
  choiceW,
  mostWork,
  SearchByLimit,
  SearchByMean,
  type Fleet,
  type FleetChoice,
  type PipelineSearch,
} from './most-pipelines.js';
import { siteW, surroundingsOf, type Surroundings } from '../run/surroundings.js';
import { WATTS_PER_MW, type PowerBudget } from './power-budget.js';

/** A site filled with pipelines of one policy. */
export interface FilledSite extends FleetChoice {
  readonly gpus: number;
  /** Of one pipeline. */
  readonly microbatches: number;
  /** Mean over an iteration. */
  readonly siteW: number;
  readonly microbatchesPerS: number;
  /** Done in addition with one more megawatt. */
  readonly moreWithOneMWPerS: number;
}

/** A lane and the site filled by it; undefined if not even one pipeline fits. */
export interface LaneAnswer {
  readonly lane: Lane;
  readonly filled: FilledSite | undefined;
}

/** The least-energy points of a policy, at the scenario's number of pipelines. */
export interface PolicyLeastEnergy extends LeastEnergy {
  readonly policy: Lane['policy'];
}

/** The answer to what a site can do with its power. */
export interface SiteAnswer {
  readonly scenario: Scenario;
  readonly title: string;
  readonly surroundings: Surroundings;
  /** Undefined if only the points of least energy were asked for. */
  readonly mw: number | undefined;
  readonly gpusPerPipeline: number;
  /** Undefined if the job's model or sequences are unknown. */
  readonly tokensPerMicrobatch: number | undefined;
  /** Empty without megawatts. */
  readonly lanes: readonly LaneAnswer[];
  readonly leastEnergy: readonly PolicyLeastEnergy[];
  /** One of this many points of the largest frontier was simulated. */
  readonly stride: number;
}

/**
 * Fills a site with pipelines of a scenario: for each lane the number of them, and the plan, that
 * train the most. Simulated without stragglers and jitter.
 *
 * @param mw default: the scenario's.
 * @throws InputError if the site's power is not enough for any policy, or plans cannot be made.
 */
export function fillSite(planned: Planned, mw = planned.scenario.site?.mw): SiteAnswer {
  const { scenario, source } = planned;
  const pipelines = new JobPipelines(planned);
  const surroundings = surroundingsOf(scenario);
  const lanes = lanesOf(scenario);
  const { microbatch } = source.job ?? {};
  const filled =
    mw === undefined ? [] : lanes.map((lane) => filledLane(pipelines, scenario, lane, mw));
  if (mw !== undefined && filled.every((each) => each.filled === undefined)) {
    throw tooLittlePower(pipelines, planned, mw);
  }
  return {
    scenario,
    title: source.title,
    surroundings,
    mw,
    gpusPerPipeline: pipelines.gpusPerPipeline,
    tokensPerMicrobatch: microbatch && microbatch.sequences * microbatch.sequence,
    lanes: filled,
    leastEnergy: leastEnergies(pipelines.own, lanes, scenario),
    stride: pipelines.stride,
  };
}

function filledLane(
  pipelines: JobPipelines,
  scenario: Scenario,
  lane: Lane,
  mw: number,
): LaneAnswer {
  const withMW = (megawatts: number) => bestFilling(pipelines, scenario, lane, megawatts);
  const best = withMW(mw);
  if (best === undefined) return { lane, filled: undefined };
  const { fleet, choice, kind } = best;
  const more = withMW(mw + 1)!;
  return {
    lane,
    filled: {
      ...choice,
      gpus: choice.pipelines * kind.gpusPerPipeline,
      microbatches: kind.microbatches,
      siteW: choiceW(fleet, choice),
      microbatchesPerS: rateOf(best),
      moreWithOneMWPerS: rateOf(more) - rateOf(best),
    },
  };
}

/** Pipelines and their plan, that fill a site. */
interface Filling {
  readonly kind: PipelineKind;
  readonly fleet: Fleet;
  readonly choice: FleetChoice;
}

function rateOf({ kind, choice }: Filling): number {
  return (choice.pipelines * kind.microbatches) / choice.timeS;
}

function bestFilling(
  pipelines: JobPipelines,
  scenario: Scenario,
  lane: Lane,
  mw: number,
): Filling | undefined {
  const budget = { ...surroundingsOf(scenario), budgetW: mw * WATTS_PER_MW };
  const { gpus = Infinity } = scenario.site ?? {};
  const atMost = Math.floor(gpus / pipelines.gpusPerPipeline);
  if (pipelines.isBatchFixed) return bestSharing(pipelines, lane, budget, atMost);
  const kind = pipelines.own;
  const fleet = kind.fleet(lane, budget);
  const choice = mostWork(fleet, searchOf(lane, fleet), { atMost, step: pipelines.step });
  return choice && { kind, fleet, choice };
}

function searchOf({ heldBy }: Lane, fleet: Fleet): PipelineSearch {
  return heldBy === 'limit' ? new SearchByLimit(fleet) : new SearchByMean(fleet);
}

/**
 * The fastest way to share a fixed global batch: every number of pipelines that divides it is tried,
 * but for those that would be slower with every instruction at its fastest clock.
 */
function bestSharing(
  pipelines: JobPipelines,
  lane: Lane,
  budget: PowerBudget,
  atMost: number,
): Filling | undefined {
  const { own, gpusPerPipeline } = pipelines;
  const leastW = siteW(budget, gpusPerPipeline, own.leastGpuW() * gpusPerPipeline);
  const last = Math.min(atMost, budget.budgetW / leastW);
  let best: Filling | undefined;
  for (const { pipelines: n, kind: kindOf } of pipelines.sharedEvenly()) {
    if (n > last) continue;
    const kind = kindOf();
    const bestS = best?.choice.timeS ?? Infinity;
    if (!kind.canBeFasterThan(bestS, n)) continue;
    const fleet = kind.fleet(lane, budget);
    const choice = searchOf(lane, fleet).fastest(n, bestS);
    if (choice !== undefined) best = { kind, fleet, choice };
  }
  return best;
}

function leastEnergies(
  own: PipelineKind,
  lanes: readonly Lane[],
  scenario: Scenario,
): PolicyLeastEnergy[] {
  return lanes
    .filter(({ heldBy }) => heldBy === 'mean')
    .map((lane) => ({
      policy: lane.policy,
      ...leastEnergy(
        own.pointsOf(lane),
        own.reductionS(scenario.pipelines),
        surroundingsOf(scenario),
        own.gpusPerPipeline,
      ),
    }));
}

function tooLittlePower(
  { own, step, gpusPerPipeline, isBatchFixed }: JobPipelines,
  { scenario, source }: Planned,
  mw: number,
): InputError {
  const where = { source: source.askedBy, field: 'site.mw' };
  const gpus = step * gpusPerPipeline;
  const { gpus: present = Infinity } = scenario.site ?? {};
  if (present < gpus) {
    const message = `found ${present}, expected at least the ${gpus} of ${step === 1 ? 'one pipeline' : `${step} pipelines, which share experts`}`;
    return InputError.of({ ...where, field: 'site.gpus', message });
  }
  const atLeastMW = leastMW(own, scenario, step);
  const what = isBatchFixed
    ? `no number of pipelines that shares the global batch of ${scenario.pipelines * own.microbatches} microbatches fits`
    : `${step === 1 ? 'one pipeline' : `${step} pipelines, which share experts,`} of ${gpus} GPUs draws at least ${atLeastMW} MW`;
  return InputError.of({ ...where, message: `found ${mw}, but ${what}; allow more` });
}

/** The least that the fewest pipelines draw under any policy, rounded up to a kilowatt. */
function leastMW(own: PipelineKind, scenario: Scenario, step: number): number {
  const budget = { ...surroundingsOf(scenario), budgetW: 0 };
  const powersW = lanesOf(scenario).flatMap((lane) => {
    const fleet = own.fleet(lane, budget);
    return fleet.points.map((point) =>
      choiceW(fleet, { pipelines: step, point, timeS: point.timeS + fleet.reductionS(step) }),
    );
  });
  return Math.ceil(powersW.reduce((a, b) => Math.min(a, b)) / 1e3) / 1e3;
}
