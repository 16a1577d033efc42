import test from 'ava';
import fc from 'fast-check';
import { answered } from '../../sim/signals/events.js';
import { billOf, computing, resting, type Course } from '../../sim/signals/course.js';
import type { Horizon, Interval } from '../../sim/signals/horizon.js';
import type { JobPoint, JobPoints } from '../../sim/signals/job-points.js';
import {
  allStrategies,
  mostIterations,
  STRATEGIES,
  type ScheduledJob,
} from '../../sim/signals/strategies.js';
import {
  switchedBlocks,
  blockCourses,
  type Block,
  type SwitchedJob,
} from '../../sim/signals/switching.js';
import { zoneClock } from '../../sim/signals/zone-clock.js';
import { checkProperty } from '../support/properties.js';

/** A point of a made-up job; strategies look at no plan. */
function point(policy: string, iterationS: number, powerW: number): JobPoint {
  const rate = 1 / iterationS;
  return { policy, iterationS, paceS: iterationS, rate, powerW, gpuW: powerW / 1.2 } as JobPoint;
}

/** Energy of an iteration falls with its time, and then rises. */
const FRONTIER = [60, 56, 52, 48, 44, 40].map((timeS) =>
  point('perseus', timeS, (3000 + 900 * (60 / timeS) ** 3) * 100),
);
const LIMITS = FRONTIER.map(({ iterationS, powerW }) =>
  point('zeus-global', iterationS, 1.05 * powerW),
);
const FULL = point('max-frequency', 40, 1.2 * FRONTIER.at(-1)!.powerW);

const POINTS: JobPoints = {
  ...{ fullClocks: FULL, frontier: FRONTIER, limits: LIMITS, lowClocks: [] },
  frontierAt: (paceS) => point('perseus', paceS, (3000 + 900 * (60 / paceS) ** 3) * 100),
};

function jobOf(work: number, mayPause = false): ScheduledJob {
  return {
    ...{ points: POINTS, work, mayPause },
    pause: resting('paused', 1e5, 0.8e5),
    after: resting('done', 0, 0),
    switched: {
      ...{ off: resting('off', 0, 0), switching: resting('switching', 1e5, 0.8e5) },
      ...{ saveS: 60, restartS: 300 },
    },
  };
}

interface Hour {
  readonly price: number;
  readonly capW?: number;
  readonly event?: number;
}

function horizonOfHours(hours: readonly Hour[]): Horizon {
  const intervals = hours.map(({ price, capW = Infinity, event }, k): Interval => ({
    ...{ fromS: 3600 * k, untilS: 3600 * (k + 1), pricePerMWh: price },
    ...{ carbonGPerKWh: 300, capW, event },
  }));
  const asked = intervals.filter(({ event }) => event !== undefined);
  return {
    ...{ startS: undefined, durationS: 3600 * hours.length, clock: zoneClock('UTC')!, intervals },
    events: asked.length === 0 ? [] : [{ fromS: asked[0]!.fromS, untilS: asked.at(-1)!.untilS }],
  };
}

const money = ({ pricePerMWh }: Interval) => pricePerMWh! / 3.6e9;

/** Fails unless segments follow each other from the beginning to the end, within their intervals. */
function lengthS({ segments }: Course, { intervals }: Horizon): number {
  let nowS = 0;
  for (const { interval, fromS, untilS } of segments) {
    const within = intervals[interval]!;
    if (Math.abs(fromS - nowS) > 1e-5) throw new Error(`a gap at ${nowS}`);
    if (fromS < within.fromS - 1e-5 || untilS > within.untilS + 1e-5) throw new Error('outside');
    nowS = untilS;
  }
  return nowS;
}

const anyHours = fc.array(
  fc.record({ price: fc.integer({ min: -20, max: 150 }), isLow: fc.boolean() }),
  { minLength: 4, maxLength: 30 },
);

test('every way fills the time, does the work or says how much, and keeps limits', async (t) => {
  await checkProperty(t, fc.tuple(anyHours, fc.integer({ min: 30, max: 100 })), ([hours, part]) => {
    const capW = FRONTIER[2]!.powerW;
    const horizon = horizonOfHours(
      hours.map(({ price, isLow }) => ({ price, ...(isLow ? { capW } : {}) })),
    );
    const work = Math.floor((part / 100) * mostIterations(jobOf(1), horizon));
    const strategies = allStrategies(jobOf(work), horizon, money);
    for (const name of STRATEGIES) {
      const { course, bill } = strategies[name];
      t.true(Math.abs(lengthS(course, horizon) - horizon.durationS) < 1e-3, name);
      t.is(course.endS === undefined, course.iterations < work * (1 - 1e-9), name);
      t.true(course.iterations <= work * (1 + 1e-9), name);
      for (const { interval, choice } of course.segments) {
        t.true(choice.powerW <= horizon.intervals[interval]!.capW * (1 + 1e-9), name);
      }
      const byHand = course.segments.reduce(
        (sum, { interval, fromS, untilS, choice }) =>
          sum + (untilS - fromS) * choice.powerW * money(horizon.intervals[interval]!),
        0,
      );
      t.true(Math.abs(bill.money! - byHand) <= 1e-9 * Math.max(1, Math.abs(byHand)), name);
    }
    const cost = (name: (typeof STRATEGIES)[number]) => strategies[name].bill.cost;
    t.not(strategies['frontier-by-signals'].course.endS, undefined);
    // A job that may not wait can choose every limit and every plan.
    for (const name of ['limits-by-signals', 'one-limit', 'one-plan'] as const) {
      if (strategies[name].course.segments.some(({ choice }) => choice.rest === 'paused')) continue;
      if (strategies[name].course.endS === undefined || name === 'one-plan') continue;
      t.true(cost('frontier-by-signals') <= cost(name) + 1e-6, name);
    }
  });
});

test('at one price, the plans by the hour are one plan', (t) => {
  const horizon = horizonOfHours(Array.from({ length: 24 }, () => ({ price: 80 })));
  const work = (24 * 3600) / 48;
  const { 'one-plan': one, 'frontier-by-signals': by } = allStrategies(jobOf(work), horizon, money);
  t.true(by.bill.cost <= one.bill.cost * (1 + 1e-12));
  t.true(by.bill.cost >= one.bill.cost * 0.995);
  t.is(one.course.segments[0]!.choice.point!.iterationS, 48);
});

test('blocks of a job that is on or off: within 2 % of the best of all choices', async (t) => {
  const job: SwitchedJob = {
    rate: 1 / 40,
    onW: 5e5,
    offW: 0,
    switchW: 1e5,
    saveS: 60,
    restartS: 300,
  };
  const anyBlocks = fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 2, maxLength: 10 });
  let worst = 0;
  let sum = 0;
  await checkProperty(
    t,
    fc.tuple(anyBlocks, fc.integer({ min: 20, max: 90 })),
    ([prices, part]) => {
      const blocks = prices.map((price): Block => {
        const costPerJ = price / 3.6e9;
        return {
          lengthS: 3600,
          costPerJ,
          firstCostPerJ: costPerJ,
          lastCostPerJ: costPerJ,
          mayRun: true,
        };
      });
      const work = Math.floor((part / 100) * prices.length * 90);
      const priced = (runs: readonly boolean[]) => {
        const courses = blockCourses(blocks, job, runs);
        const done = courses.reduce((total, { timeS }) => total + timeS * job.rate, 0);
        const cost = courses.reduce((total, { block, isOn, timeS, restartS, saveS }) => {
          if (!isOn) return total;
          return total + block.costPerJ * (timeS * job.onW + (restartS + saveS) * job.switchW);
        }, 0);
        return { done, cost };
      };
      let best = Infinity;
      for (let set = 0; set < 2 ** blocks.length; set++) {
        const { done, cost } = priced(blocks.map((_, k) => ((set >> k) & 1) === 1));
        if (done >= work) best = Math.min(best, cost);
      }
      const found = priced(switchedBlocks(blocks, job, work));
      t.true(found.done >= work);
      worst = Math.max(worst, found.cost / best - 1);
      sum += found.cost / best - 1;
    },
    200,
    19,
  );
  t.log(
    `${((100 * sum) / 200).toFixed(2)} % above the best on average, ${(100 * worst).toFixed(1)} at worst`,
  );
  t.true(sum / 200 < 0.02);
});

test('a request is met as far as the job may be slower', (t) => {
  const hours = Array.from({ length: 12 }, (_, k): Hour => ({
    price: 80,
    ...(k >= 4 && k < 7 ? { event: 0 } : {}),
  }));
  const horizon = horizonOfHours(hours);
  const job = jobOf((12 * 3600) / 48);
  const plain = allStrategies(job, horizon, money)['frontier-by-signals'];
  const answer = (cutPct: number, flexPct: number) =>
    answered(job, horizon, money, plain.course, { cutPct: [cutPct] }, flexPct).given[0]!;
  t.is(answer(10, 0).givenPct < 1e-9, true);
  const met = answer(10, 25);
  t.true(met.givenPct >= 10 - 1e-9, `${met.givenPct}`);
  t.true(met.slowerPct > 0 && met.slowerPct <= 25);
  // No clocks are low enough for half of the power.
  const most = answer(50, 25);
  t.true(most.givenPct > met.givenPct && most.givenPct < 50);
  const tiers = [0, 10, 25, 50].map((flexPct) => answer(50, flexPct).givenPct);
  t.deepEqual(
    tiers,
    tiers.toSorted((a, b) => a - b),
  );
  const { course, bill, given } = answered(job, horizon, money, plain.course, { cutPct: [10] }, 25);
  t.true(Math.abs(course.iterations - job.work) < 1e-6);
  t.true(bill.cost >= plain.bill.cost);
  t.true(Math.abs(given[0]!.plainW - FRONTIER[3]!.powerW) < 1e-3);
});

test('a bill by hand: two hours of two prices', (t) => {
  const horizon = horizonOfHours([{ price: 100 }, { price: -50 }]);
  const choice = computing(point('perseus', 50, 1e6));
  const segments = [0, 1].map((k) => ({
    ...{ interval: k, fromS: 3600 * k, untilS: 3600 * (k + 1), choice },
  }));
  const bill = billOf({ segments }, horizon, money);
  t.is(bill.paidJ, 7.2e9);
  t.true(Math.abs(bill.gpuJ - 6e9) < 1);
  t.true(Math.abs(bill.money! - 50) < 1e-9);
  // 300 kg for a megawatt-hour.
  t.true(Math.abs(bill.carbonKg! - 600) < 1e-9);
  t.is(bill.peakW, 1e6);
});
