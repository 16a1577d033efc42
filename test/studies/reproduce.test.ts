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

/** Everything that was written, but pictures, must be what is committed. */
function assertCommitted(t: ExecutionContext, folder: string): void {
  const files = readdirSync(folder);
  for (const name of files.filter((file) => !file.endsWith('.svg'))) {
    const committed = readFileSync(projectFile(`results/${name}`), 'utf8');
    t.is(readFileSync(join(folder, name), 'utf8'), committed, `results/${name} is out of date`);
  }
  for (const name of files.filter((file) => file.endsWith('.svg'))) {
    t.regex(readFileSync(join(folder, name), 'utf8'), /^<svg[^]*<\/svg>\n$/);
  }
}

test('results/ is what reproduce gives from the shipped curves', async (t) => {
  t.timeout(240_000);
  const folder = await reproduce(t, ['all']);
  assertCommitted(t, folder);
  const summary = readFileSync(join(folder, 'summary.txt'), 'utf8');
  t.log(summary);
  const simulatedMean = (line: string) =>
    Number(new RegExp(`${line}.* points \\(mean ([\\d.]+)\\)`).exec(summary)?.[1]);
  // 10 + 60 figures, A40 T5 apart.
  t.true(simulatedMean('table3 Perseus, energy reduction') <= 1);
  t.true(simulatedMean('table4 Perseus, energy reduction') <= 1);
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

test('the figures in the README are those of results/', (t) => {
  const readme = readFileSync(projectFile('README.md'), 'utf8');
  const block = /<!-- figures from results\/ -->\n+```text\n([^]*?)```/.exec(readme)?.[1];
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
  t.is(await runProgram(['reproduce', 'table5'], terminal), EXIT.wrongInput);
  t.regex(err, /found "table5", expected table3, table4, .* or all/);
});
