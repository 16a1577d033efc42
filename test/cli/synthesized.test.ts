import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { EXIT, runProgram } from '../../sim/cli/program.js';
import { LEFT_OUT_ERRORS } from '../../sim/operators/known-errors.js';
import { SAVINGS_LACK_ALONE_PCT, SAVINGS_LACK_PCT } from '../../sim/operators/saving-band.js';

/** What every user of a profile that nobody measured must be told. */
const TOLD =
  /not measured: made from the operators of the model.*off\s+by\s+16\s+%.*21\s+at\s+worst/s;
const MEAN_PCT = LEFT_OUT_ERRORS.time.meanPct;

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
  const table = await run('run', file, '--explain');
  t.deepEqual([table.code, table.err], [EXIT.ok, '']);
  t.regex(table.out, TOLD);
  const csv = await run('run', file, '--format', 'csv');
  t.regex(csv.err, TOLD);
  const [header, row] = csv.out.split('\n').map((line) => line.split(','));
  t.is(row![header!.indexOf('profile_time_error_pct')], String(MEAN_PCT));
  const json = await run('run', file, '--format', 'json');
  const { estimate } = JSON.parse(json.out) as { estimate: object };
  t.deepEqual(estimate, { law: 'operators', leaveChipOut: LEFT_OUT_ERRORS, basis: 'measured' });
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
  t.regex((await run('run', scenario, '--explain')).out, TOLD);
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
  t.is(swept.err.match(/not measured: made/g)!.length, 1, 'once, not for every run');
  const shown = await run('results', results);
  t.is(shown.code, EXIT.ok);
  t.regex(shown.err, /not measured: similar ones were off by 16 % in time on average/);
  const sql = await run('results', results, '--sql', 'SELECT profile_time_error_pct FROM results');
  t.regex(sql.out, new RegExp(String(MEAN_PCT)));
});

test('the older law is used where it is asked for, or rates of operators are not known', async (t) => {
  const file = join(folderOf(t), 's.yaml');
  for (const profile of [
    '{ model: llama-3-8b, gpu: h100-sxm, microbatch: 1, efficiency: 0.5 }',
    '{ model: llama-3-8b, gpu: v100-sxm2, microbatch: 1 }',
  ]) {
    writeFileSync(file, SCENARIO.replace(/profile: .*/, `profile: ${profile}`));
    const { out } = await run('run', file, '--no-bound', '--explain');
    t.regex(
      out.replaceAll(/\n +/g, ' '),
      /not measured: synthesized at 5[06] % of the peak, one efficiency for all work/,
    );
    t.regex(out, /^perseus saves about \d+ % of the energy/m);
    t.notRegex(out, /likely/);
  }
  writeFileSync(file, SCENARIO.replace('h100-sxm,', 'v100-sxm2, precision: fp8,'));
  const refused = await run('run', file);
  t.is(refused.code, EXIT.wrongInput);
  t.regex(refused.err, /profile\.precision: found fp8, but rates of operators on .* are not known/);
});

test('a saving without a measured profile is a band, corrected as predict corrects it', async (t) => {
  const file = join(folderOf(t), 's.yaml');
  const more = 'pipelines: 4\nstragglers: [{ pipeline: 0, slowdown: 1.1 }]\n';
  const saved = async (scenario: string) => {
    writeFileSync(file, scenario);
    const { out } = await run('run', file, '--format', 'csv', '--no-bound');
    const [header, highest, , perseus] = out.split('\n').map((line) => line.split(','));
    const names = [
      'simulated_saving_pct',
      ...['', 'low_', 'high_'].map((k) => `likely_saving_${k}pct`),
    ];
    const of = (row: string[]) => names.map((name) => row[header!.indexOf(name)]);
    return { highest: of(highest!).slice(1), perseus: of(perseus!).map(Number) };
  };
  const waiting = await saved(SCENARIO + more);
  t.deepEqual(waiting.highest, ['', '', '']);
  const [savingPct, likely, low, high] = waiting.perseus as [number, number, number, number];
  // Three of four pipelines wait.
  const lack = (part: 'mean' | 'least' | 'most') =>
    0.75 * SAVINGS_LACK_PCT[part] + 0.25 * SAVINGS_LACK_ALONE_PCT[part];
  const near = (a: number, b: number) => Math.abs(a - b) < 1e-6;
  t.true(savingPct > lack('most'), String(savingPct));
  t.true(near(likely - savingPct, lack('mean')));
  t.true(near(low - savingPct, lack('least')));
  t.true(near(high - savingPct, lack('most')));
  const table = await run('run', file, '--no-bound');
  t.true(
    table.out.includes(
      `perseus saves about ${likely.toFixed(0)} % of the energy (${low.toFixed(0)} to ${high.toFixed(0)}) without`,
    ),
    table.out,
  );
  const conclusion = table.out.slice(table.out.indexOf('perseus saves'));
  t.notRegex(conclusion.slice(0, conclusion.indexOf('policy ')), /\d\.\d\d %/);
  const alone = (await saved(SCENARIO)).perseus;
  t.true(alone[1]! - alone[0]! <= SAVINGS_LACK_ALONE_PCT.mean + 1e-6);
});
