import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { besidePlanningServer } from '../support/controlled.js';
import { projectFile } from '../support/files.js';
import { testWithPython } from '../support/python.js';

const CLIENT = projectFile('examples/control_client.py');
const folder = mkdtempSync(join(tmpdir(), 'python-client-'));
test.after.always(() => {
  rmSync(folder, { recursive: true });
});

async function python(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const run = promisify(execFile);
  const options = { env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...env } };
  try {
    return { code: 0, ...(await run('python3', args, options)) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

/** Settings of a server for jobs of two stages. */
const TWO_STAGES = {
  scenarioText:
    'name: two stages\nprofile: {csv: two-stages.csv, blockingPowerW: 80}\npipeline: {microbatches: 4}\n',
  profileCsv: readFileSync(projectFile('examples/two-stages.csv'), 'utf8'),
};

interface Job {
  readonly ranks: number;
  readonly state: string;
  readonly reported: { readonly reports: number; readonly iterations: number };
}

async function jobOf(url: string, out: string, headers: Record<string, string> = {}): Promise<Job> {
  const id = /^job (\S+)$/m.exec(out)![1]!;
  return (await (await fetch(`${url}/jobs/${id}`, { headers })).json()) as Job;
}

testWithPython('the demo registers, asks and reports', async (t) => {
  await besidePlanningServer(
    async (url) => {
      const size = ['--pp', '2', '--dp', '2', '--tp', '2', '--iterations', '5'];
      const { code, stdout, stderr } = await python([CLIENT, '--demo', '--url', url, ...size]);
      t.is(code, 0, stderr);
      t.regex(stdout, /^8 ranks, 5 iterations, \d+ J computing$/m);
      const job = await jobOf(url, stdout);
      t.is(job.state, 'planned');
      t.is(job.ranks, 8);
      t.is(job.reported.reports, 40);
    },
    { defaults: TWO_STAGES },
  );
});

testWithPython('the demo bears a token', async (t) => {
  const token = 'a-token-for-the-demo';
  await besidePlanningServer(
    async (url) => {
      const demo = [CLIENT, '--demo', '--url', url, '--iterations', '2'];
      const right = await python(demo, { PIPEWATT_TOKEN: token });
      t.is(right.code, 0, right.stderr);
      const headers = { authorization: `Bearer ${token}` };
      t.is((await jobOf(url, right.stdout, headers)).reported.reports, 4);
      const wrong = await python(demo, { PIPEWATT_TOKEN: 'not-the-token-at-all' });
      t.not(wrong.code, 0);
      t.regex(wrong.stderr, /401: the request bears no valid token/);
      t.notRegex(wrong.stderr, /Traceback/);
      t.false(wrong.stderr.includes('not-the-token-at-all'));
    },
    { token, defaults: TWO_STAGES },
  );
});

testWithPython('the demo tells what is wrong in one line', async (t) => {
  await besidePlanningServer(async (url) => {
    const { code, stderr } = await python([CLIENT, '--demo', '--url', url]);
    t.not(code, 0);
    t.regex(stderr, /409: the (number of microbatches|profile) is not known: send it with PUT/);
    t.notRegex(stderr, /Traceback/);
  });
  const nowhere = await python([CLIENT, '--demo', '--url', 'http://127.0.0.1:9']);
  t.not(nowhere.code, 0);
  t.notRegex(nowhere.stderr, /Traceback/);
  t.regex(nowhere.stderr, /127\.0\.0\.1:9/);
});

testWithPython('a training loop uses it as a module', async (t) => {
  const script = join(folder, 'loop.py');
  writeFileSync(
    script,
    `
import sys
sys.path.insert(0, ${JSON.stringify(projectFile('examples'))})
from control_client import RankClient, Server

server = Server(sys.argv[1])
job = server.register_job(2, 1, 1)
clocks, now, energy = {0: [], 1: []}, [0.0], [0.0]
ranks = [
    RankClient(Server(sys.argv[1]), job, rank, 0, rank, 0, [1410, 1300, 1200], clocks[rank].append,
               energy_j=lambda: energy[0], now_s=lambda: now[0])
    for rank in range(2)
]
print("job", job)
for iteration in range(3):
    for rank in ranks:
        with rank.iteration() as schedule:
            for name, clock in schedule:
                with rank.instruction(name):
                    now[0] += 0.05
                    energy[0] += 15.0
server.straggler(job, 0, 1.2)
try:
    with ranks[0].iteration() as schedule:
        with ranks[0].instruction("backward"):
            pass
except RuntimeError as error:
    print(error)
print("clocks", len(clocks[0]) > 0, len(clocks[1]) > 0)
`,
  );
  await besidePlanningServer(
    async (url) => {
      const { code, stdout, stderr } = await python([script, url]);
      t.is(code, 0, stderr);
      t.is((await jobOf(url, stdout)).reported.reports, 6, 'three iterations of both ranks');
      t.regex(stdout, /rank 0 began backward, but instruction 0 of the schedule is forward/);
      t.regex(stdout, /clocks True True/);
    },
    { defaults: TWO_STAGES },
  );
});

testWithPython('it needs nothing but the standard library of Python 3.8', async (t) => {
  const check =
    'import ast, sys; ast.parse(open(sys.argv[1]).read(), feature_version=(3, 8)); ' +
    'print(sorted({a.name.split(".")[0] for n in ast.walk(ast.parse(open(sys.argv[1]).read())) if isinstance(n, ast.Import) for a in n.names} ' +
    '- set(getattr(sys, "stdlib_module_names", [])))) ';
  const { code, stdout, stderr } = await python(['-c', check, CLIENT]);
  t.is(code, 0, stderr);
  t.true(stdout.trim() === '[]' || !stdout.includes('requests'), stdout);
});
