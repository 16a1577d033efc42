import { timeOrEnergyAdvice } from '../../../src/profile/unit-advice.js';
import { allowedRange, implausible } from '../../../src/plausible.js';
import { QUANTITIES } from '../../../src/quantities.js';
import type { Problem } from '../../../src/errors.js';
import type { ProblemList } from '../../../src/problem-list.js';
import type { InstructionSpan } from '../measured.js';
import type { ReadingHints } from '../measurement-reader.js';
import { MOST_STAGE, placeOf, stageOfRank, type NamedPlace } from './places.js';
import { Tally } from './tally.js';

type Where = Pick<Problem, 'line' | 'field'>;

/** A place as in messages: a line and columns, or a field. */
function placeIn({ line, field }: FoundAt, ...columns: readonly string[]): Where {
  if (line === undefined) return field === undefined ? {} : { field };
  if (columns.length === 0) return { line };
  const names = columns.map((name) => `"${name}"`).join(', ');
  return { line, field: `column${columns.length > 1 ? 's' : ''} ${names}` };
}

/** Where an instruction ran, as far as its own line says. */
interface RanAt {
  readonly stage?: number | undefined;
  readonly rank?: string | undefined;
}

/** Where it was found, and the columns of its figures, for messages. */
interface FoundAt {
  readonly line?: number;
  /** Path in a document without lines. */
  readonly field?: string;
  readonly time?: string;
  readonly energy?: string;
}

/** The longest time between two updates of a GPU's energy counter. */
const UPDATE_S = 0.1;

/**
 * Collects the instructions of a file. The stage comes from the instruction's own line, else from
 * the file's path, else from its rank if the numbers of stages and GPUs are known. Impossible
 * times, energies, powers and clocks are problems.
 */
export class SpanList {
  private readonly spans: InstructionSpan[] = [];
  private readonly wrong = new Tally();
  private readonly remarks = new Tally();
  private readonly place: NamedPlace;
  private unplaced: { readonly rank: string; readonly found: FoundAt } | undefined;

  constructor(
    source: string,
    private readonly problems: ProblemList,
    private readonly hints: ReadingHints,
  ) {
    this.place = placeOf(source);
  }

  add(span: Omit<InstructionSpan, 'rank' | 'stage'>, ranAt: RanAt, found: FoundAt): void {
    const rank = ranAt.rank ?? String(this.place.rank ?? 0);
    const stage = ranAt.stage ?? this.place.stage ?? this.stageOf(ranAt.rank ?? this.place.rank);
    if (!this.isPossible(span, found)) return;
    if (stage === undefined) {
      this.unplaced ??= { rank, found };
      return;
    }
    if (stage > MOST_STAGE) {
      this.wrong.add(
        'stage',
        placeIn(found),
        `found stage ${stage}, expected at most ${MOST_STAGE}`,
      );
      return;
    }
    this.spans.push({ ...span, rank, stage });
  }

  private stageOf(rank: string | number | undefined): number | undefined {
    return rank === undefined
      ? stageOfRank(0, { stages: this.hints.stages === 1 ? 1 : undefined })
      : stageOfRank(Number(rank), this.hints);
  }

  private isPossible(span: Omit<InstructionSpan, 'rank' | 'stage'>, found: FoundAt): boolean {
    const { kind, timeS, energyJ, frequencyMHz } = span;
    const { time = 'time', energy = 'energy' } = found;
    if (timeS === 0) {
      this.remarks.add('zero', placeIn(found), 'an instruction of 0 s is left out');
      return false;
    }
    if (!(timeS > 0)) {
      const message = `an instruction takes ${timeS} s, expected more than 0: does it end before it begins?`;
      this.wrong.add('negative', placeIn(found, time), message);
      return false;
    }
    const expected = implausible(kind === 'load' ? 'overheadS' : 'instructionTimeS', timeS);
    if (expected !== undefined) this.misfit(placeIn(found, time), timeS, expected);
    else if (energyJ !== undefined && kind !== 'load') {
      this.checkPower(placeIn(found, time, energy), timeS, energyJ);
    }
    const clock = frequencyMHz === undefined ? undefined : implausible('clockMHz', frequencyMHz);
    if (clock !== undefined) this.misfit(placeIn(found, 'clock'), frequencyMHz!, clock);
    return true;
  }

  private misfit(where: Where, value: number, expected: string): void {
    // Only the unit part of the advice is common to all.
    const unit = /looks like [^:]*/.exec(expected)?.[0] ?? '';
    const column = where.line === undefined ? '' : where.field;
    this.wrong.add(`${column} ${unit}`, where, `found ${value}, expected ${expected}`);
  }

  private checkPower(where: Where, timeS: number, energyJ: number): void {
    const powerW = energyJ / timeS;
    const { least, most } = QUANTITIES.computingPowerW;
    // A counter that is updated now and then may give an instruction its neighbour's energy.
    const isPossible =
      energyJ >= least * (timeS - UPDATE_S) && energyJ <= most * (timeS + UPDATE_S);
    if (isPossible && energyJ >= 0) return;
    const advice = timeOrEnergyAdvice(timeS, energyJ);
    const range = allowedRange(QUANTITIES.computingPowerW).replace('a number from ', '');
    this.wrong.add(
      `power ${powerW < QUANTITIES.computingPowerW.least}`,
      where,
      `an instruction draws ${Number(powerW.toPrecision(3))} W on average, where a GPU that computes draws ${range}${advice === '' ? '' : `; ${advice}`}`,
    );
  }

  /** The instructions and notes on them; reports what cannot be. */
  finish(): { readonly spans: InstructionSpan[]; readonly notes: string[] } {
    this.wrong.tell(this.problems);
    if (this.unplaced !== undefined) {
      const { rank, found } = this.unplaced;
      const { stages, gpus } = this.hints;
      const known =
        stages === undefined
          ? ''
          : ` (${stages} stages, ${gpus === undefined ? 'an unknown number of' : gpus} GPUs do not tell the stage of rank ${rank})`;
      this.problems.add(
        `nothing says which stage ran here${known}; name it in the file's name (stage0-….csv) or in the windows (stage0/forward), or give the numbers of stages and GPUs (--stages, --gpus)`,
        placeIn(found),
      );
    }
    if (this.spans.length === 0 && this.problems.count === 0) {
      this.problems.add('holds no forward or backward that could be used');
    }
    return { spans: this.spans, notes: this.remarks.notes() };
  }
}
