import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { runProgram } from '../../sim/cli/program.js';
import { COLUMN_ENTRIES } from '../../sim/results/columns.js';
import { SweepStore } from '../../sim/sweep/store.js';
import { projectFile } from '../support/files.js';
import { resultRow } from '../support/result-rows.js';

const folder = mkdtempSync(join(tmpdir(), 'columns-'));

test.after.always(() => {
  rmSync(folder, { recursive: true });
});

test('every column takes what it is declared to hold, and nothing', async (t) => {
  const store = await SweepStore.open(join(folder, 'kinds.duckdb'));
  const full = Object.fromEntries(
    COLUMN_ENTRIES.map(([name, { type }], k) => [
      name,
      type === 'text' ? `it's "${name}"; -- €` : k + 1 / 3,
    ]),
  );
  const rows = [resultRow(full), resultRow()];
  const provenance = { version: '1', commit: 'c', scenarioHash: 'h', seed: 1 };
  const result = { index: 0, error: null, rows, ledger: [] };
  await store.add([{ result, provenance, parameters: {} }]);
  const found = await store.query('SELECT * EXCLUDE (run) FROM policies');
  t.deepEqual(found, rows as unknown as typeof found);
  store.close();
});

test('a scenario with prices is swept, with what it saves and in which currency', async (t) => {
  const profile = projectFile('test/fixtures/good/two-stages.csv');
  const path = join(folder, 'prices.yaml');
  writeFileSync(
    path,
    `name: prices
base:
  name: b
  profile: { csv: ${profile}, blockingPowerW: 80 }
  pipeline: { stages: 2, microbatches: 2 }
  prices: { perKWh: 0.1, currency: EUR }
matrix: { pipeline.microbatches: [1, 2] }
`,
  );
  let said = '';
  const say = (text: string) => (said += text);
  const output = join(folder, 'prices.duckdb');
  const args = ['sweep', path, '--output', output, '--workers', '1'];
  t.is(await runProgram(args, { out: say, err: say, isWatched: false }), 0, said);
  t.regex(said, /prices: 2 of 2 runs done now, 0 failed/);
  const store = await SweepStore.openReadOnly(output);
  const found = await store.query(
    "SELECT DISTINCT currency, saved_money >= 0 AS saves FROM results WHERE policy = 'perseus'",
  );
  t.deepEqual(found, [{ currency: 'EUR', saves: true }]);
  store.close();
});
