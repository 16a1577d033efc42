import test from 'ava';
import { clockOfName, runsOf } from '../../sim/measurements/runs.js';

test('names of folders and files that say a clock', (t) => {
  const said = [
    '1410',
    '1410MHz',
    '1410 mhz',
    'clock=1410',
    'freq_1410.csv',
    '1410.csv.gz',
    'f',
    'sm-990',
  ];
  t.deepEqual(said.map(clockOfName), [1410, 1410, 1410, 1410, 1410, 1410, undefined, 990]);
  const others = [
    'rank3.csv',
    '120.prof.json',
    '2026-11-27',
    'log-2024.csv',
    '0',
    '99999',
    'run12',
  ];
  t.deepEqual(
    others.map(clockOfName),
    others.map(() => undefined),
  );
});

test('files of one clock are a run, wherever the clock stands; others are one of their own', (t) => {
  const file = (within: string) => ({ path: `/x/${within}`, within, isNamed: false });
  const runs = runsOf(
    ['a/1410/rank0.csv', 'a/1410/rank1.csv', 'a/t-1200MHz.csv', 'a/p-1200MHz.csv', 'a/smi.csv'].map(
      file,
    ),
  );
  t.deepEqual(
    runs.map(({ name, clockMHz, files }) => [name, clockMHz, files.map(({ place }) => place)]),
    [
      ['a/1410', 1410, ['a//rank0.csv', 'a//rank1.csv']],
      ['a/t-1200MHz.csv', 1200, ['a/t-MHz.csv', 'a/p-MHz.csv']],
      ['', undefined, ['a/smi.csv']],
    ],
  );
});
