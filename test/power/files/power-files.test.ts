import test from 'ava';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { smiTime } from '../../../sim/cli/power-file.js';
import { powerCsv } from '../../../sim/power/files/power-csv.js';
import { powerParquet } from '../../../sim/power/files/power-parquet.js';
import { powerRows, type TracedRun } from '../../../sim/power/files/power-rows.js';
import { smiLog } from '../../../sim/power/files/smi-log.js';

/** A run whose rows are given. */
function runOf(rows: readonly (readonly number[])[], durationS: number): TracedRun {
  const unitCount = rows[0]!.length;
  const values = Float64Array.from(rows.flat());
  return {
    ...{ unitCount, durationS, rowCount: rows.length },
    read: (first, count) => values.slice(first * unitCount, (first + count) * unitCount),
  };
}

const csvOf = (
  names: readonly string[],
  columns: Parameters<typeof powerRows>[0],
  everyS: number,
) => [...powerCsv(names, powerRows(columns, everyS))].join('');

/** Ends within its third interval. */
const SHORT = runOf([[100], [200], [150.5]], 0.25);
/** Ends with its fourth interval. */
const LONG = runOf(
  [
    [1, 10],
    [2, 20],
    [3, 30],
    [4, 40],
  ],
  0.4,
);

test('a row at each interval’s beginning, and one at the end that repeats the last power', (t) => {
  const csv = csvOf(['power_W'], [{ name: '', run: SHORT, unit: 0 }], 0.1);
  t.is(csv, 't_s,power_W\n0,100\n0.1,200\n0.2,150.5\n0.25,150.5\n');
});

test('where a run ends, longer ones have the power that they hold; after it, it has none', (t) => {
  const columns = [
    { name: '', run: SHORT, unit: 0 },
    { name: '', run: LONG, unit: 1 },
  ];
  t.is(
    csvOf(['a_W', 'b_W'], columns, 0.1),
    't_s,a_W,b_W\n0,100,10\n0.1,200,20\n0.2,150.5,30\n0.25,150.5,30\n0.3,,40\n0.4,,40\n',
  );
});

test('rows that are read in many blocks are the same as in one', (t) => {
  const rows = Array.from({ length: 40_000 }, (_, k) => [k + 0.5, 2 * k]);
  const run = runOf(rows, 400 - 0.004);
  const wide = Array.from({ length: 9 }, (_, k) => ({ name: '', run, unit: k % 2 }));
  const blocks = [...powerRows(wide, 0.01)];
  t.true(blocks.length > 1);
  const times = blocks.flatMap(({ timeS }) => [...timeS]);
  t.deepEqual(times, [...rows.map((_, k) => k / 100), 400 - 0.004]);
  const powers = blocks.flatMap(({ powerW }) => [...powerW[1]!]);
  t.deepEqual(powers, [...rows.map(([, powerW]) => powerW), 2 * 39_999]);
});

test('powers are written with ten digits or more, whatever their size', (t) => {
  const powers = [0, 0.0123456789012, 83.64123456789, 1234.56789012345, 12_345_678.901234];
  const csv = csvOf(
    ['w'],
    [
      {
        name: '',
        run: runOf(
          powers.map((w) => [w]),
          5,
        ),
        unit: 0,
      },
    ],
    1,
  );
  const written = csv
    .trim()
    .split('\n')
    .slice(1, -1)
    .map((line) => Number(line.split(',')[1]));
  written.forEach((found, k) => {
    t.true(Math.abs(found - powers[k]!) <= 5e-10 * powers[k]!, `${powers[k]} is ${found}`);
  });
});

test('Parquet holds the same doubles, in groups of rows, with the interval beside them', async (t) => {
  const rows = Array.from({ length: 700_000 }, (_, k) => [Math.sqrt(k)]);
  const columns = [
    { name: 'a', run: runOf(rows, 70_000), unit: 0 },
    { name: 'b', run: SHORT, unit: 0 },
  ];
  const pieces = [...powerParquet(['a_W', 'b_W'], powerRows(columns, 0.1), { every_s: '0.1' })];
  t.true(pieces.length > 2, 'it is written group by group');
  const file = new Uint8Array(Buffer.concat(pieces)).buffer;
  const metadata = parquetMetadata(file);
  t.deepEqual(metadata.key_value_metadata, [{ key: 'every_s', value: '0.1' }]);
  const read = await parquetReadObjects({ file });
  // One row more at the end, and one where the shorter run ends.
  t.is(read.length, 700_002);
  t.deepEqual(read.slice(0, 5), [
    { t_s: 0, a_W: 0, b_W: 100 },
    { t_s: 0.1, a_W: 1, b_W: 200 },
    { t_s: 0.2, a_W: Math.sqrt(2), b_W: 150.5 },
    { t_s: 0.25, a_W: Math.sqrt(2), b_W: 150.5 },
    { t_s: 0.3, a_W: Math.sqrt(3), b_W: null },
  ]);
  t.deepEqual(read.at(-1), { t_s: 70_000, a_W: Math.sqrt(699_999), b_W: null });
});

test('a log of nvidia-smi has the sensor’s mean of the last second, new every 100 ms', (t) => {
  // 1.5 s at 100 W, then 700 W.
  const power = runOf(
    Array.from({ length: 30 }, (_, k) => [k < 15 ? 100 : 700, 50]),
    3.05,
  );
  const clocks = runOf(
    Array.from({ length: 30 }, (_, k) => [1000 + k, 345]),
    3.05,
  );
  const gpus = [
    { index: 3, unit: 0 },
    { index: 9, unit: 1 },
  ];
  const startMs = Date.UTC(2026, 10, 27, 23, 59, 59, 0);
  const stampOf = (timeS: number) => smiTime(startMs + timeS * 1000);
  const log = [...smiLog({ gpus, power, clocks, everyS: 0.05, stampOf })].join('').split('\n');
  t.is(log[0], 'timestamp, index, power.draw [W], clocks.current.sm [MHz]');
  t.is(log[1], '2026/11/27 23:59:59.100, 3, 100.00 W, 1001 MHz');
  t.is(log[2], '2026/11/27 23:59:59.100, 9, 50.00 W, 345 MHz');
  t.is(log[3], '2026/11/27 23:59:59.150, 3, 100.00 W, 1001 MHz');
  // Four of ten tenths at 700 W, half a sensor's interval later.
  t.true(log.includes('2026/11/28 00:00:00.950, 3, 340.00 W, 1019 MHz'));
  t.true(log.includes('2026/11/28 00:00:01.500, 3, 700.00 W, 1025 MHz'));
  t.is(log.at(-1), '');
  t.is(log.at(-2), '2026/11/28 00:00:02.050, 9, 50.00 W, 345 MHz');
});
