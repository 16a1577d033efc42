import test from 'ava';
import fc from 'fast-check';
import {
  choiceW,
  mostWork,
  SearchByLimit,
  SearchByMean,
  type Fleet,
  type FleetChoice,
} from '../../sim/site/most-pipelines.js';
import { byTime, type PipelinePoint } from '../../sim/site/pipeline-points.js';
import { checkProperty } from '../support/properties.js';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

/** Frontiers with noise: neither times nor energies are in order, and some points are useless. */
const anyPoints = fc
  .array(
    fc.record({
      timeS: fc.oneof(number(1, 3), fc.constantFrom(1, 1.5, 2)),
      wasteJ: number(0, 150),
      reducingW: fc.constantFrom(60, 90, 200),
      limitW: fc.constantFrom(200, 225, 300),
    }),
    { minLength: 1, maxLength: 200 },
  )
  .map((drawn) =>
    drawn.map(({ timeS, wasteJ, ...others }): PipelinePoint => ({
      ...others,
      ...{ timeS, plannedTimeS: timeS, energyJ: 500 + 700 / timeS + wasteJ },
    })),
  );

const anyFleet: fc.Arbitrary<Fleet> = fc
  .record({
    points: anyPoints,
    gpusPerPipeline: fc.integer({ min: 1, max: 4 }),
    latencyS: fc.constantFrom(0, 0.001, 0.3),
    budgetW: number(500, 15_000),
    pue: fc.constantFrom(1, 1.2),
    overheadWPerGpu: fc.constantFrom(0, 100, 300),
  })
  .map(({ points, gpusPerPipeline, latencyS, ...budget }) => ({
    ...{ points: byTime(points), gpusPerPipeline, budget },
    reductionS: (pipelines) => 2 * (pipelines - 1) * (latencyS + 0.1 / pipelines),
  }));

/** Every number of pipelines with every point; iterations of a pipeline per second. */
function bruteForce(fleet: Fleet, fits: (choice: FleetChoice) => boolean, step = 1): number {
  let best = 0;
  for (let pipelines = step; pipelines <= 260; pipelines += step) {
    for (const point of fleet.points) {
      const timeS = point.timeS + fleet.reductionS(pipelines);
      if (fits({ pipelines, point, timeS })) best = Math.max(best, pipelines / timeS);
    }
  }
  return best;
}

const rateOf = (choice: FleetChoice | undefined) =>
  choice === undefined ? 0 : choice.pipelines / choice.timeS;

function differs(found: number, expected: number): boolean {
  return Math.abs(found - expected) > 1e-9 * Math.max(found, expected);
}

test('by mean power: the most work of all numbers of pipelines and all points', async (t) => {
  await checkProperty(t, fc.tuple(anyFleet, fc.constantFrom(1, 3)), ([fleet, step]) => {
    const search = new SearchByMean(fleet);
    const found = mostWork(fleet, search, { step });
    const fits = (choice: FleetChoice) =>
      choiceW(fleet, choice) <= fleet.budget.budgetW * (1 + 1e-12);
    const expected = bruteForce(fleet, fits, step);
    if (differs(rateOf(found), expected)) throw new Error(`${rateOf(found)}, not ${expected}`);
    if (found === undefined) return;
    if (choiceW(fleet, found) > fleet.budget.budgetW * (1 + 1e-9)) throw new Error('too much');
    if (found.pipelines % step !== 0) throw new Error('not in steps');
  });
});

test('by limit: the sum of all limits fits, whatever is drawn', async (t) => {
  await checkProperty(t, anyFleet, (fleet) => {
    const { budgetW, pue, overheadWPerGpu } = fleet.budget;
    const found = mostWork(fleet, new SearchByLimit(fleet));
    const fits = ({ pipelines, point: { limitW } }: FleetChoice) =>
      pue * pipelines * fleet.gpusPerPipeline * (limitW! + overheadWPerGpu) <=
      budgetW * (1 + 1e-12);
    const expected = bruteForce(fleet, fits);
    if (differs(rateOf(found), expected)) throw new Error(`${rateOf(found)}, not ${expected}`);
  });
});

test('no more pipelines than there are GPUs for', (t) => {
  const point = { timeS: 1, plannedTimeS: 1, energyJ: 100, reducingW: 50 };
  const fleet: Fleet = {
    points: [point],
    gpusPerPipeline: 1,
    reductionS: () => 0,
    budget: { budgetW: 1000, pue: 1, overheadWPerGpu: 0 },
  };
  const search = new SearchByMean(fleet);
  t.is(mostWork(fleet, search)!.pipelines, 10, '1000 W for 100 W each');
  t.is(mostWork(fleet, search, { atMost: 7 })!.pipelines, 7);
  t.is(mostWork(fleet, search, { step: 4 })!.pipelines, 8);
  t.is(mostWork(fleet, search, { atMost: 0 }), undefined);
});

test('large fleets: a hundred thousand pipelines and 65,000 points', (t) => {
  const points = Array.from({ length: 65_000 }, (_, k): PipelinePoint => {
    const timeS = 40 + k / 8000;
    return { timeS, plannedTimeS: timeS, energyJ: 1000 + 3e5 / timeS, reducingW: 90 };
  });
  const fleet: Fleet = {
    points,
    gpusPerPipeline: 8,
    reductionS: (pipelines) => (1 - 1 / pipelines) * 0.5,
    budget: { budgetW: 2e8, pue: 1.2, overheadWPerGpu: 20 },
  };
  const search = new SearchByMean(fleet);
  const found = mostWork(fleet, search)!;
  t.true(found.pipelines > 1e5);
  // Energy falls with time but overhead makes slow plans dearer: neither end of the frontier is best.
  t.true(found.point !== points[0] && found.point !== points.at(-1));
  // By hand: e + 160 W · t is least at t = √(3e5 / 160), and half a second of reduction hardly matters.
  t.true(Math.abs(found.point.timeS - Math.sqrt(3e5 / 160)) < 0.1, String(found.point.timeS));
  t.true(choiceW(fleet, found) <= 2e8 * (1 + 1e-9));
  t.true(choiceW(fleet, found) > 2e8 * 0.9999, 'hardly anything is left');
});
