import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { besidePlanningServer, controlledRows } from '../support/controlled.js';
import { SMALL_JOBS } from '../support/controlled-scenarios.js';
import { runInProcess } from '../support/in-process.js';

const folder = mkdtempSync(join(tmpdir(), 'in-the-loop-'));
test.after.always(() => {
  rmSync(folder, { recursive: true });
});

function scenarioFile(name: string, text: string): string {
  const path = join(folder, `${name.replaceAll(/\W+/g, '-')}.yaml`);
  writeFileSync(path, text);
  return path;
}

for (const [name, text] of Object.entries(SMALL_JOBS)) {
  test(`ranks that ask a server save what they save in-process: ${name}`, async (t) => {
    const path = scenarioFile(name, text);
    const rows = await besidePlanningServer((url) => controlledRows(url, path));
    t.deepEqual([...rows.keys()], ['max-frequency', 'zeus-global', 'perseus', 'control']);
    t.deepEqual(rows.get('control'), rows.get('perseus'), 'every figure, to the last bit');
    t.notDeepEqual(rows.get('control'), rows.get('max-frequency'));
  });
}

test('the server knows of every report, and of stragglers only while they are slow', async (t) => {
  const path = scenarioFile('reports', SMALL_JOBS['stragglers of several causes come and go']!);
  await besidePlanningServer(async (url) => {
    await controlledRows(url, path);
    const { jobs } = await json<{ jobs: readonly { id: string }[] }>(`${url}/jobs`);
    t.is(jobs.length, 1, 'one job, although runs that know more or less are compared with it');
    const job = await json<{
      state: string;
      ranks: number;
      reported: { reports: number; iterations: number };
      stragglers: unknown[];
    }>(`${url}/jobs/${jobs[0]!.id}`);
    t.is(job.state, 'planned');
    t.is(job.ranks, 16);
    t.is(job.reported.reports, 30 * 16, 'each rank reports each iteration once');
  });
});

test('a policy of the scenario plans where perseus is not compared', async (t) => {
  const text = `${SMALL_JOBS['nothing goes wrong']!}policies: [max-frequency, envpipe]\n`;
  const rows = await besidePlanningServer((url) => {
    return controlledRows(url, scenarioFile('envpipe', text));
  });
  const simulated = (policy: string) =>
    Object.entries(rows.get(policy)!).filter(([name]) => !name.startsWith('planned_'));
  t.deepEqual(simulated('control'), simulated('envpipe'));
});

test('a server with settings of its own needs no upload; a fixed plan is run as it is', async (t) => {
  const text = SMALL_JOBS['nothing goes wrong']!;
  const path = scenarioFile('own settings', text);
  const own = await besidePlanningServer(
    (url) => controlledRows(url, path, '--upload', 'nothing'),
    {
      defaults: { scenarioText: text },
    },
  );
  t.deepEqual(own.get('control'), own.get('perseus'));
  const { out: planText } = await runInProcess(['plan', path, '--format', 'zeus']);
  const plan = join(folder, 'plan.py');
  writeFileSync(plan, planText);
  const fixed = await besidePlanningServer(
    (url) => controlledRows(url, path, '--upload', 'nothing', '--plan', plan),
    { defaults: { planText } },
  );
  const { simulated_energy_j: energyJ } = fixed.get('control')!;
  t.is(energyJ, fixed.get('perseus')!['simulated_energy_j']);
});

test('a token is sent, and is not told when the server refuses it', async (t) => {
  const path = scenarioFile('token', SMALL_JOBS['nothing goes wrong']!);
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, 'right-and-long-enough\n');
  await besidePlanningServer(
    async (url) => {
      const rows = await controlledRows(url, path, '--token-file', tokenFile);
      t.deepEqual(rows.get('control'), rows.get('perseus'));
      writeFileSync(tokenFile, 'wrong-and-long-enough');
      const args = ['run', path, '--control', url, '--token-file', tokenFile];
      const { code, out, err } = await runInProcess(args);
      t.is(code, 2);
      t.is(out, '');
      t.regex(err, /refused POST \/register_job \(401\): the request bears no valid token/);
      t.false(err.includes('wrong-and-long-enough'));
    },
    { token: 'right-and-long-enough' },
  );
});

/** Runs a scenario against a server that answers as it is told. */
async function against(answers: Readonly<Record<string, unknown>>, ...options: string[]) {
  const server = createServer((request, response) => {
    const found = Object.entries(answers).find(([path]) => request.url!.startsWith(path));
    const [status, body] = (found?.[1] ?? [200, null]) as [number, unknown];
    request.resume().once('end', () => {
      response.writeHead(status);
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const path = scenarioFile('against', SMALL_JOBS['nothing goes wrong']!);
    const { code, out, err } = await runInProcess(['run', path, '--control', url, ...options]);
    return { code, out, err: err.replaceAll(url, 'URL') };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const JOB = '"2026-01-01-00-00-00+dp1+pp4+tp1+perseus"';
const WELL = { '/register_job': [200, JOB], '/jobs/': [200, { state: 'planned' }] };
const entries = (kinds: readonly string[], clock: unknown = 1410) =>
  kinds.map((kind) => [kind, clock]);
const RIGHT = ['forward', 'forward', 'forward', 'forward', 'backward'];

for (const [name, answers, message] of [
  [
    'another program answers',
    { '/register_job': [200, '<html></html>'] },
    /URL: answered POST \/register_job with "<html><\/html>", expected JSON/,
  ],
  [
    'it makes no job',
    { '/register_job': [200, '{}'] },
    /URL: answered POST \/register_job without a job id/,
  ],
  [
    'it refuses a job',
    {
      '/register_job': [
        422,
        { detail: [{ loc: ['body', 'pp_degree'], msg: 'too many', type: '' }] },
      ],
    },
    /URL: refused POST \/register_job \(422\): body\.pp_degree: too many/,
  ],
  [
    'it fails',
    { ...WELL, '/register_rank': [500, 'Internal Server Error'] },
    /URL: refused POST \/register_rank\/\S+ \(500\): "Internal Server Error"/,
  ],
  [
    'a schedule is too short',
    { ...WELL, '/schedule/': [200, { rank: 0, frequencies: entries(['forward']) }] },
    /URL: answered GET \/schedule\/\S+ with the schedule of rank 0|has 1 instructions, but the job has 12/,
  ],
  [
    'a kind is unknown',
    { ...WELL, '/schedule/': [200, { rank: 0, frequencies: entries([...RIGHT, 'sideways']) }] },
    /answered GET \/schedule\/\S+ wrongly at frequencies\.5\.0: found "sideways", expected/,
  ],
  [
    'a clock is no number',
    { ...WELL, '/schedule/': [200, { rank: 0, frequencies: entries(RIGHT, 'fast') }] },
    /answered GET \/schedule\/\S+ wrongly at frequencies\.0\.1: found "fast", expected a number/,
  ],
] as const) {
  test(`wrong answers end with one message: ${name}`, async (t) => {
    const { code, out, err } = await against(answers);
    t.is(code, 2, err);
    t.is(out, '');
    t.regex(err, message);
    t.notRegex(err, /\n\s+at /, 'no stack trace');
    t.is(err.trimEnd().split('\n').length, 1, err);
  });
}

test('addresses that lead nowhere are told with what to do', async (t) => {
  const path = scenarioFile('nowhere', SMALL_JOBS['nothing goes wrong']!);
  const run = (...args: string[]) => runInProcess(['run', path, ...args]);
  const free = await run('--control', 'http://127.0.0.1:9');
  t.is(free.code, 2);
  t.regex(free.err, /cannot be reached: nothing listens there; does pipewatt serve run there\?/);
  for (const wrong of ['127.0.0.1:7787', 'ftp://localhost', 'http://user:secret@localhost', '']) {
    const { code, err } = await run('--control', wrong);
    t.is(code, 2, wrong);
    t.regex(err, /--control: found .* expected the address of pipewatt serve/);
    t.notRegex(err, /secret@/);
  }
  const lonely = await run('--token-file', 'missing.txt');
  t.is(lonely.code, 2);
  t.regex(lonely.err, /--token-file: was given without --control/);
  t.regex(lonely.err, /missing\.txt/);
  const external = await run('--control', 'http://127.0.0.1:9', '--planner', 'python3 nothing.py');
  t.is(external.code, 2);
  t.regex(external.err, /--control: cannot be used with an external --planner/);
});

test('a job with a clock between whole MHz cannot be served', async (t) => {
  writeFileSync(
    join(folder, 'halves.csv'),
    'stage,instruction,frequency,time,energy\n' +
      ['forward', 'backward']
        .flatMap((kind) => [`0,${kind},1410.5,0.1,30`, `0,${kind},1200,0.12,29`])
        .join('\n'),
  );
  const path = scenarioFile(
    'halves',
    'name: halves\nprofile: {csv: halves.csv, blockingPowerW: 80}\npipeline: {stages: 1, microbatches: 2}\n',
  );
  const { code, err } = await runInProcess(['run', path, '--control', 'http://127.0.0.1:9']);
  t.is(code, 2);
  t.regex(err, /found a clock of 1410\.5 MHz, expected whole numbers/);
});

async function json<T>(url: string): Promise<T> {
  const response = await fetch(url.replaceAll('+', '%2B'));
  return (await response.json()) as T;
}
