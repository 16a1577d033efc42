import { entryOf, groupBy } from '../groups.js';
import { PROFILED_KINDS, type ExecutionOption, type ProfiledKind } from './stage-profile.js';
import type { RankRow } from './csv-rows.js';

/** One stage's options by kind, and what was left out to join its GPUs. */
export interface AveragedStage {
  readonly options: Readonly<Record<ProfiledKind, readonly ExecutionOption[]>>;
  readonly gpus: number;
  /** GPUs that lack a kind of instruction. */
  readonly gpusLeftOut: readonly string[];
  /** By kind: clocks that some GPUs did not measure, highest first. */
  readonly clocksLeftOut: Readonly<Record<ProfiledKind, readonly number[]>>;
}

/**
 * The slowest GPU's time and the mean energy over the GPUs of a stage, at the clocks that all of
 * them measured: the GPUs of a stage wait for each other (the rule of Perseus, SOSP '24). GPUs of
 * one model differ by several percent in power, and profiling stops at a different clock on each; a
 * mean over only those that went on would be biased towards thriftier or hungrier ones. O(rows).
 */
export function averageRanks(stageRows: readonly RankRow[]): AveragedStage {
  const rows = groupBy(stageRows, (row) => row.rank);
  const isComplete = (ofRank: readonly RankRow[]) =>
    PROFILED_KINDS.every((kind) => ofRank.some((row) => row.kind === kind));
  const complete = [...rows].filter(([, ofRank]) => isComplete(ofRank));
  // With no complete GPU the stage lacks a kind, which is reported elsewhere.
  const kept = complete.length === 0 ? [...rows] : complete;
  const gpusLeftOut = [...rows.keys()].filter((rank) => !kept.some(([name]) => name === rank));
  const keptRows = kept.flatMap(([, ofRank]) => ofRank);
  const means = (kind: ProfiledKind) => {
    const clocks = [
      ...groupBy(
        keptRows.filter((row) => row.kind === kind),
        clockOf,
      ),
    ];
    const isCommon = ([, same]: (typeof clocks)[number]) => same.length === kept.length;
    const falling = clocks.sort(([a], [b]) => b - a);
    return {
      options: falling.filter(isCommon).map(([clock, same]) => jointOption(clock, same)),
      leftOut: falling.filter((one) => !isCommon(one)).map(([clock]) => clock),
    };
  };
  const [forward, backward] = [means('forward'), means('backward')];
  return {
    options: { forward: forward.options, backward: backward.options },
    gpus: kept.length,
    gpusLeftOut,
    clocksLeftOut: { forward: forward.leftOut, backward: backward.leftOut },
  };
}

function clockOf(row: RankRow): number {
  return row.option.frequencyMHz;
}

function jointOption(frequencyMHz: number, rows: readonly RankRow[]): ExecutionOption {
  return {
    frequencyMHz,
    timeS: rows.reduce((slowest, { option }) => Math.max(slowest, option.timeS), 0),
    energyJ: rows.reduce((sum, { option }) => sum + option.energyJ, 0) / rows.length,
  };
}

/** More places or clocks than this are only counted. */
const NAMED = 6;

/** The data that averaging left out of a whole profile, one sentence per reason. */
export function leftOutNotes(stages: readonly AveragedStage[]): string[] {
  return [...clockNotes(stages), ...gpuNotes(stages), ...countNotes(stages)];
}

function clockNotes(stages: readonly AveragedStage[]): string[] {
  const places = new Map<string, string[]>();
  stages.forEach(({ clocksLeftOut }, s) => {
    for (const kind of PROFILED_KINDS) {
      const clocks = clocksLeftOut[kind];
      if (clocks.length === 0) continue;
      const text = `${some(clocks.map(String))} MHz`;
      entryOf(places, text, (): string[] => []).push(`stage ${s} ${kind}`);
    }
  });
  if (places.size === 0) return [];
  const list = [...places].map(([clocks, where]) => `${clocks} (${some(where)})`);
  return [`clocks that not all GPUs of a stage measured are left out: ${some(list, '; ')}`];
}

function gpuNotes(stages: readonly AveragedStage[]): string[] {
  const list = stages.flatMap(({ gpusLeftOut }, s) =>
    gpusLeftOut.map((rank) => `${rank} (stage ${s})`),
  );
  return list.length === 0
    ? []
    : [`GPUs without forward or backward rows are left out: rank ${some(list)}`];
}

function countNotes(stages: readonly AveragedStage[]): string[] {
  const counts = stages.map(({ gpus }) => gpus);
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  const fewer = counts.flatMap((gpus, s) => (gpus < most ? [`stage ${s} of ${gpus}`] : []));
  return fewer.length === 0
    ? []
    : [`not all stages have rows of ${most} GPUs: ${some(fewer)}; their means are over fewer`];
}

function some(list: readonly string[], separator = ', '): string {
  const more = list.length - NAMED;
  return more <= 0
    ? list.join(separator)
    : `${list.slice(0, NAMED).join(separator)} and ${more} more`;
}
