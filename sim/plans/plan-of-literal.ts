import { ProblemList, quoted } from '../../src/problem-list.js';
import { INSTRUCTION_KINDS, type InstructionKind } from '../../src/profile/operation.js';
import { suggestion, understood } from '../../src/vocabulary.js';
import type { ClockEntry, StageClocks } from './clock-lists.js';
import { clockProblem } from './clock-problem.js';
import { instructionRows } from './instruction-rows.js';
import type { PlanFile } from './plan-file.js';
import { placesIn, type Place } from './places.js';
import type { Literal } from './python-literal.js';

/** Longest text of one plan; one of a million instructions has a third of it. */
export const MOST_PLAN_CHARACTERS = 100_000_000;

const VOCABULARY = { names: INSTRUCTION_KINDS };
const A_STAGE = "a list of ('forward' or 'backward', MHz) for each stage";
const KAREUS =
  'is a schedule of Kareus, which names the kernels of each instruction and sets no clock; give the freqs_pipeline file beside it';
/** The message on a file that lists times and energies instead of clocks. */
export const IS_FRONTIER =
  'is a frontier from pipewatt plan, which has no clocks; ask for one plan with --deadline or --straggler, or for files of many with --format zeus';

/** The clocks that a literal lists. @throws InputError with every problem. */
export function clocksOfLiteral(
  literal: Literal,
  text: string,
  source: string,
): Omit<PlanFile, 'source'> {
  const problems = new ProblemList(source);
  const reader = new PlanReader(problems, text);
  const plan = reader.plan(literal);
  problems.throwIfAny();
  return plan;
}

class PlanReader {
  private readonly entries = new Map<string, ClockEntry>();
  private readonly placeOf: (at: number) => Place;

  constructor(
    private readonly problems: ProblemList,
    text: string,
  ) {
    this.placeOf = placesIn(text);
  }

  plan(literal: Literal): Omit<PlanFile, 'source'> {
    if (literal.type === 'map') return this.document(literal);
    if (literal.type !== 'list') {
      this.complain(literal, `found ${shown(literal)}, expected ${A_STAGE}`);
      return { clocks: [] };
    }
    if (literal.items.length === 0) this.complain(literal, `found no stage, expected ${A_STAGE}`);
    if (isKareusSchedule(literal)) {
      this.complain(literal, KAREUS);
      return { clocks: [] };
    }
    if (literal.items.every(({ type }) => type === 'map')) return this.dump(literal.items);
    // One stage may stand alone.
    const isOneStage = literal.items.every((item) => item.type === 'number' || isPair(item));
    return { clocks: isOneStage ? [this.stage(literal)] : literal.items.map((s) => this.stage(s)) };
  }

  /** JSON of `pipewatt plan`, or the answer of a server to one rank. */
  private document(map: Literal & { type: 'map' }): Omit<PlanFile, 'source'> {
    const instructions = fieldOf(map, 'instructions');
    if (instructions?.type === 'list') {
      const rows = instructions.items.map((item) => ({ at: item.at, ...rowOf(item) }));
      const number = (name: string) => {
        const value = fieldOf(map, name);
        return value?.type === 'number' ? value.value : undefined;
      };
      return {
        ...instructionRows(rows, (row, message, field) => {
          const { line, field: column } = this.placeOf(row.at);
          this.problems.add(message, { line, field: `${column}, ${field}` });
        }),
        timeS: number('planned_time_s'),
        energyJ: number('planned_energy_j'),
      };
    }
    if (fieldOf(map, 'frequencies') !== undefined) return this.dump([map]);
    const isFrontier = fieldOf(map, 'points') !== undefined;
    this.complain(map, isFrontier ? IS_FRONTIER : `found a dictionary, expected ${A_STAGE}`);
    return { clocks: [] };
  }

  /** The schedules that Zeus' server dumps, a rank each. */
  private dump(ranks: readonly Literal[]): Omit<PlanFile, 'source'> {
    const ordered = ranks.map((rank, k) => {
      const number = rank.type === 'map' ? fieldOf(rank, 'rank') : undefined;
      return { rank: number?.type === 'number' ? number.value : k, of: rank };
    });
    ordered.sort((a, b) => a.rank - b.rank);
    return {
      clocks: ordered.map(({ of }) => {
        const frequencies = of.type === 'map' ? fieldOf(of, 'frequencies') : undefined;
        if (frequencies !== undefined) return this.stage(frequencies);
        this.complain(of, 'has no "frequencies", expected the schedule of a rank');
        return [];
      }),
    };
  }

  private stage(literal: Literal): StageClocks {
    if (literal.type !== 'list') {
      this.complain(literal, `found ${shown(literal)}, expected ${A_STAGE}`);
      return [];
    }
    if (literal.items.length === 0) {
      this.complain(literal, 'found a stage without instructions, expected at least one');
    }
    return literal.items.map((item) => this.entry(item));
  }

  private entry(literal: Literal): ClockEntry {
    if (literal.type === 'number') return this.shared(undefined, this.clock(literal));
    const isOfTwo = literal.type === 'list' && literal.items.length === 2;
    if (!isOfTwo) {
      const found = literal.type === 'list' ? `${literal.items.length} values` : shown(literal);
      this.complain(literal, `found ${found}, expected ('forward', 1410) or a clock in MHz`);
      return this.shared(undefined, 0);
    }
    const [name, clock] = literal.items as [Literal, Literal];
    return this.shared(this.kind(name), this.clock(clock));
  }

  private kind(literal: Literal): InstructionKind | undefined {
    const kind = literal.type === 'text' ? understood(VOCABULARY, literal.value) : undefined;
    if (kind === undefined) {
      const hint = literal.type === 'text' ? suggestion(VOCABULARY, literal.value) : '';
      this.complain(
        literal,
        `found ${shown(literal)}, expected one of ${INSTRUCTION_KINDS.join(', ')}${hint}`,
      );
    }
    return kind;
  }

  private clock(literal: Literal): number {
    if (literal.type !== 'number') {
      this.complain(literal, `found ${shown(literal)}, expected a clock in MHz`);
      return 0;
    }
    const wrong = clockProblem(literal.value);
    if (wrong !== undefined) this.complain(literal, `found ${literal.value}, expected ${wrong}`);
    return literal.value + 0;
  }

  /** Plans repeat few entries a million times. */
  private shared(kind: InstructionKind | undefined, frequencyMHz: number): ClockEntry {
    const key = `${kind} ${frequencyMHz}`;
    const known = this.entries.get(key) ?? {
      ...(kind === undefined ? {} : { kind }),
      frequencyMHz,
    };
    this.entries.set(key, known);
    return known;
  }

  private complain(literal: Literal, message: string): void {
    this.problems.add(message, this.placeOf(literal.at));
  }
}

function isPair(literal: Literal): boolean {
  return literal.type === 'list' && literal.items[0]?.type === 'text';
}

/** Instructions with names of kernels behind them. */
function isKareusSchedule({ items }: Literal & { type: 'list' }): boolean {
  const stages = items.every(isPair)
    ? items
    : items.flatMap((stage) => (stage.type === 'list' ? stage.items : []));
  return stages.some(
    (entry) =>
      entry.type === 'list' &&
      entry.items.length >= 2 &&
      entry.items.every(({ type }) => type === 'text'),
  );
}

function fieldOf({ entries }: Literal & { type: 'map' }, name: string): Literal | undefined {
  return entries.find(([key]) => key.type === 'text' && key.value === name)?.[1];
}

function rowOf(literal: Literal): { values: Record<string, number | string> } {
  if (literal.type !== 'map') return { values: {} };
  return {
    values: Object.fromEntries(
      literal.entries.flatMap(([key, value]) =>
        key.type === 'text' && 'value' in value ? [[key.value, value.value]] : [],
      ),
    ),
  };
}

/** A literal in a message. */
function shown(literal: Literal): string {
  switch (literal.type) {
    case 'text':
      return quoted(literal.value);
    case 'list':
      return `a list of ${literal.items.length}`;
    case 'map':
      return 'a dictionary';
    default:
      return String(literal.value);
  }
}
