import { readFileSync } from 'node:fs';
import test from 'ava';
import { begin } from '../support/command.js';
import { projectFile } from '../support/files.js';

const CASES = projectFile('scenarios/predict-cases.csv');

test('predict prints a table, and the same figures as CSV and JSON', async (t) => {
  const [table, csv, json] = await Promise.all(
    ['table', 'csv', 'json'].map(
      (format) => begin(['predict', CASES, '--gpu', 'h100-sxm', '--format', format]).ended,
    ),
  );
  t.deepEqual([table!.code, csv!.code, json!.code], [0, 0, 0]);
  const rows = JSON.parse(json!.out) as Record<string, string | number>[];
  t.is(rows.length, 5);
  t.is(rows[0]!['case'], 'GPT-3 175B');
  const lines = csv!.out.trimEnd().split('\n');
  t.is(lines[0], Object.keys(rows[0]!).join(','));
  t.deepEqual(
    lines[1]!.split(',').slice(1).map(Number),
    Object.values(rows[0]!).slice(1) as number[],
  );
  t.regex(table!.out, /Llama 3\.1 70B in FP8/);
});

test('predict compares with what was measured, by family', async (t) => {
  const file = projectFile('scenarios/published/h100-steps.csv');
  const { code, out, err } = await begin(['predict', file, '--format', 'json']).ended;
  t.is(code, 0);
  const rows = JSON.parse(out) as Record<string, number>[];
  const [measured] = readFileSync(file, 'utf8').split('\n').slice(1);
  const expected = 100 * (rows[0]!['step_ms']! / 8309 - 1);
  t.true(measured!.includes(',8309.0,'));
  t.true(Math.abs(rows[0]!['step_ms_error_pct']! - expected) < 0.06);
  t.regex(err, /dense BF16, step_ms: 3 measured, off by \d\.\d % on average/);
  t.regex(err, /columns ignored: source/);
});

test('rates that nothing was measured for are said to be assumed', async (t) => {
  const assumed = await begin(['predict', CASES, '--gpu', 'l40s', '--format', 'csv']).ended;
  t.is(assumed.code, 0);
  const [first, ...others] = assumed.err.split('\n');
  t.is(
    first,
    'NVIDIA L40S 48 GB: rates and powers are assumed, nothing was measured on it; no error can be stated',
  );
  const measured = await begin(['predict', CASES, '--gpu', 'h100-sxm', '--format', 'csv']).ended;
  t.deepEqual(measured.err.split('\n'), others);
});

test('what predict does not know is named, with what it knows', async (t) => {
  const { code, err, out } = await begin(['predict', CASES, '--gpu', 'h101-sxm']).ended;
  t.is(code, 2);
  t.is(out, '');
  t.regex(
    err,
    /found GPU "h101-sxm", expected one of a100-pcie, a100-sxm, .*h100-sxm, .*; did you mean "h100-sxm"\?/,
  );
});
