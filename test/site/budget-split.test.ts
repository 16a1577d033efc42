import test from 'ava';
import fc from 'fast-check';
import { loadHighs } from '../../src/planner/oracle.js';
import { floorsW, splitBudget, totals, type SharingJob } from '../../sim/site/budget-split.js';
import { SpeedCurve, type SpeedPoint } from '../../sim/site/speed-curve.js';
import { checkProperty } from '../support/properties.js';

/** Numbers on a grid: differences of the last digit decide nothing. */
const number = (min: number, max: number) =>
  fc.integer({ min: 0, max: 1000 }).map((k) => min + (k / 1000) * (max - min));

/** Points in no order, off any convex curve, some of them useless. */
const anyCurve = fc
  .array(fc.record({ speed: number(0.2, 1), wasteW: number(0, 200) }), {
    minLength: 1,
    maxLength: 12,
  })
  .chain((points) =>
    number(300, 3000).map((scale) =>
      points.map(({ speed, wasteW }): SpeedPoint => ({
        speed,
        powerW: scale * (0.3 + speed ** 3) + wasteW,
      })),
    ),
  );

interface DrawnJob extends SharingJob<SpeedPoint> {
  readonly points: readonly SpeedPoint[];
}

const anyJob = (priorities: readonly number[]): fc.Arbitrary<DrawnJob> =>
  fc
    .record({
      points: anyCurve,
      weight: number(0.1, 10),
      priority: fc.constantFrom(...priorities),
      floor: fc.option(number(0, 1), { nil: undefined }),
    })
    .map(({ points, floor, ...job }) => {
      const curve = new SpeedCurve(points);
      const { slowest, fastest } = curve;
      const leastSpeed =
        floor === undefined
          ? slowest.speed
          : slowest.speed + floor * (fastest.speed - slowest.speed);
      return { ...job, points, curve, leastSpeed };
    });

/** Jobs, and a budget between their floors and all that they can use. */
const anyProblem = (priorities: readonly number[], most = 5) =>
  fc
    .tuple(fc.array(anyJob(priorities), { minLength: 1, maxLength: most }), number(0, 1.1))
    .map(([jobs, part]) => {
      const leastW = floorsW(jobs);
      const mostW = jobs.reduce((sum, { curve }) => sum + curve.fastest.powerW, 0);
      return { jobs, budgetW: leastW + part * (mostW - leastW) };
    });

const above = (a: number, b: number) => a > b + 1e-9 * Math.max(Math.abs(a), Math.abs(b));

test('the split is the optimum of a linear program over all mixes of all points', async (t) => {
  const highs = await loadHighs();
  await checkProperty(
    t,
    anyProblem([0]),
    ({ jobs, budgetW }) => {
      const split = splitBudget(jobs, budgetW)!;
      const name = (job: number, point: number) => `x${job}_${point}`;
      const sum = (of: (job: DrawnJob, point: SpeedPoint) => number, only?: number) =>
        jobs
          .flatMap((job, j) =>
            only !== undefined && only !== j
              ? []
              : job.points.map((point, k) => `+ ${of(job, point)} ${name(j, k)}`),
          )
          .join('\n');
      const program = [
        'Maximize',
        `worth: ${sum(({ weight }, { speed }) => weight * speed)}`,
        'Subject To',
        `power: ${sum((_, { powerW }) => powerW / 1000)} <= ${budgetW / 1000}`,
        ...jobs.map((_, j) => `time${j}: ${sum(() => 1, j)} = 1`),
        ...jobs.map(
          (job, j) => `floor${j}: ${sum((__, { speed }) => speed, j)} >= ${job.leastSpeed - 1e-9}`,
        ),
        'End',
      ].join('\n');
      const { ObjectiveValue, Status } = highs.solve(program);
      if (Status !== 'Optimal') throw new Error(Status);
      if (Math.abs(ObjectiveValue - split.worth) > 1e-5 * split.worth) {
        throw new Error(`${split.worth}, not ${ObjectiveValue}`);
      }
      if (above(split.powerW, budgetW)) throw new Error('more power than there is');
    },
    100,
  );
});

test('no choice of single points within the budget is worth more', async (t) => {
  await checkProperty(t, anyProblem([0], 3), ({ jobs, budgetW }) => {
    const split = splitBudget(jobs, budgetW)!;
    const combinations = jobs.reduce<SpeedPoint[][]>(
      (some, { points }) => some.flatMap((chosen) => points.map((point) => [...chosen, point])),
      [[]],
    );
    for (const shares of combinations) {
      const { powerW, worth } = totals(jobs, shares);
      const isAllowed = shares.every(({ speed }, k) => speed >= jobs[k]!.leastSpeed);
      if (powerW <= budgetW && isAllowed && above(worth, split.worth)) {
        throw new Error(`${worth} is more than ${split.worth}`);
      }
    }
  });
});

test('of 1,000 random splits none is better', async (t) => {
  const problem = fc.tuple(
    anyProblem([0]),
    fc.array(fc.array(number(0, 1), { minLength: 5, maxLength: 5 }), {
      minLength: 100,
      maxLength: 100,
    }),
  );
  let tried = 0;
  await checkProperty(
    t,
    problem,
    ([{ jobs, budgetW }, draws]) => {
      const split = splitBudget(jobs, budgetW)!;
      const restW = budgetW - floorsW(jobs);
      for (const draw of draws) {
        const parts = jobs.map((_, k) => draw[k]! + 1e-9);
        const all = parts.reduce((sum, part) => sum + part, 0);
        const shares = jobs.map(({ curve, leastSpeed }, k) =>
          curve.within(curve.at(leastSpeed).powerW * (1 + 1e-12) + (restW * parts[k]!) / all)!,
        );
        tried++;
        if (above(totals(jobs, shares).worth, split.worth)) throw new Error('a better split');
      }
    },
    40,
  );
  t.true(tried >= 1000);
});

test('at the optimum slopes are equal, and at most one job is between two points', async (t) => {
  await checkProperty(t, anyProblem([0]), ({ jobs, budgetW }) => {
    const { shares, worthPerW, powerW } = splitBudget(jobs, budgetW)!;
    const mixed = shares.filter(
      ({ fasterPart, speed }, k) =>
        fasterPart > 1e-9 && fasterPart < 1 - 1e-9 && speed > jobs[k]!.leastSpeed * (1 + 1e-9),
    );
    if (mixed.length > 1) throw new Error(`${mixed.length} jobs alternate`);
    jobs.forEach(({ curve, weight, leastSpeed }, k) => {
      const { speed } = shares[k]!;
      const worth = (from: SpeedPoint, to: SpeedPoint) =>
        (weight * (to.speed - from.speed)) / (to.powerW - from.powerW);
      const step = 1e-6;
      if (speed + step < curve.fastest.speed) {
        const gain = worth(curve.at(speed), curve.at(speed + step));
        if (gain > worthPerW * (1 + 1e-3)) throw new Error('one more watt is worth more here');
      }
      if (speed - step > leastSpeed) {
        const loss = worth(curve.at(speed - step), curve.at(speed));
        if (loss < worthPerW * (1 - 1e-3)) throw new Error('one watt less is worth less here');
      }
    });
    if (worthPerW > 0 && Math.abs(powerW - budgetW) > 1e-9 * budgetW) {
      throw new Error('power is left');
    }
  });
});

test('priorities: a tier has all it can use before the next has more than its floors', async (t) => {
  await checkProperty(t, anyProblem([0, 1, 2]), ({ jobs, budgetW }) => {
    const { shares } = splitBudget(jobs, budgetW)!;
    const isFull = (k: number) => shares[k]!.speed >= jobs[k]!.curve.fastest.speed * (1 - 1e-9);
    const isAtFloor = (k: number) => shares[k]!.speed <= jobs[k]!.leastSpeed * (1 + 1e-9);
    jobs.forEach(({ priority }, a) => {
      jobs.forEach((other, b) => {
        if (priority < other.priority && !isFull(a) && !isAtFloor(b)) {
          throw new Error('the later tier has power that the earlier one could use');
        }
      });
    });
    // Within the first tier, it is the best split of what the floors of the others leave.
    const first = Math.min(...jobs.map(({ priority }) => priority));
    const tier = jobs.filter(({ priority }) => priority === first);
    const others = jobs.filter(({ priority }) => priority !== first);
    const alone = splitBudget(tier, budgetW - floorsW(others))!;
    const worth = jobs.reduce(
      (sum, { weight, priority }, k) => sum + (priority === first ? weight * shares[k]!.speed : 0),
      0,
    );
    if (Math.abs(alone.worth - worth) > 1e-9 * worth)
      throw new Error(`${worth}, not ${alone.worth}`);
  });
});

test('two jobs by hand', (t) => {
  const curve = (...points: [number, number][]) =>
    new SpeedCurve(points.map(([speed, powerW]) => ({ speed, powerW })));
  // Watts for each hundredth of speed: 2, then 4; and 3, then 10.
  const jobs = [
    { curve: curve([0.5, 100], [0.75, 150], [1, 250]), weight: 1, priority: 0, leastSpeed: 0.5 },
    { curve: curve([0.5, 80], [0.8, 170], [1, 370]), weight: 1, priority: 0, leastSpeed: 0.5 },
  ];
  const split = splitBudget(jobs, 280)!;
  // 100 W above the floors: 50 to the first at 2 W, and 50 to the second at 3 W, 5/9 of its first piece.
  t.deepEqual(
    split.shares.map(({ powerW }) => powerW),
    [150, 130],
  );
  t.true(Math.abs(split.shares[1]!.speed - (0.5 + (0.3 * 50) / 90)) < 1e-12);
  t.true(Math.abs(split.worthPerW - 0.3 / 90) < 1e-12);
  t.is(splitBudget(jobs, 179), undefined, 'below the floors');
  t.is(splitBudget(jobs, 180)!.worth, 1);
  const all = splitBudget(jobs, 1e6)!;
  t.deepEqual([all.worth, all.worthPerW, all.powerW], [2, 0, 620]);
});
