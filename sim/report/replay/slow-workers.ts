import { mean } from 'simple-statistics';
import { entryOf } from '../../../src/groups.js';
import { percentMore } from '../../../src/units.js';
import { kindRules } from '../../replay/operation-kinds.js';
import type { WatchedReplay } from '../../replay/replay-trace.js';
import { idealTimes } from '../../replay/without-stragglers.js';
import type { Trace } from '../../replay/trace.js';

/** A worker's computing, compared with the mean of all. */
export interface SlowWorker {
  readonly pipeline: number;
  readonly stage: number;
  readonly rank: number;
  /** Its computing in all steps over that of the same operations at the mean time of their kind. */
  readonly longerPct: number;
  /** The same in each step that it is part of. */
  readonly steps: readonly { readonly step: number; readonly longerPct: number }[];
  /** Time of the job over the ideal one if everything were fixed but its pipeline or stage. */
  readonly slowdown: number;
}

/** All workers by pipeline, stage and rank. O(operations). */
export function slowWorkers(trace: Trace, { overlapped, workers }: WatchedReplay): SlowWorker[] {
  const rules = kindRules(trace);
  const idealS = idealTimes(trace, overlapped);
  const found = new Map<number, { step: number; ownS: number; meanS: number }[]>();
  for (const { step, workers: ofStep, kind, ownS } of overlapped) {
    for (const { rank, first, end } of ofStep) {
      const sums = { step, ownS: 0, meanS: 0 };
      for (let i = first; i < end; i++) {
        if (rules[kind[i]!]!.role !== 'compute') continue;
        sums.ownS += ownS[i]!;
        sums.meanS += idealS[kind[i]!]!;
      }
      entryOf(found, rank, (): (typeof sums)[] => []).push(sums);
    }
  }
  const sum = (values: readonly number[]) =>
    values.length === 0 ? 0 : values.length * mean([...values]);
  return workers
    .map(({ pipeline, stage, rank, slowdown }) => {
      const steps = found.get(rank)!;
      return {
        ...{ pipeline, stage, rank, slowdown },
        longerPct: percentMore(
          sum(steps.map(({ ownS }) => ownS)),
          sum(steps.map(({ meanS }) => meanS)),
        ),
        steps: steps.map(({ step, ownS, meanS }) => ({
          step,
          longerPct: percentMore(ownS, meanS),
        })),
      };
    })
    .sort((a, b) => a.pipeline - b.pipeline || a.stage - b.stage || a.rank - b.rank);
}
