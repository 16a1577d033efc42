import { groupBy } from '../groups.js';
import { QUANTITIES } from '../quantities.js';
import { ProblemList } from '../problem-list.js';
import { averageRanks, leftOutNotes, type AveragedStage } from './average-ranks.js';
import { readProfileRows, type ProfileRow } from './csv-rows.js';
import { usefulOptions } from './pareto.js';
import {
  PROFILED_KINDS,
  type ExecutionOption,
  type ProfiledKind,
  type StageProfile,
} from './stage-profile.js';

/** With fewer clocks worth running at, there is nothing to choose between. */
const FEWEST_USEFUL = 2;

/** A stage number this far beyond the others is a typing error, not a gap. */
const PLAUSIBLE_GAP = 64;

/**
 * Reads a stage profile: a table with a header and the columns
 * `stage,instruction,frequency,time,energy` (in any order; MHz, s, J, or another unit that the
 * header names; one GPU). Other columns and instructions are ignored, except that rows of one
 * (stage, instruction, frequency) that differ in a rank column are joined, at the clocks that all
 * ranks of the stage have: the slowest time, the mean energy. The profile's notes list what was left out, converted or guessed.
 *
 * @param source name of the file, for messages.
 * @param encodingNote a note on its encoding, if that was guessed.
 * @throws InputError with every problem of the file: first those of single rows; if all rows can
 *   be read, those of the whole.
 */
export function readStageProfile(
  text: string,
  source: string,
  encodingNote?: string,
): StageProfile {
  const problems = new ProblemList(source);
  const { rows, notes } = readProfileRows(text, source, problems);
  findDuplicates(rows, problems);
  problems.throwIfAny();
  const averaged = groupByStage(rows, problems);
  problems.throwIfAny();
  const decoding = encodingNote === undefined ? [] : [`the file ${encodingNote}`];
  const all = [...decoding, ...notes, ...leftOutNotes(averaged), ...slowNotes(averaged)];
  const stages = averaged.map(({ options }) => options);
  return { source, stages, ...(all.length === 0 ? {} : { notes: all }) };
}

/** Possible but rare times are more often in another unit, with energies that fit that unit. */
function slowNotes(stages: readonly AveragedStage[]): string[] {
  const longestS = stages
    .flatMap(({ options }) => PROFILED_KINDS.flatMap((kind) => options[kind]))
    .reduce((longest, { timeS }) => Math.max(longest, timeS), 0);
  return longestS <= QUANTITIES.instructionTimeS.usual[1]
    ? []
    : [
        `the longest instruction takes ${longestS} s, which is rare; if times are in ms and energies in mJ, divide both by 1000`,
      ];
}

/** Adds a problem for every row that repeats another. */
export function findDuplicates(rows: readonly ProfileRow[], problems: ProblemList): void {
  const lineOf = new Map<string, number>();
  for (const { line, stage, kind, rank, option } of rows) {
    const key = `${stage},${kind},${option.frequencyMHz},${rank}`;
    const first = lineOf.get(key);
    if (first === undefined) {
      lineOf.set(key, line);
      continue;
    }
    problems.add(
      `stage ${stage}, ${kind}, ${option.frequencyMHz} MHz is already on line ${first}; keep one, or distinguish the GPUs in a column "rank"`,
      { line, field: 'columns "stage", "instruction", "frequency"' },
    );
  }
}

function groupByStage(rows: readonly ProfileRow[], problems: ProblemList): AveragedStage[] {
  const ofStage = groupBy(rows, (row) => row.stage);
  const last = rows.reduce((a, b) => (b.stage > a.stage ? b : a));
  const stageCount = last.stage + 1;
  const field = 'column "stage"';
  if (stageCount > ofStage.size * 2 + PLAUSIBLE_GAP) {
    problems.add(
      `found stage ${last.stage}, but only ${ofStage.size} stages have rows; number them 0, 1, 2, …`,
      { line: last.line, field },
    );
    return [];
  }
  return Array.from({ length: stageCount }, (_, stage) => {
    const stageRows = ofStage.get(stage) ?? [];
    if (stageRows.length === 0) {
      problems.add(
        `found stage ${last.stage}, but no row of stage ${stage}; stages are numbered 0, 1, 2, … without gaps`,
        { line: last.line, field },
      );
    }
    const averaged = averageRanks(stageRows);
    if (stageRows.length > 0) {
      for (const kind of PROFILED_KINDS) checkOptions(averaged, kind, stageRows, problems);
    }
    return averaged;
  });
}

function checkOptions(
  averaged: AveragedStage,
  kind: ProfiledKind,
  stageRows: readonly ProfileRow[],
  problems: ProblemList,
): void {
  const { stage, line } = stageRows[0]!;
  const first = stageRows.find((row) => row.kind === kind);
  if (first === undefined) {
    problems.add(
      `stage ${stage} has no "${kind}" row; every stage needs ${PROFILED_KINDS.join(' and ')}`,
      { line, field: 'column "instruction"' },
    );
    return;
  }
  for (const { message, columns } of optionProblems(averaged, kind)) {
    const field = `columns ${columns.map((name) => `"${name}"`).join(', ')}`;
    problems.add(`stage ${stage}, ${kind}: ${message}`, { line: first.line, field });
  }
}

/** The reasons why a stage's options of a kind cannot be planned with, and the columns concerned. */
export function optionProblems(
  averaged: AveragedStage,
  kind: ProfiledKind,
): { readonly message: string; readonly columns: readonly string[] }[] {
  const options = averaged.options[kind];
  const found: { message: string; columns: string[] }[] = [];
  const missing = averaged.clocksLeftOut[kind].length;
  const leftOut =
    missing === 0 ? '' : ` (${missing} more were not measured by all of its ${averaged.gpus} GPUs)`;
  const useful = usefulOptions(options);
  // Clocks that make no difference to the time leave one useful clock, which is not a mistake.
  const asFast = options.filter(({ timeS }) => useful.some((option) => option.timeS === timeS));
  if (asFast.length < FEWEST_USEFUL) {
    const clocks = useful.map((option) => `${option.frequencyMHz} MHz`).join(', ');
    const which = clocks === '' ? 'none' : `only ${clocks}`;
    found.push({
      message: `of ${options.length} clocks${leftOut} ${which} is useful (not beaten on both time and energy by another one), expected at least ${FEWEST_USEFUL}; profile more clocks`,
      columns: ['time', 'energy'],
    });
  }
  const contradiction = againstClocks(options);
  if (contradiction !== undefined) {
    found.push({ message: contradiction, columns: ['frequency', 'time', 'energy'] });
  }
  return found;
}

/**
 * An option slower or hungrier than this at the wrong end of the clocks is beyond measurement
 * noise.
 */
const MOST_SCATTER = 1.3;
/**
 * The time may grow this many times faster than the clock falls: power limits and throttling add
 * up.
 */
const STEEPEST = 3;

/** The reason why no GPU has these options at these clocks; undefined if one could. */
function againstClocks(options: readonly ExecutionOption[]): string | undefined {
  const [top, lowest] = [options[0], options.at(-1)];
  if (top === undefined || lowest === undefined || top === lowest) return undefined;
  const slowdown = lowest.timeS / top.timeS;
  const powers = lowest.energyJ / lowest.timeS / (top.energyJ / top.timeS);
  const clocks = `at ${top.frequencyMHz} MHz and at ${lowest.frequencyMHz} MHz`;
  const times = `takes ${top.timeS} and ${lowest.timeS} s ${clocks}`;
  if (slowdown * MOST_SCATTER < 1) {
    return `${times}; no GPU is that much slower at a higher clock: are rows or columns mixed up?`;
  }
  if (slowdown > STEEPEST * (top.frequencyMHz / lowest.frequencyMHz)) {
    return `${times}; no GPU slows down that much more than its clock: are some rows in another unit?`;
  }
  if (powers > MOST_SCATTER) {
    return `draws ${watts(top)} and ${watts(lowest)} W ${clocks}; no GPU draws that much more at a lower clock: are rows or columns mixed up?`;
  }
  return undefined;
}

function watts({ energyJ, timeS }: ExecutionOption): number {
  return Number((energyJ / timeS).toPrecision(3));
}
