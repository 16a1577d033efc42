import { most } from '../../../src/extremes.js';
import { fitDeviceCurve, optionsFromCurve } from '../../../src/profile/device-curve.js';
import type { ExecutionOption, ProfiledKind } from '../../../src/profile/stage-profile.js';
import { cellKey, cellsOf, median } from './stage-work.js';
import type { StageSweep } from './stage-sweep.js';

/** A rank that is slower than the others of its stage by more than this is on a straggler. */
const STRAGGLER = 1.05;
/** GPUs of one model differ by several percent in power, never by this much. */
const MOST_ENERGY = 1.25;
/** Curves are fitted through at least this many clocks; fewer are taken as measured. */
const FEWEST_FITTED = 6;

/** The measurements of a stage, and the ranks that they are not of. */
export interface JoinedStage {
  /** By part of the model. */
  readonly options: ReadonlyMap<number, Readonly<Record<ProfiledKind, readonly ExecutionOption[]>>>;
  /** Sentences. */
  readonly notes: readonly string[];
}

/**
 * Joins the ranks of a stage: of those that measured all clocks, the time of the slowest and the mean
 * energy, on curves fitted through them at all of `clocksMHz` within the range that was measured.
 *
 * A rank is as slow as it is on the median over the clocks: the largest of many noisy times would be
 * too long by its noise. Ranks of a pipeline that is slow as a whole do not count: it is a straggler.
 */
export function joinRanks(
  sweep: StageSweep,
  stage: number,
  clocksMHz: readonly number[],
): JoinedStage {
  const notes: string[] = [];
  const ranks = usedRanks(sweep, stage, notes);
  const modelStages = [...new Set(sweep.work.modelStages)];
  const options = new Map(
    modelStages.map((m) => {
      const of = (kind: ProfiledKind) =>
        filledIn(joinedCell(sweep, ranks, cellKey(m, kind), kind), clocksMHz);
      return [m, { forward: of('forward'), backward: of('backward') }];
    }),
  );
  return { options, notes };
}

/** Ranks that measured every clock and are no stragglers. */
function usedRanks(sweep: StageSweep, stage: number, notes: string[]): number[] {
  const { ranks, decided } = sweep.state;
  const all = Object.keys(ranks).map(Number);
  const count = (rank: number) =>
    Object.keys(ranks[rank]!.done).filter((k) => Number(k) < decided).length;
  const mostClocks = most(all.map(count));
  const complete = all.filter((rank) => count(rank) === mostClocks);
  const left = all.filter((rank) => !complete.includes(rank));
  if (left.length > 0) {
    notes.push(
      `stage ${stage}: rank ${left.join(', ')} did not measure all clocks and is left out`,
    );
  }
  const cells = cellsOf(sweep.work);
  const times = relative(sweep, complete, cells, 'timeS');
  const energies = relative(sweep, complete, cells, 'energyJ');
  const fastestHalf = median(
    [...times].sort((a, b) => a - b).slice(0, Math.ceil(times.length / 2)),
  );
  const isSlow = complete.map((_, k) => times[k]! > STRAGGLER * fastestHalf);
  const slow = complete.filter((_, k) => isSlow[k]);
  if (slow.length > 0) {
    notes.push(
      `stage ${stage}: rank ${slow.join(', ')} is slower than the others by more than 5 %, as stragglers are, and is left out`,
    );
  }
  const isOff = complete.map((_, k) => {
    return Math.max(energies[k]!, 1 / energies[k]!) > MOST_ENERGY * times[k]!;
  });
  const off = complete.filter((_, k) => isOff[k] && !isSlow[k]);
  if (off.length > 0) {
    notes.push(
      `stage ${stage}: rank ${off.join(', ')} reports energies that are off those of the others by more than 25 %, and is left out`,
    );
  }
  return complete.filter((_, k) => !isSlow[k] && !isOff[k]);
}

/** The time or energy of each rank over that of the median rank: its median over clocks and cells. */
function relative(
  sweep: StageSweep,
  ranks: readonly number[],
  cells: readonly string[],
  of: 'timeS' | 'energyJ',
): number[] {
  const ratios = ranks.map((): number[] => []);
  for (let at = 0; at < sweep.state.decided; at++) {
    for (const cell of cells) {
      const values = ranks.map((rank) => sweep.state.ranks[rank]!.done[at]?.[cell]?.[of]);
      const usual = median(values.filter((value) => value !== undefined));
      values.forEach((value, k) => {
        if (value !== undefined) ratios[k]!.push(value / usual);
      });
    }
  }
  return ratios.map(median);
}

function joinedCell(
  sweep: StageSweep,
  ranks: readonly number[],
  cell: string,
  kind: ProfiledKind,
): ExecutionOption[] {
  const slowest = most(relative(sweep, ranks, [cell], 'timeS'));
  return sweep.measuredMHz(kind).flatMap((frequencyMHz, at) => {
    const costs = ranks.flatMap((rank) => sweep.state.ranks[rank]!.done[at]?.[cell] ?? []);
    if (costs.length < ranks.length) return [];
    const timeS = slowest * median(costs.map((cost) => cost.timeS));
    const energyJ = costs.reduce((sum, cost) => sum + cost.energyJ, 0) / costs.length;
    return [{ frequencyMHz, timeS, energyJ }];
  });
}

/** The options at all clocks of the range, on curves through those that were measured. */
function filledIn(
  measured: readonly ExecutionOption[],
  clocksMHz: readonly number[],
): ExecutionOption[] {
  const [highest, lowest] = [measured[0], measured.at(-1)];
  if (highest === undefined || lowest === undefined || measured.length < FEWEST_FITTED) {
    return [...measured];
  }
  const inside = clocksMHz.filter(
    (mhz) => mhz <= highest.frequencyMHz && mhz >= lowest.frequencyMHz,
  );
  return optionsFromCurve(fitDeviceCurve(measured), inside);
}
