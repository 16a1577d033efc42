import test from 'ava';
import { readMachine, readModelShape } from '../../sim/disk/operator-catalog.js';
import {
  clockedCost,
  switching,
  unlimitedPowerW,
  waitingPowerW,
} from '../../sim/operators/clock-power.js';
import { operatorProfile } from '../../sim/operators/operator-profile.js';
import { NO_WORK, type Machine } from '../../sim/operators/operator-time.js';
import type { PredictedJob } from '../../sim/operators/predict.js';
import { PlannedPipeline, stragglerSaving } from '../../sim/operators/straggler-saving.js';
import { readSharedData, testWithSharedData } from '../support/shared-data.js';

const A100 = readMachine('a100-sxm-40gb', 'test');
const NAMES = [
  'a100-pcie',
  'a100-sxm',
  'a40',
  'b200-sxm',
  'gb200',
  'gb300',
  'h100-sxm',
  'h200-sxm',
];
const PRODUCTS = { ...NO_WORK, product: 1 };
const near = (found: number, expected: number, part: number) =>
  Math.abs(found / expected - 1) <= part;

test('switching power: linear up to the floor of the voltage, steeper above', (t) => {
  const voltage = { floorMHz: 1000, perMHz: 0.001 };
  t.is(switching(voltage, 500), 500);
  t.is(switching(voltage, 1000), 1000);
  t.is(switching(voltage, 1500), 1500 * 1.5 ** 2);
});

test('work takes what the rates say where no clock is set, on the board that was measured', (t) => {
  const work = { product: 0.5, attention: 0.2, memory: 0.2, communication: 0.1 };
  for (const name of NAMES) {
    const machine = readMachine(name, 'test');
    const asMeasured = { ...machine, limitW: machine.rates.power.limitW };
    t.true(near(clockedCost(work, asMeasured, machine.highestMHz).timeS, 1, 1e-6), name);
  }
});

test('on every GPU: lower clocks take no less time, draw no more, and stay within any limit', (t) => {
  for (const name of NAMES) {
    const machine = readMachine(name, 'test');
    for (const limitW of [0.6 * machine.limitW, machine.limitW, 2 * machine.limitW]) {
      const limited = { ...machine, limitW };
      let before = clockedCost(PRODUCTS, limited, machine.highestMHz);
      for (let clock = machine.highestMHz; clock >= machine.highestMHz / 2; clock -= 45) {
        const cost = clockedCost(PRODUCTS, limited, clock);
        t.true(cost.timeS >= before.timeS * (1 - 1e-9), `${name} ${clock}`);
        const powerW = cost.energyJ / cost.timeS;
        t.true(powerW <= (before.energyJ / before.timeS) * (1 + 1e-9), `${name} ${clock}`);
        t.true(powerW <= limitW * (1 + 1e-9), `${name} ${clock}`);
        before = cost;
      }
    }
  }
});

test('far below the limit products take as much longer as the clock is lower, memory half of that', (t) => {
  const free: Machine = { ...A100, limitW: 5000 };
  const ratio = (kind: 'product' | 'memory') => {
    const work = { ...NO_WORK, [kind]: 1 };
    return clockedCost(work, free, 900).timeS / clockedCost(work, free, 1200).timeS;
  };
  const clocks = 1200 / 900;
  t.true(near(ratio('product'), clocks, 1e-3));
  t.true(ratio('memory') > 1 && ratio('memory') < (1 + clocks) / 2 + 0.02);
});

test('a limit lowers the clock: the same board at 250, 400 and 500 W', (t) => {
  const times = [250, 400, 500].map(
    (limitW) =>
      clockedCost(PRODUCTS, { ...A100, limitW }, 1410).timeS /
      clockedCost(PRODUCTS, { ...A100, limitW: 500 }, 1410).timeS,
  );
  t.true(times[0]! > 1.25 && times[0]! < 1.6, String(times));
  t.true(times[1]! > 1.02 && times[1]! < 1.1, String(times));
});

test('a waiting A100 draws what was measured at two clocks', (t) => {
  // Power that does not belong to the work: 82 and 70 W (Kareus, OSDI '26 artifact, attention).
  t.true(near(waitingPowerW(A100, 1410), 82, 0.03));
  t.true(near(waitingPowerW(A100, 1200), 70, 0.08));
});

test('dynamic energy of attention on A100 falls as measured from 1410 to 1200 MHz', (t) => {
  // 0.699 J and 0.491 J of the same work (Kareus): a ratio of 0.70.
  const dynamicJ = (clock: number) =>
    (unlimitedPowerW('product', clock, A100) - unlimitedPowerW('waiting', clock, A100)) / clock;
  t.true(near(dynamicJ(1200) / dynamicJ(1410), 0.491 / 0.699, 0.07));
});

function kareusJob(
  model: string,
  [context, tensor, sequences, sequence]: readonly number[],
): PredictedJob {
  return {
    shape: readModelShape(model, 'test'),
    machine: A100,
    layout: {
      tensor: tensor!,
      context: context!,
      expert: 1,
      pipeline: 2,
      data: 1,
      repeatsTokens: true,
    },
    chunks: 1,
    partition: [
      { blocks: 15, predictions: 0 },
      { blocks: 13, predictions: 0 },
    ],
    microbatch: { sequences: sequences!, sequence: sequence! },
    microbatches: 8,
    precision: 'bf16',
    recompute: 'full',
  };
}

/** Energy over that of the fastest point, at a time over its own, on the line between neighbours. */
function energyAt(points: readonly (readonly [timeS: number, energyJ: number])[], slower: number) {
  const rising = [...points].sort(([a], [b]) => a - b);
  const [fastestS, fastestJ] = rising[0]!;
  const k = Math.max(
    1,
    rising.findIndex(([timeS]) => timeS >= slower * fastestS),
  );
  const [[t0, e0], [t1, e1]] = [rising[k - 1]!, rising[k]!];
  return (e0 + ((slower * fastestS - t0) / (t1 - t0)) * (e1 - e0)) / fastestJ;
}

testWithSharedData('frontiers of plans on A100 have the measured shape', (t) => {
  const lines = readSharedData('kareus/plan_costs.csv').trim().split('\n').slice(1);
  const measured = new Map<string, [number, number][]>();
  for (const line of lines) {
    const cells = line.split(',');
    if (cells[0] !== 'perseus') continue;
    const key = `${cells[1]} ${cells[2]}`;
    measured.set(key, [...(measured.get(key) ?? []), [Number(cells[9]), Number(cells[5])]]);
  }
  const clocks = Array.from({ length: 18 }, (_, k) => 1410 - 30 * k);
  const errors = [...measured].map(([key, points]) => {
    const model = key.includes('llama') ? 'llama-3.2-3b' : 'qwen3-1.7b';
    const sizes = /cp(\d+)_tp(\d+)_mbs(\d+)_seq(\d+)/.exec(key)!.slice(1).map(Number);
    const pipeline = new PlannedPipeline({
      profile: operatorProfile(kareusJob(model, sizes), clocks),
      microbatches: 8,
      blockingPowerW: 85,
    });
    const found = [...pipeline.frontier(40)].map(({ timeS, energyJ }) => [timeS, energyJ] as const);
    return [1.05, 1.1].map((s) => 100 * (energyAt(found, s) - energyAt(points, s)));
  });
  t.log(errors);
  t.is(errors.length, 6);
  // Of one of them (Llama, 8 sequences of 8192) the measured slow clocks take twice what others do.
  const within = errors.filter((each) => each.every((points) => Math.abs(points) <= 3));
  t.true(within.length >= 5);
});

test('a saving that was not measured is a band', (t) => {
  const job = { ...kareusJob('qwen3-1.7b', [1, 8, 8, 4096]), microbatches: 4 };
  const { predictedPct, lowPct, highPct } = stragglerSaving(job, 1.1);
  t.true(lowPct < predictedPct && predictedPct < highPct);
  t.true(predictedPct > 15 && predictedPct < 30, String(predictedPct));
});
