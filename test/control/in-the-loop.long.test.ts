import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { begin } from '../support/command.js';
import { rowsOf } from '../support/controlled.js';
import { projectFile } from '../support/files.js';
import { TestServer } from '../support/serve.js';

/** Runs a scenario against a server of its own process, as users do. */
async function controlled(server: TestServer, path: string) {
  const args = ['run', path, '--control', server.url, '--format', 'json', '--no-bound'];
  const { code, out, err } = await begin(args).ended;
  if (code !== 0) throw new Error(err);
  return rowsOf(out);
}

const SCENARIOS = [
  'quick-start.yaml',
  'what-if/interleaved.yaml',
  'what-if/communication-blocking.yaml',
  'what-if/combination.yaml',
  'what-if/dualpipe.yaml',
  'what-if/site-power-limit.yaml',
  'what-if/imbalance-layers.yaml',
  'what-if/synthesized.yaml',
  'what-if/measured-3d.yaml',
];

test.serial('ranks that ask a server save what they save in-process', async (t) => {
  t.timeout(800_000);
  const server = await TestServer.start();
  try {
    for (const name of SCENARIOS) {
      const rows = await controlled(server, projectFile(`scenarios/${name}`));
      t.deepEqual(rows.get('control'), rows.get('perseus'), name);
    }
  } finally {
    t.is(await server.stop(), 0);
  }
});

test.serial('so they do while stragglers come and go over 300 iterations', async (t) => {
  t.timeout(800_000);
  const folder = mkdtempSync(join(tmpdir(), 'over-time-'));
  const server = await TestServer.start();
  try {
    const path = join(folder, 'over-time.yaml');
    const stragglers = Array.from({ length: 20 }, (_, k) => {
      const slowdown = (1.05 + 0.02 * k).toFixed(2);
      return `  - {pipeline: ${k % 4}, slowdown: ${slowdown}, fromS: ${700 * k}, untilS: ${700 * k + 900}}`;
    });
    const job = [
      'profile: {catalog: gpt3-175b-a100-sxm}',
      'pipeline: {stages: 8, microbatches: 24}',
    ];
    const run = ['pipelines: 4', 'iterations: 300', 'noticeS: 30', 'stragglers:', ...stragglers];
    writeFileSync(path, ['name: over time', ...job, ...run, ''].join('\n'));
    const rows = await controlled(server, path);
    // A server is told one number of a straggler, so it could not do quite as well by knowing the future.
    const achieved = (policy: string) =>
      Object.entries(rows.get(policy)!).filter(([name]) => !name.startsWith('regret_'));
    t.deepEqual(achieved('control'), achieved('perseus'));
    t.notDeepEqual(rows.get('control'), rows.get('max-frequency'));
  } finally {
    t.is(await server.stop(), 0);
    rmSync(folder, { recursive: true });
  }
});
