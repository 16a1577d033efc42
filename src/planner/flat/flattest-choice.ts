import { least } from '../../extremes.js';
import type { PlanningProblem } from '../planner.js';
import type { FlatChoices } from './flat-choices.js';
import { FlatSearch } from './flat-search.js';
import { FlatStarts } from './flat-starts.js';
import { exchange, flatten, wholePrice, type FlatLimits } from './flatten.js';
import { powerVariance } from './power-variance.js';

/** Cells of the grid in the shortest instruction, unless that makes too many. */
const CELLS_PER_INSTRUCTION = 16;
const [FEWEST_CELLS, MOST_CELLS] = [1024, 16_384];
/** Visits of instructions in all descents for one deadline, and in one of them. */
const [MOST_VISITS, MOST_OF_ONE] = [6e6, 3e6];
/** Choices that exchanges are tried on, and visits on each. */
const EXCHANGED = 8;
const EXCHANGE_VISITS = 1e5;
/** Halvings of the price at which all variance must go: where to look first, and how far. */
const [DEAREST, FIRST, CHEAPEST] = [-2, 1, 8];

/** A choice of clocks within a deadline, as it is judged. */
interface Judged {
  readonly choice: Int32Array;
  readonly effectiveJ: number;
  /** Exact. */
  readonly varianceW2: number;
}

/** Searches for the choice of clocks within a deadline whose power swings least. */
export class FlattestChoice {
  private readonly starts: FlatStarts;

  /**
   * @param choices indexed by operation.
   * @param withinPct the energy that flatness may cost, percent of the least.
   */
  constructor(
    private readonly problem: PlanningProblem,
    private readonly choices: readonly FlatChoices[],
    private readonly withinPct: number,
  ) {
    this.starts = new FlatStarts(problem, choices);
  }

  /**
   * The flattest of all choices that were come across. From the choice of least energy, from the
   * published one and from those of various prices, single clocks are changed as long as that
   * flattens; then pairs of them. Work is bounded by visits of instructions, so that the answer is
   * the same on every machine.
   */
  within(periodS: number): Int32Array {
    const { dag, lags } = this.problem;
    const search = new FlatSearch(dag, this.choices, periodS, this.cells(periodS), lags?.exactS);
    const published = this.starts.published(periodS);
    const cheapest = this.starts.leastEnergy(periodS, published);
    search.set(cheapest);
    const limits = this.limits(search);
    const starts = [cheapest, published, ...this.pricedStarts(search, limits)];
    const found = flattestFirst(starts.map((choice) => this.judged(choice, periodS))).filter(
      ({ effectiveJ }) => effectiveJ <= limits.mostJ,
    );
    const end = search.visits + MOST_VISITS;
    for (const { choice } of [...found]) {
      if (search.visits >= end) break;
      search.set(choice);
      flatten(search, { ...limits, mostVisits: Math.min(end, search.visits + MOST_OF_ONE) });
      found.push(this.judged(search.choice.slice(), periodS));
    }
    for (const { choice } of flattestFirst(found).slice(0, EXCHANGED)) {
      search.set(choice);
      exchange(search, { ...limits, mostVisits: search.visits + EXCHANGE_VISITS });
      found.push(this.judged(search.choice.slice(), periodS));
    }
    return flattestFirst(found)[0]!.choice;
  }

  /** Starts at various prices of a joule, down to one at which they use too much. */
  private pricedStarts(search: FlatSearch, limits: FlatLimits): Int32Array[] {
    if (!(limits.budgetJ > 0 && search.variance > 0)) return [];
    const cheapest = search.choice.slice();
    const whole = wholePrice(search, limits);
    const kept: Int32Array[] = [];
    const isWithin = (halvings: number): boolean => {
      search.set(cheapest);
      search.set(this.starts.priced(search, whole * 2 ** -halvings));
      const fits = search.effectiveJ <= limits.mostJ;
      if (fits) kept.push(search.choice.slice());
      return fits;
    };
    let halvings = FIRST;
    if (isWithin(halvings)) {
      while (halvings < CHEAPEST && isWithin(halvings + 1)) halvings++;
    } else {
      while (halvings > DEAREST && !isWithin(--halvings));
    }
    isWithin(halvings + 0.5);
    return kept;
  }

  /** @param search with the choice of least energy. */
  private limits({ effectiveJ, periodS }: FlatSearch): FlatLimits {
    const { dag, blockingPowerW } = this.problem;
    const waitingJ = dag.stageCount * blockingPowerW * periodS;
    const budgetJ = (this.withinPct / 100) * (effectiveJ + waitingJ);
    return { mostJ: effectiveJ + budgetJ, budgetJ, mostVisits: MOST_OF_ONE };
  }

  private judged(choice: Int32Array, periodS: number): Judged {
    const { dag, lags } = this.problem;
    const of = (i: number) => this.choices[dag.operation[i]!]!;
    const timeS = Float64Array.from(choice, (k, i) => of(i).timeS[k]!);
    const powerW = Float64Array.from(choice, (k, i) => of(i).powerW[k]!);
    const varianceW2 = powerVariance(dag, { timeS, powerW }, periodS, lags?.exactS);
    const effectiveJ = choice.reduce((sumJ, k, i) => sumJ + of(i).effectiveJ[k]!, 0);
    return { choice, effectiveJ, varianceW2 };
  }

  private cells(periodS: number): number {
    const shortestS = least(this.choices.map(({ timeS }) => timeS[0]!));
    const wanted = Math.ceil((CELLS_PER_INSTRUCTION * periodS) / shortestS);
    return Math.max(FEWEST_CELLS, Math.min(MOST_CELLS, wanted));
  }
}

function flattestFirst(found: readonly Judged[]): Judged[] {
  return [...found].sort((a, b) => a.varianceW2 - b.varianceW2);
}
