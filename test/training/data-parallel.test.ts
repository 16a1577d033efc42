import test from 'ava';
import fc from 'fast-check';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { bookEnergy } from '../../sim/energy/ledger.js';
import type { OperationPhysics } from '../../sim/hardware/operation-physics.js';
import { randomStream } from '../../sim/kernel/random-streams.js';
import { dataParallelJob, type DataParallelSetup } from '../../sim/training/data-parallel.js';
import { simulateJob } from '../../sim/training/job.js';
import { noOverheads } from '../../sim/training/timing.js';
import { checkProperty } from '../support/properties.js';

const GPUS = { blockingPowerW: 70.38, gpusPerStage: 8 };

/** Operations whose time is inverse to the clock; no two alike. */
function inversePhysics(operationCount: number): OperationPhysics[] {
  return Array.from({ length: operationCount }, (_, op) => ({
    timeS: (frequencyMHz) => (50 + 7 * op) / frequencyMHz,
    powerW: (frequencyMHz) => 100 + 3 * op + frequencyMHz / 8,
    clockAtMost: (limitMHz: number) => Math.min(limitMHz, 1410),
    lowestMHz: 210,
    highestMHz: 1410,
  }));
}

function setupOf(stages: number, microbatches: number, pipelineCount: number): DataParallelSetup {
  const dag = oneFOneB(stages, microbatches);
  return {
    dag,
    physics: inversePhysics(dag.operations.length),
    timing: noOverheads(stages),
    pipelineCount,
    plan: { frequencyMHz: new Float64Array(dag.instructionCount).fill(1410) },
  };
}

function simulate(setup: DataParallelSetup) {
  const job = dataParallelJob(setup);
  const record = simulateJob(job);
  return { job, record, ledger: bookEnergy(job, record, GPUS) };
}

function assertClose(found: number, expected: number, what: string): void {
  if (!(Math.abs(found - expected) <= 1e-12 * Math.abs(expected))) {
    throw new Error(`${what}: found ${found}, expected ${expected}`);
  }
}

const stragglerCase = fc.record({
  stages: fc.integer({ min: 1, max: 8 }),
  microbatches: fc.integer({ min: 1, max: 12 }),
  pipelineCount: fc.integer({ min: 1, max: 16 }),
  factor: fc.double({ min: 1, max: 4, noNaN: true }),
  iterationConstantS: fc.constantFrom(0, 0.25),
});

/**
 * The closed forms of both causes, with T' = r · T, E the energy of a healthy pipeline alone and
 * B(x) its blocking energy over x seconds: the n − 1 healthy ones use E + B(T' − T) each.
 */
function checkStraggler(
  cause: 'busy' | 'stall',
  stragglerJ: (healthyJ: number, factor: number, extraBlockingJ: number) => number,
) {
  return ({
    stages,
    microbatches,
    pipelineCount,
    factor,
    iterationConstantS,
  }: typeof stragglerCase extends fc.Arbitrary<infer T> ? T : never): void => {
    const timing = { ...noOverheads(stages), iterationConstantS };
    const alone = simulate(setupOf(stages, microbatches, 1));
    const { record, ledger } = simulate({
      ...setupOf(stages, microbatches, pipelineCount),
      timing,
      stragglers: [{ pipeline: pipelineCount - 1, slowdown: factor, cause }],
    });
    const healthyS = alone.record.iterationTimeS;
    const healthyJ = alone.ledger.totalJ;
    const waitingW = GPUS.blockingPowerW * GPUS.gpusPerStage * stages;
    const extraJ = waitingW * (factor - 1) * healthyS;
    assertClose(record.iterationTimeS, factor * healthyS + iterationConstantS, 'iteration time');
    assertClose(
      ledger.totalJ,
      (pipelineCount - 1) * (healthyJ + extraJ) +
        stragglerJ(healthyJ, factor, extraJ) +
        pipelineCount * waitingW * iterationConstantS,
      'energy',
    );
    if (record.simulatedPipelines !== Math.min(2, pipelineCount)) throw new Error('simulated');
  };
}

test('a busy straggler uses E · r, as the paper assumes', async (t) => {
  await checkProperty(
    t,
    stragglerCase,
    checkStraggler('busy', (healthyJ, factor) => factor * healthyJ),
  );
});

test('a stalled straggler uses no more than those that wait for it', async (t) => {
  await checkProperty(
    t,
    stragglerCase,
    checkStraggler('stall', (healthyJ, _, extraBlockingJ) => healthyJ + extraBlockingJ),
  );
});

test('what a stalled straggler waits for is booked as stall, what others wait as straggler', (t) => {
  const { ledger, record } = simulate({
    ...setupOf(4, 6, 3),
    stragglers: [{ pipeline: 1, slowdown: 1.5, cause: 'stall' }],
  });
  const healthy = simulate(setupOf(4, 6, 3)).ledger;
  const waitedS = record.iterationTimeS / 3;
  const waitingW = GPUS.blockingPowerW * GPUS.gpusPerStage * 4;
  t.true(Math.abs(ledger.stragglerBlockingJ / (2 * waitingW * waitedS) - 1) < 1e-12);
  t.true(Math.abs(ledger.totalComputeJ / healthy.totalComputeJ - 1) < 1e-12);
  t.true(ledger.stallJ > 0);
  t.is(healthy.stallJ, 0);
  t.is(healthy.stragglerBlockingJ, 0);
});

test('the job waits for the slowest of several stragglers; those alike are simulated once', (t) => {
  const setup = setupOf(3, 5, 10);
  const healthyS = simulate(setup).record.iterationTimeS;
  const { record } = simulate({
    ...setup,
    stragglers: [
      { pipeline: 9, slowdown: 1.2, cause: 'busy' },
      { pipeline: 0, slowdown: 1.3, cause: 'stall' },
      { pipeline: 4, slowdown: 1.2, cause: 'busy' },
      { pipeline: 5, slowdown: 1.2, cause: 'stall' },
    ],
  });
  t.true(Math.abs(record.iterationTimeS / (1.3 * healthyS) - 1) < 1e-12);
  t.is(record.simulatedPipelines, 4);
  t.is(record.pipelines[4], record.pipelines[9]);
  t.not(record.pipelines[4], record.pipelines[5]);
  t.is(record.pipelines[1], record.pipelines[2]);
});

test('healthy pipelines and stragglers each run their own plan', (t) => {
  const setup = setupOf(2, 4, 4);
  const slowPlan = { frequencyMHz: setup.plan.frequencyMHz.map(() => 1128) };
  const { record } = simulate({
    ...setup,
    plan: slowPlan,
    plansOf: new Map([[2, setup.plan]]),
    stragglers: [{ pipeline: 2, slowdown: 1.25, cause: 'busy' }],
  });
  // 1410 / 1128 = 1.25: both take the same time, so neither waits.
  const ends = record.pipelines.map(({ endS }) => endS);
  t.true(Math.max(...ends) / Math.min(...ends) - 1 < 1e-12);
  t.not(record.pipelines[2], record.pipelines[1]);
});

test('factors stretch instructions at the same power', (t) => {
  const setup = setupOf(1, 4, 2);
  const factor = Float64Array.from(setup.dag.kind, (_, i) => 1 + i / 10);
  const { job, record } = simulate({ ...setup, durationFactors: [undefined, factor] });
  const [plain, stretched] = job.pipelines;
  factor.forEach((f, i) => {
    t.is(stretched!.durationS[i], plain!.durationS[i]! * f);
  });
  t.deepEqual(stretched!.powerW, plain!.powerW);
  t.is(record.simulatedPipelines, 2);
  t.true(record.pipelines[1]!.endS > record.pipelines[0]!.endS);
});

test('the jitter of pipeline 3 does not change because a straggler was added', (t) => {
  const setup = setupOf(4, 6, 8);
  const jitter = (pipeline: number) => {
    const uniform = randomStream(5, `jitter/pipeline-${pipeline}`);
    return Float64Array.from(setup.dag.kind, () => 0.95 + 0.1 * uniform());
  };
  const run = (stragglers: DataParallelSetup['stragglers']) =>
    simulate({
      ...setup,
      durationFactors: Array.from({ length: 8 }, (_, p) => jitter(p)),
      stragglers: stragglers ?? [],
    }).record;
  const before = run([]);
  const after = run([{ pipeline: 2, slowdown: 2, cause: 'busy' }]);
  t.is(before.simulatedPipelines, 8);
  t.deepEqual(after.pipelines[3], before.pipelines[3]);
  t.notDeepEqual(after.pipelines[2], before.pipelines[2]);
  t.true(after.iterationTimeS > before.iterationTimeS);
});

test('wrong setups are refused before anything is simulated', (t) => {
  const setup = setupOf(2, 2, 4);
  const busy = (pipeline: number, slowdown = 1.2) => ({
    pipeline,
    slowdown,
    cause: 'busy' as const,
  });
  const refused = (change: Partial<DataParallelSetup>, message: string) =>
    t.throws(() => dataParallelJob({ ...setup, ...change }), { instanceOf: RangeError, message });
  refused({ stragglers: [busy(4)] }, 'straggler 4 is not one of the 4 pipelines');
  refused({ stragglers: [busy(0.5)] }, 'straggler 0.5 is not one of the 4 pipelines');
  refused({ stragglers: [busy(1, 0.9)] }, 'a straggler (busy) has 0.9, expected a factor ≥ 1');
  refused({ stragglers: [busy(1, NaN)] }, 'a straggler (busy) has NaN, expected a factor ≥ 1');
  refused(
    { stragglers: [{ pipeline: 1, cause: 'throttle', clockLimitMHz: 0 }] },
    'a straggler (throttle) has 0, expected a clock above 0 MHz',
  );
  refused(
    { stragglers: [{ pipeline: 1, cause: 'data-stall', delayS: -1 }] },
    'a straggler (data-stall) has -1, expected ≥ 0 s',
  );
  refused({ durationFactors: [new Float64Array(3)] }, '3 duration factors for 8 instructions');
  refused({ durationFactors: [new Float64Array(8).fill(-1)] }, 'found a duration factor of -1');
});

test('a pipeline that is slow for several causes is slow by all of them', (t) => {
  const setup = setupOf(2, 4, 3);
  const healthyS = simulate(setup).record.meetS;
  const { record } = simulate({
    ...setup,
    stragglers: [
      { pipeline: 1, slowdown: 1.2, cause: 'busy' },
      { pipeline: 1, slowdown: 1.1, cause: 'busy' },
      { pipeline: 1, slowdown: 1.5, cause: 'stall' },
    ],
  });
  t.true(Math.abs(record.meetS / (1.98 * healthyS) - 1) < 1e-12);
});

test('a slow stage slows what runs on it, and the others only as they wait', (t) => {
  const setup = setupOf(3, 6, 1);
  const { job } = simulate({
    ...setup,
    stragglers: [{ pipeline: 0, stage: 1, slowdown: 2, cause: 'busy' }],
  });
  const healthy = simulate(setup).job.pipelines[0]!;
  job.pipelines[0]!.durationS.forEach((timeS, i) => {
    t.is(timeS, healthy.durationS[i]! * (setup.dag.stage[i] === 1 ? 2 : 1));
  });
});

test('a throttled GPU is slow only for plans above its clock', (t) => {
  const setup = setupOf(2, 4, 2);
  const stragglers = [{ pipeline: 0, clockLimitMHz: 1128, cause: 'throttle' as const }];
  const healthyS = simulate(setup).record.meetS;
  t.true(Math.abs(simulate({ ...setup, stragglers }).record.meetS / (1.25 * healthyS) - 1) < 1e-12);
  const slowPlan = { frequencyMHz: setup.plan.frequencyMHz.map(() => 1000) };
  const slow = { ...setup, plan: slowPlan };
  t.is(simulate({ ...slow, stragglers }).record.meetS, simulate(slow).record.meetS);
});

test('slow links and late data lengthen the overheads of their pipeline alone', (t) => {
  const setup = setupOf(3, 4, 2);
  const timing = { loadingS: [0.25, 0, 0], transferS: [0.125, 0.25], iterationConstantS: 0 };
  const { job } = simulate({
    ...setup,
    timing,
    stragglers: [
      { pipeline: 1, cause: 'slow-link', slowdown: 3, link: 1 },
      { pipeline: 1, cause: 'data-stall', delayS: 0.5 },
    ],
  });
  t.is(job.pipelines[0]!.timing, undefined);
  const { loadingS, sendS, outputDelayS } = job.pipelines[1]!.timing!;
  const { stage, kind } = setup.dag;
  sendS.forEach((timeS, i) => {
    const link = kind[i] === 0 ? stage[i]! : stage[i]! - 1;
    t.is(timeS, [0.125, 0.75][link] ?? 0);
    t.is(outputDelayS[i], timeS);
    t.is(loadingS[i], kind[i] === 0 && stage[i] === 0 ? 0.75 : 0);
  });
});

test('a slowdown that comes and goes touches what becomes ready while it lasts', async (t) => {
  const window = fc.record({
    microbatches: fc.integer({ min: 1, max: 8 }),
    from: fc.double({ min: 0, max: 1.2, noNaN: true }),
    length: fc.double({ min: 0, max: 1.2, noNaN: true }),
    factor: fc.double({ min: 1, max: 3, noNaN: true }),
  });
  await checkProperty(t, window, ({ microbatches, from, length, factor }) => {
    const setup = setupOf(3, microbatches, 1);
    const healthy = simulate(setup);
    const fromS = from * healthy.record.meetS;
    const untilS = fromS + length * healthy.record.meetS;
    const straggler = { pipeline: 0, slowdown: factor, cause: 'busy' as const, fromS, untilS };
    const { record } = simulate({ ...setup, stragglers: [straggler] });
    const [pipeline] = record.pipelines;
    healthy.job.pipelines[0]!.durationS.forEach((timeS, i) => {
      const readyS = pipeline!.startS[i]!;
      const expected = readyS >= fromS && readyS < untilS ? factor * timeS : timeS;
      const found = pipeline!.executed.durationS[i]!;
      if (Math.abs(found - expected) > 1e-12) throw new Error(`${found} s, expected ${expected} s`);
      if (Math.abs(pipeline!.finishS[i]! - readyS - found) > 1e-12) throw new Error('not executed');
    });
    const always = simulate({
      ...setup,
      stragglers: [{ pipeline: 0, slowdown: factor, cause: 'busy' }],
    });
    if (record.meetS > always.record.meetS + 1e-9) throw new Error('longer than slow throughout');
    if (record.meetS < healthy.record.meetS - 1e-9) throw new Error('shorter than healthy');
  });
});

test('a clock change holds up its stage, but not while it waits anyway', (t) => {
  const setup = setupOf(2, 1, 1);
  // By hand: F0 (1410), then F1; stage 0 changes its clock for B0 while it waits for stage 1.
  const plan = { frequencyMHz: Float64Array.of(1410, 1128, 1410, 1410) };
  const plain = simulate({ ...setup, plan });
  const switching = simulate({ ...setup, plan, conditions: { clockSwitchS: 0.01 } });
  const { executed, startS } = switching.record.pipelines[0]!;
  t.deepEqual([...executed.clockSwitchS!], [0.01, 0.01, 0, 0]);
  t.is(startS[0], 0.01, 'back to the first clock, after the last one of the iteration before');
  t.true(Math.abs(switching.record.meetS - plain.record.meetS - 0.01) < 1e-12);
  const expectedJ = 0.02 * GPUS.blockingPowerW * GPUS.gpusPerStage;
  t.true(Math.abs(switching.ledger.clockChangeJ / expectedJ - 1) < 1e-12);
});
