import test from 'ava';
import fc from 'fast-check';
import { InputError } from '../../src/errors.js';
import { exampleShape, shapeProblems, SCHEDULE_NAMES } from '../../src/pipeline/schedules.js';
import { runRows } from '../../sim/results/run-rows.js';
import { runTable } from '../../sim/report/text/run-table.js';
import { contradictions } from '../../sim/scenario/contradictions.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import type { Scenario } from '../../sim/scenario/scenario-schema.js';
import { profileOf, scenarioOf } from '../support/made-up.js';
import { checkProperty } from '../support/properties.js';

const POLICIES = ['zeus-global', 'zeus-per-stage', 'envpipe', 'perseus', 'perseus-hull'] as const;

const anyPipeline = fc
  .record({
    schedule: fc.constantFrom(...SCHEDULE_NAMES),
    stages: fc.integer({ min: 1, max: 4 }),
    microbatches: fc.integer({ min: 1, max: 8 }),
    chunks: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ schedule, ...size }) => ({ schedule, ...exampleShape(schedule, size) }));

const anyTime = fc.record(
  { fromS: fc.constantFrom(0, 1, 5, 1e6), untilS: fc.constantFrom(7, 2e6) },
  { requiredKeys: [] },
);

const anyStraggler = fc
  .tuple(
    fc.oneof(
      fc.record({ cause: fc.constantFrom('busy', 'stall'), slowdown: fc.constantFrom(1, 1.2, 9) }),
      fc.record({ slowdown: fc.constant(2.5), backwardSlowdown: fc.constant(2.27) }),
      fc.record({ cause: fc.constant('throttle'), clockLimitMHz: fc.constantFrom(1000, 1200) }),
      fc.record({ cause: fc.constant('data-stall'), delayS: fc.constantFrom(0.01, 1) }),
      fc.record({ cause: fc.constant('slow-link'), slowdown: fc.constant(5) }),
    ),
    anyTime,
    fc.integer({ min: 0, max: 2 }),
  )
  .map(([straggler, time, pipeline]) => {
    const { fromS = 0, untilS = Infinity } = time;
    return { ...straggler, pipeline, ...(fromS < untilS ? time : { fromS }) };
  });

const anyConditions = fc.record(
  {
    communication: fc.record({
      rule: fc.constantFrom('exchange', 'message', 'overlapped'),
      activationMB: fc.constantFrom(1, 100),
      gradientMB: fc.constantFrom(0, 500),
      stagesPerNode: fc.constantFrom(1, 2),
      insideNode: fc.constant({ bandwidthGBs: 300 }),
      betweenNodes: fc.constant({ latencyS: 1e-5, bandwidthGBs: 5 }),
      powerW: fc.constantFrom(50, 200),
    }),
    timing: fc.record({ loadingS: fc.constant(0.01), iterationConstantS: fc.constantFrom(0, 0.2) }),
    clocks: fc.record(
      { switchS: fc.constant(0.01), lowestMHz: fc.constant(900), stepMHz: fc.constant(105) },
      { requiredKeys: [] },
    ),
    power: fc.record(
      {
        gpuLimitW: fc.constantFrom(250, 390),
        jobLimitW: fc.constantFrom(200, 300, 2000),
        blockingAtHighestClockW: fc.constant(150),
      },
      { requiredKeys: [] },
    ),
    jitter: fc.constant({}),
    sequenceLengths: fc.constant({}),
    stragglers: fc.array(anyStraggler, { minLength: 1, maxLength: 3 }),
    randomStragglers: fc.constant({
      ...{ meanTimeBetweenS: 4, shortestS: 0.5, longestS: 20, stallShare: 0.5 },
      kinds: { 'slow-job': 1, 'slow-step': 1, 'bad-worker': 1, 'slow-gpu': 1, 'data-stall': 1 },
    }),
    seeds: fc.constant(2),
  },
  { requiredKeys: [] },
);

const anyScenario = fc
  .record({
    pipeline: anyPipeline,
    conditions: anyConditions,
    pipelines: fc.integer({ min: 1, max: 3 }),
    iterations: fc.constantFrom(1, 1, 3),
    noticeS: fc.constantFrom(0, 4),
    policies: fc.subarray([...POLICIES], { minLength: 1 }),
  })
  .map(({ pipeline, conditions, pipelines, policies, ...rest }) => {
    const { power, ...others } = conditions;
    const jobLimitW = power?.jobLimitW;
    // The limit is of one GPU here, and there are as many as pipelines and stages.
    const limits =
      jobLimitW === undefined ? {} : { jobLimitW: jobLimitW * pipelines * pipeline.stages };
    return scenarioOf({
      ...{ pipeline, pipelines, unitTimeS: 5e-4, ...rest, ...others },
      ...(power === undefined ? {} : { power: { ...power, ...limits } }),
      policies: [
        'max-frequency',
        ...policies.filter((policy) => policy !== 'envpipe' || pipeline.schedule === '1f1b'),
      ],
    });
  })
  .filter((scenario) => contradictions(scenario).length === 0);

function check(row: Awaited<ReturnType<typeof runScenario>>['policies'][number], of: Scenario) {
  const { totalJ, computeJ, totalComputeJ, ...accounts } = row.ledger;
  const sum = totalComputeJ + Object.values(accounts).reduce((a, b) => a + b);
  if (Math.abs(sum / totalJ - 1) > 1e-10) throw new Error(`accounts make ${sum}, not ${totalJ}`);
  const wrong = [...computeJ, ...Object.values(accounts)].find((energyJ) => !(energyJ >= -1e-6));
  if (wrong !== undefined) throw new Error(`${row.policy} books ${wrong} J`);
  if (row.aboveBoundPct !== undefined && row.aboveBoundPct < -1e-6) {
    throw new Error(`${row.policy} is ${row.aboveBoundPct} % above the bound`);
  }
  const isSteady = of.jitter === undefined && of.sequenceLengths === undefined;
  const limitW = isSteady ? (of.power.jobLimitW ?? Infinity) : Infinity;
  if (row.averagePowerW > limitW * (1 + 1e-6)) {
    throw new Error(`${row.policy} draws ${row.averagePowerW} W of ${limitW}`);
  }
}

/** A limit may be lower than what the lowest clocks draw; nothing else is to be refused. */
function refusal(error: unknown): undefined {
  const isLimit =
    error instanceof InputError &&
    error.problems.every(({ field }) => field?.startsWith('power.') === true);
  if (!isLimit) throw error;
}

test('whatever is combined: it runs, is counted once, keeps limits and bound, and has no holes', async (t) => {
  const schedules = new Map<string, number>();
  let ran = 0;
  await checkProperty(
    t,
    anyScenario,
    async (scenario) => {
      const { pipeline } = scenario;
      if (shapeProblems(pipeline.schedule, pipeline).length > 0) throw new Error('shape');
      schedules.set(pipeline.schedule, (schedules.get(pipeline.schedule) ?? 0) + 1);
      const works = Array.from({ length: pipeline.stages }, (_, s) => 0.1 + 0.01 * (s % 3));
      const result = await runScenario(scenario, profileOf(works)).catch(refusal);
      if (result === undefined) return;
      ran++;
      for (const row of result.policies) check(row, scenario);
      const text = runTable(result);
      const numbers = runRows(result).flatMap((row) => Object.values(row));
      if (/NaN|Infinity|undefined/.test(text)) throw new Error(text);
      const hole = numbers.find((value) => typeof value === 'number' && !Number.isFinite(value));
      if (hole !== undefined) throw new Error(`a row holds ${hole}`);
    },
    60,
  );
  t.true(ran >= 30, `only ${ran} of them ran`);
  t.log([...schedules].map(([schedule, count]) => `${schedule} ${count}`).join(', '));
});
