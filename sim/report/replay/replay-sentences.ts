import { mean } from 'simple-statistics';
import { groupBy } from '../../../src/groups.js';
import type { ReplayedEnergy } from '../../replay/replay-energy.js';
import type { TraceReplay } from '../../replay/replay-trace.js';
import { fixed } from '../numbers.js';
import type { SlowWorker } from './slow-workers.js';

/** The findings of a replay in one number and in words. */
export interface ReplayHeadline {
  readonly lostPct: string;
  readonly sentences: readonly string[];
}

/** Workers that compute longer than this are called slow. */
const SLOW_PCT = 5;
/** Time that is not worth a sentence. */
const NOTHING_PCT = 0.05;

/** The headline: who is slow, what that costs, and what planned clocks would save. */
export function replayHeadline(
  replay: TraceReplay,
  workers: readonly SlowWorker[],
  energy: ReplayedEnergy | undefined,
): ReplayHeadline {
  const { wastePct, slowdown, meanPublishedS, meanIdealS } = replay;
  const lostPct = fixed(wastePct, 1);
  const stragglers =
    wastePct < NOTHING_PCT
      ? `Stragglers cost nothing: a step takes ${seconds(meanPublishedS)}.`
      : `Stragglers make a step ${fixed(slowdown, 3)} times as long: ${seconds(meanPublishedS)} instead of ${seconds(meanIdealS)}.`;
  return {
    lostPct,
    sentences: [
      stragglers,
      ...slowSentences(workers),
      ...fixingSentences(replay),
      ...energySentences(energy),
    ],
  };
}

/** Stages that are slow in every pipeline have more to do; other slow ranks are stragglers. */
function slowSentences(workers: readonly SlowWorker[]): string[] {
  const isSlow = ({ longerPct }: SlowWorker) => longerPct >= SLOW_PCT;
  const pipelines = new Set(workers.map(({ pipeline }) => pipeline)).size;
  const slowStages = [...groupBy(workers, ({ stage }) => stage)].filter(
    ([, ranks]) => pipelines > 1 && ranks.every(isSlow),
  );
  const stages = slowStages.map(([stage, ranks]) => {
    const longerPct = mean(ranks.map((worker) => worker.longerPct));
    return `Stage ${stage} computes ${fixed(longerPct, 1)} % longer than the mean of all, in every pipeline: it has more to do.`;
  });
  const inSlowStage = new Set(slowStages.map(([stage]) => stage));
  const others = workers
    .filter((worker) => isSlow(worker) && !inSlowStage.has(worker.stage))
    .sort((a, b) => b.longerPct - a.longerPct || a.rank - b.rank);
  if (stages.length + others.length === 0) {
    return [`No rank computes ${SLOW_PCT} % longer than the mean of all.`];
  }
  return [...stages, ...rankSentences(others, workers.length)];
}

/** @param slow the slow ones that no slow stage explains, the slowest first. */
function rankSentences(slow: readonly SlowWorker[], ranks: number): string[] {
  const [worst] = slow;
  if (worst === undefined) return [];
  const { rank, pipeline, stage, longerPct } = worst;
  const who = `Rank ${rank} (pipeline ${pipeline}, stage ${stage}) computes ${fixed(longerPct, 1)} % longer than the mean of all`;
  return slow.length === 1
    ? [`${who}.`]
    : [`${who}; with it, ${slow.length} of ${ranks} ranks take at least ${SLOW_PCT} % longer.`];
}

/** The what-if of one part that recovers the most of what stragglers cost. */
function fixingSentences({ whatIfs, wastePct }: TraceReplay): string[] {
  if (wastePct < NOTHING_PCT) return [];
  const [best] = whatIfs
    .filter(({ name }) => /^(?:last stage|slowest)/.test(name))
    .sort((a, b) => b.savedPct - a.savedPct);
  if (best === undefined || best.savedPct < NOTHING_PCT) return [];
  return [
    `With the ${best.name.replace(' fixed', ' as fast as the mean')}, a step would take ${seconds(best.stepTimeS)}, ${fixed(best.savedPct, 1)} % less.`,
  ];
}

function energySentences(energy: ReplayedEnergy | undefined): string[] {
  const planned = energy?.policies.find(({ policy }) => policy === 'perseus');
  if (planned === undefined) return [];
  const { savingPct, intrinsicPct, extrinsicPct, slowdownPct } = planned;
  const slower = slowdownPct < NOTHING_PCT ? 'no longer' : `${fixed(slowdownPct, 2)} % longer`;
  return [
    `Clocks planned by Perseus would save ${fixed(savingPct, 1)} % of the energy, ${fixed(intrinsicPct, 1)} points of it without knowing who is slow and ${fixed(extrinsicPct, 1)} by knowing; steps take ${slower}.`,
  ];
}

function seconds(timeS: number): string {
  return `${fixed(timeS, timeS < 10 ? 3 : 2)} s`;
}
