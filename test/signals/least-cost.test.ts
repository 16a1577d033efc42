import test from 'ava';
import fc from 'fast-check';
import {
  leastCost,
  mostWork,
  type Choice,
  type LeastCost,
  type Stretch,
} from '../../sim/signals/least-cost.js';
import { checkProperty } from '../support/properties.js';

/**
 * Random schedules of up to six intervals and six choices, some of which no hull has; prices may be
 * negative, limits may leave out the fastest. Rates and lengths are such that choices do whole
 * iterations in an interval: dynamic programming over whole iterations then finds the least cost.
 */
interface Case {
  readonly stretches: readonly Stretch[];
  readonly work: number;
  readonly after: Choice;
}

const REST: Choice = { rate: 0, powerW: 150 };
const RELEASED: Choice = { rate: 0, powerW: 0 };

const anyCase: fc.Arbitrary<Case> = fc
  .record({
    points: fc.array(
      fc.record({
        rate: fc.integer({ min: 20, max: 60 }).map((n) => n / 100),
        extra: fc.integer({ min: 0, max: 300 }),
      }),
      { minLength: 2, maxLength: 6 },
    ),
    hours: fc.array(
      fc.record({
        lengthS: fc.constantFrom(600, 900, 1200),
        price: fc.integer({ min: -40, max: 200 }),
        capW: fc.constantFrom(Infinity, Infinity, 900),
      }),
      { minLength: 1, maxLength: 6 },
    ),
    part: fc.integer({ min: 5, max: 100 }),
    mayPause: fc.boolean(),
    isReleased: fc.boolean(),
  })
  .map(({ points, hours, part, mayPause, isReleased }) => {
    const choices = points.map(({ rate, extra }): Choice => {
      // Power rises faster than the rate, as along a frontier, and some points lie above it.
      return { rate, powerW: 300 + 2400 * rate ** 2 + extra };
    });
    const stretches = hours.map(({ lengthS, price, capW }): Stretch => {
      const allowed = choices.filter(({ powerW }) => powerW <= capW);
      const some = allowed.length > 0 && !mayPause ? allowed : [REST, ...allowed];
      return { lengthS, costPerJ: price / 3.6e9, choices: some };
    });
    const work = Math.floor((part / 100) * mostWork(stretches));
    return { stretches, work, after: isReleased ? RELEASED : REST };
  })
  .filter(({ work }) => work >= 20);

/**
 * The least cost by dynamic programming: whole iterations in each interval, done at two choices (all
 * pairs are tried) that fill the interval, or that end in it if the job does.
 */
function byDynamicProgramming({ stretches, work, after }: Case): number {
  const afterCost = stretches.map(({ lengthS, costPerJ }) => lengthS * costPerJ * after.powerW);
  let costs = new Float64Array(work + 1).fill(Infinity);
  costs[0] = 0;
  let best = Infinity;
  for (const [k, { lengthS, costPerJ, choices }] of stretches.entries()) {
    const rest = afterCost.slice(k + 1).reduce((sum, cost) => sum + cost, 0);
    const going = costsOfWork(choices, lengthS, costPerJ);
    const ending = costsOfWork([...choices, after], lengthS, costPerJ);
    const next = new Float64Array(work + 1).fill(Infinity);
    for (let done = 0; done <= work; done++) {
      const cost = costs[done]!;
      if (cost === Infinity) continue;
      best = Math.min(best, cost + (ending[work - done] ?? Infinity) + rest);
      const most = Math.min(work - done, going.length - 1);
      for (let more = 0; more <= most; more++) {
        const total = cost + going[more]!;
        if (total < next[done + more]!) next[done + more] = total;
      }
    }
    costs = next;
  }
  return best;
}

/** The least costs of numbers of iterations in an interval, over all pairs of choices. */
function costsOfWork(choices: readonly Choice[], lengthS: number, costPerJ: number): Float64Array {
  const most = Math.floor(lengthS * Math.max(...choices.map(({ rate }) => rate)) + 1e-9);
  return Float64Array.from({ length: most + 1 }, (_, iterations) => {
    let least = Infinity;
    for (const a of choices) {
      for (const b of choices) {
        // a for a time, b for the rest.
        const part = a.rate === b.rate ? 0 : (iterations / lengthS - b.rate) / (a.rate - b.rate);
        const rate = part * a.rate + (1 - part) * b.rate;
        if (part < 0 || part > 1 || Math.abs(rate * lengthS - iterations) > 1e-6) continue;
        least = Math.min(least, (part * a.powerW + (1 - part) * b.powerW) * lengthS * costPerJ);
      }
    }
    return least;
  });
}

/** What a course costs and earns, added up without their signs. */
function sizeOf({ stretches }: Case, { allotments }: LeastCost): number {
  return allotments
    .flatMap((ofOne, k) =>
      ofOne.map(({ choice, timeS }) => Math.abs(timeS * choice.powerW * stretches[k]!.costPerJ)),
    )
    .reduce((sum, cost) => sum + cost, 0);
}

/** Work done by a course. */
function workOf({ allotments }: LeastCost): number {
  return allotments.flat().reduce((sum, { choice, timeS }) => sum + timeS * choice.rate, 0);
}

test('it costs as much as dynamic programming finds, in 200 random cases', async (t) => {
  let largest = 0;
  let impossible = 0;
  await checkProperty(
    t,
    anyCase,
    (one) => {
      const found = leastCost(one.stretches, one.work, one.after);
      const expected = byDynamicProgramming(one);
      if (found === undefined || expected === Infinity) {
        // Jobs that may not wait, and are done before the date at their slowest, end earlier.
        impossible++;
        t.is(found, undefined);
        t.is(expected, Infinity);
        return;
      }
      const size = Math.max(sizeOf(one, found), 1e-12);
      // Whole iterations can only cost more.
      t.true(found.cost <= expected + 1e-9 * size, `${found.cost} is above ${expected}`);
      t.true(expected - found.cost <= 1e-3 * size, `${found.cost} is below ${expected}`);
      largest = Math.max(largest, (expected - found.cost) / size);
    },
    200,
    19,
  );
  t.log(`within ${(100 * largest).toPrecision(2)} %; ${impossible} cases are impossible`);
  t.true(impossible < 20);
});

test('it does the work exactly, in the time of each interval, with one choice or two', async (t) => {
  await checkProperty(t, anyCase, ({ stretches, work, after }) => {
    const found = leastCost(stretches, work, after);
    if (found === undefined) return;
    t.true(Math.abs(workOf(found) - work) <= 1e-9 * work);
    for (const [k, ofOne] of found.allotments.entries()) {
      const { lengthS, choices } = stretches[k]!;
      const timeS = ofOne.reduce((sum, one) => sum + one.timeS, 0);
      t.true(Math.abs(timeS - lengthS) <= 1e-9 * lengthS);
      t.true(ofOne.length <= 2 && ofOne.every((one) => one.timeS >= 0));
      for (const { choice } of ofOne) {
        t.true(choices.includes(choice) || (choice === after && k >= found.last));
      }
    }
  });
});

test('one interval at most, besides the last, is shared by two choices', async (t) => {
  await checkProperty(t, anyCase, ({ stretches, work, after }) => {
    const found = leastCost(stretches, work, after);
    const shared = found?.allotments.filter(
      (ofOne) => ofOne.filter(({ timeS }) => timeS > 1e-9).length > 1,
    );
    t.true((shared ?? []).length <= 1);
  });
});

test('a course by hand: the cheap hour at full speed, the dear one as slow as the work allows', (t) => {
  const slow = { rate: 1, powerW: 100 };
  const fast = { rate: 2, powerW: 300 };
  const hour = (costPerJ: number) => ({ lengthS: 3600, costPerJ, choices: [slow, fast] });
  const off = { rate: 0, powerW: 0 };
  const found = leastCost([hour(3), hour(1)], 3 * 3600, off)!;
  t.deepEqual(found.allotments, [[{ choice: slow, timeS: 3600 }], [{ choice: fast, timeS: 3600 }]]);
  t.is(found.cost, 3600 * (3 * 100 + 300));
  // 200 W more for one iteration more in a second, in the cheap hour.
  t.is(found.marginalCost, 200);
  // Half an iteration in a second more is dearer: only the dear hour is left.
  const more = leastCost([hour(3), hour(1)], 3.5 * 3600, off)!;
  t.deepEqual(more.allotments[0], [
    { choice: fast, timeS: 1800 },
    { choice: slow, timeS: 1800 },
  ]);
  t.is(more.marginalCost, 600);
  t.is(leastCost([hour(3), hour(1)], 4 * 3600 + 1, off), undefined);
});

test('a negative price is for the most power that does the work', (t) => {
  const saving = { rate: 1, powerW: 100 };
  const wasting = { rate: 1, powerW: 250 };
  const off = { rate: 0, powerW: 0 };
  const stretches = [-1, 1].map((costPerJ) => ({
    lengthS: 100,
    costPerJ,
    choices: [saving, wasting],
  }));
  const { allotments, cost } = leastCost(stretches, 200, off)!;
  t.deepEqual(
    allotments.map(([first]) => first!.choice),
    [wasting, saving],
  );
  t.is(cost, 100 * (100 - 250));
});

test('a job ends when its work is done, as early as is cheap', (t) => {
  const only = { rate: 1, powerW: 100 };
  const off = { rate: 0, powerW: 0 };
  const hour = (costPerJ: number) => ({ lengthS: 100, costPerJ, choices: [only] });
  const { last, allotments, cost } = leastCost([hour(1), hour(1), hour(5)], 150, off)!;
  t.is(last, 1);
  t.deepEqual(allotments[1], [
    { choice: only, timeS: 50 },
    { choice: off, timeS: 50 },
  ]);
  t.is(cost, 150 * 100);
});
