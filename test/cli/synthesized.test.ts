import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { EXIT, runProgram } from '../../sim/cli/program.js';
import { LIBRARY } from '../../sim/disk/catalog-files.js';

/** What every user of a profile that nobody measured must be told. */
const TOLD = /not measured: .*Profiles left out one by one were off by 14 %.*24\s+at\s+worst/s;
const MEAN_PCT = LIBRARY.synthModel().leaveOneOut.time.meanPct;

const SCENARIO = `name: made
profile: { model: llama-3-8b, gpu: h100-sxm, microbatch: 1 }
pipeline: { stages: 2, microbatches: 3 }
unitTimeS: 0.002
`;

async function run(...args: string[]) {
  let [out, err] = ['', ''];
  const code = await runProgram(args, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    isWatched: false,
  });
  return { code, out, err };
}

function folderOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-test-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

test('a scenario of a synthesized profile says how wrong it may be, in every format', async (t) => {
  const file = join(folderOf(t), 's.yaml');
  writeFileSync(file, SCENARIO);
  const table = await run('run', file);
  t.deepEqual([table.code, table.err], [EXIT.ok, '']);
  t.regex(table.out, TOLD);
  const csv = await run('run', file, '--format', 'csv');
  t.regex(csv.err, TOLD);
  const [header, row] = csv.out.split('\n').map((line) => line.split(','));
  t.is(row![header!.indexOf('profile_time_error_pct')], String(MEAN_PCT));
  const json = await run('run', file, '--format', 'json');
  const { estimate } = JSON.parse(json.out) as { estimate: { leaveOneOut: object } };
  t.deepEqual(estimate.leaveOneOut, LIBRARY.synthModel().leaveOneOut);
});

test('so does whatever reads the file that synth writes', async (t) => {
  const folder = folderOf(t);
  const profile = join(folder, 'p.csv');
  const model = ['--model', 'llama-3-8b', '--gpu', 'h100-sxm', '--microbatch', '1'];
  const made = await run('synth', ...model, '--stages', '2', '--output', profile);
  t.regex(made.err, TOLD);
  const planned = await run(
    ...['plan', profile, '--microbatches', '3', '--blocking-power', '155', '--unit-time', '0.002'],
  );
  t.is(planned.code, EXIT.ok);
  t.regex(planned.err, TOLD);
  const fitted = await run('fit', profile);
  t.is(fitted.code, EXIT.ok);
  t.regex(fitted.err, TOLD);
  const scenario = join(folder, 's.yaml');
  writeFileSync(
    scenario,
    SCENARIO.replace(/profile: .*/, 'profile: { csv: p.csv, blockingPowerW: 155 }'),
  );
  t.regex((await run('run', scenario)).out, TOLD);
});

test('so do sweeps and their results', async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, 'base.yaml'), SCENARIO);
  const sweep = join(folder, 'sweep.yaml');
  writeFileSync(sweep, 'name: made\nbase: base.yaml\nmatrix:\n  pipelines: [1, 2]\n');
  const results = join(folder, 'made.duckdb');
  const swept = await run('sweep', sweep, '--output', results, '--workers', '1');
  t.is(swept.code, EXIT.ok);
  t.regex(swept.err, TOLD);
  t.is(swept.err.match(/not measured: synthesized/g)!.length, 1, 'once, not for every run');
  const shown = await run('results', results);
  t.is(shown.code, EXIT.ok);
  t.regex(shown.err, /not measured: similar ones were off by 14 % in time on average/);
  const sql = await run('results', results, '--sql', 'SELECT profile_time_error_pct FROM results');
  t.regex(sql.out, new RegExp(String(MEAN_PCT)));
});
