import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { runScenario } from '../../sim/library/index.js';
import { LineCutter, type Line } from '../../sim/cli/serve-json-lines.js';
import { parsedLine } from '../../sim/cli/serve-json-parse.js';
import { projectFile } from '../support/files.js';
import { runInProcess } from '../support/in-process.js';
import { JsonServer } from '../support/json-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const TINY = {
  name: 'tiny',
  profile: { csv: projectFile('examples/two-stages.csv'), blockingPowerW: 80 },
  pipeline: { stages: 2, microbatches: 4 },
  pipelines: 4,
  stragglers: [{ pipeline: 0, slowdown: 1.2 }],
  policies: ['max-frequency', 'perseus'],
};

/** A scenario that takes minutes to plan. */
const LONG = {
  ...TINY,
  name: 'long',
  profile: { catalog: 'gpt3-175b-a100-sxm' },
  pipeline: { stages: 8, microbatches: 384 },
  unitTimeS: 0.0001,
};

test('requests are answered in their order, with the ids that they have', async (t) => {
  const server = new JsonServer(t);
  server.send(
    { id: 1, method: 'version' },
    { id: 'two', method: 'run', params: { scenario: TINY } },
    { id: 3, method: 'scenario', params: { scenario: TINY } },
  );
  t.is(await server.end(), 0);
  t.deepEqual(
    server.answers.map(({ id }) => id),
    [1, 'two', 3],
  );
  t.true((server.answers[0]!.result!['methods'] as string[]).includes('run'));
  // The same run as the library's, to the last bit.
  const run = JSON.parse(JSON.stringify(await runScenario(TINY as never))) as object;
  t.deepEqual(server.answers[1]!.result, run as Record<string, unknown>);
});

test('rows have the columns of run --format csv, those of power over time among them', async (t) => {
  const server = new JsonServer(t);
  server.send({ id: 1, method: 'run', params: { name: 'grid-limits' } });
  const { result } = await server.answer(1);
  const path = projectFile('scenarios/what-if/grid-limits.yaml');
  const { out } = await runInProcess(['run', path, '--format', 'csv']);
  const [row] = result!['rows'] as Record<string, unknown>[];
  t.is(Object.keys(row!).join(), out.split('\n')[0]!);
  t.true('power_peak_w' in row!);
});

test('wrong requests are refused, with all their problems, and the next is answered', async (t) => {
  const server = new JsonServer(t);
  server.write('nonsense\n\n[1]\n"x"\n{"id": 1.5, "method": "run"}\n');
  server.write(Buffer.from([0x7b, 0xff, 0xfe, 0x0a]));
  server.write(`{"id": 2, "method": "run", "parameters": {}}\n`);
  server.write(`{"id": 3, "method": "run", "params": ${'['.repeat(5000)}${']'.repeat(5000)}}\n`);
  server.send(
    { id: 4, method: 'rum' },
    { id: 5, method: 'run' },
    { id: 6, method: 'run', params: { scenario: { ...TINY, pipelines: 0, seed: -1 }, bound: 3 } },
    { id: 7, method: 'run', params: { name: 'quick-strat' } },
    { id: 8, method: 'run', params: { scenario: TINY, name: 'quick-start' } },
    { id: 9, method: 'picture', params: { scenario: TINY, picture: 'timelime' } },
    { id: 10, method: 'power', params: { scenario: TINY, everyS: 0 } },
    { id: 11, method: 'sweep', params: {} },
    { id: 12, method: 'predict', params: { job: [] } },
    { id: 13, method: 'run', params: { file: '/nowhere.yaml' } },
    { id: 14, method: 'version' },
  );
  t.is(await server.end(), 0);
  const refused = server.answers.filter(({ id }) => id === null);
  t.deepEqual(
    refused.map(({ error }) => error!.kind),
    Array.from({ length: 5 }, () => 'request'),
  );
  const of = (id: number) => server.answers.find((one) => one.id === id)!;
  t.is(of(2).error!.kind, 'request');
  t.regex(of(2).error!.message, /parameters/);
  t.regex(of(3).error!.message, /more than 64/);
  t.regex(of(4).error!.message, /did you mean "run"/);
  t.regex(of(5).error!.message, /none of them/);
  t.regex(of(6).error!.message, /run, bound/);
  t.regex(of(7).error!.message, /quick-start/);
  t.regex(of(8).error!.message, /found scenario, name/);
  t.regex(of(9).error!.message, /timeline/);
  t.regex(of(10).error!.message, /everyS/);
  t.regex(of(11).error!.message, /sweep or file/);
  t.regex(of(12).error!.message, /job/);
  t.regex(of(13).error!.message, /no such file/);
  for (let id = 4; id <= 13; id++) t.is(of(id).error!.kind, 'input', `${id}`);
  t.truthy(of(14).result);
});

test('every problem of a scenario is there, with its field', async (t) => {
  const server = new JsonServer(t);
  server.send({
    ...{ id: 1, method: 'run' },
    params: { scenario: { ...TINY, pipelines: 0, tensorParallel: 0 } },
  });
  const { error } = await server.answer(1);
  t.deepEqual(
    (error!.problems as { field: string }[]).map(({ field }) => field),
    ['tensorParallel', 'pipelines'],
  );
});

test('lines of YAML are named', async (t) => {
  const server = new JsonServer(t);
  const yaml =
    'name: x\nprofile: {catalog: gpt3-175b-a40}\npipeline:\n  microbatches: 4\n  stages: 0\n';
  server.send({ id: 1, method: 'scenario', params: { yaml } });
  const { error } = await server.answer(1);
  t.like((error!.problems as object[])[0], { line: 5, field: 'pipeline.stages' });
});

test('a request is cancelled: one that waits, and one that runs', async (t) => {
  const server = new JsonServer(t);
  server.send(
    { id: 1, method: 'run', params: { scenario: LONG }, progress: true },
    { id: 2, method: 'run', params: { scenario: LONG } },
    { id: 3, method: 'version' },
    { id: 3, method: 'version' },
    { id: 4, method: 'cancel', params: { id: 2 } },
    { id: 5, method: 'cancel', params: { id: 99 } },
  );
  t.is((await server.answer(2)).error!.kind, 'cancelled');
  t.deepEqual((await server.answer(4)).result, { cancelled: true });
  t.deepEqual((await server.answer(5)).result, { cancelled: false });
  t.regex((await server.answer(null)).error!.message, /the id 3/);
  await server.line((one) => 'progress' in one);
  server.send({ id: 6, method: 'cancel', params: { id: 1 } });
  t.is((await server.answer(1)).error!.kind, 'cancelled');
  t.truthy((await server.answer(3)).result);
  server.send({ id: 7, method: 'run', params: { scenario: TINY } });
  t.truthy((await server.answer(7)).result);
});

/** The plan of a problem in which everything runs at its highest clock. */
const AT_HIGHEST = (problem: never) => {
  const { instructions, operations } = problem as {
    instructions: { operation: number }[];
    operations: { options: { frequencyMHz: number }[] }[];
  };
  const frequencyMHz = instructions.map(
    ({ operation }) => operations[operation]!.options[0]!.frequencyMHz,
  );
  return { version: 1, plans: [{ timeS: 1, energyJ: 1000, frequencyMHz }] };
};

test('a planner of the client is asked for its plans, each time anew', async (t) => {
  const server = new JsonServer(t);
  const params = { scenario: TINY, planners: ['mine'] };
  for (const id of [1, 2]) {
    server.send({ id, method: 'run', params });
    const { ask, planner, problem } = await server.line((one) => one.id === id && 'ask' in one);
    t.is(planner, 'mine');
    server.send({ answer: ask, plans: AT_HIGHEST(problem as never) });
    const { result } = await server.answer(id);
    const rows = result!['rows'] as { policy: string; simulated_saving_pct: number }[];
    t.deepEqual(
      rows.map(({ policy }) => policy),
      ['max-frequency', 'perseus', 'mine'],
    );
    t.true(Math.abs(rows[2]!.simulated_saving_pct) < 1e-9);
  }
});

test('a planner that fails, answers wrongly, or never, ends its request alone', async (t) => {
  const server = new JsonServer(t);
  const answers: Readonly<Record<string, unknown>>[] = [
    { error: 'ZeroDivisionError: division by zero' },
    { plans: { version: 1, plans: [] } },
    { plans: { version: 1, plans: [{ timeS: 1, energyJ: 1, frequencyMHz: [1] }] } },
    { plan: 'a word that there is not' },
    {},
  ];
  for (const [k, answer] of answers.entries()) {
    server.send({ id: k, method: 'run', params: { scenario: TINY, planners: ['mine'] } });
    const { ask } = await server.line((one) => one.id === k && 'ask' in one);
    server.send({ answer: 1000, plans: 1 }, { answer: ask, ...answer });
    t.is((await server.answer(k)).error!.kind, 'planner');
  }
  t.regex((await server.answer(0)).error!.message, /ZeroDivisionError/);
  server.send({ id: 10, method: 'run', params: { scenario: TINY, planners: ['perseus'] } });
  t.regex((await server.answer(10)).error!.message, /another policy/);
  server.send({ id: 11, method: 'run', params: { scenario: TINY, planners: ['mine'] } });
  await server.line((one) => one.id === 11 && 'ask' in one);
  t.is(await server.end(), 0);
  t.regex((await server.answer(11)).error!.message, /input has ended/);
});

test('a sweep is streamed run by run, and cancelled', async (t) => {
  const server = new JsonServer(t);
  const sweep = { name: 'two', base: TINY, matrix: { pipelines: [4, 8] } };
  server.send({ id: 1, method: 'sweep', params: { sweep, workers: 1 } });
  t.deepEqual((await server.answer(1)).result, { runs: 2, failed: 0 });
  const runs = server.answers.filter((one) => 'run' in one).map(({ run }) => run as object);
  t.like(runs[0], { index: 0, parameters: { pipelines: 4 }, error: null });
  t.like(runs[1], { index: 1, parameters: { pipelines: 8 }, error: null });
  const long = { name: 'long', base: LONG, matrix: { pipelines: [4, 8] } };
  server.send({ id: 2, method: 'sweep', params: { sweep: long, workers: 1 } });
  server.send({ id: 3, method: 'cancel', params: { id: 2 } });
  t.is((await server.answer(2)).error!.kind, 'cancelled');
  server.send({ id: 4, method: 'version' });
  t.truthy((await server.answer(4)).result);
});

test('plans, profiles, predictions, names, pictures, reports and power are answered', async (t) => {
  const server = new JsonServer(t);
  const { csv: profile } = TINY.profile;
  const plan = { profile, microbatches: 4, blockingPowerW: 80, plansFor: [{ straggler: 1.2 }] };
  const run = { scenario: TINY };
  server.send(
    { id: 1, method: 'plan', params: plan },
    { id: 2, method: 'synth', params: { model: 'gpt3-2.7b', gpu: 'a100-sxm', stages: 2 } },
    { id: 3, method: 'predict', params: { jobs: [{ gpu: 'h100-sxm', model: 'llama-3-8b' }] } },
    { id: 4, method: 'catalog' },
    { id: 5, method: 'picture', params: { ...run, picture: 'timeline' } },
    { id: 6, method: 'report', params: run },
    { id: 7, method: 'power', params: { ...run, everyS: 0.25 } },
    { id: 8, method: 'replay', params: { path: '/nowhere.parquet' } },
    { id: 9, method: 'run', params: run },
  );
  t.is(await server.end(), 0);
  const of = (id: number) => server.answers.find((one) => one.id === id)!.result!;
  t.is((of(1)['plans'] as object[]).length, 1);
  t.true((of(2)['rows'] as object[]).length > 10);
  t.is((of(3)['rows'] as object[]).length, 1);
  t.true((of(4)['scenarios'] as string[]).includes('quick-start'));
  t.regex(of(5)['svg'] as string, /^<svg .*<\/svg>\s*$/s);
  t.regex(of(6)['html'] as string, /^<!doctype html>.*tiny/is);
  const { policies } = of(7) as {
    policies: Record<string, { durationS: number; powerW: number[] }>;
  };
  t.deepEqual(Object.keys(policies), ['max-frequency', 'perseus']);
  const { durationS, powerW } = policies['perseus']!;
  const energyJ = powerW.reduce((sum, w, k) => sum + w * Math.min(0.25, durationS - k * 0.25), 0);
  const rows = of(9)['rows'] as { simulated_energy_j: number }[];
  t.is((energyJ / rows[1]!.simulated_energy_j).toFixed(9), '1.000000000');
  t.regex(server.answers.find(({ id }) => id === 8)!.error!.message, /no such file/);
});

test('whatever lines come, it answers the next request', async (t) => {
  const server = new JsonServer(t);
  const method = fc.constantFrom('run', 'plan', 'synth', 'predict', 'replay', 'power', 'x', '');
  const request = fc.record(
    {
      id: fc.oneof(fc.integer(), fc.string(), fc.constant(null)),
      method: fc.oneof(method, fc.jsonValue()),
      params: fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue())),
      progress: fc.jsonValue(),
      answer: fc.jsonValue(),
    },
    { requiredKeys: ['id', 'method'] },
  );
  const line = fc.oneof(
    request.map((one) => JSON.stringify(one)),
    fc.jsonValue().map((one) => JSON.stringify(one)),
    fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', '')),
  );
  const lines = fc.sample(line, { numRuns: 300, seed: 1 });
  const wanted = lines.filter((text) => text.trim() !== '').length;
  for (const text of lines) server.write(`${text}\n`);
  server.write(Buffer.from([0x80, 0x0a]));
  server.send({ id: 'the last', method: 'version' });
  t.truthy((await server.answer('the last')).result);
  t.is(await server.end(), 0);
  t.is(server.answers.length, wanted + 2);
  t.deepEqual(
    server.answers.filter(({ error }) => error?.kind === 'bug'),
    [],
  );
});

test('SIGTERM ends it, and requests without an answer learn of it', async (t) => {
  const server = new JsonServer(t);
  server.send({ id: 1, method: 'run', params: { scenario: LONG }, progress: true });
  server.send({ id: 2, method: 'version' });
  await server.line((one) => 'progress' in one);
  server.child.kill('SIGTERM');
  t.is(await server.ended, 0);
  for (const id of [1, 2]) t.is((await server.answer(id)).error!.kind, 'stopped');
});

test('it ends with its parent, in the middle of a request too', async (t) => {
  const parent = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)']);
  const server = new JsonServer(t, ['--parent', String(parent.pid!)]);
  server.send({ id: 1, method: 'run', params: { scenario: LONG }, progress: true });
  await server.line((one) => 'progress' in one);
  parent.kill('SIGKILL');
  t.is(await server.ended, 0);
});

test('it ends when its answers are not read any more', async (t) => {
  const server = new JsonServer(t);
  server.send({ id: 1, method: 'version' });
  await server.answer(1);
  server.child.stdout!.destroy();
  server.send({ id: 2, method: 'version' }, { id: 3, method: 'run', params: { scenario: LONG } });
  t.is(await server.ended, 0);
});

test('a file that changes between two requests is read again', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'mine.yaml');
  const write = (slowdown: number) => {
    writeFileSync(path, JSON.stringify({ ...TINY, stragglers: [{ pipeline: 0, slowdown }] }));
  };
  const server = new JsonServer(t);
  const timeOf = async (id: number) => {
    server.send({ id, method: 'run', params: { file: 'mine.yaml', folder } });
    const rows = (await server.answer(id)).result!['rows'] as { simulated_time_s: number }[];
    return rows[0]!.simulated_time_s;
  };
  write(1.1);
  const first = await timeOf(1);
  write(1.3);
  t.true((await timeOf(2)) > first);
});

test('lines are cut wherever pieces end, and too long ones are passed over', (t) => {
  const text = 'one\ntwo two\n\nthree is too long\nfour\nlast';
  for (const size of [1, 2, 3, 7, 100]) {
    const lines: Line[] = [];
    const cutter = new LineCutter(8, (line) => lines.push(line));
    for (let at = 0; at < text.length; at += size) {
      cutter.add(Buffer.from(text.slice(at, at + size)));
    }
    cutter.end();
    t.deepEqual(
      lines.map((line) => ('bytes' in line ? line.bytes.toString() : line.tooLong)),
      ['one', 'two two', '', 17, 'four', 'last'],
    );
  }
  t.regex((parsedLine({ tooLong: 1e9 }) as { message: string }).message, /1000000000 bytes/);
});
