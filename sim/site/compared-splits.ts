import { splitBudget, totals, type BudgetSplit } from './budget-split.js';
import type { SiteJob } from './shared-site.js';
import type { SpeedPoint } from './speed-curve.js';

/** Another way to share the power; undefined figures where it does not fit. */
export interface ComparedSplit {
  readonly name: string;
  /** The power limit of all GPUs, if that is the way. */
  readonly limitW?: number;
  /** Present if it keeps within the budget and above the floors. */
  readonly result: Omit<BudgetSplit<SpeedPoint>, 'worthPerW'> | undefined;
}

/** Ways in which power is shared today, with the same jobs, budget and floors. */
export function comparedSplits(jobs: readonly SiteJob[], budgetW: number): ComparedSplit[] {
  const judged = (name: string, shares: readonly (SpeedPoint | undefined)[] | undefined) => {
    const result = shares && judgedShares(jobs, shares, budgetW);
    return { name, result };
  };
  return [
    ...withoutPriorities(jobs, budgetW),
    judged(
      'every job at the highest clocks',
      jobs.map(({ full }) => full),
    ),
    oneLimit(jobs, budgetW),
    judged('power in proportion to that of the highest clocks', proportional(jobs, budgetW)),
    judged('every job at the same speed', sameSpeed(jobs, budgetW)),
  ];
}

/** The best split if no job came first. */
function withoutPriorities(jobs: readonly SiteJob[], budgetW: number): ComparedSplit[] {
  if (new Set(jobs.map(({ priority }) => priority)).size < 2) return [];
  const equals = jobs.map((job) => ({ ...job, priority: 0 }));
  const result = splitBudget(equals, budgetW);
  return [{ name: 'most work by weight, without priorities', result }];
}

/** Relative: sums of the same powers in two orders differ by less. */
const ROUNDING = 1e-9;

function judgedShares(
  jobs: readonly SiteJob[],
  found: readonly (SpeedPoint | undefined)[],
  budgetW: number,
): ComparedSplit['result'] {
  const shares = found.filter((share) => share !== undefined);
  if (shares.length < jobs.length) return undefined;
  if (shares.some(({ speed }, k) => speed < jobs[k]!.leastSpeed * (1 - ROUNDING))) return undefined;
  const { powerW, worth } = totals(jobs, shares);
  if (powerW > budgetW * (1 + ROUNDING)) return undefined;
  return {
    powerW,
    worth,
    shares: shares.map(({ speed, powerW: ownW }) => {
      const point = { speed, powerW: ownW };
      return { ...point, slower: point, faster: point, fasterPart: 0 };
    }),
  };
}

/** The same power limit on all GPUs: of those that keep within the budget, the worthiest. */
function oneLimit(jobs: readonly SiteJob[], budgetW: number): ComparedSplit {
  const name = 'one power limit for all GPUs';
  const limitOf = ({ run }: SiteJob['limited'][number]) => run!.point.limitW!;
  const limitsW = [...new Set(jobs.flatMap(({ limited }) => limited.map(limitOf)))];
  const found = limitsW.map((limitW) => {
    const shares = jobs.map(({ limited }) => {
      const byLimit = limited.toSorted((a, b) => limitOf(b) - limitOf(a));
      return byLimit.find((point) => limitOf(point) <= limitW) ?? byLimit.at(-1);
    });
    return { name, limitW, result: judgedShares(jobs, shares, budgetW) };
  });
  const fitting = found.filter(({ result }) => result !== undefined);
  if (fitting.length === 0) return { name, result: undefined };
  return fitting.reduce((a, b) => (b.result!.worth > a.result!.worth ? b : a));
}

/** Every job has the same part of its power at the highest clocks, and runs as fast as that allows. */
function proportional(jobs: readonly SiteJob[], budgetW: number) {
  const fullW = jobs.reduce((sum, { full }) => sum + full.powerW, 0);
  return jobs.map(({ curve, full }) => curve.within((budgetW * full.powerW) / fullW));
}

/** Halvings of an interval of speeds, down to the last digit. */
const HALVINGS = 60;

/** All jobs at one speed, or as near to it as they can run. */
function sameSpeed(jobs: readonly SiteJob[], budgetW: number) {
  const at = (speed: number) =>
    jobs.map(({ curve, leastSpeed }) => curve.at(Math.max(speed, leastSpeed)));
  let [low, high] = [0, 1];
  if (totals(jobs, at(high)).powerW <= budgetW) return at(high);
  for (let k = 0; k < HALVINGS; k++) {
    const middle = (low + high) / 2;
    if (totals(jobs, at(middle)).powerW <= budgetW) low = middle;
    else high = middle;
  }
  return at(low);
}
