import test from 'ava';
import {
  extrapolationWarning,
  parseMeasuredJob,
  timeAtClock,
} from '../../sim/hardware/measured-job.js';
import { fitRuns } from '../../sim/fit/fit-runs.js';
import { predictionErrors, predictPlan } from '../../sim/fit/predict-runs.js';
import { randomStream } from '../../sim/kernel/random-streams.js';
import type { MeasuredJobModel } from '../../sim/hardware/measured-job.js';
import { InputError } from '../../src/errors.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import {
  readMeasuredRuns,
  type MeasuredJob,
  type MeasuredPlan,
} from '../../sim/fit/measured-runs.js';
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

test('a known waiting power is taken; no stage draws much more than its board may', (t) => {
  const known = { blockingPowerW: 80, powerLimitW: 250 };
  const model = fitRuns(measure(numbers(1, 20), 1), { ...metadata, ...known });
  t.is(model.blockingPowerW, 80);
  const highestW = Math.max(...model.stages.flatMap(({ power }) => power.values));
  t.true(highestW <= 1.15 * 250, `${highestW} W`);
  t.true(Math.abs(highestW / 275 - 1) < 0.04, `${highestW} W, expected 275 W`);
});

test('links of one kind have one transfer time', (t) => {
  const { overheads } = fitRuns(measure(numbers(1, 20), 1), metadata);
  t.is(new Set(overheads.transferS).size, 1);
});

test('the first backward of a stage, which is shorter, dents no table', (t) => {
  const job = measure(numbers(1, 20), 1);
  // A clock of its own for the first backward of stage 0, and 4 % less time.
  const plans = job.plans.map((plan) => {
    const clocksMHz = plan.clocksMHz.map((clocks) => clocks.slice());
    clocksMHz[0]![STAGES] = 1050;
    const first = { stage: 0, kind: 'backward' as const, frequencyMHz: 1050, count: 1 };
    const timeS = 0.96 * timeAtClock(truth.stages[0]!.backward, 1050);
    return {
      ...plan,
      clocksMHz,
      instructions: [...plan.instructions, { ...first, timeS, meanTimeS: timeS }],
    };
  });
  const { backward } = fitRuns({ ...job, plans }, metadata).stages[0]!;
  t.deepEqual(backward.clocksMHz, CLOCKS);
});

test('below the lowest clock a time goes on as it does above', (t) => {
  const table = { clocksMHz: [1000, 1100, 1400], values: [0.3, 0.28, 0.24] };
  const slope = (0.3 - 0.28) / (1 / 1000 - 1 / 1100);
  t.true(Math.abs(timeAtClock(table, 900) - (0.3 + slope * (1 / 900 - 1 / 1000))) < 1e-12);
  t.is(timeAtClock({ clocksMHz: [1000], values: [0.3] }, 500), 0.6);
});

test('a job of two pipelines: its constant has a power of its own', (t) => {
  const two: MeasuredJobModel = {
    ...truth,
    pipelines: 2,
    gpusPerStage: 2,
    synchronisationPowerW: 130,
    overheads: { ...truth.overheads, iterationConstantS: 0, synchronisationS: 2.5 },
  };
  const one = measure(numbers(1, 20), 1);
  const job = {
    ...one,
    pipelineCount: 2,
    gpusPerStage: 2,
    plans: one.plans.map((plan) => {
      const { timeS, energyJ } = predictPlan(two, plan);
      return { ...plan, iterationTimeS: timeS, iterationEnergyJ: energyJ };
    }),
  };
  const model = fitRuns(job, { ...metadata, blockingPowerW: 80 });
  t.is(model.overheads.iterationConstantS, 0);
  t.true(Math.abs(model.overheads.synchronisationS! / 2.5 - 1) < 0.01);
  // Energies of whole iterations leave its power open; the job's are right all the same.
  t.true(model.synchronisationPowerW! > 40);
  t.true(model.fit.energyMeanPct < 0.1, `${model.fit.energyMeanPct} %`);
});

test('ranks are as many as the job’s name says', (t) => {
  const rename = (text: string) => text.replaceAll('a,1', 'x+dp2+pp2+tp1,1');
  const rows = [0, 1].flatMap((stage) => [`a,1,${stage},2,100`, `a,1,${stage},2.1,110`]);
  const iterations = `workload_id,plan,stage,iter_time_s,iter_energy_j\n${rows.join('\n')}\n`;
  const [job] = readMeasuredRuns({
    folder: 'x',
    plans: rename(PLANS),
    iterations: rename(iterations),
  });
  t.deepEqual([job!.pipelineCount, job!.gpusPerStage], [2, 1]);
  t.like(job!.plans[0], { iterationTimeS: 2.1, iterationEnergyJ: 420, stageEnergyJ: [210, 210] });
  const error = t.throws(() => readMeasuredRuns({ folder: 'x', plans: PLANS, iterations }), {
    instanceOf: InputError,
  });
  t.regex(error.message, /a, plan 1: found 2 rows per stage, expected 1, one per GPU/);
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
