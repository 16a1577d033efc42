import { ProblemList } from '../problem-list.js';
import { readProfileRows, type ProfileRow } from './csv-rows.js';
import { usefulOptions } from './pareto.js';
import {
  byKind,
  PROFILED_KINDS,
  type ExecutionOption,
  type ProfiledKind,
  type StageOptions,
  type StageProfile,
} from './stage-profile.js';

/** With fewer clocks worth running at there is nothing to choose between. */
const FEWEST_USEFUL = 2;

/** A number of a stage so far beyond the others is a typing error, not a gap. */
const PLAUSIBLE_GAP = 64;

/**
 * Reads a stage profile: CSV with a header and the columns `stage,instruction,frequency,time,energy`
 * (in any order; MHz, s, J; one GPU). Other columns are ignored, but rows of one (stage,
 * instruction, frequency) that differ in a rank column are averaged.
 *
 * @param source name of the file, for messages.
 * @throws InputError with every problem of the file: first those of single rows; when all rows can
 *   be read, those of the whole.
 */
export function readStageProfile(text: string, source: string): StageProfile {
  const problems = new ProblemList(source);
  const rows = readProfileRows(text, source, problems);
  findDuplicates(rows, problems);
  problems.throwIfAny();
  const stages = groupByStage(rows, problems);
  problems.throwIfAny();
  return { source, stages };
}

function findDuplicates(rows: readonly ProfileRow[], problems: ProblemList): void {
  const lineOf = new Map<string, number>();
  for (const { line, stage, kind, rank, option } of rows) {
    const key = `${stage},${kind},${option.frequencyMHz},${rank}`;
    const first = lineOf.get(key);
    if (first === undefined) {
      lineOf.set(key, line);
      continue;
    }
    problems.add(
      `stage ${stage}, ${kind}, ${option.frequencyMHz} MHz stands on line ${first} already; keep one, or tell the GPUs apart in a column "rank"`,
      { line, field: 'columns "stage", "instruction", "frequency"' },
    );
  }
}

function groupByStage(rows: readonly ProfileRow[], problems: ProblemList): readonly StageOptions[] {
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
    return byKind((kind) => {
      const options = averageRanks(stageRows.filter((row) => row.kind === kind));
      if (stageRows.length > 0) checkOptions(options, kind, stageRows, problems);
      return options;
    });
  });
}

function checkOptions(
  options: readonly ExecutionOption[],
  kind: ProfiledKind,
  stageRows: readonly ProfileRow[],
  problems: ProblemList,
): void {
  const { stage, line } = stageRows[0]!;
  if (options.length === 0) {
    problems.add(
      `stage ${stage} has no "${kind}" row; every stage needs ${PROFILED_KINDS.join(' and ')}`,
      { line, field: 'column "instruction"' },
    );
    return;
  }
  const useful = usefulOptions(options);
  // Clocks that make no difference to the time leave one that is useful, and are no mistake.
  const asFast = options.filter(({ timeS }) => useful.some((option) => option.timeS === timeS));
  if (asFast.length < FEWEST_USEFUL) {
    const clocks = useful.map((option) => `${option.frequencyMHz} MHz`).join(', ');
    problems.add(
      `stage ${stage}, ${kind}: of ${options.length} clocks only ${clocks} is useful (not beaten on both time and energy by another one), expected at least ${FEWEST_USEFUL}; profile more clocks`,
      {
        line: stageRows.find((row) => row.kind === kind)!.line,
        field: 'columns "time", "energy"',
      },
    );
  }
}

/** One option per clock, highest first: the mean over the ranks of the stage. */
function averageRanks(rows: readonly ProfileRow[]): ExecutionOption[] {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  return [...groupBy(rows, (row) => row.option.frequencyMHz)]
    .sort(([a], [b]) => b - a)
    .map(([frequencyMHz, same]) => ({
      frequencyMHz,
      timeS: mean(same.map((row) => row.option.timeS)),
      energyJ: mean(same.map((row) => row.option.energyJ)),
    }));
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
