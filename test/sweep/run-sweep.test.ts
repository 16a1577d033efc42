import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parseSweep } from '../../sim/sweep/sweep.js';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { loadProfile } from '../../sim/scenario/scenario-profile.js';
import { makeFinalTable } from '../../sim/sweep/final-table.js';
import { PlanCache } from '../../sim/run/plan-cache.js';
import { doRun, type RunResult } from '../../sim/sweep/run-result.js';
import {
  prepareSweep,
  runSweep,
  type PreparedSweep,
  type RunEverywhere,
} from '../../sim/sweep/run-sweep.js';
import { SweepStore } from '../../sim/sweep/store.js';
import { projectFile } from '../support/files.js';
import { resultRow } from '../support/result-rows.js';

const folder = mkdtempSync(join(tmpdir(), 'run-sweep-'));

test.after.always(() => {
  rmSync(folder, { recursive: true });
});

function prepared(version = '1.0.0', matrix = 'pipelines: [2, 3, 4, 5]'): PreparedSweep {
  const text = `name: s
base:
  name: s
  profile: { csv: ${projectFile('test/fixtures/good/two-stages.csv')}, blockingPowerW: 80 }
  pipeline: { stages: 2, microbatches: 4 }
  policies: [perseus, max-frequency]
matrix: { ${matrix} }
`;
  const sweep = parseSweep(text, 's.yaml', { readBase: () => ({ text: '', source: '' }) });
  return prepareSweep(sweep, ({ scenario }) => loadProfile(scenario, 's.yaml', LIBRARY), version);
}

/** Does runs here, without working them out; `until` of them. */
function madeUp(until = Infinity, error: string | null = null): RunEverywhere {
  return async (tasks, signal, onResult) => {
    for (const { index, scenario } of tasks.slice(0, until)) {
      if (signal.aborted) return;
      const rows = scenario.policies.map((policy) =>
        resultRow({ scenario: 's', policy, gpus: index }),
      );
      const result: RunResult = { index, error, rows: error === null ? rows : [], ledger: [] };
      await onResult(result);
    }
  };
}

const options = {
  ...{ workers: 1, failFast: false, rerunChanged: false, rerunFailed: false },
  ...{ commit: 'c', output: 's.duckdb', onProgress: () => undefined },
};

test('results of another version are refused, and done again when that is asked for', async (t) => {
  const store = await SweepStore.open(join(folder, 'version.duckdb'));
  await runSweep(prepared(), store, options, madeUp());
  await makeFinalTable(store, prepared().identity);
  const newer = prepared('1.1.0');
  const refused = await t.throwsAsync(runSweep(newer, store, options, madeUp()));
  t.regex(
    refused.message,
    /^s\.duckdb: it is of version 1\.0\.0, this is 1\.1\.0; --rerun-changed repeats those runs/,
  );
  t.true(await store.hasTable('results'), 'nothing has changed');
  const again = { ...options, rerunChanged: true, commit: 'd' };
  const stopped = await runSweep(newer, store, again, madeUp(3));
  t.is(stopped.done, 3);
  t.false(await store.hasTable('results'), 'what there was is of the other version');
  const sql = 'SELECT DISTINCT version, commit FROM provenance';
  t.deepEqual(await store.query(sql), [{ version: '1.1.0', commit: 'd' }]);
  const { done, before } = await runSweep(newer, store, options, madeUp());
  t.deepEqual([done, before], [1, 3], 'without asking for it again');
  store.close();
});

test('another sweep of the same file name is refused by name', async (t) => {
  const store = await SweepStore.open(join(folder, 'name.duckdb'));
  const sweep = prepared();
  await runSweep(sweep, store, options, madeUp());
  const other = prepared('1.0.0', 'pipelines: [7]');
  const renamed = { ...other, identity: { ...other.identity, name: 'other' } };
  const refused = await t.throwsAsync(runSweep(renamed, store, options, madeUp()));
  t.regex(refused.message, /holds results of the sweep s, not other; --rerun-changed/);
  store.close();
});

test('values added at the end of the first axis are new runs, those before them stay', async (t) => {
  const store = await SweepStore.open(join(folder, 'longer.duckdb'));
  await runSweep(prepared(), store, options, madeUp());
  await makeFinalTable(store, prepared().identity);
  const longer = prepared('1.0.0', 'pipelines: [2, 3, 4, 5, 6, 7]');
  const { done, before, total } = await runSweep(longer, store, options, madeUp());
  t.deepEqual([done, before, total], [2, 4, 6]);
  store.close();
});

test('runs of one shard stay when another is done in the same file', async (t) => {
  const store = await SweepStore.open(join(folder, 'shards.duckdb'));
  for (const number of [1, 2]) {
    const shard = { number, of: 2 };
    const { done, before, total } = await runSweep(
      prepared(),
      store,
      { ...options, shard, rerunChanged: true },
      madeUp(),
    );
    t.deepEqual([done, before, total], [2, 0, 2]);
  }
  t.is((await store.runs()).length, 4);
  store.close();
});

test('what cannot be written stops the sweep, and is said', async (t) => {
  const store = await SweepStore.open(join(folder, 'full.duckdb'));
  const add = store.add.bind(store);
  let written = 0;
  store.add = async (...result) => {
    if (++written > 2) throw new Error('No space left on device');
    await add(...result);
  };
  let begun = 0;
  const counting: RunEverywhere = (tasks, signal, onResult) =>
    madeUp()(tasks, signal, async (result) => {
      begun++;
      // Threads do not wait for what they have sent.
      await onResult(result).catch(() => undefined);
    });
  const error = await t.throwsAsync(runSweep(prepared(), store, options, counting));
  t.is(error.message, 'No space left on device');
  t.is(begun, 3);
  t.is((await store.runs()).length, 2);
  store.close();
});

test('results that come together are stored together, each once', async (t) => {
  const store = await SweepStore.open(join(folder, 'together.duckdb'));
  const add = store.add.bind(store);
  const sizes: number[] = [];
  store.add = async (runs) => {
    sizes.push(runs.length);
    await add(runs);
  };
  const atOnce: RunEverywhere = async (tasks, signal, onResult) => {
    await Promise.all(tasks.map((task) => madeUp()([task], signal, onResult)));
  };
  await runSweep(prepared(), store, options, atOnce);
  t.deepEqual(sizes, [4]);
  const runs = await store.query(
    'SELECT run, count(*) AS n FROM policies GROUP BY run ORDER BY run',
  );
  t.deepEqual(
    runs,
    [0, 1, 2, 3].map((run) => ({ run, n: 2 })),
  );
  store.close();
});

test('a run that cannot be written whole is not there at all', async (t) => {
  const path = join(folder, 'half.duckdb');
  const store = await SweepStore.open(path);
  const provenance = { version: '1', commit: 'c', scenarioHash: 'h', seed: 1 };
  const row = resultRow({ scenario: 's', policy: 'perseus', gpus: 1 });
  const whole = { index: 0, error: null, rows: [row], ledger: [] };
  await store.add([{ result: whole, provenance, parameters: {} }]);
  const half = { ...whole, index: 1, rows: [row, { scenario: 's' } as typeof row] };
  await t.throwsAsync(store.add([{ result: half, provenance, parameters: {} }]));
  store.close();
  const again = await SweepStore.openReadOnly(path);
  for (const table of ['runs', 'provenance', 'policies']) {
    t.deepEqual(await again.query(`SELECT run FROM ${table}`), [{ run: 0 }], table);
  }
  again.close();
});

test('a failed run stays failed until it is asked for again', async (t) => {
  const store = await SweepStore.open(join(folder, 'failed.duckdb'));
  const { errors } = await runSweep(prepared(), store, options, madeUp(Infinity, 'why'));
  t.deepEqual([...errors], [['why', 4]]);
  t.is((await runSweep(prepared(), store, options, madeUp())).done, 0);
  const again = await runSweep(prepared(), store, { ...options, rerunFailed: true }, madeUp());
  t.deepEqual([again.done, again.errors.size], [4, 0]);
  store.close();
});

test('the final table has the policies in the order of the sweep, and a seed once', async (t) => {
  const store = await SweepStore.open(join(folder, 'order.duckdb'));
  const sweep = prepared(
    '1.0.0',
    'seed: [5, 6], policies: [[zeus-global, max-frequency], [perseus, max-frequency]]',
  );
  await runSweep(sweep, store, options, async (tasks, signal, onResult) => {
    await madeUp()([...tasks].reverse(), signal, async (result) => {
      const rows = [...result.rows].reverse().map((row) => ({ ...row, seed: 1 }));
      await onResult({ ...result, rows });
    });
  });
  await makeFinalTable(store, sweep.identity);
  const rows = await store.query('SELECT * FROM results');
  t.deepEqual(Object.keys(rows[0]!).slice(0, 9), [
    ...['run', 'seed', 'policies', 'status', 'error', 'scenario', 'policy', 'seeds', 'iterations'],
  ]);
  t.deepEqual(
    rows.map(({ run, policy, seed }) => [run, policy, seed]),
    [
      [0, 'zeus-global', 5],
      [0, 'max-frequency', 5],
      [1, 'max-frequency', 5],
      [1, 'perseus', 5],
      [2, 'zeus-global', 6],
      [2, 'max-frequency', 6],
      [3, 'max-frequency', 6],
      [3, 'perseus', 6],
    ],
  );
  store.close();
});

test('runs may leave out the bound, and nothing else', async (t) => {
  const [run] = prepared().runs;
  const full = await doRun(run!, new PlanCache());
  const without = await doRun({ ...run!, noBound: true }, new PlanCache());
  t.deepEqual([full.error, without.error], [null, null]);
  for (const row of full.rows) t.true(row.bound_energy_j! > 0 && row.above_bound_pct! >= 0);
  const emptied = full.rows.map((row) => ({ ...row, bound_energy_j: null, above_bound_pct: null }));
  t.deepEqual([...without.rows], emptied);
  t.deepEqual(without.ledger, full.ledger);
});
