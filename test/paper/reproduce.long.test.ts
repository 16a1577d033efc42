import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { EXIT, runProgram } from '../../sim/cli/program.js';
import { projectFile, sharedDataPath, testWithSharedData } from '../support/shared-data.js';

/** Runs `pipewatt reproduce` into a fresh folder. */
async function reproduce(t: ExecutionContext, args: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-'));
  const terminal = {
    out: () => undefined,
    err: (text: string) => {
      t.log(text);
    },
    isWatched: false,
  };
  t.is(await runProgram(['reproduce', ...args, '--output', folder], terminal), EXIT.ok);
  return folder;
}

/** Without the executed plans of figure 9, which need the measured runs. */
function withoutMeasured(text: string): string {
  return text.replaceAll(/^(figure9 measured.*|.*,executed,.*)\n?/gm, '').trimEnd();
}

/**
 * Everything that was written, but pictures, must be what is committed.
 *
 * @param read what of a file is compared.
 */
function assertCommitted(t: ExecutionContext, folder: string, read = (text: string) => text): void {
  const files = readdirSync(folder);
  for (const name of files.filter((file) => !file.endsWith('.svg'))) {
    const committed = read(readFileSync(projectFile(`results/${name}`), 'utf8'));
    t.is(
      read(readFileSync(join(folder, name), 'utf8')),
      committed,
      `results/${name} is out of date`,
    );
  }
  for (const name of files.filter((file) => file.endsWith('.svg'))) {
    t.regex(readFileSync(join(folder, name), 'utf8'), /^<svg[^]*<\/svg>\n$/);
  }
}

test('results/ is what reproduce gives from the shipped curves', async (t) => {
  t.timeout(240_000);
  const folder = await reproduce(t, ['all']);
  assertCommitted(t, folder, withoutMeasured);
  const summary = readFileSync(join(folder, 'summary.txt'), 'utf8');
  t.log(summary);
  const simulatedMean = (line: string) =>
    Number(new RegExp(`${line}.* points \\(mean ([\\d.]+),`).exec(summary)?.[1]);
  // 10 + 60 figures, A40 T5 apart.
  t.true(simulatedMean('table3 Perseus, energy reduction') <= 1);
  t.true(simulatedMean('table4 Perseus, energy reduction') <= 1);
});

testWithSharedData('figure 9 has the executed plans as they were measured', async (t) => {
  const folder = await reproduce(t, ['figure9', '--measured', sharedDataPath('sosp24')]);
  assertCommitted(t, folder);
  const [head, ...rows] = readFileSync(join(folder, 'figure9.csv'), 'utf8').trim().split('\n');
  t.is(head, 'workload_id,policy,time_s,energy_j,plan,measured_time_s,measured_energy_j');
  const executed = rows.filter((row) => row.includes(',executed,')).map((row) => row.split(','));
  // Half of the executed plans of ten jobs, and of the job of two pipelines with tensor parallelism.
  t.is(new Set(executed.map(([workloadId]) => workloadId)).size, 11);
  t.is(executed.length, 181);
  // Plan 2 of the first job, by hand: the slowest rank, and the sum of all ranks.
  const plan = executed.find(
    ([id, , , , number]) => id!.startsWith('A100+bert') && number === '2',
  )!;
  t.deepEqual(plan.slice(5), ['6.952', '5833.9']);
  const threeD = executed.find(
    ([id, , , , number]) => id!.includes('dp2+pp4+tp2') && number === '2',
  );
  t.deepEqual(threeD!.slice(5), ['137.069', '487705.9']);
  t.true(readFileSync(join(folder, 'figure9.svg'), 'utf8').includes('>measured<'));
});

test('table 1: the least imbalance of models is what can be counted by hand', async (t) => {
  const folder = await reproduce(t, ['table1']);
  const rows = readFileSync(join(folder, 'table1.csv'), 'utf8').trim().split('\n').slice(1);
  const ratioOf = (start: string) =>
    rows
      .find((row) => row.startsWith(start))!
      .split(',')
      .at(-1);
  // 32 blocks and a head of less than two: one of four stages holds a block more, 9 / 8; of eight, 5 / 4.
  t.is(ratioOf('GPT-3 2.7B,4'), '1.125');
  t.is(ratioOf('GPT-3 2.7B,8'), '1.25');
  // 96 blocks: the head (2 V of 24 h + 4 s, in units of s h) comes on top of 24, or 12, blocks.
  const head = (2 * 50257) / (24 * 12288 + 4 * 2048);
  t.is(ratioOf('GPT-3 175B,4'), ((24 + head) / 24).toFixed(4));
  t.is(ratioOf('GPT-3 175B,8'), ((12 + head) / 12).toFixed(4));
  t.is(rows.length, 11 + 4 + 2 * 7);
});

test('table 5: emulated jobs are as large as published', async (t) => {
  const folder = await reproduce(t, ['table5']);
  const rows = readFileSync(join(folder, 'table5.csv'), 'utf8').trim().split('\n').slice(1);
  t.is(rows.length, 16);
  for (const row of rows) {
    const [, , published, ours, publishedGpus, gpus, batch] = row.split(',');
    t.deepEqual([ours, gpus, batch], [published, publishedGpus, '1536']);
  }
  t.true(rows.some((row) => row.startsWith('bloom-176b-a40-mb12,12,128,128,8192,8192')));
});

test('a deadline a little after T_min saves more, and costs no more than it says', async (t) => {
  const folder = await reproduce(t, ['table6']);
  const [head, ...rows] = readFileSync(join(folder, 'table6.csv'), 'utf8').trim().split('\n');
  const at = (row: string, column: string) => row.split(',')[head!.split(',').indexOf(column)]!;
  t.is(rows.length, 32);
  for (const row of rows) {
    const columns = ['planned_pct', 'planned_pct_at_1.001', 'planned_pct_at_1.0025'];
    const [tMin, near, far] = columns.map((column) => at(row, column));
    if (at(row, 'system') === 'EnvPipe') {
      t.deepEqual([near, far], ['', '']);
      continue;
    }
    t.true(Number(tMin) < Number(near) && Number(near) < Number(far), row);
    t.true(Number(far) - Number(tMin) < 2, row);
  }
  // GPT-3 175B on A100, 12 microbatches.
  const row = rows.find((text) => text.startsWith('a100_sxm+gpt3-175b+dp128'))!;
  t.is(at(row, 'planned_pct'), '15.64');
  t.is(at(row, 'planned_pct_at_1.001'), '15.83');
  t.is(at(row, 'planned_pct_at_1.0025'), '16.11');
  const text = readFileSync(join(folder, 'table6.md'), 'utf8');
  t.true(text.includes('Savings at exactly T_min are hypersensitive'));
  t.regex(text, /mean \d\.\d\d, worst \d\.\d\d/);
});

testWithSharedData(
  'from the raw profiles every emulated figure is within 0.2 points',
  async (t) => {
    const folder = await reproduce(t, [
      'all',
      '--profiles',
      sharedDataPath('sosp24/stage_profiles'),
    ]);
    assertCommitted(t, folder);
    for (const name of ['table6-raw', 'figure7-raw', 'figure8-raw']) {
      const [header, ...rows] = readFileSync(join(folder, `${name}.csv`), 'utf8')
        .trim()
        .split('\n');
      const at = (column: string) => header!.split(',').indexOf(column);
      const asPublished = rows
        .map((row) => row.split(/,(?! )/))
        .filter((cells) => !cells[at('metric')]!.includes('n − 1'));
      t.true(asPublished.length >= 16);
      for (const cells of asPublished) {
        const difference = Number(cells[at('planned_pct')]) - Number(cells[at('published_pct')]);
        t.true(Math.abs(difference) <= 0.1, `${name}: ${cells.join(' ')}`);
      }
    }
  },
);

test('the figures in what-is-checked.md are those of results/', (t) => {
  const page = readFileSync(projectFile('docs/what-is-checked.md'), 'utf8');
  const block = /<!-- figures from results\/ -->\n+```text\n([^]*?)```/.exec(page)?.[1];
  const lines = block?.trim().split('\n') ?? [];
  t.true(lines.length >= 5);
  const results = ['summary.txt', 'summary-raw.txt', 'validate.txt']
    .map((name) => readFileSync(projectFile(`results/${name}`), 'utf8').split('\n'))
    .flat();
  for (const line of lines) t.true(results.includes(line), `not in results/: ${line}`);
});

test('what cannot be reproduced is refused', async (t) => {
  let err = '';
  const terminal = { out: () => undefined, err: (text: string) => (err += text), isWatched: false };
  t.is(await runProgram(['reproduce', 'table2'], terminal), EXIT.wrongInput);
  t.regex(err, /found "table2", expected .*table3, table4, .* or all/);
  err = '';
  const raw = ['reproduce', 'table6', '--measured', 'nowhere'];
  t.is(await runProgram(raw, terminal), EXIT.wrongInput);
  t.regex(err, /--measured: executed plans are drawn into figure9 only/);
});
