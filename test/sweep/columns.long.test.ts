import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { COLUMN_NAMES } from '../../sim/results/columns.js';
import { parseScenario } from '../../sim/scenario/scenario.js';
import { PlanCache } from '../../sim/run/plan-cache.js';
import { loadProfile } from '../../sim/scenario/scenario-profile.js';
import { checkedResults } from '../../sim/sweep/checked-results.js';
import { doRun, type RunResult } from '../../sim/sweep/run-result.js';
import { SweepStore } from '../../sim/sweep/store.js';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { projectFile } from '../support/files.js';

const folder = mkdtempSync(join(tmpdir(), 'columns-'));

test.after.always(() => {
  rmSync(folder, { recursive: true });
});

/** A run of a shipped what-if, with fewer microbatches where the scenario allows it. */
async function runOf(name: string, index: number): Promise<RunResult> {
  const path = projectFile(`scenarios/what-if/${name}`);
  const text = readFileSync(path, 'utf8');
  const scenario = parseScenario(text, path);
  // Only planned savings of profiles that were not measured have bands.
  const planned = name === 'synthesized.yaml' ? (['perseus'] as const) : [];
  const policies = ['max-frequency', 'zeus-global', ...planned] as const;
  const small = { ...scenario, policies: [...policies] };
  const profile = loadProfile(scenario, path, LIBRARY);
  return doRun({ index, scenario: small, profile, frontier: '' }, new PlanCache());
}

/** Whether a number is what rounding leaves of a zero. */
function isNoise(value: unknown): boolean {
  return typeof value === 'number' && value !== 0 && Math.abs(value) < 1e-9;
}

test('every column of every shipped what-if goes into the database and comes out unchanged', async (t) => {
  const names = readdirSync(projectFile('scenarios/what-if')).filter((name) =>
    /\.yaml$/.test(name),
  );
  t.true(names.length > 20);
  const store = await SweepStore.open(join(folder, 'what-ifs.duckdb'));
  const filled = new Set<string>();
  for (const [index, name] of names.entries()) {
    const result = await runOf(name, index);
    t.is(result.error, null, name);
    const provenance = { version: '1', commit: 'c', scenarioHash: name, seed: 1 };
    await store.add([{ result, provenance, parameters: {} }]);
    const rows = await store.query(`SELECT * EXCLUDE (run) FROM policies WHERE run = ${index}`);
    t.deepEqual(rows, result.rows as unknown as typeof rows, name);
    t.deepEqual(Object.keys(rows[0]!), [...COLUMN_NAMES]);
    for (const row of rows) {
      for (const [column, value] of Object.entries(row)) {
        if (value !== null) filled.add(column);
        if (/^(slowdown|regret_\w+|intrinsic|extrinsic|above_bound)_pct$/.test(column)) {
          t.false(isNoise(value), `${name}, ${column}: ${String(value)}`);
        }
      }
    }
    // As it comes from a worker on another machine.
    const given = JSON.parse(JSON.stringify({ results: [result] })) as unknown;
    t.deepEqual(checkedResults(given, [index]), { results: [result] }, name);
  }
  t.deepEqual([...filled].sort(), [...COLUMN_NAMES].sort(), 'every column was tried');
  store.close();
});
