import { z } from 'zod';
import { jsonProblems } from '../../../src/json-problems.js';
import { InputError } from '../../../src/errors.js';
import { ProblemGathering, ProblemList } from '../../../src/problem-list.js';
import type { InstructionSpan, MeasuredFile } from '../measured.js';
import type { MeasurementReader, MeasurementText } from '../measurement-reader.js';
import { instructionOf } from './instruction-names.js';
import { MOST_STAGE } from './places.js';
import { SpanList } from './span-list.js';

/** Files of Zeus' pipeline frequency optimizer: `ranks.json`, `0.prof.json`, `0.sched.json`. */
export const ZEUS_DUMPS: MeasurementReader = {
  name: 'the folder that Zeus’ server dumps (ranks.json, 0.prof.json, 0.sched.json)',
  words: [
    'pp_rank',
    'dp_rank',
    'tp_rank',
    'time_breakdown',
    'energy_breakdown',
    'iter_time',
    'frequencies',
  ],
  recognises: (text) => kindOf(text) !== undefined,
  read: (_, source) => {
    throw InputError.of({ source, message: TOGETHER });
  },
  readTogether,
};

const TOGETHER =
  'is one of the files that Zeus’ server dumps; they make sense together: give their folder, with ranks.json, N.prof.json and N.sched.json';

type DumpKind = 'ranks' | 'prof' | 'sched';

/** Fields that only files of one kind have. */
const MARKS: Readonly<Record<DumpKind, RegExp>> = {
  ranks: /"available_frequencies"\s*:/,
  prof: /"iter_time"\s*:/,
  sched: /"frequencies"\s*:/,
};

function kindOf(text: string): DumpKind | undefined {
  if (!/^\s*\[\s*\{/.test(text)) return undefined;
  return (Object.keys(MARKS) as DumpKind[]).find((kind) => MARKS[kind].test(text));
}

const whole = (most: number) => z.int(`a whole number from 0 to ${most}`).min(0).max(most);
const rank = whole(1e6);
const breakdown = z.record(z.string(), z.array(z.array(z.number()))).default({});
const SCHEMAS = {
  ranks: z.array(z.object({ rank, pp_rank: whole(MOST_STAGE), dp_rank: rank, tp_rank: rank })),
  sched: z.array(z.object({ rank, frequencies: z.array(z.tuple([z.string(), whole(1e5)])) })),
  prof: z.array(z.object({ rank, time_breakdown: breakdown, energy_breakdown: breakdown })),
};

type Ranks = z.infer<typeof SCHEMAS.ranks>;
type Schedules = z.infer<typeof SCHEMAS.sched>;
type Results = z.infer<typeof SCHEMAS.prof>;

function parsed<K extends DumpKind>(
  kind: K,
  { text, source }: MeasurementText,
): z.infer<(typeof SCHEMAS)[K]> {
  const problems = new ProblemList(source);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw InputError.of({
      source,
      message: `is not readable as JSON: ${(error as Error).message}`,
    });
  }
  const result = SCHEMAS[kind].safeParse(document);
  if (!result.success) {
    for (const { field, message } of jsonProblems(result.error.issues, document)) {
      problems.add(message, { field });
    }
  }
  problems.throwIfAny();
  return result.data as z.infer<(typeof SCHEMAS)[K]>;
}

/** `job/12.prof.json` → 12 */
function numberOf(source: string): number {
  return Number(/(\d+)\.(?:prof|sched)\.json(?:\.gz)?$/.exec(source)?.[1] ?? NaN);
}

function folderOf(source: string): string {
  return source.replace(/[^/\\]*$/, '') || './';
}

/** One round of profiling: the schedules that were run, and what came of them. */
interface Round {
  readonly number: number;
  readonly results: Results;
  readonly schedules: Schedules;
  readonly source: string;
}

/** Joins results with the clocks of their schedules and the stages of their ranks. */
function readTogether(files: readonly MeasurementText[]): MeasuredFile {
  const folder = folderOf(files[0]!.source);
  const gathering = new ProblemGathering();
  const of = (kind: DumpKind) =>
    files.filter(({ text }) => kindOf(text.slice(0, 1 << 16)) === kind);
  const [first, ...others] = of('ranks');
  if (first === undefined || others.length > 0) {
    const message = `has ${others.length + (first === undefined ? 0 : 1)} files like ranks.json, expected one; give the folder of one job`;
    throw InputError.of({ source: folder, message });
  }
  const ranks = gathering.attempt(() => parsed('ranks', first));
  const schedules = new Map(of('sched').map((file) => [numberOf(file.source), file] as const));
  const rounds = of('prof').flatMap((file): Round[] => {
    const number = numberOf(file.source);
    const results = gathering.attempt(() => parsed('prof', file));
    const schedule = schedules.get(number);
    if (schedule === undefined) {
      const message = `has no schedule: ${number}.sched.json is missing in its folder, so its clocks are unknown`;
      gathering.add({ source: file.source, message });
      return [];
    }
    const known = gathering.attempt(() => parsed('sched', schedule));
    return results === undefined || known === undefined
      ? []
      : [{ number, results, schedules: known, source: file.source }];
  });
  if (rounds.length === 0) {
    gathering.add({
      source: folder,
      message: 'has no N.prof.json with results; shipped clients of Zeus post none',
    });
  }
  gathering.throwIfAny();
  return joined(folder, ranks!, rounds);
}

function joined(folder: string, ranks: Ranks, rounds: readonly Round[]): MeasuredFile {
  const gathering = new ProblemGathering();
  const stageOf = new Map(ranks.map((each) => [each.rank, each.pp_rank]));
  const notes: string[] = [];
  const all = [...rounds]
    .sort((a, b) => a.number - b.number)
    .flatMap((round) => {
      const found = gathering.attempt(() => spansOf(round, stageOf));
      notes.push(...(found?.notes ?? []).map((note) => `${round.source}: ${note}`));
      return found?.spans ?? [];
    });
  if (all.length === 0) {
    const message = 'none of its results has times of instructions (time_breakdown)';
    gathering.add({ source: folder, message });
  }
  gathering.throwIfAny();
  return { source: folder, timeBase: 'unknown', spans: all, samples: [], notes };
}

function spansOf({ source, results, schedules }: Round, stageOf: ReadonlyMap<number, number>) {
  const problems = new ProblemList(source);
  const spans = new SpanList(source, problems, {});
  const left = new Map<string, number>();
  let count = 0;
  for (const [at, result] of results.entries()) {
    const stage = stageOf.get(result.rank);
    const schedule = schedules.find((each) => each.rank === result.rank);
    if (stage === undefined || schedule === undefined) {
      const where = stage === undefined ? 'ranks.json' : 'the schedules';
      problems.add(`rank ${result.rank} is not in ${where}`, { field: `${at}.rank` });
      continue;
    }
    for (const [name, times] of Object.entries(result.time_breakdown)) {
      const named = instructionOf(name);
      if (named === undefined) left.set(name, times.length);
      else {
        const energies = result.energy_breakdown[name];
        const clocks = clocksOf(schedule.frequencies, name);
        const field = `${at}.time_breakdown.${name}`;
        const add = { kind: named.kind, stage, rank: String(result.rank), field };
        addTimes(add, { times, energies, clocks }, spans, problems);
        count += times.length;
      }
    }
  }
  problems.throwIfAny();
  if (count === 0) return { spans: [], notes: ['has no times of instructions (time_breakdown)'] };
  const found = spans.finish();
  problems.throwIfAny();
  const names = [...left.keys()].map((name) => `times of ${JSON.stringify(name)} are left out`);
  return { spans: found.spans, notes: [...names, ...found.notes] };
}

/** The clocks of one kind of instruction in order; 0 leaves the clock at what it was. */
function clocksOf(
  frequencies: Schedules[number]['frequencies'],
  name: string,
): (number | undefined)[] {
  let current: number | undefined;
  return frequencies.flatMap(([instruction, clock]) => {
    if (clock > 0) current = clock;
    return instruction === name ? [current] : [];
  });
}

interface Breakdown {
  /** By iteration and instruction. */
  readonly times: readonly (readonly number[])[];
  readonly energies: readonly (readonly number[])[] | undefined;
  readonly clocks: readonly (number | undefined)[];
}

function addTimes(
  at: {
    readonly kind: InstructionSpan['kind'];
    readonly stage: number;
    readonly rank: string;
    readonly field: string;
  },
  { times, energies, clocks }: Breakdown,
  spans: SpanList,
  problems: ProblemList,
): void {
  const { kind, stage, rank: ofRank, field } = at;
  for (const [iteration, ofIteration] of times.entries()) {
    const where = { field: `${field}.${iteration}` };
    const energyJ = energies?.[iteration];
    if (energies !== undefined && energyJ?.length !== ofIteration.length) {
      problems.add(`has ${ofIteration.length} times, but ${energyJ?.length ?? 0} energies`, where);
      return;
    }
    const isSame = new Set(clocks).size === 1;
    if (!isSame && kind !== 'load' && clocks.length !== ofIteration.length) {
      problems.add(
        `has ${ofIteration.length} times, but the schedule has ${clocks.length} clocks for them`,
        where,
      );
      return;
    }
    for (const [k, timeS] of ofIteration.entries()) {
      const frequencyMHz = isSame ? clocks[0] : clocks[k];
      const span = { kind, timeS, energyJ: energyJ?.[k], frequencyMHz, iteration };
      spans.add(span, { stage, rank: ofRank }, { field: `${field}.${iteration}.${k}` });
    }
  }
}
