import type { FlatSearch } from './flat-search.js';

/** Distances between clocks that are tried, in both directions. */
const STRIDES = [1, 2, 4, 8, 16] as const;
/** The first price of a joule: this many times what the whole budget would have to remove. */
const FIRST_PRICE = 4;
/** Halvings of the price, until energy costs next to nothing. */
const HALVINGS = 14;
/** A price is kept as long as a round over all instructions gains this part. */
const WORTHWHILE = 1e-3;
/** A change must gain this part: sums differ in the last bits. */
const IMPROVEMENT = 1e-9;

/** Limits of a search. */
export interface FlatLimits {
  /** Σ effective energy. */
  readonly mostJ: number;
  /** The energy that may be spent on flatness, for the scale of prices. */
  readonly budgetJ: number;
  /** The count at which the search ends (`FlatSearch.visits`). */
  readonly mostVisits: number;
}

/** The price of a joule, in W², at which the whole budget has to remove all variance. */
export function wholePrice({ variance }: FlatSearch, { budgetJ }: FlatLimits): number {
  return variance / budgetJ;
}

/**
 * Changes one clock after the other as long as that lowers variance + price · energy, at ever lower
 * prices of energy: it is spent first where a joule flattens most. Ends in a choice within the
 * limits: the flattest that it came through.
 *
 * @param search with a choice within the limits.
 */
export function flatten(search: FlatSearch, limits: FlatLimits): void {
  let flattest = search.choice.slice();
  let least = search.variance;
  let price = FIRST_PRICE * wholePrice(search, limits);
  const lowest = price * 2 ** -HALVINGS;
  while (price > lowest && search.visits < limits.mostVisits) {
    const before = search.variance + price * search.effectiveJ;
    round(search, price, limits);
    if (search.variance < least) {
      least = search.variance;
      flattest = search.choice.slice();
    }
    const gained = before - search.variance - price * search.effectiveJ;
    if (!(gained > WORTHWHILE * search.variance)) price /= 2;
  }
  if (search.variance > least) search.set(flattest);
}

/** Makes the best change of each instruction in turn. */
function round(search: FlatSearch, price: number, limits: FlatLimits): void {
  for (let i = 0; i < search.choice.length; i++) {
    if (search.visits >= limits.mostVisits) return;
    const best = bestChange(search, i, price, limits, -IMPROVEMENT * search.variance);
    if (best !== undefined) change(search, i, best.to);
  }
}

/**
 * Changes two clocks at once as long as that lowers the variance within the limits: one gives the
 * time or the energy that the other needs. Ends when no pair gains, or with the visits.
 *
 * @param search with a choice within the limits.
 */
export function exchange(search: FlatSearch, limits: FlatLimits): void {
  let sinceGain = 0;
  const n = search.choice.length;
  for (let i = 0; sinceGain < n && search.visits < limits.mostVisits; i = (i + 1) % n) {
    sinceGain = gainsWith(search, i, limits) ? 0 : sinceGain + 1;
  }
}

/**
 * Changes this instruction, whatever that does, then another one in the way that is best after it,
 * then any that gain; undone unless all of it lowers the variance.
 */
function gainsWith(search: FlatSearch, i: number, limits: FlatLimits): boolean {
  const saved = search.choice.slice();
  const before = search.variance;
  for (const to of nearby(search, i)) {
    if (search.visits >= limits.mostVisits) return false;
    change(search, i, to);
    const second = bestOther(search, i, limits);
    if (second !== undefined) {
      change(search, second.instruction, second.to);
      round(search, 0, limits);
      if (search.variance < (1 - IMPROVEMENT) * before) return true;
    }
    search.set(saved);
  }
  return false;
}

/** The best change of any other instruction that ends within the limits. */
function bestOther(search: FlatSearch, i: number, limits: FlatLimits) {
  let best: (Change & { readonly instruction: number }) | undefined;
  for (let j = 0; j < search.choice.length; j++) {
    if (j === i) continue;
    const found = bestChange(search, j, 0, limits, best?.added ?? Infinity);
    if (found !== undefined) best = { ...found, instruction: j };
  }
  return best;
}

function change(search: FlatSearch, i: number, to: number): void {
  search.try(i, to);
  search.accept(i, to);
}

interface Change {
  readonly to: number;
  /** To variance + price · energy. */
  readonly added: number;
}

/** The change of an instruction that adds least, if it is less than a limit. */
function bestChange(
  search: FlatSearch,
  i: number,
  price: number,
  { mostJ }: FlatLimits,
  below: number,
): Change | undefined {
  let best: Change | undefined;
  for (const to of nearby(search, i)) {
    const addedJ = search.addedJ(i, to);
    if (search.effectiveJ + addedJ > mostJ) continue;
    search.visits++;
    const added = search.try(i, to) + price * addedJ;
    search.discard();
    if (added < (best?.added ?? below)) best = { to, added };
  }
  return best;
}

/** Other clocks of an instruction that keep the deadline. */
function nearby(search: FlatSearch, i: number): number[] {
  const now = search.choice[i]!;
  const count = search.choicesOf(i).timeS.length;
  const found: number[] = [];
  for (const stride of STRIDES) {
    for (const to of [now - stride, now + stride]) {
      if (to >= 0 && to < count && search.fits(i, to)) found.push(to);
    }
  }
  return found;
}
