import { MisfitRows } from '../../../src/profile/misfit-rows.js';
import { timeOrEnergyAdvice } from '../../../src/profile/unit-advice.js';
import { implausible, isPlausible, QUANTITIES } from '../../../src/plausible.js';
import type { ProblemList } from '../../../src/problem-list.js';
import type { InstructionSpan } from '../measured.js';
import type { ReadingHints } from '../measurement-reader.js';
import { MOST_STAGE, placeOf, stageOfRank, type NamedPlace } from './places.js';
import { Tally } from './tally.js';

/** Where an instruction ran, as far as its own line says. */
interface RanAt {
  readonly stage?: number | undefined;
  readonly rank?: string | undefined;
}

/** Where it was found, and the columns of its figures, for messages. */
interface FoundAt {
  readonly line: number;
  readonly time?: string;
  readonly energy?: string;
}

/**
 * Collects the instructions of a file. The stage comes from the instruction's own line, else from
 * the file's path, else from its rank if the numbers of stages and GPUs are known. Impossible
 * times, energies, powers and clocks are problems.
 */
export class SpanList {
  private readonly spans: InstructionSpan[] = [];
  private readonly misfits: MisfitRows;
  private readonly wrong = new Tally();
  private readonly remarks = new Tally();
  private readonly place: NamedPlace;
  private readonly withoutStage = new Map<string, number>();

  constructor(
    source: string,
    private readonly problems: ProblemList,
    private readonly hints: ReadingHints,
  ) {
    this.place = placeOf(source);
    this.misfits = new MisfitRows(problems);
  }

  add(span: Omit<InstructionSpan, 'rank' | 'stage'>, ranAt: RanAt, found: FoundAt): void {
    const rank = ranAt.rank ?? String(this.place.rank ?? 0);
    const stage = ranAt.stage ?? this.place.stage ?? this.stageOf(ranAt.rank ?? this.place.rank);
    if (!this.isPossible(span, found)) return;
    if (stage === undefined) {
      if (!this.withoutStage.has(rank)) this.withoutStage.set(rank, found.line);
      return;
    }
    if (stage > MOST_STAGE) {
      this.wrong.add('stage', found.line, `found stage ${stage}, expected at most ${MOST_STAGE}`);
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
    const { line, time = 'time', energy = 'energy' } = found;
    if (!(timeS >= 0)) {
      this.wrong.add(
        'negative',
        line,
        `an instruction takes ${timeS} s, expected more than 0: does it end before it begins?`,
      );
      return false;
    }
    if (timeS === 0) {
      this.remarks.add('zero', line, 'an instruction of 0 s is left out');
      return false;
    }
    const expected = implausible(kind === 'load' ? 'overheadS' : 'instructionTimeS', timeS);
    if (expected !== undefined) this.misfits.add(line, time, timeS, expected);
    else if (energyJ !== undefined && kind !== 'load') {
      const columns = [time, energy];
      if (!isPlausible(QUANTITIES.computingPowerW, energyJ / timeS)) {
        this.misfits.addPower(line, columns, timeS, energyJ);
      }
    }
    const clock = frequencyMHz === undefined ? undefined : implausible('clockMHz', frequencyMHz);
    if (clock !== undefined) this.misfits.add(line, 'clock', frequencyMHz!, clock);
    return true;
  }

  /** The instructions and notes on them; reports what cannot be. */
  finish(): { readonly spans: InstructionSpan[]; readonly notes: string[] } {
    this.wrong.tell(this.problems);
    this.misfits.tell(timeOrEnergyAdvice);
    const [unknown] = this.withoutStage;
    if (unknown !== undefined) {
      const [rank, line] = unknown;
      const { stages, gpus } = this.hints;
      const known =
        stages === undefined
          ? ''
          : ` (${stages} stages, ${gpus === undefined ? 'an unknown number of' : gpus} GPUs do not tell the stage of rank ${rank})`;
      this.problems.add(
        `nothing says which stage ran here${known}; name it in the file's name (stage0-….csv) or in the windows (stage0/forward), or give the numbers of stages and GPUs`,
        { line },
      );
    }
    if (this.spans.length === 0 && this.problems.count === 0) {
      this.problems.add('holds no forward or backward that could be used');
    }
    return { spans: this.spans, notes: this.remarks.notes() };
  }
}
