import test from 'ava';
import fc from 'fast-check';
import { spectrumOf } from '../../../sim/power/figures/spectrum.js';
import type { Averaged } from '../../../sim/power/power-series.js';
import { PowerTrace } from '../../../sim/power/trace/power-trace.js';
import { POWER_UNITS } from '../../../sim/power/trace/power-units.js';
import type { Traced } from '../../../sim/power/trace/traced-units.js';
import { PlanCache } from '../../../sim/run/plan-cache.js';
import { runScenario } from '../../../sim/run/run-scenario.js';
import type { RunWatch } from '../../../sim/run/seed-run.js';
import type { ExecutedIteration } from '../../../sim/run/training-run.js';
import { exactSum } from '../../support/exact-sum.js';
import { profileOf, scenarioOf } from '../../support/made-up.js';
import { checkProperty } from '../../support/properties.js';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** Runs of several iterations with all that makes them differ. */
const anyRun = fc
  .record({
    pipelines: fc.integer({ min: 1, max: 5 }),
    tensorParallel: fc.constantFrom(1, 8),
    iterations: fc.integer({ min: 1, max: 6 }),
    jitter: maybe(fc.record({ instructionSd: number(0, 0.3) })),
    stragglers: maybe(
      fc.constant([
        { pipeline: 0, slowdown: 1.3, fromS: 2, untilS: 20 },
        { pipeline: 0, slowdown: 1.1 },
      ]),
    ),
    randomStragglers: maybe(fc.constant({ meanTimeBetweenS: 20, shortestS: 1, longestS: 9 })),
    timing: maybe(fc.record({ synchronisationS: number(0, 1), iterationConstantS: number(0, 1) })),
    clocks: maybe(fc.record({ switchS: number(0, 0.05) })),
    everyS: fc.constantFrom(0.13, 0.5, 1, 1000),
    seed: fc.nat(99),
  })
  .map(({ everyS, ...fields }) => {
    const given = Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined));
    return { everyS, scenario: { ...given, policies: ['max-frequency', 'perseus'] } };
  });

/** All rows of a traced run. */
interface Traces {
  readonly rows: number[][];
  readonly finish: () => Averaged[];
}

/** Traces every policy's run. */
function tracing(tracedOf: (iteration: ExecutedIteration) => Traced, everyS: number) {
  const traces = new Map<string, Traces>();
  const watch: RunWatch = {
    begin(policy, { gpus }) {
      const rows: number[][] = [];
      let trace: PowerTrace | undefined;
      traces.set(policy, { rows, finish: () => trace!.finish() });
      return (iteration) => {
        trace ??= new PowerTrace({ gpus, traced: tracedOf(iteration), everyS }, (values, count) => {
          const width = values.length / count;
          for (let row = 0; row < count; row++) {
            rows.push([...values.subarray(row * width, (row + 1) * width)]);
          }
        });
        trace.add(iteration);
        return true;
      };
    },
  };
  return { traces, watch };
}

const everyGpu = ({ job }: ExecutedIteration): Traced => ({
  per: 'gpu',
  places: job.pipelines.flatMap((_, pipeline) =>
    Array.from({ length: job.dag.stageCount }, (_, stage) => ({ pipeline, stage })),
  ),
});

function assertClose(found: number, expected: number, what: string): void {
  if (!(Math.abs(found - expected) <= 1e-9 * expected)) {
    throw new Error(`${what}: found ${found}, expected ${expected}`);
  }
}

test('the integral of every policy’s power is the ledger of its run, of whatever is traced', async (t) => {
  await checkProperty(
    t,
    anyRun,
    async ({ scenario: fields, everyS }) => {
      const scenario = scenarioOf(fields);
      const cache = new PlanCache();
      for (const per of POWER_UNITS) {
        const { traces, watch } = tracing((it) => (per === 'gpu' ? everyGpu(it) : { per }), everyS);
        const result = await runScenario(scenario, profileOf([1, 1.4]), { watch, cache });
        for (const { policy, ledger, simulatedTimeS: timeS } of result.policies) {
          const { rows, finish } = traces.get(policy)!;
          const units = finish();
          const gpus = per === 'gpu' ? scenario.tensorParallel : 1;
          const foundJ = gpus * exactSum(units.map(({ energyJ }) => energyJ));
          assertClose(foundJ, ledger.totalJ, `${policy} per ${per}`);
          for (const { durationS } of units) assertClose(durationS, timeS, `${policy} duration`);
          const lengthS = (row: number) => Math.min(everyS, timeS - row * everyS);
          const rowsJ = gpus * exactSum(rows.flatMap((row, k) => row.map((w) => w * lengthS(k))));
          assertClose(rowsJ, ledger.totalJ, `${policy} per ${per}, rows`);
          if (rows.length !== Math.ceil(timeS / everyS - 1e-9))
            throw new Error(`${rows.length} rows`);
        }
      }
    },
    15,
  );
});

test('the powers of stages and of pipelines add up to the job’s at every time', async (t) => {
  const scenario = scenarioOf({
    ...{ pipelines: 3, iterations: 2, policies: ['max-frequency'] },
    stragglers: [{ pipeline: 1, slowdown: 1.4 }],
  });
  const powers = new Map<string, number[]>();
  for (const per of ['job', 'stage', 'pipeline'] as const) {
    const { traces, watch } = tracing(() => ({ per }), 0.25);
    await runScenario(scenario, profileOf([1, 1.4]), { watch });
    const { rows, finish } = traces.get('max-frequency')!;
    finish();
    t.is(rows[0]!.length, { job: 1, stage: 2, pipeline: 3 }[per]);
    powers.set(per, rows.map(exactSum));
  }
  const jobW = powers.get('job')!;
  t.true(jobW.length > 40);
  for (const per of ['stage', 'pipeline']) {
    powers.get(per)!.forEach((powerW, k) => {
      t.true(Math.abs(powerW - jobW[k]!) <= 1e-9 * jobW[k]!, `${per}, interval ${k}`);
    });
  }
});

test('a run that begins anew leaves nothing of the first attempt', async (t) => {
  const scenario = scenarioOf({
    ...{ pipelines: 2, iterations: 3, policies: ['max-frequency'] },
    // Longer than was estimated for drawing the random ones.
    stragglers: [{ pipeline: 0, slowdown: 3 }],
    randomStragglers: { meanTimeBetweenS: 1000 },
  });
  let began = 0;
  const { traces, watch } = tracing(() => ({ per: 'job' }), 1);
  const counting: RunWatch = {
    begin(...run) {
      began++;
      return watch.begin(...run);
    },
  };
  const { policies } = await runScenario(scenario, profileOf([1, 1.4]), { watch: counting });
  t.true(began > 1, 'the first attempt was too short');
  const [{ energyJ }] = traces.get('max-frequency')!.finish() as [Averaged];
  t.true(Math.abs(energyJ / policies[0]!.ledger.totalJ - 1) < 1e-9);
});

test('iterations that were forgotten to save memory are seen again, and add up all the same', async (t) => {
  // 4,096 instructions of each distinct iteration, of which there are 300.
  const windows = Array.from({ length: 300 }, (_, k) => ({
    ...{ pipeline: 0, slowdown: 1.1 + k / 1000 },
    ...{ fromS: 2000 * k + 900, untilS: 2000 * k + 1000 },
  }));
  const scenario = scenarioOf({
    ...{ pipelines: 2, iterations: 600, policies: ['max-frequency'], stragglers: windows },
    pipeline: { stages: 2, microbatches: 512 },
  });
  const { traces, watch } = tracing(() => ({ per: 'job' }), 1000);
  const records = new Set<object>();
  let seen = 0;
  const counting: RunWatch = {
    begin(...run) {
      const inner = watch.begin(...run)!;
      return (iteration) => {
        records.add(iteration.record);
        seen++;
        return inner(iteration);
      };
    },
  };
  const { policies } = await runScenario(scenario, profileOf([1, 1.4]), { watch: counting });
  t.is(seen, 600);
  t.true(records.size > 250, `${records.size} were simulated`);
  const [{ energyJ }] = traces.get('max-frequency')!.finish() as [Averaged];
  t.true(Math.abs(energyJ / policies[0]!.ledger.totalJ - 1) < 1e-9);
});

test('the spectrum of equal iterations has its lines at multiples of 1/T, and none between', async (t) => {
  const iterations = 8;
  const scenario = scenarioOf({
    ...{ pipelines: 2, iterations, policies: ['max-frequency', 'perseus'] },
    timing: { synchronisationS: 1 },
  });
  const cache = new PlanCache();
  const once = await runScenario(scenario, profileOf([1, 1.4]), { cache });
  for (const { policy, simulatedTimeS } of once.policies) {
    const everyS = simulatedTimeS / iterations / 64;
    const { traces, watch } = tracing(() => ({ per: 'job' }), everyS);
    await runScenario(scenario, profileOf([1, 1.4]), { cache, watch });
    const { rows, finish } = traces.get(policy)!;
    const [{ durationS }] = finish() as [Averaged];
    const powerW = Float64Array.from(rows.slice(0, 64 * iterations).flat());
    const { amplitudeW, stepHz } = spectrumOf({ everyS, powerW, durationS });
    t.true(Math.abs(stepHz * simulatedTimeS - 1) < 1e-9);
    const largestW = amplitudeW.reduce((a, b) => Math.max(a, b));
    t.true(largestW > 10, policy);
    amplitudeW.forEach((lineW, k) => {
      if (k % iterations !== 0)
        t.true(lineW < 1e-6 * largestW, `${policy}, ${k} / (${iterations} T)`);
    });
    t.true(amplitudeW[iterations]! > 0.01 * largestW, '1/T itself');
  }
});
