import { groupBy } from '../../src/groups.js';
import type { GpuSamples } from './measured.js';

/** Samples of a GPU, and the file that holds them. */
export interface PlacedSamples {
  readonly place: string;
  readonly samples: GpuSamples;
}

/** The samples of each rank, and a sentence on how they were found if that is a guess. */
export interface MatchedSamples {
  readonly ofRank: ReadonlyMap<string, GpuSamples>;
  readonly note?: string;
}

/**
 * Finds the samples of each rank: GPUs and ranks of the same name, or of the same number (`cuda:3`,
 * `rank3`), files of the same number (`rank3.csv`, `power-rank3.csv`); else, if there are as many of
 * one as of the other, in the order of their names. O(n log n).
 */
export function gpuOfRank(
  ranks: readonly string[],
  found: readonly PlacedSamples[],
): MatchedSamples {
  const rules: readonly ((rank: string, gpu: PlacedSamples) => boolean)[] = [
    (rank, { samples }) => rank === samples.gpu,
    (rank, { samples }) => number(rank) !== undefined && number(rank) === number(samples.gpu),
    (rank, { place }) => number(rank) !== undefined && number(rank) === rankOfPlace(place),
  ];
  for (const rule of rules) {
    const matches = ranks.map((rank) => found.filter((gpu) => rule(rank, gpu)));
    const matched = new Set(matches.flat());
    const isOneToOne =
      matches.every(({ length }) => length <= 1) && matched.size === matches.flat().length;
    if (matched.size === 0 || !isOneToOne) continue;
    return {
      ofRank: new Map(
        ranks.flatMap((rank, k) => matches[k]!.map(({ samples }) => [rank, samples])),
      ),
    };
  }
  if (ranks.length !== found.length) return { ofRank: new Map() };
  const sortedRanks = [...ranks].sort(byNumbers);
  const sorted = [...found].sort(
    (a, b) => byNumbers(a.place, b.place) || byNumbers(a.samples.gpu, b.samples.gpu),
  );
  const pairs = sortedRanks.map((rank, k) => [rank, sorted[k]!.samples] as const);
  const list = pairs.slice(0, 4).map(([rank, { gpu }]) => `${rank} is GPU ${gpu}`);
  const more = pairs.length > list.length ? ', …' : '';
  return {
    ofRank: new Map(pairs),
    ...(pairs.length === 1
      ? {}
      : { note: `ranks are matched to GPUs by their order: rank ${list.join(', ')}${more}` }),
  };
}

/**
 * The samples of GPUs that several files hold in turn, as logs that are cut at midnight do, as one;
 * GPUs of the same name at the same time are of different machines. O(samples).
 */
export function joinedSamples(found: readonly PlacedSamples[]): PlacedSamples[] {
  return [
    ...groupBy(found, ({ samples }) => `${samples.gpu} ${samples.timeBase}`).values(),
  ].flatMap((list) => {
    const sorted = [...list].sort((a, b) => a.samples.timeS[0]! - b.samples.timeS[0]!);
    const isInTurn = sorted.every(
      ({ samples }, k) => k === 0 || samples.timeS[0]! > sorted[k - 1]!.samples.timeS.at(-1)!,
    );
    return sorted.length > 1 && isInTurn ? [concatenated(sorted)] : sorted;
  });
}

function concatenated(list: readonly PlacedSamples[]): PlacedSamples {
  const joined = (of: (samples: GpuSamples) => Float64Array | undefined) =>
    list.some(({ samples }) => of(samples) !== undefined)
      ? Float64Array.from(
          list.flatMap(({ samples }) => [
            ...(of(samples) ?? new Float64Array(samples.timeS.length).fill(NaN)),
          ]),
        )
      : undefined;
  const powerW = joined((samples) => samples.powerW);
  const counterJ = joined((samples) => samples.counterJ);
  const clockMHz = joined((samples) => samples.clockMHz);
  return {
    place: list[0]!.place,
    samples: {
      gpu: list[0]!.samples.gpu,
      timeBase: list[0]!.samples.timeBase,
      timeS: joined(({ timeS }) => timeS)!,
      ...(powerW === undefined ? {} : { powerW }),
      ...(counterJ === undefined ? {} : { counterJ }),
      ...(clockMHz === undefined ? {} : { clockMHz }),
    },
  };
}

/** The only number in a name: `cuda:3`, `rank3`, `3`. */
function number(name: string): number | undefined {
  const found = name.match(/\d+/g);
  return found?.length === 1 && found[0].length < 6 ? Number(found[0]) : undefined;
}

function rankOfPlace(place: string): number | undefined {
  const found = [...place.matchAll(/(?:rank|gpu)[ _=-]?(\d{1,5})(?!\d)/gi)].at(-1)?.[1];
  return found === undefined ? undefined : Number(found);
}

const NUMERIC = { numeric: true } as const;

function byNumbers(a: string, b: string): number {
  return a.localeCompare(b, 'en', NUMERIC);
}
