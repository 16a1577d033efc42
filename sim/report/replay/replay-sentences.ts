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

/** Who is slow, what that costs, and what planned clocks would save. */
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

function slowSentences(workers: readonly SlowWorker[]): string[] {
  const slow = workers
    .filter(({ longerPct }) => longerPct >= SLOW_PCT)
    .sort((a, b) => b.longerPct - a.longerPct || a.rank - b.rank);
  const [worst] = slow;
  if (worst === undefined) return [`No rank computes ${SLOW_PCT} % longer than the mean of all.`];
  const { rank, pipeline, stage, longerPct } = worst;
  const others =
    slow.length === 1
      ? ', and no other more than 5 %'
      : `; ${slow.length} of ${workers.length} ranks compute at least ${SLOW_PCT} % longer`;
  return [
    `Rank ${rank} (pipeline ${pipeline}, stage ${stage}) computes longest: ${fixed(longerPct, 1)} % longer than the mean of all${others}.`,
  ];
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
