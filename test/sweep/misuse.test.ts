import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import test from 'ava';
import { projectFile } from '../support/files.js';
import { runInProcess } from '../support/in-process.js';

const SMALL = projectFile('test/fixtures/sweeps/small.yaml');

const folder = mkdtempSync(join(tmpdir(), 'misuse-'));
const inFolder = (name: string) => join(folder, name);

test.after.always(() => {
  rmSync(folder, { recursive: true });
});

const run = (...args: string[]) => runInProcess(args);

async function database(name: string, sql: string): Promise<string> {
  const instance = await DuckDBInstance.create(inFolder(name));
  const connection = await instance.connect();
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
  return inFolder(name);
}

const sweepTo = (...options: string[]) => ['sweep', SMALL, ...options];

const WRONG_SWEEPS: readonly (readonly [string[], RegExp])[] = [
  [sweepTo('--output', folder), /it is a folder, expected a file/],
  [
    sweepTo('--output', projectFile('LICENSE')),
    /LICENSE: cannot be used as a file of results: .*not a valid DuckDB/,
  ],
  [sweepTo('--output', inFolder('x.duckdb'), '--export', 'x.xlsx'), /expected a name that ends in/],
  [
    sweepTo('--output', inFolder('x.duckdb'), '--export', inFolder('none/x.csv')),
    /none\/x\.csv: cannot be written: there is no such file or folder/,
  ],
  [sweepTo('--output', join(SMALL, 'x.duckdb')), /part of its path is not a folder|cannot be/],
  [sweepTo('--workers', '0'), /--workers: found "0", expected a whole number from 1 to 1024/],
  [sweepTo('--workers', '100000'), /--workers: found "100000"/],
  [sweepTo('--shard', '9/8'), /--shard: found "9\/8", expected i\/n/],
  [
    sweepTo('--redis', 'localhost:6379'),
    /is not an address of a Redis, expected one such as redis:/,
  ],
  [sweepTo('--redis', 'http://localhost:1'), /is not an address of a Redis/],
  ...[
    '',
    'redis://',
    'redis://:6379',
    'redis://a:99999',
    'redis://a:0',
    'redis://a:x',
    'redis://[::1',
    'redis://a b',
    'redis://a/b',
    'redis://a/0/1',
    'a:6379',
    'rediss:a',
    'redis://me:50%@a:6379',
    'redis://%zz:x@a:6379',
  ].map((url): [string[], RegExp] => [
    sweepTo('--redis', url),
    /is not an address of a Redis, expected one such/,
  ]),
  [sweepTo('--memory', '100'), /--memory: found "100", expected a whole number from 512 to/],
  [sweepTo('--memory', 'x'), /--memory: found "x", expected a whole number/],
  [
    sweepTo('--redis', 'redis://127.0.0.1:1', '--memory', '900'),
    /--memory: does not go with --redis/,
  ],
  [['worker', '--redis', 'redis://127.0.0.1:1', '--memory', '1'], /--memory: found "1"/],
  [sweepTo('--redis', 'redis://127.0.0.1:1'), /no Redis answers: .*ECONNREFUSED/],
  [
    sweepTo('--redis', 'redis://me:secret@127.0.0.1:1'),
    /^redis:\/\/me:\*\*\*@127\.0\.0\.1:1: no Redis answers/,
  ],
  [
    sweepTo('--redis', 'redis://127.0.0.1:1', '--workers', '2'),
    /--workers: does not go with --redis/,
  ],
  [['sweep', inFolder('none.yaml')], /none\.yaml: cannot be read/],
  [['sweep', folder], /it is a folder, expected a file/],
  [['worker'], /--redis: is missing/],
  [['worker', '--redis', 'redis://127.0.0.1:1'], /no Redis answers/],
  [['worker', '--redis', 'redis://127.0.0.1:1', '--threads', '0'], /--threads: found "0"/],
];

test('sweeps that cannot be are refused before anything is begun', async (t) => {
  for (const [args, expected] of WRONG_SWEEPS) {
    const { code, err, out } = await run(...args);
    t.deepEqual([code, out], [2, ''], args.join(' '));
    t.regex(err, expected);
    t.notRegex(err, /bug in pipewatt|\n {4}at /);
  }
  t.false(existsSync(inFolder('x.duckdb')));
});

test('sweep files that are none are refused with their problems', async (t) => {
  const wrong: [string, RegExp][] = [
    ['', /name: found nothing, expected a name/],
    ['[1, 2]', /the whole file: found \[1,2\], expected fields/],
    ['name: [', /not readable as YAML/],
    ['name: a\nbase: none.yaml', /w\.yaml, base: .*none\.yaml cannot be read/],
    ['name: a\nbase: w.yaml', /is a sweep, expected a scenario; pipewatt sweep/],
    [
      `name: a\nbase: ${projectFile('scenarios/quick-start.yaml')}\nmatrix: { profile.catalog: [gpt5] }`,
      /w\.yaml:3, matrix\.profile\.catalog: .*gpt5/,
    ],
    [
      `name: a\nbase: ${projectFile('scenarios/quick-start.yaml')}\nmatrix: { __proto__.x: [1], pipelinez: [2] }`,
      /matrix\.pipelinez: is not a field of a scenario; there are /,
    ],
    [
      `name: a\nbase: ${projectFile('scenarios/quick-start.yaml')}\nmatrix:\n  stragglers[5].slowdown: [2]`,
      /stragglers/,
    ],
  ];
  for (const [text, expected] of wrong) {
    writeFileSync(inFolder('w.yaml'), text);
    const { code, err } = await run('sweep', inFolder('w.yaml'), '--dry-run');
    t.is(code, 2, text);
    t.regex(err, expected);
  }
  t.is(({} as { x?: number }).x, undefined);
});

test('results are asked for what is there; what is not is named, and nothing is changed', async (t) => {
  const file = inFolder('asked.duckdb');
  t.is((await run('sweep', SMALL, '--output', file, '--workers', '1', '--shard', '1/6')).code, 0);
  const foreign = await database('foreign.duckdb', 'CREATE TABLE t AS SELECT 1 AS x');
  const empty = await database('empty.duckdb', 'SELECT 1');
  const wrong: [string[], RegExp][] = [
    [[inFolder('none.duckdb')], /cannot be read: there is no such file/],
    [[folder], /it is a folder, expected a file/],
    [[SMALL], /is a sweep, expected a file of results \(DuckDB\); pipewatt sweep/],
    [[foreign], /holds no results of a sweep: it has no table sweep, runs/],
    [[empty], /holds no results of a sweep/],
    [[file, '--metric', 'simulated_savings_pct'], /did you mean "simulated_saving_pct"\?/],
    [
      [file, '--metric', 'policy'],
      /--metric: found "policy", which holds texts, expected a column/,
    ],
    [[file, '--group-by', 'gpu,policy'], /--group-by: found "gpu", expected a column/],
    [[file, '--best', 'nothing'], /--best: found "nothing", expected a column/],
    [[file, '--best', 'policy'], /--best: found "policy", which holds texts/],
    [[file, '--pareto', 'simulated_time_s'], /--pareto: found .*, expected two columns/],
    [[file, '--pareto', 'a,b'], /found "a", .*\n.*found "b"/],
    [[file, '--sql', 'SELEC 1'], /--sql: Parser Error/],
    [[file, '--sql', 'SELECT nope FROM results'], /--sql: Binder Error/],
    [[file, '--sql', 'DROP TABLE runs'], /--sql: found a statement that is not a query/],
    [[file, '--sql', 'SELECT 1', '--best', 'run'], /found 2 of them, expected one/],
    [[file, '--sql', 'SELECT 1', '--metric', 'run'], /does not go with --metric: the query/],
    [[file, '--by', 'gpu'], /--by: found "gpu", expected a column/],
    [[file, '--by', 'policy', '--best', 'run'], /--by: does not go with --best/],
    [[file, '--by', ','], /--by: found no column/],
    [[file, '--where', 'slowdown'], /--where: found "slowdown", expected conditions such as/],
    [[file, '--where', ' , '], /--where: found no condition/],
    [[file, '--where', 'slowdown=fast,nope=1'], /"fast" for .*slowdown.*numbers.*\n.*found "nope"/],
    [[file, '--where', 'policy>perseus'], /holds texts, expected = or !=/],
    [[file, '--where', 'slowdown<1|2'], /alternatives go with = and !=/],
    [[file, '--where', 'slowdown=3'], /--where: no row has .*slowdown = 3; it has 1, /],
    [
      [file, '--where', 'policy=perseus,policy=zeus'],
      /--where: no row has policy = zeus; it has max-frequency, perseus/,
    ],
    [[file, '--where', 'run<3,run>4'], /--where: no row has all of/],
    [[file, '--count', '3'], /--count: expected with --best/],
    [[file, '--format', 'xml'], /--format: found "xml"/],
    [[file, '--export', 'x.xlsx'], /expected a name that ends in \.parquet, \.csv, \.arrow/],
    [[file, '--export', inFolder('none/x.parquet')], /cannot be written: there is no such file/],
    [['merge', file, file], /exists already; choose another name/],
    [['merge', inFolder('m.duckdb'), inFolder('none.duckdb')], /cannot be read/],
    [
      ['merge', inFolder('m.duckdb'), file, foreign],
      /foreign\.duckdb: holds no results of a sweep/,
    ],
    [['merge', inFolder('none/m.duckdb'), file], /cannot be written/],
  ];
  for (const [args, expected] of wrong) {
    const { code, err, out } = await run('results', ...args);
    t.deepEqual([code, out], [2, ''], args.join(' '));
    t.regex(err, expected);
    t.notRegex(err, /bug in pipewatt|\n {4}at /);
  }
  t.deepEqual(
    readdirSync(folder).filter((name) => /^m\.|tmp/.test(name)),
    [],
    'nothing is left half-written',
  );
});

test('tables of single rows show what matters, programs are given all columns', async (t) => {
  const file = inFolder('rows.duckdb');
  t.is((await run('sweep', SMALL, '--output', file, '--workers', '1', '--shard', '1/5')).code, 0);
  const best = ['results', file, '--best', '-simulated_saving_pct', '--count', '1'];
  const shown = await run(...best, '--metric', 'gpus', '--group-by', 'pipelines');
  t.regex(shown.out, /^small: 14 of 66 runs, version .*; varied:\s+pipeline\.microbatches,\s/);
  const parts = shown.out.trimEnd().split('\n\n').slice(1);
  const tables = parts.map((part) => part.split('\n')).filter((lines) => lines[1]?.includes('──'));
  const heads = tables.flatMap(([head]) => head!.trim().split(/ {2,}/));
  t.deepEqual(
    [...new Set(heads)],
    [
      ...['pipelines', 'policy', 'run', 'pipeline.microbatches', 'stragglers[0].slowdown'],
      ...['tensorParallel', 'seed', 'simulated_saving_pct', 'gpus', 'simulated_time_s'],
      'simulated_energy_j',
    ],
  );
  for (const lines of tables) t.is(lines.length, 2 + 2);
  const json = JSON.parse((await run(...best, '--format', 'json')).out) as object[];
  t.true(Object.keys(json[0]!).length > 20);
  const csv = await run('results', file, '--format', 'csv');
  t.regex(
    csv.out,
    /^policy,metric,count,mean,half_width_95,median,lowest,highest,lowest_run,highest_run\n/,
  );
  const none = await run('results', file, '--sql', 'SELECT 1 AS x WHERE false', '--format', 'csv');
  t.is(none.code, 0);
});
