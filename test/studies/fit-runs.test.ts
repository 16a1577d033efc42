import test from 'ava';
import {
  extrapolationWarning,
  parseMeasuredJob,
  timeAtClock,
} from '../../sim/hardware/measured-job.js';
import { fitRuns } from '../../sim/studies/fit-runs.js';
import { predictionErrors, predictPlan } from '../../sim/studies/predict-runs.js';
import { randomStream } from '../../sim/kernel/random-streams.js';
import type { MeasuredJobModel } from '../../sim/hardware/measured-job.js';
import { InputError } from '../../src/errors.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import {
  readMeasuredRuns,
  type MeasuredJob,
  type MeasuredPlan,
} from '../../src/profile/measured-runs.js';
import { PROFILED_KINDS } from '../../src/profile/stage-profile.js';

const CLOCKS = [900, 1000, 1100, 1200, 1300, 1400];
const STAGES = 4;
const MICROBATCHES = 8;

/** A job whose physics and overheads are known. */
const truth: MeasuredJobModel = {
  name: 'known',
  workloadId: 'known',
  gpu: 'known',
  source: 'made up',
  units: { clock: 'MHz', time: 's', power: 'W' },
  microbatches: MICROBATCHES,
  pipelines: 1,
  gpusPerStage: 1,
  blockingPowerW: 80,
  overheads: {
    loadingS: [0.01, 0, 0, 0.008],
    transferS: [0.006, 0.006, 0.006],
    iterationConstantS: 0.2,
  },
  stages: Array.from({ length: STAGES }, (_, s) => ({
    forward: {
      clocksMHz: CLOCKS,
      values: CLOCKS.map((f) => (0.02 + 0.002 * s) * (0.2 + 1120 / f)),
    },
    backward: {
      clocksMHz: CLOCKS,
      values: CLOCKS.map((f) => (0.05 - 0.002 * s) * (0.2 + 1120 / f)),
    },
    power: { clocksMHz: CLOCKS, values: CLOCKS.map((f) => 60 + 5 * s + 200 * (f / 1400) ** 2) },
  })),
  fit: {
    plans: 1,
    timeMeanPct: 0,
    timeWorstPct: 0,
    energyMeanPct: 0,
    energyWorstPct: 0,
    energyAtMeasuredTimeMeanPct: 0,
  },
  networkBound: false,
};

/** Random plans, "measured" by simulating the truth. */
function measure(plans: readonly number[], seed: number): MeasuredJob {
  const dag = oneFOneB(STAGES, MICROBATCHES);
  return {
    workloadId: 'known',
    stageCount: STAGES,
    microbatchCount: MICROBATCHES,
    pipelineCount: 1,
    gpusPerStage: 1,
    loadingS: truth.overheads.loadingS,
    plans: plans.map((plan): MeasuredPlan => {
      const random = randomStream(seed, `plan-${plan}`);
      const pick = () => (plan === 1 ? 1400 : CLOCKS[Math.floor(random() * CLOCKS.length)]!);
      const clocksMHz = Array.from({ length: STAGES }, () =>
        Float64Array.from({ length: 2 * MICROBATCHES }, pick),
      );
      const { timeS, energyJ } = predictPlan(truth, { clocksMHz });
      return {
        plan,
        clocksMHz,
        iterationTimeS: timeS,
        iterationEnergyJ: energyJ,
        stageEnergyJ: undefined,
        instructions: clocksMHz.flatMap((clocks, stage) =>
          Array.from(clocks, (frequencyMHz, k) => {
            const kind = PROFILED_KINDS[dag.kind[dag.stageStart[stage]! + k]!]!;
            const timeS = timeAtClock(truth.stages[stage]![kind], frequencyMHz);
            return { stage, kind, frequencyMHz, count: 1, timeS, meanTimeS: timeS };
          }),
        ),
      };
    }),
  };
}

const metadata = { name: 'known', gpu: 'known', source: 'made up' };
const numbers = (first: number, count: number) =>
  Array.from({ length: count }, (_, k) => first + k);

test('a job with known overheads comes back from its runs', (t) => {
  const model = fitRuns(measure(numbers(1, 20), 1), metadata);
  t.log(`transfers ${model.overheads.transferS.join(', ')}; blocking ${model.blockingPowerW} W`);
  const transfersS = model.overheads.transferS.reduce((sum, timeS) => sum + timeS, 0);
  const { iterationConstantS } = model.overheads;
  t.true(Math.abs(transfersS - 0.018) < 0.002, `transfers add up to ${transfersS} s`);
  t.true(Math.abs(iterationConstantS - 0.2) < 0.01, `constant ${iterationConstantS} s`);
  t.true(model.fit.timeMeanPct < 0.02 && model.fit.energyMeanPct < 0.3);
  t.false(model.networkBound);
});

test('plans that were not fitted are predicted', (t) => {
  const model = fitRuns(measure(numbers(1, 20), 1), metadata);
  const errors = predictionErrors(model, measure(numbers(50, 10), 2).plans);
  t.log(errors);
  t.true(errors.timeMeanPct < 0.05);
  t.true(errors.energyMeanPct < 0.3);
});

test('clocks beyond those fitted are warned of', (t) => {
  const model = fitRuns(measure(numbers(1, 5), 1), metadata);
  const within = truth.stages.map(() => [1000, 1400]);
  t.is(extrapolationWarning(model, within), undefined);
  t.is(
    extrapolationWarning(model, [...within.slice(0, 3), [850, 1410]]),
    'extrapolated: stage 3 asks for 850–1410 MHz, fitted were 900–1400 MHz',
  );
});

test('what a fit needs and does not have is said', (t) => {
  const job = measure([1, 2], 1);
  const untimed = { ...job, plans: job.plans.map((plan) => ({ ...plan, instructions: [] })) };
  const message = (broken: MeasuredJob) =>
    t.throws(() => fitRuns(broken, metadata), { instanceOf: InputError }).message;
  t.regex(message(untimed), /needs instructions\.csv/);
  t.regex(message({ ...job, plans: [] }), /no executed plan/);
});

const PLANS = `workload_id,plan,stage,index,instruction,microbatch,frequency_mhz
a,1,0,0,forward,0,1400
a,1,0,1,backward,0,1400
a,1,1,0,forward,0,1300
a,1,1,1,backward,0,1300
`;

test('iterations per job and per rank are read alike', (t) => {
  const perJob = 'workload_id,plan,time_s,energy_j\na,1,2.5,300\n';
  const perRank = `workload_id,plan,stage,iter_time_s,iter_energy_j\na,1,0,2.4,100\na,1,1,2.5,200\n`;
  const [job] = readMeasuredRuns({ folder: 'x', plans: PLANS, iterations: perJob });
  const [rank] = readMeasuredRuns({ folder: 'x', plans: PLANS, iterations: perRank });
  t.like(job!.plans[0], { iterationTimeS: 2.5, iterationEnergyJ: 300 });
  t.like(rank!.plans[0], { iterationTimeS: 2.5, iterationEnergyJ: 300 });
  t.deepEqual(rank!.plans[0]!.stageEnergyJ, [100, 200]);
  t.deepEqual([job!.stageCount, job!.microbatchCount], [2, 1]);
});

test('broken tables: every problem, with line and column', (t) => {
  const message = (plans: string, iterations: string) =>
    t.throws(() => readMeasuredRuns({ folder: 'x', plans, iterations }), { instanceOf: InputError })
      .message;
  t.is(
    message(PLANS.replace('1400', 'fast').replace('1300', '-3'), ''),
    'x/plans.csv:2, column "frequency_mhz": found "fast", expected a number above 0\n' +
      'x/plans.csv:4, column "frequency_mhz": found "-3", expected a number above 0',
  );
  t.regex(
    message(PLANS.replace('a,1,1,1,backward,0,1300\n', ''), ''),
    /plan 1: the stages have 2, 1 instructions/,
  );
  t.regex(message(PLANS, 'workload_id,plan,stage\n'), /column "iter_time_s": is missing/);
  t.regex(message('', ''), /the file is empty/);
});

test('an entry that is not one is refused', (t) => {
  t.throws(() => parseMeasuredJob('name: nothing else'));
});
