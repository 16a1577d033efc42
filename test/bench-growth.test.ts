import test from 'ava';
import { growth, growthTable, ratioTable } from './bench/table.js';

const cost = (cpuS: number) => ({ cpuS, wallS: cpuS, count: 1 });

test('the exponent of a power law is found, and how much it explains', (t) => {
  const { exponent, explained } = growth([
    [1, 3],
    [2, 12],
    [5, 75],
  ]);
  t.true(Math.abs(exponent - 2) < 1e-12);
  t.true(Math.abs(explained - 1) < 1e-12);
  const bent = growth([
    [1, 1],
    [2, 2],
    [4, 16],
  ]);
  t.true(Math.abs(bent.exponent - 2) < 1e-12);
  t.true(Math.abs(bent.explained - 12 / 13) < 1e-12);
});

test('a series is a row with its exponent', (t) => {
  const job = {
    catalog: 'gpt3-175b-a100-sxm',
    unitTimeMs: 1,
    stages: 8,
    microbatches: 24,
    chunks: 1,
    pipelines: 1,
    iterations: 1,
  };
  const series = { title: 'cost', what: 'frontier', over: 'stages', values: [4, 8], job } as const;
  const figures = [cost(0.5), cost(2)].map((now) => ({ now, isBeforeTooSlow: false, ratios: [] }));
  t.is(
    growthTable([[series, figures]])
      .split('\n')
      .at(-1),
    '| cost | stages | 4, 8 | 500 ms, 2.00 s | 2.00 | 1.000 |',
  );
});

test('a figure beside the version before is the median of its pairs; one that was not there, or took too long, has none', (t) => {
  const now = { now: cost(1) };
  const rows = ratioTable([
    ['both', { ...now, before: cost(4), isBeforeTooSlow: false, ratios: [0.2, 0.25, 0.4] }],
    ['new', { ...now, isBeforeTooSlow: false, ratios: [] }],
    ['stopped', { ...now, isBeforeTooSlow: true, ratios: [] }],
  ]).split('\n');
  t.deepEqual(rows.slice(2), [
    '| both | 4.00 s | 1.00 s | 0.25 | 0.20–0.40 |',
    '| new | — | 1.00 s | — |  |',
    '| stopped | > 150 s | 1.00 s | < 0.007 |  |',
  ]);
});
