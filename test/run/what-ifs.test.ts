import test from 'ava';
import fc from 'fast-check';
import { energyBound } from '../../sim/run/energy-bound.js';
import type { PolicyResult } from '../../sim/run/policy-figures.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import { profileOf, scenarioOf } from '../support/made-up.js';
import { checkProperty } from '../support/properties.js';

async function rowsOf(fields: object, works = [0.1, 0.12]): Promise<[PolicyResult, PolicyResult]> {
  const { policies } = await runScenario(scenarioOf(fields), profileOf(works), {
    findBound: energyBound,
  });
  return policies as [PolicyResult, PolicyResult];
}

function assertClose(found: number, expected: number, relative: number, what: string): void {
  if (!(Math.abs(found - expected) <= relative * Math.abs(expected))) {
    throw new Error(`${what}: found ${found}, expected ${expected}`);
  }
}

test('a run of equal iterations is a multiple of one of them', async (t) => {
  const shape = fc.record({
    iterations: fc.integer({ min: 2, max: 40 }),
    slowdown: fc.constantFrom(1, 1.1, 1.4),
    noticeS: fc.constantFrom(0, 7),
  });
  await checkProperty(
    t,
    shape,
    async ({ iterations, slowdown, noticeS }) => {
      const stragglers = slowdown === 1 ? [] : [{ pipeline: 1, slowdown }];
      const fields = { pipelines: 3, stragglers, noticeS };
      const once = await rowsOf(fields);
      const often = await rowsOf({ ...fields, iterations });
      once.forEach((row, k) => {
        const run = often[k]!;
        assertClose(run.simulatedTimeS, iterations * row.simulatedTimeS, 1e-12, 'time');
        assertClose(run.simulatedEnergyJ, iterations * row.simulatedEnergyJ, 1e-12, 'energy');
        assertClose(run.ledger.totalJ, run.simulatedEnergyJ, 1e-12, 'ledger');
        if (Math.abs(run.regretEnergyPct) > 1e-9) throw new Error('regret of what was known');
      });
    },
    25,
  );
});

test('a straggler that comes and goes: iterations of each kind add up', async (t) => {
  const [healthy] = await rowsOf({ pipelines: 2 });
  const [slow] = await rowsOf({ pipelines: 2, stragglers: [{ pipeline: 0, slowdown: 1.5 }] });
  // Slow from the beginning of the third iteration to the end of the fifth.
  const fromS = 2 * healthy.simulatedTimeS;
  const untilS = fromS + 3 * slow.simulatedTimeS;
  const nudge = 1e-9;
  const stragglers = [{ pipeline: 0, slowdown: 1.5, fromS: fromS - nudge, untilS: untilS - nudge }];
  const [run] = await rowsOf({ pipelines: 2, stragglers, iterations: 9 });
  const expectedS = 6 * healthy.simulatedTimeS + 3 * slow.simulatedTimeS;
  assertClose(run.simulatedTimeS, expectedS, 1e-9, 'time');
  const expectedJ = 6 * healthy.simulatedEnergyJ + 3 * slow.simulatedEnergyJ;
  assertClose(run.simulatedEnergyJ, expectedJ, 1e-9, 'energy');
  t.pass();
});

test('who notices at once regrets nothing but the iteration in which things changed', async (t) => {
  const stragglers = [{ pipeline: 0, slowdown: 1.5, fromS: 20, untilS: 60 }];
  const regretOf = async (noticeS: number) => {
    const [, perseus] = await rowsOf({ pipelines: 4, stragglers, iterations: 60, noticeS });
    return perseus;
  };
  const atOnce = await regretOf(0);
  const late = await regretOf(15);
  t.true(atOnce.regretTimePct >= -1e-9 && atOnce.regretTimePct < 1);
  t.true(late.regretTimePct > atOnce.regretTimePct + 1, 'it stays slow when it need not');
  t.true(late.extrinsicPct > 0);
  const [max] = await rowsOf({ pipelines: 4, stragglers, iterations: 60, noticeS: 15 });
  t.is(max.regretEnergyPct, 0, 'max-frequency does nothing with what it knows');
});

test('a straggler that stays: who notices later saves less, and is no slower', async (t) => {
  const stragglers = [{ pipeline: 0, slowdown: 1.5, fromS: 20 }];
  const rows = await Promise.all(
    [0, 15, 40].map((noticeS) => rowsOf({ pipelines: 4, stragglers, iterations: 40, noticeS })),
  );
  const [first, later, last] = rows.map(([, perseus]) => perseus);
  t.true(first!.extrinsicPct > later!.extrinsicPct + 1);
  t.true(later!.extrinsicPct > last!.extrinsicPct + 1);
  t.true(last!.regretEnergyPct > later!.regretEnergyPct);
  t.true(last!.regretTimePct < 0.1);
});

test('several stragglers at once: those that do not hold up the job run as slowly as it allows', async (t) => {
  const worst = { pipeline: 0, slowdown: 1.5 };
  const lesser = { pipeline: 1, slowdown: 1.2 };
  const [max, perseus] = await rowsOf({ pipelines: 2, stragglers: [worst, lesser] });
  t.true(Math.abs(perseus.slowdownPct) < 0.1, `slows by ${perseus.slowdownPct} %`);
  t.true(perseus.aboveBoundPct! < 4, `${perseus.aboveBoundPct!} % above the bound`);
  t.true(Math.abs(perseus.planned!.savingPct - perseus.savingPct) < 3, 'as planned');
  // Nobody is healthy: all that is saved by knowing is saved on the lesser straggler.
  t.true(perseus.extrinsicPct > 3, `${perseus.extrinsicPct} points`);
  assertClose(perseus.simulatedTimeS, max.simulatedTimeS, 1e-3, 'time');
});

test('a lesser straggler that a slower plan would make late keeps the fastest one', async (t) => {
  const worst = { pipeline: 0, slowdown: 1.28 };
  // The slower plan stretches what is slow here by more than it stretches the iteration.
  const lesser = { pipeline: 1, stage: 0, slowdown: 1.71, backwardSlowdown: 1.26 };
  const pipeline = { stages: 3, microbatches: 5 };
  const works = [0.24, 0.17, 0.26];
  const [, both] = await rowsOf({ pipeline, pipelines: 2, stragglers: [worst, lesser] }, works);
  const [, alone] = await rowsOf({ pipeline, stragglers: [worst] }, works);
  assertClose(both.simulatedTimeS, alone.simulatedTimeS, 2e-3, 'time');
  t.pass();
});

test('two causes on one pipeline multiply: others wait for both', async (t) => {
  const both = [
    { pipeline: 0, slowdown: 1.2 },
    { pipeline: 0, slowdown: 1.25, cause: 'stall' },
  ];
  const [, twice] = await rowsOf({ pipelines: 3, stragglers: both });
  const [, once] = await rowsOf({ pipelines: 3, stragglers: [{ pipeline: 0, slowdown: 1.5 }] });
  assertClose(twice.simulatedTimeS, once.simulatedTimeS, 1e-9, 'time');
  // Healthy pipelines run the same plan: only the straggler itself uses less while it stalls.
  assertClose(
    twice.ledger.stragglerBlockingJ,
    once.ledger.stragglerBlockingJ,
    1e-9,
    'waiting of the others',
  );
  t.pass();
});

test('whatever stragglers there are, slowing for the slowest makes no pipeline late', async (t) => {
  const straggler = fc.oneof(
    fc.record({ slowdown: fc.double({ min: 1, max: 2, noNaN: true }) }),
    fc.record({
      slowdown: fc.double({ min: 1, max: 2, noNaN: true }),
      backwardSlowdown: fc.double({ min: 1, max: 2, noNaN: true }),
      stage: fc.integer({ min: 0, max: 1 }),
    }),
    fc.record({ cause: fc.constant('throttle'), clockLimitMHz: fc.constantFrom(990, 1200) }),
    fc.record({ cause: fc.constant('data-stall'), delayS: fc.constantFrom(0.01, 0.2) }),
  );
  await checkProperty(
    t,
    fc.array(straggler, { minLength: 2, maxLength: 3 }),
    async (list) => {
      const stragglers = list.map((fields, pipeline) => ({ ...fields, pipeline }));
      const [, perseus] = await rowsOf({ pipelines: 4, stragglers });
      // What the slowest of them alone makes of the job, healthy pipelines running fastest.
      const alone = await Promise.all(
        stragglers.map((one) => rowsOf({ pipelines: 1, stragglers: [{ ...one, pipeline: 0 }] })),
      );
      const slowestS = Math.max(...alone.map(([, row]) => row.simulatedTimeS));
      if (perseus.simulatedTimeS > slowestS * 1.004) {
        throw new Error(`takes ${perseus.simulatedTimeS}, the slowest alone ${slowestS}`);
      }
      if (perseus.extrinsicPct < -1e-9) throw new Error(`knowing costs ${perseus.extrinsicPct}`);
    },
    25,
  );
});

test('a slowdown may be another backwards than forwards', async (t) => {
  const [plain] = await rowsOf({ pipeline: { stages: 1, microbatches: 4 } }, [0.1]);
  const [slow] = await rowsOf(
    {
      pipeline: { stages: 1, microbatches: 4 },
      stragglers: [{ pipeline: 0, slowdown: 2.5, backwardSlowdown: 2.27 }],
    },
    [0.1],
  );
  // Forwards take 0.1 s, backwards 0.2 s.
  assertClose(plain.simulatedTimeS, 4 * 0.3, 1e-12, 'healthy');
  assertClose(slow.simulatedTimeS, 4 * (2.5 * 0.1 + 2.27 * 0.2), 1e-12, 'slow');
  t.is(slow.planned, undefined);
});

test('of split backwards both gradients are slow as backwards are, recomputations as forwards', async (t) => {
  const timeOf = async (schedule: string, stragglers: object[]) => {
    const pipeline = { schedule, stages: 1, microbatches: 4 };
    const [row] = await rowsOf({ pipeline, stragglers }, [0.1]);
    return row.simulatedTimeS;
  };
  const slow = [{ pipeline: 0, slowdown: 2, backwardSlowdown: 3 }];
  assertClose(await timeOf('zb-h1', slow), 4 * (2 * 0.1 + 3 * 0.2), 1e-12, 'zb-h1');
  const healthyS = await timeOf('early-recomputation', []);
  const recomputeS = healthyS / 4 - 0.3;
  const expectedS = 4 * (2 * (0.1 + recomputeS) + 3 * 0.2);
  assertClose(await timeOf('early-recomputation', slow), expectedS, 1e-12, 'recomputation');
  t.pass();
});

test('drawn stragglers go on for as long as the run lasts, however slow it becomes', async (t) => {
  const fields = {
    pipelines: 2,
    iterations: 30,
    stragglers: [{ pipeline: 1, slowdown: 20 }],
    // Always a bad worker, which makes pipeline 0 alone 2.3 times as slow or more.
    randomStragglers: {
      ...{ meanTimeBetweenS: 1e-3, shortestS: 1, longestS: 3 },
      kinds: { 'bad-worker': 1 },
    },
    policies: ['max-frequency'],
  };
  const [row] = await rowsOf(fields);
  const [alone] = await rowsOf({ ...fields, randomStragglers: undefined });
  assertClose(row.simulatedTimeS, 2 * alone.simulatedTimeS, 0.3, 'bad workers until the end');
  t.pass();
});

test('more slowdowns by chance than a job can have are refused', async (t) => {
  await t.throwsAsync(
    rowsOf({ randomStragglers: { meanTimeBetweenS: 1e-9, shortestS: 1e-9, longestS: 1e-9 } }),
    { message: /^s\.yaml, randomStragglers\.meanTimeBetweenS: found 1e-9 s, which makes about/ },
  );
});

test('drawn stragglers and jitter are the same for every policy, and others for another seed', async (t) => {
  const fields = {
    pipelines: 3,
    iterations: 20,
    jitter: {},
    randomStragglers: { meanTimeBetweenS: 30, shortestS: 2, longestS: 20 },
    policies: ['max-frequency', 'perseus'],
  };
  const [max, perseus] = await rowsOf(fields);
  const [alone] = await rowsOf({ ...fields, policies: ['max-frequency'] });
  t.is(alone.simulatedEnergyJ, max.simulatedEnergyJ);
  t.true(perseus.savingPct > 1);
  const [other] = await rowsOf({ ...fields, seed: 2 });
  t.not(other.simulatedEnergyJ, max.simulatedEnergyJ);
  const [again] = await rowsOf(fields);
  t.deepEqual(again, max);
});

test('means over seeds are the means of the seeds, within their interval', async (t) => {
  const fields = { pipelines: 2, jitter: {}, seed: 5 };
  const rows = await Promise.all([5, 6, 7].map((seed) => rowsOf({ ...fields, seed })));
  const [, mean] = await rowsOf({ ...fields, seeds: 3 });
  const values = rows.map(([, row]) => row.savingPct);
  assertClose(mean.savingPct, (values[0]! + values[1]! + values[2]!) / 3, 1e-12, 'mean');
  t.true(mean.intervals!.savingPct.low >= Math.min(...values) - 1e-12);
  t.true(mean.intervals!.savingPct.high <= Math.max(...values) + 1e-12);
  assertClose(mean.ledger.totalJ, mean.simulatedEnergyJ, 1e-12, 'ledger');
  t.is(rows[0]![1].intervals, undefined);
});

test('a limit on the job’s power is kept, and no faster plan would keep it', async (t) => {
  const limit = fc.double({ min: 0.62, max: 1.1, noNaN: true });
  const [free] = await rowsOf({ pipelines: 2 });
  await checkProperty(
    t,
    limit,
    async (part) => {
      const jobLimitW = part * free.averagePowerW;
      const rows = await rowsOf({ pipelines: 2, power: { jobLimitW } });
      for (const row of rows) {
        if (row.averagePowerW > jobLimitW * (1 + 1e-9)) throw new Error(`${row.policy} exceeds it`);
      }
      const [max, perseus] = rows;
      if (part >= 1 && max.simulatedTimeS !== free.simulatedTimeS)
        throw new Error('slowed in vain');
      if (perseus.simulatedTimeS > max.simulatedTimeS * 1.002) {
        throw new Error('the frontier has nothing faster than clocks capped for all');
      }
      // Perseus uses the room it has: a point of the frontier is less than a hundredth apart.
      if (part < 0.9 && perseus.averagePowerW < 0.97 * jobLimitW) throw new Error('room is left');
    },
    40,
  );
});

test('a limit on a GPU’s power is kept by every instruction', async (t) => {
  const { policies, dag } = await runScenario(
    scenarioOf({ power: { gpuLimitW: 250 } }),
    profileOf([0.1, 0.1]),
  );
  t.is(dag.stageCount, 2);
  const [free] = await rowsOf({}, [0.1, 0.1]);
  t.true(policies[0]!.simulatedTimeS > free.simulatedTimeS);
  t.true(policies[0]!.averagePowerW <= 2 * 250);
});

test('twice the work on every stage takes and uses twice as much', async (t) => {
  const [plain] = await rowsOf({});
  const { policies, balance } = await runScenario(
    scenarioOf({ imbalance: { factors: [2, 2] } }),
    profileOf([0.1, 0.12]),
  );
  assertClose(policies[0]!.simulatedTimeS, 2 * plain.simulatedTimeS, 1e-12, 'time');
  assertClose(policies[0]!.simulatedEnergyJ, 2 * plain.simulatedEnergyJ, 1e-12, 'energy');
  assertClose(balance!.imbalanceRatio, 1.2, 1e-12, 'ratio');
  t.pass();
});

test('interleaved: the imbalance of stages is not that of the parts they hold', async (t) => {
  // 32 layers on 4 stages of 2 parts each, "3 4 4 4 5 4 4 4": every stage holds 8.
  const { balance } = await runScenario(
    scenarioOf({
      pipeline: { schedule: 'interleaved', stages: 4, microbatches: 8, chunks: 2 },
      imbalance: { factors: [0.75, 1, 1, 1, 1.25, 1, 1, 1] },
    }),
    profileOf([0.1, 0.1, 0.1, 0.1]),
  );
  assertClose(balance!.imbalanceRatio, 1, 1e-12, 'of stages');
  assertClose(balance!.partImbalanceRatio, 5 / 3, 1e-12, 'of parts');
  t.pass();
});

test('perfect balance saves what the closed form says', async (t) => {
  // (M + S − 1)(f + b) with the mean of the stages, against the simulated pipeline.
  const { policies, balance } = await runScenario(
    scenarioOf({ imbalance: { factors: [1, 1.5] } }),
    profileOf([0.1, 0.1]),
  );
  const equalS = (4 + 1) * 3 * 0.125;
  const expected = 100 * (1 - equalS / policies[0]!.simulatedTimeS);
  assertClose(balance!.timeSavedPct, expected, 1e-9, 'time saved');
  t.true(balance!.energySavedPct > 0);
});

test('layers: stages take what their blocks take', async (t) => {
  const { policies, balance } = await runScenario(
    scenarioOf({
      pipeline: { stages: 3, microbatches: 5 },
      imbalance: { layers: { blocks: 6 }, profiled: { stage: 1, blocks: 4 } },
    }),
    profileOf([0.1, 0.4]),
  );
  // Two blocks of four: half of stage 1's work.
  assertClose(policies[0]!.simulatedTimeS, (5 + 2) * 3 * 0.2, 1e-9, 'time');
  t.is(balance!.imbalanceRatio, 1);
});

test('communication: links by node, a ring over all pipelines, and its power', async (t) => {
  const communication = {
    activationMB: 100,
    gradientMB: 4000,
    stagesPerNode: 1,
    betweenNodes: { latencyS: 0.001, bandwidthGBs: 10 },
    powerW: 200,
  };
  const plain = (await rowsOf({ pipelines: 4 }))[0];
  const row = (await rowsOf({ pipelines: 4, communication }))[0];
  // Six steps that move a quarter of 4 GB each.
  const ringS = 6 * (0.001 + 1 / 10);
  const reductionJ = 4 * 2 * 200 * ringS;
  const transferJ = 4 * 2 * 4 * 200 * (0.001 + 0.1 / 10);
  assertClose(row.ledger.communicationJ, transferJ, 1e-9, 'communication');
  assertClose(row.ledger.synchronisationJ, reductionJ, 1e-9, 'reduction');
  t.true(row.simulatedTimeS > plain.simulatedTimeS + ringS);
  const overlapped = (
    await rowsOf({ pipelines: 4, communication: { ...communication, rule: 'overlapped' } })
  )[0];
  t.true(overlapped.simulatedTimeS < row.simulatedTimeS);
  t.is(overlapped.ledger.communicationJ, 0, 'overlapped transfers cost nothing');
  assertClose(overlapped.ledger.synchronisationJ, reductionJ, 1e-9, 'the reduction does');
});

test('planners know overlapped transfers: no policy is slowed by them', async (t) => {
  const communication = {
    rule: 'overlapped',
    activationMB: 100,
    betweenNodes: { bandwidthGBs: 2 },
  };
  const [max, perseus] = await rowsOf({ communication });
  t.true(perseus.slowdownPct < 0.2, `slows by ${perseus.slowdownPct} %`);
  t.true(perseus.savingPct > 1);
  t.true(perseus.aboveBoundPct! > -1e-9 && perseus.aboveBoundPct! < max.aboveBoundPct!);
});

test('waiting at the highest clock costs more where blocking power depends on the clock', async (t) => {
  const [flat] = await rowsOf({});
  const [steep, perseus] = await rowsOf({ power: { blockingAtHighestClockW: 160 } });
  // All instructions run at 1410 MHz: every second of waiting draws 160 W and not 80 W.
  assertClose(steep.ledger.pipelineBlockingJ, 2 * flat.ledger.pipelineBlockingJ, 1e-9, 'blocking');
  t.true(perseus.ledger.pipelineBlockingJ < steep.ledger.pipelineBlockingJ);
});

test('waiting draws what the clock in force asks for, straight from the lowest to the highest', async (t) => {
  // Throttled to 990 MHz: (990 − 885) / (1410 − 885) = a fifth of the way from 80 W to 160 W.
  const stragglers = [{ pipeline: 0, cause: 'throttle', clockLimitMHz: 990 }];
  const [flat] = await rowsOf({ stragglers });
  const [steep] = await rowsOf({ stragglers, power: { blockingAtHighestClockW: 160 } });
  const expectedJ = (96 / 80) * flat.ledger.pipelineBlockingJ;
  assertClose(steep.ledger.pipelineBlockingJ, expectedJ, 1e-9, 'blocking');
  t.true(flat.ledger.pipelineBlockingJ > 0);
});
