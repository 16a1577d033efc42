import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { runProgram } from '../../sim/cli/program.js';
import {
  catalogNames,
  checkScenario,
  InputError,
  planFrontier,
  predictJobs,
  readScenario,
  readSweep,
  replayTrace,
  runScenario,
  runSweep,
  synthesizeProfile,
  type ScenarioInput,
  type SweepRun,
} from '../../sim/library/index.js';
import { perseus } from '../../src/planner/index.js';
import { projectFile } from '../support/files.js';

const PROFILE = projectFile('examples/two-stages.csv');

/** A job of some milliseconds, with a straggler. */
const SMALL: ScenarioInput = {
  name: 'small',
  profile: { csv: PROFILE, blockingPowerW: 80 },
  pipeline: { stages: 2, microbatches: 4 },
  tensorParallel: 2,
  pipelines: 4,
  stragglers: [{ pipeline: 1, slowdown: 1.2 }],
};

/** A folder that goes when the test ends. */
function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'pipewatt-library-'));
  t.teardown(() => {
    rmSync(path, { recursive: true });
  });
  return path;
}

/** What a command prints. */
async function printed(t: ExecutionContext, ...args: string[]): Promise<string> {
  let out = '';
  const terminal = {
    out: (text: string) => (out += text),
    err: () => undefined,
    isWatched: false,
  };
  t.is(await runProgram(args, terminal), 0);
  return out;
}

/** What a call is refused with, a line for each problem. */
async function refusal(t: ExecutionContext, call: () => Promise<unknown>): Promise<string[]> {
  const error = await t.throwsAsync(call, { instanceOf: InputError });
  return error.message.split('\n');
}

test('a run is that of the command line', async (t) => {
  const path = join(folder(t), 'scenario.yaml');
  writeFileSync(path, JSON.stringify(SMALL));
  const run = await runScenario(await readScenario(path));
  const json = JSON.parse(await printed(t, 'run', path, '--format', 'json')) as {
    gpus: number;
    title: string;
    policies: unknown[];
  };
  t.deepEqual(run.rows as unknown, json.policies);
  t.is(run.gpus, json.gpus);
  t.is(run.title, json.title);
});

test('a run is plain data: rows, plans, frontiers, ledger and timeline agree', async (t) => {
  const run = await runScenario(SMALL, { timeline: true });
  t.deepEqual(structuredClone(run), run);
  const [, , row] = run.rows;
  t.is(row!.policy, 'perseus');
  const plan = run.plans['perseus']!;
  const { stage, instruction, microbatch, chunk, frequencyMHz, durationS } = plan;
  for (const list of [stage, instruction, microbatch, chunk, frequencyMHz, durationS]) {
    t.is(list.length, 16);
  }
  t.deepEqual(stage.slice(0, 9), [0, 0, 0, 0, 0, 0, 0, 0, 1]);
  t.deepEqual(instruction.slice(0, 3), ['forward', 'forward', 'backward']);
  t.deepEqual(microbatch.slice(0, 3), [0, 1, 0]);
  // Planned for the straggler: 1.2 × 0.75 s.
  t.true(Math.abs(plan.plannedTimeS - 0.9) < 0.001, String(plan.plannedTimeS));
  t.true(run.frontiers['perseus']!.some(({ timeS }) => timeS < 0.751));
  t.is(run.frontiers['max-frequency']!.length, 1);
  for (const { policy, simulated_energy_j } of run.rows) {
    const ledgerJ = run.ledger
      .filter((each) => each.policy === policy)
      .reduce((sum, { energyJ }) => sum + energyJ, 0);
    const timelineJ = run.timeline
      .filter((each) => each.policy === policy)
      .reduce((sum, one) => sum + 2 * one.pipelines * one.powerW * (one.untilS - one.fromS), 0);
    t.true(Math.abs(ledgerJ / simulated_energy_j! - 1) < 1e-12);
    t.true(Math.abs(timelineJ / simulated_energy_j! - 1) < 1e-9);
  }
  const ofStraggler = run.timeline.filter((one) => one.policy === 'perseus' && one.pipeline === 1);
  const first = ofStraggler[0]!;
  t.deepEqual(
    [first.pipelines, first.stage, first.activity, first.instruction, first.frequencyMHz],
    [1, 0, 'computing', 'forward', 1410],
  );
  t.is(run.timeline.find((one) => one.policy === 'perseus' && one.pipeline === 0)!.pipelines, 3);
});

test('without the options there is no bound and no timeline to pay for', async (t) => {
  const run = await runScenario(SMALL, { bound: false });
  t.is(run.rows[1]!.bound_energy_j, null);
  t.false('timeline' in run);
});

test('what is filled in can be run again, of every scenario that comes along', async (t) => {
  const list = (name: string) =>
    readdirSync(projectFile(name))
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => projectFile(join(name, file)));
  const paths = [...list('scenarios'), ...list('scenarios/what-if')];
  t.true(paths.length > 40);
  for (const path of paths) {
    const scenario = await readScenario(path);
    t.deepEqual(await checkScenario(scenario), scenario, path);
  }
});

test('files that a scenario and a sweep name are found from anywhere', async (t) => {
  const path = folder(t);
  mkdirSync(join(path, 'inside'));
  writeFileSync(join(path, 'profile.csv'), readFileSync(PROFILE));
  const profile = { csv: '../profile.csv', blockingPowerW: 80 };
  writeFileSync(join(path, 'inside/scenario.yaml'), JSON.stringify({ ...SMALL, profile }));
  const sweep = { name: 'two', base: 'inside/scenario.yaml', matrix: { pipelines: [4, 5] } };
  writeFileSync(join(path, 'sweep.yaml'), JSON.stringify(sweep));
  const scenario = await readScenario(join(path, 'inside/scenario.yaml'));
  t.deepEqual(scenario.profile, { csv: join(path, 'profile.csv'), blockingPowerW: 80 });
  const read = await readSweep(join(path, 'sweep.yaml'));
  t.true(typeof read.base === 'string' && isAbsolute(read.base));
  const runs: SweepRun[] = [];
  for await (const run of runSweep(read, { workers: 2 })) runs.push(run);
  const own = await runScenario({ ...scenario, pipelines: 5 });
  t.deepEqual(
    runs.map(({ index, parameters, error }) => ({ index, parameters, error })),
    [
      { index: 0, parameters: { pipelines: 4 }, error: null },
      { index: 1, parameters: { pipelines: 5 }, error: null },
    ],
  );
  t.deepEqual(runs[1]!.rows, own.rows);
});

test('runs of a sweep come in its order, failed ones too, and a loop can be left', async (t) => {
  const { power, ...base } = { ...SMALL, power: {} };
  const matrix = {
    'pipeline.microbatches': [16, 2],
    'power.jobLimitW': [1e6, 1],
  };
  const runs: SweepRun[] = [];
  for await (const run of runSweep({ name: 'order', base: { ...base, power }, matrix })) {
    runs.push(run);
    if (runs.length === 3) break;
  }
  t.deepEqual(
    runs.map(({ parameters }) => [
      parameters['pipeline.microbatches'],
      parameters['power.jobLimitW'],
    ]),
    [
      [16, 1e6],
      [16, 1],
      [2, 1e6],
    ],
  );
  t.regex(runs[1]!.error!, /power\.jobLimitW: found 1 W/);
  t.is(runs[1]!.rows.length, 0);
  t.is(runs[2]!.rows.length, 3);
});

test('planners of one’s own run beside the policies, and are checked', async (t) => {
  const planner = { ...perseus, name: 'mine' };
  const run = await runScenario(SMALL, { planners: [planner], timeline: true });
  const [, , ours, mine] = run.rows;
  t.deepEqual({ ...mine, policy: 'perseus' }, ours);
  t.deepEqual({ ...run.plans['mine'], policy: 'perseus' }, run.plans['perseus']);
  t.true(run.timeline.some(({ policy }) => policy === 'mine'));
  t.deepEqual(
    await refusal(t, () =>
      runScenario(SMALL, {
        planners: [perseus, planner, planner, { ...planner, name: 'x', interfaceVersion: 2 }],
      }),
    ),
    [
      'runScenario, planners.0.name: found "perseus", the name of another policy; expected a unique name',
      'runScenario, planners.2.name: found "mine", the name of another policy; expected a unique name',
    ],
  );
  t.deepEqual(
    await refusal(t, () => runScenario(SMALL, { planners: [{ ...planner, interfaceVersion: 2 }] })),
    [
      'runScenario, planners.0.interfaceVersion: found 2, expected 1, the only version that this pipewatt supports',
    ],
  );
  const broken = { name: 'broken', plan: () => ({ version: 1 as const, plans: [] }) };
  await t.throwsAsync(() => runScenario(SMALL, { planners: [broken] }), { message: /plans/ });
});

test('a frontier is that of the command line', async (t) => {
  const args = [
    'plan',
    PROFILE,
    '--microbatches',
    '4',
    '--blocking-power',
    '80',
    '--format',
    'json',
  ];
  const listed = JSON.parse(await printed(t, ...args)) as {
    points: { time_s: number; energy_j: number }[];
  };
  const options = { profile: PROFILE, microbatches: 4, blockingPowerW: 80 };
  const { points, plans } = await planFrontier({ ...options, plansFor: [{ straggler: 1.2 }] });
  t.deepEqual(
    points.map(({ timeS, energyJ }) => ({ time_s: timeS, energy_j: energyJ })),
    listed.points,
  );
  const plan = JSON.parse(await printed(t, ...args, '--straggler', '1.2')) as {
    planned_time_s: number;
    instructions: { frequency_mhz: number; duration_s: number }[];
  };
  t.is(plans[0]!.plannedTimeS, plan.planned_time_s);
  t.deepEqual(
    plan.instructions.map(({ frequency_mhz }) => frequency_mhz),
    plans[0]!.frequencyMHz,
  );
  t.deepEqual(
    plan.instructions.map(({ duration_s }) => duration_s),
    plans[0]!.durationS,
  );
});

test('rows of a profile are its file', async (t) => {
  const [, ...lines] = readFileSync(PROFILE, 'utf8').trim().split('\n');
  const rows = lines.map((line) => {
    const [stage, instruction, ...numbers] = line.split(',');
    const [frequency, time, energy] = numbers.map(Number) as [number, number, number];
    const kind = instruction as 'forward' | 'backward';
    return { stage: Number(stage), instruction: kind, frequency, time, energy };
  });
  const options = { microbatches: 4, blockingPowerW: 80 };
  t.deepEqual(
    await planFrontier({ ...options, profile: rows }),
    await planFrontier({ ...options, profile: PROFILE }),
  );
});

test('profiles and predictions are those of the command line', async (t) => {
  const asked = { model: 'gpt3-2.7b', gpu: 'a40', stages: 4, microbatch: 2, tensorParallel: 2 };
  const args = ['--stages', '4', '--microbatch', '2', '--tensor-parallel', '2', '--format', 'csv'];
  const csv = await printed(t, 'synth', '--model', 'gpt3-2.7b', '--gpu', 'a40', ...args);
  const { rows, efficiency, notes } = await synthesizeProfile(asked);
  const lines = rows.map((row) => `${Object.values(row).join(',')},operators`);
  t.is(efficiency, undefined);
  t.regex(notes[0]!, /^not measured: made from the operators of the model/);
  t.deepEqual(csv.trim().split('\n').slice(1), lines);
  const path = join(folder(t), 'jobs.csv');
  writeFileSync(path, 'gpu,model,tp,pp\nh100-sxm,llama-3-8b,2,4\na100-pcie,llama-3-8b,4,2\n');
  const predicted = JSON.parse(await printed(t, 'predict', path, '--format', 'json')) as unknown;
  const { rows: own } = await predictJobs([
    { gpu: 'h100-sxm', model: 'llama-3-8b', tp: 2, pp: 4 },
    { gpu: 'a100-pcie', model: 'llama-3-8b', tp: 4, pp: 2 },
  ]);
  t.deepEqual(own as unknown, predicted);
});

test('errors name every problem of a call at once', async (t) => {
  t.deepEqual(
    await refusal(t, () => {
      const pipeline = { stages: 0, microbatches: 4 };
      const wrong = { nam: 'x', profile: { catalog: 'nothing-like-it' }, pipeline };
      return runScenario(wrong as unknown as ScenarioInput, { planner: [] } as object);
    }).then((lines) => lines.map((line) => line.slice(0, 60))),
    [
      'runScenario, planner: is not an option; did you mean "planner',
      'scenario, name: found nothing, expected a text',
      'scenario, pipeline.stages: found 0, expected a number of at ',
      'scenario, nam: is not a field of a scenario; did you mean "n',
      'scenario, profile.catalog: found "nothing-like-it", expected',
    ].map((line) => line.slice(0, 60)),
  );
  const row = { stage: 0, instruction: 'forward', frequency: 1410, time: NaN, energy: -3 };
  const profile = [row] as never;
  t.deepEqual(
    await refusal(t, () => planFrontier({ profile, microbatches: 1.5, blockingPowerW: 80 })),
    [
      'planFrontier, microbatches: found 1.5, expected a whole number',
      'planFrontier, profile.0.time: found "NaN", expected a number above 0 (s)',
      'planFrontier, profile.0.energy: found "-3", expected a number above 0 (J)',
    ],
  );
  const plansFor = [{ deadlineS: 0.5 }, { deadlineS: 0.8 }, { deadlineS: 0.7 }];
  t.deepEqual(
    await refusal(t, () =>
      planFrontier({ profile: PROFILE, microbatches: 4, blockingPowerW: 80, plansFor }),
    ),
    [0.5, 0.7].map(
      (deadlineS, k) =>
        `planFrontier, plansFor.${2 * k}.deadlineS: found ${deadlineS} s, expected at least 0.75 s, which the fastest plan of 16 instructions takes`,
    ),
  );
  t.deepEqual(
    await refusal(t, () =>
      predictJobs([{ gpu: '', model: 'llama-3-8b', tpp: 2 } as never, 3 as never]),
    ),
    [
      'predictJobs, jobs.0.tpp: is not an option; did you mean "tp"?',
      'predictJobs, jobs.0.gpu: is missing, expected a name',
      'predictJobs, jobs.1: expected a job',
    ],
  );
  t.deepEqual(
    await refusal(t, () =>
      synthesizeProfile({ model: 'gpt3-2.7b', gpu: 'a40', stages: 99, microbatch: 0 }),
    ),
    [
      'synthesizeProfile, microbatch: found 0, expected a number of at least 1',
      'synthesizeProfile, stages: found 99, but GPT-3 2.7B has 32 blocks',
    ],
  );
  t.deepEqual(
    await refusal(t, () => replayTrace('none.parquet', { profile: PROFILE, tensorParallel: 0 })),
    [
      'replayTrace, tensorParallel: found 0, expected a number of at least 1',
      'replayTrace, blockingPowerW: is missing, expected a number from 1 to 2000 W beside a profile',
      'none.parquet: cannot be read: there is no such file or folder',
    ],
  );
  const sweep = { name: 'a b', base: { ...SMALL, name: 3 }, matrix: { pipeline: [1] } };
  t.deepEqual(
    (await refusal(t, () => runSweep(sweep, { workers: 0 }).next())).map(
      (line) => line.split(':')[0],
    ),
    ['runSweep, workers', 'sweep, name', 'sweep, base.name', 'sweep, matrix.pipeline'],
  );
});

test('whatever a call is given, it answers with an InputError at worst', async (t) => {
  const circular: Record<string, unknown> = {};
  circular['name'] = circular;
  const calls: readonly ((value: never) => Promise<unknown>)[] = [
    runScenario,
    checkScenario,
    planFrontier,
    predictJobs,
    synthesizeProfile,
    readScenario,
    readSweep,
    replayTrace,
    (value) => runSweep(value).next(),
    (value) => runScenario(SMALL, value),
    (value) => runSweep({ name: 'x', base: {} }, value).next(),
    (value) => replayTrace('none.parquet', value),
  ];
  for (const call of calls) {
    for (const value of [null, 0, NaN, '', 'text', true, [], [null], {}, circular, () => 1, 1n]) {
      try {
        await call(value as never);
      } catch (error) {
        t.true(error instanceof InputError, `${call.name}: ${String(error)}`);
      }
    }
  }
});

test('names of the catalog are those that a scenario is refused with', async (t) => {
  const names = await catalogNames();
  const pipeline = { stages: 2, microbatches: 4 };
  const [found] = await refusal(t, () =>
    runScenario({ name: 'x', profile: { catalog: 'x' }, pipeline }),
  );
  t.is(
    found!.replace(/; did you mean.*/, ''),
    `scenario, profile.catalog: found "x", expected one of ${names.profiles.join(', ')}`,
  );
  const profile = { model: 'x', gpu: 'x', microbatch: 1 };
  const [model, gpu] = await refusal(t, () => runScenario({ name: 'x', profile, pipeline }));
  t.true(model!.includes(names.models.join(', ')), model);
  t.true(gpu!.includes(names.gpus.join(', ')), gpu);
  t.deepEqual([names.policies.length, names.schedules.length], [7, 6]);
});
