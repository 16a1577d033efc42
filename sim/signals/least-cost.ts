import { PrefixSums } from './prefix-sums.js';

/** One of the things that a job may do during an interval. */
export interface Choice {
  /** Iterations for a second. */
  readonly rate: number;
  /** Power that is paid for. */
  readonly powerW: number;
}

/** An interval in which energy has one cost. Intervals with the same choices share their list. */
export interface Stretch<C extends Choice = Choice> {
  readonly lengthS: number;
  /** Of a joule; may be negative. */
  readonly costPerJ: number;
  readonly choices: readonly C[];
}

/** For how long a choice is made. */
export interface Allotment<C extends Choice = Choice> {
  readonly choice: C;
  readonly timeS: number;
}

/** A course of least cost. */
export interface LeastCost<C extends Choice = Choice> {
  /** Per interval: one choice, or two of which the faster comes first. */
  readonly allotments: readonly (readonly Allotment<C>[])[];
  /** The interval in which the work is done. */
  readonly last: number;
  readonly cost: number;
  /** The cost of one more iteration. */
  readonly marginalCost: number;
}

/** Work that differs by less is the same. */
const SAME = 1e-12;

/** The most work that all intervals allow. */
export function mostWork(stretches: readonly Stretch[]): number {
  return stretches.reduce(
    (sum, { lengthS, choices }) =>
      sum + lengthS * choices.reduce((most, { rate }) => Math.max(most, rate), 0),
    0,
  );
}

/**
 * Does the work at least cost: a linear program with one constraint over all intervals. In each, the
 * choices are points of rate and cost, of which only those on the lower convex hull are ever made.
 * The hulls' edges are steps that buy work at a price; the cheapest are taken until the work is done,
 * and the last of them in part. The job ends with its work and then draws `after`: each interval in
 * which it may end is tried, with the sums of the steps before it kept in a tree. O(n · log n) for n
 * edges of all hulls.
 *
 * @param after what it draws, at rate 0, from the end of its work on.
 * @returns undefined if the work cannot be done.
 */
export function leastCost<C extends Choice>(
  stretches: readonly Stretch<C>[],
  work: number,
  after: C,
): LeastCost<C> | undefined {
  const steps = stepsOf(stretches, after);
  const best = bestEnd(stretches, steps, work, after);
  return best === undefined ? undefined : courseUntil(stretches, steps, work, after, best);
}

/** The hull of an interval: its choices from the slowest on. */
interface Hull<C extends Choice> {
  readonly vertices: readonly C[];
}

/** All edges of all hulls, the cheapest work first. */
interface Steps<C extends Choice> {
  /** Of each interval, if the job goes on after it, and if it ends in it. */
  readonly hulls: readonly Hull<C>[];
  readonly lastHulls: readonly Hull<C>[];
  /** By rank: the interval, the edge's number there, and whether it is of a last interval. */
  readonly stretch: Uint32Array;
  readonly edge: Uint32Array;
  readonly isOfLast: Uint8Array;
  /** Ranks of the edges of each interval. */
  readonly ranks: readonly (readonly number[])[];
  readonly lastRanks: readonly (readonly number[])[];
}

function stepsOf<C extends Choice>(stretches: readonly Stretch<C>[], after: C): Steps<C> {
  const hullOf = hullsByChoices<C>();
  const withAfter = new Map<readonly C[], readonly C[]>();
  const lastChoices = (choices: readonly C[]) => {
    const known = withAfter.get(choices) ?? [...choices, after];
    withAfter.set(choices, known);
    return known;
  };
  const hulls = stretches.map(({ choices, costPerJ }) => hullOf(choices, costPerJ));
  const lastHulls = stretches.map(({ choices, costPerJ }) =>
    hullOf(lastChoices(choices), costPerJ),
  );
  const edges: { slope: number; stretch: number; edge: number; isOfLast: 0 | 1 }[] = [];
  for (const [isOfLast, all] of [[0, hulls] as const, [1, lastHulls] as const]) {
    for (const [stretch, { vertices }] of all.entries()) {
      for (let edge = 0; edge + 1 < vertices.length; edge++) {
        const slope = stretches[stretch]!.costPerJ * slopeW(vertices, edge);
        edges.push({ slope, stretch, edge, isOfLast });
      }
    }
  }
  edges.sort((a, b) => a.slope - b.slope || a.stretch - b.stretch || a.edge - b.edge);
  const ranks = stretches.map((): number[] => []);
  const lastRanks = stretches.map((): number[] => []);
  for (const [rank, { stretch, isOfLast }] of edges.entries()) {
    (isOfLast === 1 ? lastRanks : ranks)[stretch]!.push(rank);
  }
  return {
    ...{ hulls, lastHulls, ranks, lastRanks },
    stretch: Uint32Array.from(edges, ({ stretch }) => stretch),
    edge: Uint32Array.from(edges, ({ edge }) => edge),
    isOfLast: Uint8Array.from(edges, ({ isOfLast }) => isOfLast),
  };
}

/** Watts for an iteration more in a second, from one vertex to the next. */
function slopeW(vertices: readonly Choice[], edge: number): number {
  const [from, to] = [vertices[edge]!, vertices[edge + 1]!];
  return (to.powerW - from.powerW) / (to.rate - from.rate);
}

/** Hulls, made once for each list of choices and sign of the cost. */
function hullsByChoices<C extends Choice>() {
  const known = [new Map<readonly C[], Hull<C>>(), new Map<readonly C[], Hull<C>>()] as const;
  return (choices: readonly C[], costPerJ: number): Hull<C> => {
    const ofSign = known[costPerJ < 0 ? 1 : 0];
    const found = ofSign.get(choices) ?? { vertices: cheapest(choices, costPerJ < 0 ? -1 : 1) };
    ofSign.set(choices, found);
    return found;
  };
}

/**
 * Choices on the convex hull, slowest first: the lower one, or with negative costs the upper one.
 * (Andrew's monotone chain.)
 */
function cheapest<C extends Choice>(choices: readonly C[], sign: 1 | -1): readonly C[] {
  const sorted = choices.toSorted((a, b) => a.rate - b.rate || sign * (a.powerW - b.powerW));
  const hull: C[] = [];
  for (const choice of sorted) {
    if (hull.at(-1)?.rate === choice.rate) continue;
    while (hull.length >= 2 && !turns(hull.at(-2)!, hull.at(-1)!, choice, sign)) hull.pop();
    hull.push(choice);
  }
  return hull;
}

function turns(a: Choice, b: Choice, c: Choice, sign: number): boolean {
  const first = (b.powerW - a.powerW) * (c.rate - b.rate);
  const second = (c.powerW - b.powerW) * (b.rate - a.rate);
  return sign * first < sign * second;
}

/** The interval in which the job should end; undefined if it cannot do its work. */
function bestEnd<C extends Choice>(
  stretches: readonly Stretch<C>[],
  steps: Steps<C>,
  work: number,
  after: C,
): number | undefined {
  const sums = new PrefixSums(steps.stretch.length);
  const change = (ranks: readonly number[], sign: 1 | -1) => {
    for (const rank of ranks) {
      const { workDone, cost } = stepOf(stretches, steps, rank);
      sums.add(rank, sign * workDone, sign * cost);
    }
  };
  const afterJ = (k: number) => stretches[k]!.lengthS * stretches[k]!.costPerJ * after.powerW;
  let restCost = stretches.reduce((sum, _, k) => sum + afterJ(k), 0);
  let begunWork = 0;
  let begunCost = 0;
  let best: { readonly last: number; readonly cost: number } | undefined;
  for (const [k, stretch] of stretches.entries()) {
    const leastOf = ({ vertices: [first] }: Hull<C>) => ({
      workDone: stretch.lengthS * first!.rate,
      cost: stretch.lengthS * stretch.costPerJ * first!.powerW,
    });
    restCost -= afterJ(k);
    change(steps.lastRanks[k]!, 1);
    const first = leastOf(steps.lastHulls[k]!);
    const rest = work - begunWork - first.workDone;
    if (rest >= -SAME * work) {
      const bought = sums.costOf(Math.max(rest, 0), SAME * work);
      if (bought !== undefined) {
        const cost = begunCost + first.cost + bought + restCost;
        const margin = SAME * Math.abs(cost);
        if (best === undefined || cost < best.cost - margin) best = { last: k, cost };
      }
    }
    change(steps.lastRanks[k]!, -1);
    change(steps.ranks[k]!, 1);
    const going = leastOf(steps.hulls[k]!);
    begunWork += going.workDone;
    begunCost += going.cost;
  }
  return best?.last;
}

/** The work that a step buys, and its cost. */
function stepOf<C extends Choice>(
  stretches: readonly Stretch<C>[],
  { stretch, edge, isOfLast, hulls, lastHulls }: Steps<C>,
  rank: number,
): { readonly workDone: number; readonly cost: number } {
  const k = stretch[rank]!;
  const { vertices } = (isOfLast[rank] === 1 ? lastHulls : hulls)[k]!;
  const { lengthS, costPerJ } = stretches[k]!;
  const [from, to] = [vertices[edge[rank]!]!, vertices[edge[rank]! + 1]!];
  return {
    workDone: lengthS * (to.rate - from.rate),
    cost: lengthS * costPerJ * (to.powerW - from.powerW),
  };
}

/** Takes the cheapest steps of a job that ends in an interval. */
function courseUntil<C extends Choice>(
  stretches: readonly Stretch<C>[],
  steps: Steps<C>,
  work: number,
  after: C,
  last: number,
): LeastCost<C> {
  const hulls = stretches.map((_, k) => (k === last ? steps.lastHulls : steps.hulls)[k]!);
  const edgesTaken = new Float64Array(stretches.length);
  let rest = work;
  for (let k = 0; k <= last; k++) rest -= stretches[k]!.lengthS * hulls[k]!.vertices[0]!.rate;
  let marginalCost = 0;
  for (let rank = 0; rank < steps.stretch.length && rest > SAME * work; rank++) {
    const k = steps.stretch[rank]!;
    if (k > last || (steps.isOfLast[rank] === 1) !== (k === last)) continue;
    const { workDone, cost } = stepOf(stretches, steps, rank);
    edgesTaken[k]! += Math.min(1, rest / workDone);
    marginalCost = cost / workDone;
    rest -= workDone;
  }
  const allotments = stretches.map(({ lengthS }, k): readonly Allotment<C>[] => {
    if (k > last) return [{ choice: after, timeS: lengthS }];
    const { vertices } = hulls[k]!;
    const at = Math.min(Math.floor(edgesTaken[k]!), vertices.length - 1);
    const part = edgesTaken[k]! - at;
    if (part <= 0) return [{ choice: vertices[at]!, timeS: lengthS }];
    return [
      { choice: vertices[at + 1]!, timeS: part * lengthS },
      { choice: vertices[at]!, timeS: (1 - part) * lengthS },
    ];
  });
  return { allotments, last, cost: costOf(stretches, allotments), marginalCost };
}

function costOf(
  stretches: readonly Stretch[],
  allotments: readonly (readonly Allotment[])[],
): number {
  return allotments
    .flatMap((ofOne, k) =>
      ofOne.map((one) => one.timeS * one.choice.powerW * stretches[k]!.costPerJ),
    )
    .reduce((sum, cost) => sum + cost, 0);
}
