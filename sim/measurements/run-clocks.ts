import { groupBy } from '../../src/groups.js';
import type { MeasuredRun } from './figures.js';
import { digits, some, type RunNotes } from './sentences.js';
import { median, type KeptSeries } from './series.js';

/** Sampled clocks this near to the one that was said are that one: half a step of a GPU's clocks. */
const NEAR = 0.015;

/**
 * The clock of each series: what the file or the name of the run says, unless samples show that the
 * GPUs ran at another, for a power limit, for heat, or because the clock was not locked.
 *
 * @param sampled by series: the median clock while its instructions ran.
 * @returns undefined where nothing says a clock.
 */
export function runClocks(
  kept: readonly KeptSeries[],
  { clockMHz, name }: MeasuredRun,
  sampled: readonly (number | undefined)[],
  notes: RunNotes,
): (number | undefined)[] {
  const found: (number | undefined)[] = kept.map(({ frequencyMHz }) => frequencyMHz ?? clockMHz);
  const ofClock = groupBy(kept.keys(), (s) => found[s]);
  for (const [said, list] of ofClock) {
    const seen = list.flatMap((s) => (sampled[s] === undefined ? [] : [sampled[s]]));
    if (seen.length === 0) continue;
    const usual = Math.round(median(seen));
    if (said === undefined) {
      for (const s of list) found[s] = usual;
      notes.add(`clocks are those that were sampled while instructions ran: ${usual} MHz`, name);
      continue;
    }
    if (isNear(usual, said)) {
      tellOfRanks(kept, list, sampled, said, name, notes);
      continue;
    }
    for (const s of list) found[s] = usual;
    notes.add(
      usual < said
        ? `GPUs that should run at ${digits(said, 6)} MHz ran at ${usual} MHz, throttled by power or heat: that is their clock here`
        : `GPUs that should run at ${digits(said, 6)} MHz ran at ${usual} MHz: that is their clock here; was it locked?`,
      name,
    );
  }
  return found;
}

function isNear(clockMHz: number, said: number): boolean {
  return Math.abs(clockMHz - said) <= NEAR * said;
}

/** Single GPUs that are slower than the others stay: a stage waits for its slowest. */
function tellOfRanks(
  kept: readonly KeptSeries[],
  list: readonly number[],
  sampled: readonly (number | undefined)[],
  said: number,
  run: string,
  notes: RunNotes,
): void {
  const off = list.flatMap((s) => {
    const clockMHz = sampled[s];
    if (clockMHz === undefined || isNear(clockMHz, said)) return [];
    return [`rank ${kept[s]!.rank} at ${Math.round(clockMHz)} MHz`];
  });
  if (off.length === 0) return;
  notes.add(`not all GPUs ran at ${digits(said, 6)} MHz: ${some(off)}; their times count`, run);
}
