import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { runInProcess } from '../support/in-process.js';
import { projectFile } from '../support/files.js';
import { readText, spanLines, valuesOf } from '../support/measurement-files.js';
import { testWithPython } from '../support/python.js';

const JOB = projectFile('test/fixtures/measure-pipeline/job.py');
const NVML = projectFile('test/fixtures/measure-pipeline');
const SCRIPT = projectFile('examples/measure_pipeline.py');

/** A folder of a test's own. */
async function withFolder(body: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-measure-'));
  try {
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const environment = (folder: string, nvml: string, visible = '') => ({
  ...process.env,
  CUDA_VISIBLE_DEVICES: visible,
  PYTHONPATH: `${NVML}:${projectFile('examples')}`,
  PYTHONDONTWRITEBYTECODE: '1',
  FAKE_NVML: nvml,
  FAKE_NVML_LOG: join(folder, 'nvml.log'),
});

/** Runs the job; the calls of NVML that change something, and what it printed. */
function job(folder: string, mode: string, nvml = '', visible = '') {
  const ended = spawnSync('python3', [JOB, mode, join(folder, 'measured')], {
    env: environment(folder, nvml, visible),
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { code: ended.status, err: ended.stderr, calls: calls(folder) };
}

function calls(folder: string): string[] {
  const name = 'nvml.log';
  return readdirSync(folder).includes(name)
    ? readFileSync(join(folder, name), 'utf8').trim().split('\n')
    : [];
}

const file = (folder: string, path: string) => readFileSync(join(folder, 'measured', path), 'utf8');

testWithPython(
  'the sweep goes down until the energy has risen five times, and unlocks',
  async (t) => {
    await withFolder((folder) => {
      const { code, err, calls: made } = job(folder, 'sweep');
      t.is(code, 0, err);
      const clocks = [1410, 1300, 1200, 1100, 1000, 900, 800, 700, 600, 210];
      // The energy falls down to 1000 MHz and rises at 900, 800, 700, 600 and 210 MHz.
      t.deepEqual(made, ['gpu 0', ...clocks.map((clock) => `lock ${clock}`), 'reset']);
      t.deepEqual(readdirSync(join(folder, 'measured', '1300')), [
        'instructions-rank3.csv',
        'samples-rank3.csv',
      ]);
      const { spans } = readText(file(folder, '1300/instructions-rank3.csv'), 'rank3.csv');
      const kinds = spans.map(({ kind, iteration }) => `${kind} ${iteration}`);
      t.is(kinds.filter((kind) => kind.startsWith('forward')).length, 6);
      t.deepEqual(
        [
          ...new Set(
            spans.map(({ rank, stage, frequencyMHz }) => `${rank} ${stage} ${frequencyMHz}`),
          ),
        ],
        ['3 1 1300'],
      );
      t.true(spans.every(({ kind, timeS }) => kind !== 'forward' || timeS >= 0.001));
      const samples = readText(file(folder, '1300/samples-rank3.csv'), 'samples-rank3.csv');
      t.is(valuesOf(samples, '3', 'powerW')?.[0], 301.5);
      t.is(valuesOf(samples, '3', 'clockMHz')?.[0], 1300);
      t.true(valuesOf(samples, '3', 'counterJ')![0]! > 5000);
    });
  },
);

testWithPython('clocks are unlocked after errors, signals and early ends', async (t) => {
  await withFolder((folder) => {
    const fails = job(folder, 'fails');
    t.is(fails.code, 1);
    t.regex(fails.err, /out of memory/);
    t.deepEqual(fails.calls, ['gpu 0', 'lock 1410', 'reset']);
  });
  await withFolder((folder) => {
    t.deepEqual(job(folder, 'one').calls, ['gpu 0', 'lock 1410', 'reset']);
  });
  await withFolder((folder) => endedFromOutside(t, folder));
});

/** A job that is ended by SIGTERM unlocks the clock, and still does what it does then. */
async function endedFromOutside(t: ExecutionContext, folder: string): Promise<void> {
  const child = spawn('python3', [JOB, 'ended', join(folder, 'measured')], {
    env: environment(folder, ''),
  });
  let out = '';
  child.stdout.on('data', (data: Buffer) => {
    out += data.toString();
    if (out === 'ready\n') child.kill('SIGTERM');
  });
  const [code] = (await once(child, 'close')) as [number];
  t.is(code, 128 + 15);
  t.is(out, 'ready\ncheckpoint saved\n');
  t.deepEqual(calls(folder), ['gpu 0', 'lock 1410', 'reset']);
}

testWithPython(
  'GPUs without permission, without counter, and held below their clock',
  async (t) => {
    await withFolder((folder) => {
      const { code, err } = job(folder, 'sweep', 'forbidden');
      t.is(code, 1);
      t.regex(err, /cannot be locked at 1410 MHz \(Insufficient Permissions\); locking needs root/);
    });
    await withFolder((folder) => {
      const { code, err } = job(folder, 'one', 'old');
      t.is(code, 0, err);
      const samples = readText(file(folder, '1410/samples-rank3.csv'), 'samples-rank3.csv');
      t.is(valuesOf(samples, '3', 'powerW')?.[0], 212.34);
      t.is(valuesOf(samples, '3', 'counterJ'), undefined);
    });
    await withFolder((folder) => {
      t.regex(
        job(folder, 'sweep', 'throttled').err,
        /rank 3: the clock was mostly 1200 MHz instead of 1410/,
      );
    });
    await withFolder((folder) => {
      t.regex(job(folder, 'nested').err, /backward begins before forward has ended/);
    });
  },
);

testWithPython('the script is of Python 3.8 and of the standard library', (t) => {
  const check = `import ast, sys
tree = ast.parse(open(sys.argv[1]).read(), feature_version=(3, 8))
imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
print(*sorted(alias.name for node in imports for alias in node.names))`;
  const { status, stdout, stderr } = spawnSync('python3', ['-c', check, SCRIPT], {
    encoding: 'utf8',
  });
  t.is(status, 0, stderr);
  t.is(stdout.trim(), 'argparse atexit contextlib csv os pynvml signal sys threading time');
});

testWithPython('the GPU is the one that the job sees', async (t) => {
  for (const [visible, gpu] of [
    ['5,6', 'gpu 5'],
    ['GPU-5e2f', 'gpu GPU-5e2f'],
  ] as const) {
    await withFolder((folder) => {
      t.is(job(folder, 'one', '', visible).calls[0], gpu);
    });
  }
});

/** The law of the demo's GPUs. */
const lawTimeS = (workS: number, clockMHz: number) => workS * (0.3 + (0.7 * 1410) / clockMHz);
const lawPowerW = (clockMHz: number) => 100 + 200 * (clockMHz / 1410) ** 2.4;

testWithPython(
  'import finds the law of the simulated GPUs in what the demo measured',
  async (t) => {
    await withFolder(async (folder) => {
      const made = spawnSync('python3', [SCRIPT, '--demo', join(folder, 'measured')], {
        encoding: 'utf8',
      });
      t.is(made.status, 0, made.stderr);
      const spans = spanLines(readText(file(folder, '1320/instructions-rank1.csv'), 'rank1.csv'));
      t.is(spans.length, 2 * 4 * 30);
      t.is(spans[0], 'forward stage 1 rank 1, iteration 0, 120.489 ms, 1320 MHz');
      const args = [
        'import',
        join(folder, 'measured'),
        '--waiting',
        join(folder, 'measured-waiting'),
      ];
      const { code, out, err } = await runInProcess(args);
      t.is(code, 0, err);
      t.regex(err, /waits draws 80 W/);
      const { stages } = readStageProfile(out, 'profile.csv');
      t.is(stages.length, 2);
      for (const [stage, workS] of [0.1, 0.115].entries()) {
        for (const [kind, factor] of [
          ['forward', 1],
          ['backward', 2],
        ] as const) {
          const options = stages[stage]![kind];
          t.is(options.length, 9);
          for (const { frequencyMHz, timeS, energyJ } of options) {
            const lawS = lawTimeS(factor * workS, frequencyMHz);
            t.true(Math.abs(timeS / lawS - 1) < 1e-3, `${kind} ${frequencyMHz} MHz: ${timeS} s`);
            const lawJ = lawS * lawPowerW(frequencyMHz);
            t.true(
              Math.abs(energyJ / lawJ - 1) < 0.005,
              `${kind} ${frequencyMHz} MHz: ${energyJ} J`,
            );
          }
        }
      }
    });
  },
);
