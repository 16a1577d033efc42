import test from 'ava';
import { ACCOUNT_KEYS, ACCOUNTS } from '../../sim/energy/accounts.js';
import { runTrace, type WrittenTrace } from '../../sim/report/perfetto/run-trace.js';
import { traceText } from '../../sim/report/perfetto/trace-events.js';
import { pipelineNames } from '../../sim/report/perfetto/trace-selection.js';
import { tracedIterations } from '../../sim/report/perfetto/trace-steps.js';
import { FOR_PICTURES, FOR_TRACES, type KeptRun } from '../../sim/run/kept-run.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import type { Scenario } from '../../sim/scenario/scenario-schema.js';
import { profileOf, scenarioOf } from '../support/made-up.js';
import { LoadedTrace, type Counter, type Slice } from '../support/trace-format.js';

const SOURCE = profileOf([0.1, 0.13]);
const OPTIONS = { version: '1.2.3', title: 'made up' };

/** Stragglers that come and go; all the overheads that there are; waiting at the clock's power. */
const LIVELY = scenarioOf({
  name: 'lively',
  iterations: 7,
  noticeS: 0.5,
  pipelines: 4,
  tensorParallel: 2,
  seed: 5,
  timing: { loadingS: 0.004, iterationConstantS: 0.02 },
  communication: {
    rule: 'message',
    activationMB: 10,
    gradientMB: 100,
    betweenNodes: { latencyS: 1e-4, bandwidthGBs: 5 },
    powerW: 95,
  },
  clocks: { switchS: 0.003 },
  power: { blockingAtHighestClockW: 130 },
  stragglers: [
    { pipeline: 1, slowdown: 1.4, fromS: 2, untilS: 5 },
    { pipeline: 3, slowdown: 1.2, cause: 'stall', untilS: 4 },
    { pipeline: 2, cause: 'throttle', clockLimitMHz: 1000, stage: 1, fromS: 100 },
  ],
});

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'a quiet job': scenarioOf({ pipelines: 2 }),
  'a lively one': LIVELY,
  'jitter, no two pipelines alike': scenarioOf({ jitter: {}, pipelines: 3, iterations: 4 }),
  'several parts of the model on a stage': scenarioOf({
    pipeline: { schedule: 'interleaved', stages: 2, microbatches: 4, chunks: 2 },
    stragglers: [{ pipeline: 0, slowdown: 1.3 }],
  }),
  'transfers that overlap, split backwards': scenarioOf({
    pipeline: { schedule: 'zb-h1', stages: 2, microbatches: 6 },
    communication: {
      rule: 'overlapped',
      activationMB: 40,
      betweenNodes: { bandwidthGBs: 5 },
    },
  }),
};

function sourceOf({ pipeline }: Scenario) {
  return pipeline.chunks > 1 ? profileOf([0.1, 0.13, 0.12, 0.11]) : SOURCE;
}

async function keptRun(scenario: Scenario): Promise<KeptRun> {
  return (await runScenario(scenario, sourceOf(scenario), { keep: FOR_TRACES })).kept;
}

async function traceOf(scenario: Scenario, mostSlices?: number): Promise<WrittenTrace> {
  return runTrace(await keptRun(scenario), {
    ...OPTIONS,
    ...(mostSlices === undefined ? {} : { mostSlices }),
  });
}

function textOf({ events, otherData }: WrittenTrace): string {
  return [...traceText(events, otherData)].join('');
}

async function load(scenario: Scenario, mostSlices?: number): Promise<LoadedTrace> {
  return new LoadedTrace(textOf(await traceOf(scenario, mostSlices)));
}

/** Events by thread, in order of time. */
function byThread(slices: readonly Slice[]): Slice[][] {
  const threads = new Map<number, Slice[]>();
  for (const slice of slices) {
    const thread = threads.get(slice.tid) ?? [];
    thread.push(slice);
    threads.set(slice.tid, thread);
  }
  return [...threads.values()].map((thread) => thread.sort((a, b) => a.ts - b.ts));
}

const near = (a: number, b: number, within: number) => Math.abs(a - b) <= within * Math.abs(b);

for (const [title, fields] of Object.entries(SCENARIOS)) {
  // Coarse ticks plan faster.
  const scenario = { ...fields, unitTimeS: 0.002 };
  test(`${title}: power × time of the slices is the ledger, account by account`, async (t) => {
    const trace = await load(scenario);
    const { policies } = await runScenario(scenario, sourceOf(scenario));
    for (const { policy, ledger, simulatedEnergyJ } of policies) {
      const accounts: Record<string, number> = {};
      let totalJ = 0;
      let argsJ = 0;
      for (const slice of trace.stageSlices(policy)) {
        const { powerPerGpuW, energyJ } = slice.args as { powerPerGpuW: number; energyJ: number };
        const gpus = scenario.tensorParallel * trace.pipelinesOf(slice);
        const sliceJ = gpus * powerPerGpuW * slice.dur * 1e-6;
        accounts[slice.cat] = (accounts[slice.cat] ?? 0) + sliceJ;
        totalJ += sliceJ;
        argsJ += energyJ * trace.pipelinesOf(slice);
      }
      t.true(near(totalJ, simulatedEnergyJ, 1e-9), `${policy}: ${totalJ} ${simulatedEnergyJ}`);
      t.true(near(argsJ, simulatedEnergyJ, 1e-12), `${policy}: ${argsJ} ${simulatedEnergyJ}`);
      for (const account of ACCOUNT_KEYS) {
        const found = accounts[ACCOUNTS[account].category] ?? 0;
        const energyJ = ledger[account];
        t.true(Math.abs(found - energyJ) <= 1e-8 * totalJ, `${account}: ${found} ${energyJ}`);
      }
      const iterations = trace.slices.filter(
        (slice) => slice.cat === 'iteration' && trace.isOf(policy, slice),
      );
      t.is(iterations.length, scenario.iterations);
      const ofIterations = iterations.reduce((sum, { args }) => sum + Number(args['energyJ']), 0);
      t.true(near(ofIterations, simulatedEnergyJ, 1e-12));
    }
  });

  test(`${title}: slices tile the run, which takes the table's time`, async (t) => {
    const trace = await load(scenario);
    const { policies } = await runScenario(scenario, sourceOf(scenario));
    for (const { policy, simulatedTimeS } of policies) {
      const slices = trace.slices.filter((slice) => trace.isOf(policy, slice));
      const threads = byThread(slices);
      t.is(threads.length, 1 + scenario.pipelines * scenario.pipeline.stages);
      for (const thread of threads) {
        t.is(thread[0]!.ts, 0);
        thread.slice(1).forEach(({ ts }, k) => {
          const before = thread[k]!;
          t.is(before.ts + before.dur, ts, 'to the last bit');
        });
        const last = thread.at(-1)!;
        t.true(near(last.ts + last.dur, simulatedTimeS * 1e6, 1e-9));
      }
    }
  });

  test(`${title}: a viewer that cuts off below a nanosecond finds no slices that overlap`, async (t) => {
    const cut = (timeUs: number) => Math.trunc(timeUs * 1000);
    for (const thread of byThread((await load(scenario)).slices)) {
      thread.slice(1).forEach(({ ts }, k) => {
        const before = thread[k]!;
        const gapNs = cut(ts) - (cut(before.ts) + cut(before.dur));
        t.true(gapNs === 0 || gapNs === 1, `${before.ts} + ${before.dur}, ${ts}: ${gapNs} ns`);
      });
    }
  });

  test(`${title}: counters step with the slices, and the job's are the sums of the stages'`, async (t) => {
    const trace = await load(scenario);
    for (const policy of scenario.policies) checkCounters(t, trace, scenario, policy);
  });

  test(`${title}: every instruction is there, when and at what clock it was executed`, async (t) => {
    const trace = await load(scenario);
    const { setting, policies } = await keptRun(scenario);
    const { dag } = setting;
    for (const { policy, iterations } of policies) {
      const computing = trace
        .stageSlices(policy)
        .filter((slice) => slice.cat === 'compute')
        .map((slice) => [place(trace, slice), slice] as const);
      t.is(computing.length, scenario.iterations * scenario.pipelines * dag.instructionCount);
      const ofPlace = new Map<string, Slice[]>();
      for (const [key, slice] of computing) ofPlace.set(key, [...(ofPlace.get(key) ?? []), slice]);
      iterations.forEach(({ startS, record }, k) => {
        record.pipelines.forEach(({ startS: starts, executed }, p) => {
          for (let i = 0; i < dag.instructionCount; i++) {
            const { stage, chunk, modelStage, kind } = dag.operations[dag.operation[i]!]!;
            const key = `${policy} · pipeline ${p}, stage ${stage}, ${kind} ${dag.microbatch[i]!}, ${chunk}, ${modelStage}`;
            const { ts, dur, args } = ofPlace.get(key)![k]!;
            const durationS = executed.durationS[i]! - executed.stallS[i]!;
            t.true(Math.abs(ts / 1e6 - startS - starts[i]!) < 1e-9, key);
            t.true(Math.abs(dur / 1e6 - durationS) < 2e-9, key);
            const { instruction, microbatch, clockMHz, powerPerGpuW } = args;
            t.deepEqual([instruction, microbatch], [kind, dag.microbatch[i]!]);
            t.deepEqual([clockMHz, powerPerGpuW], [executed.clockMHz[i]!, executed.powerW[i]!]);
          }
        });
      });
    }
  });
}

const place = (trace: LoadedTrace, slice: Slice) =>
  `${trace.process(slice)}, ${trace.thread(slice)}, ${slice.name}, ${slice.args['chunk']!}, ${slice.args['modelStage']!}`;

function checkCounters(
  t: { true(value: boolean, message?: string): void; is(a: unknown, b: unknown): void },
  trace: LoadedTrace,
  scenario: Scenario,
  policy: string,
): void {
  const counters = new Map<string, Counter[]>();
  for (const counter of trace.counters.filter((event) => trace.isOf(policy, event))) {
    const key = `${trace.process(counter)}/${counter.name}`;
    const track = counters.get(key) ?? [];
    track.push(counter);
    counters.set(key, track);
  }
  const valueAt = (key: string, ts: number) =>
    Object.values(counters.get(key)!.findLast((counter) => counter.ts <= ts)!.args)[0]!;
  const begins = new Set<number>();
  for (const thread of byThread(trace.stageSlices(policy))) {
    const name = `${trace.process(thread[0]!)}/${trace.thread(thread[0]!)}`;
    let clockMHz = NaN;
    for (const { ts, args, cat } of thread) {
      begins.add(ts);
      t.is(valueAt(`${name} power`, ts), scenario.tensorParallel * Number(args['powerPerGpuW']));
      t.is(valueAt(`${name} clock`, ts), args['clockMHz']!);
      if (cat === 'compute') clockMHz = Number(args['clockMHz']);
      else if (ts > 0 && cat === 'stall') t.is(args['clockMHz'], clockMHz);
    }
    const steps = new Set(thread.map(({ ts }) => ts)).add(endOf(thread));
    for (const key of [`${name} power`, `${name} clock`]) {
      for (const { ts } of counters.get(key)!) t.true(steps.has(ts), `${key} steps at ${ts}`);
      t.is(valueAt(key, endOf(thread)), 0);
    }
  }
  const job = `${policy} · whole job`;
  const stages = byThread(trace.stageSlices(policy));
  for (const ts of [...begins].filter((_, k) => k % 7 === 0)) {
    const running = stages.map((thread) => thread.findLast((slice) => slice.ts <= ts)!);
    const sum = (value: (slice: Slice) => number) =>
      running.reduce((total, slice) => total + trace.pipelinesOf(slice) * value(slice), 0);
    const powerW = sum(({ args }) => scenario.tensorParallel * Number(args['powerPerGpuW']));
    const meanMHz =
      sum(({ args }) => Number(args['clockMHz'])) / (scenario.pipelines * scenario.pipeline.stages);
    t.true(near(valueAt(`${job}/power of all GPUs`, ts), powerW, 1e-12));
    t.true(near(valueAt(`${job}/mean clock`, ts), meanMHz, 1e-12));
  }
  t.is(valueAt(`${job}/power of all GPUs`, endOf(stages[0]!)), 0);
}

const endOf = (thread: Slice[]) => thread.at(-1)!.ts + thread.at(-1)!.dur;

test('an iteration ends where the next one begins, however sums round', async (t) => {
  const { iterations } = (await keptRun(LIVELY)).policies[0]!;
  const late = iterations.map((iteration, k) => ({
    ...iteration,
    startS: iteration.startS + k * 3e-9,
  }));
  const traced = tracedIterations(late);
  traced.slice(1).forEach(({ fromTick }, k) => {
    t.is(traced[k]!.untilTick, fromTick);
  });
});

test('stragglers and plans are marked when they come and go', async (t) => {
  const trace = await load(LIVELY);
  const marks = (policy: string, cat: string) =>
    trace.instants
      .filter((mark) => mark.cat === cat && trace.isOf(policy, mark))
      .sort((a, b) => a.ts - b.ts)
      .map(({ ts, name, args }) => [ts / 1e6, name, args['slowness'] ?? args['iteration']!]);
  for (const policy of LIVELY.policies) {
    // What comes after the end is not marked.
    t.deepEqual(marks(policy, 'straggler'), [
      [0, 'pipeline 3 is a straggler', 'pipeline 3: stall, 1.2×'],
      [2, 'pipeline 1 becomes a straggler', 'pipeline 1: busy, 1.4×'],
      [4, 'pipeline 3 is no longer a straggler', 'pipeline 3: stall, 1.2×'],
      [5, 'pipeline 1 is no longer a straggler', 'pipeline 1: busy, 1.4×'],
    ]);
  }
  const { policies } = await keptRun(LIVELY);
  const { iterations } = policies[1]!;
  const switches = iterations.filter(
    ({ plan }, k) => k === 0 || plan.plannedTimeS !== iterations[k - 1]!.plan.plannedTimeS,
  );
  t.true(switches.length >= 3, 'the plan changes and changes back');
  t.deepEqual(
    marks('perseus', 'plan').map(([timeS, ...rest]) => [(timeS as number).toFixed(6), ...rest]),
    switches.map(({ startS, plan, index }) => [
      startS.toFixed(6),
      `plan for T = ${plan.plannedTimeS.toFixed(4)} s`,
      index,
    ]),
  );
  t.is(marks('max-frequency', 'plan').length, 1, 'one plan that never changes');
});

test('an iteration lists the stragglers within it, and those known of at its beginning', async (t) => {
  const trace = await load(LIVELY);
  const iterations = trace.slices.filter(
    (slice) => slice.cat === 'iteration' && trace.isOf('perseus', slice),
  );
  for (const { ts, dur, args } of iterations) {
    const [fromS, untilS] = [ts / 1e6, (ts + dur) / 1e6];
    const isIn = (from: number, until: number) => from < untilS && until > fromS;
    const listed = String(args['stragglers'] ?? '');
    t.is(listed.includes('pipeline 1: busy'), isIn(2, 5));
    t.is(listed.includes('pipeline 3: stall'), isIn(0, 4));
    t.false(listed.includes('pipeline 2'));
    t.is('knownStragglers' in args, fromS < 5.5);
  }
});

test('processes stand policy by policy, the job before its pipelines, each with a thread a stage', async (t) => {
  const trace = await load(LIVELY);
  const names = (policy: string) => [
    `${policy} · whole job`,
    ...[0, 1, 2, 3].map((p) => `${policy} · pipeline ${p}`),
  ];
  t.deepEqual(trace.processes, [...names('max-frequency'), ...names('perseus')]);
  const ids = [...(await traceOf(LIVELY)).events].flatMap((event) =>
    event.name === 'thread_name' ? [event.pid, event.tid] : [],
  );
  const pids = new Set(ids.filter((_, k) => k % 2 === 0));
  const tids = ids.filter((_, k) => k % 2 === 1);
  t.is(new Set([...pids, ...tids]).size, pids.size + tids.length, 'no number stands for two');
  t.is(tids.length, 2 * (2 + 4 * 2));
});

test('it says what it is of', async (t) => {
  const { otherData } = await load(LIVELY);
  t.like(otherData, { pipewatt: '1.2.3', scenario: 'lively', title: 'made up', seed: 5 });
  t.like(otherData, { gpusPerStage: 2, pipelines: 4, leftOut: '' });
});

test('the same bytes every time', async (t) => {
  const trace = await traceOf(LIVELY);
  const text = textOf(trace);
  t.is(textOf(trace), text, 'read twice');
  t.is(textOf(await traceOf(LIVELY)), text, 'made twice');
});

/** Three of five pipelines are alike. */
const MANY = scenarioOf({
  unitTimeS: 0.002,
  pipelines: 5,
  iterations: 20,
  stragglers: [
    { pipeline: 3, slowdown: 1.3 },
    { pipeline: 4, slowdown: 1.2, fromS: 12 },
  ],
});

test('over the limit, pipelines that do the same are written once', async (t) => {
  const whole = await load(MANY);
  t.deepEqual((await traceOf(MANY, whole.slices.length)).leftOut, []);
  const { leftOut } = await traceOf(MANY, whole.slices.length / 1.5);
  const once = await load(MANY, whole.slices.length / 1.5);
  t.is(leftOut.length, 2);
  t.regex(leftOut[1]!, /^perseus: pipelines 0–2 are identical and written once/);
  t.is(once.otherData['leftOut'], leftOut.join('; '));
  t.deepEqual(once.processes.slice(4), [
    'perseus · whole job',
    'perseus · pipelines 0–2',
    'perseus · pipeline 3',
    'perseus · pipeline 4',
  ]);
  const { policies } = await runScenario(MANY, SOURCE);
  for (const { policy, simulatedEnergyJ } of policies) {
    const totalJ = once
      .stageSlices(policy)
      .reduce((sum, slice) => sum + once.pipelinesOf(slice) * Number(slice.args['energyJ']), 0);
    t.true(near(totalJ, simulatedEnergyJ, 1e-12));
    checkCounters(t, once, MANY, policy);
  }
});

test('further over the limit there are fewer iterations, of all policies as many', async (t) => {
  const stageSlices = (trace: LoadedTrace) =>
    MANY.policies.flatMap((policy) => trace.stageSlices(policy)).length;
  const limit = Math.floor(stageSlices(await load(MANY)) / 4);
  const { leftOut } = await traceOf(MANY, limit);
  const trace = await load(MANY, limit);
  const counts = MANY.policies.map(
    (policy) =>
      trace.slices.filter((slice) => slice.cat === 'iteration' && trace.isOf(policy, slice)).length,
  );
  t.is(counts[0], counts[1]);
  t.true(counts[0]! > 5 && counts[0]! < 20);
  t.true(stageSlices(trace) <= limit && stageSlices(trace) > 0.8 * limit);
  t.regex(leftOut.join('\n'), RegExp(`perseus: only the first ${counts[0]!} of 20 iterations`));
});

test('at the very least there is an iteration of a straggler', async (t) => {
  const { leftOut } = await traceOf(MANY, 1);
  const trace = await load(MANY, 1);
  t.deepEqual(trace.processes, [
    'max-frequency · whole job',
    'max-frequency · pipeline 3',
    'perseus · whole job',
    'perseus · pipeline 3',
  ]);
  t.regex(leftOut.join('\n'), /perseus: only the first 1 of 20 iterations/);
  t.regex(leftOut.join('\n'), /perseus: only 1 of 5 pipelines are written/);
});

test('what memory did not keep is named too', async (t) => {
  const keep = { traceInstructions: 0 };
  const { leftOut } = runTrace((await runScenario(LIVELY, SOURCE, { keep })).kept, OPTIONS);
  t.regex(leftOut.join('\n'), /only the first 1 of 7 iterations are written \(more are not kept/);
});

test('a run that was kept for pictures alone makes no trace', async (t) => {
  const { kept } = await runScenario(LIVELY, SOURCE, { keep: FOR_PICTURES });
  t.throws(() => runTrace(kept, OPTIONS), { instanceOf: RangeError, message: /for pictures/ });
});

test('pipelines are named briefly', (t) => {
  t.is(pipelineNames([3]), 'pipeline 3');
  t.is(pipelineNames([0, 1, 2]), 'pipelines 0–2');
  t.is(pipelineNames([0, 2, 3, 7]), 'pipelines 0, 2–3, 7');
  t.is(pipelineNames([0, 2, 4, 6, 8, 9]), 'pipelines 0, 2, 4, 6, … (6 in all)');
});
