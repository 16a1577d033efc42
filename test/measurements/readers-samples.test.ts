import test from 'ava';
import { readLog, valuesOf } from '../support/measurement-files.js';

/** 2026-11-27 01:02:03 UTC */
const BEGIN_S = 1795741323;

const NO_ZONE = 'times are local, without a zone; logs of other programs may be hours off';

test('nvidia-smi with units on every value, several GPUs, missing values and a cut end', (t) => {
  const file = readLog('smi-units.csv');
  t.is(file.timeBase, 'local');
  t.deepEqual(
    valuesOf(file, '0', 'timeS'),
    [0.4, 0.5, 0.6, 0.7].map((s) => BEGIN_S + s),
  );
  t.deepEqual(valuesOf(file, '0', 'powerW'), [212.34, 214.34, NaN, 215]);
  t.deepEqual(valuesOf(file, '0', 'clockMHz'), [1410, 1395, 1395, 1410]);
  t.deepEqual(valuesOf(file, '1', 'powerW'), [198, NaN, 201, 202]);
  t.deepEqual(valuesOf(file, '1', 'clockMHz'), [1410, 1410, NaN, 1410]);
  t.deepEqual(file.notes, [
    NO_ZONE,
    'line 5: column "power.draw.instant [W]" is "[N/A]": no value',
    'line 6: column "power.draw.instant [W]" is "[Unknown Error]": no value',
    'line 7: column "clocks.current.sm [MHz]" is "[Not Supported]": no value',
    'line 8: the header again',
    'line 11: found 4 columns, expected 5: the last line is cut off, and left out',
  ]);
});

test('nvidia-smi in another order: limits are not power, maxima are no clocks', (t) => {
  const file = readLog('smi-nounits.csv');
  const gpu = 'GPU-5e2f1a30-7c1b-4f6e-9d3a-0a1b2c3d4e5f';
  t.deepEqual(valuesOf(file, gpu, 'powerW'), [212.34, 213.34]);
  t.deepEqual(valuesOf(file, gpu, 'clockMHz'), [1410, 1410]);
  t.regex(file.notes.join('\n'), /"power.draw \[W\]" is a mean over the last second/);
});

test('nvidia-smi without a header', (t) => {
  const file = readLog('smi-headless.csv');
  t.deepEqual(valuesOf(file, '1', 'powerW'), [200, 201]);
  t.deepEqual(valuesOf(file, '1', 'clockMHz'), [1395, 1395]);
  t.is(
    file.notes[0],
    'has no header; its columns are taken for timestamp, index, power.draw, clocks.sm',
  );
});

test('nvidia-smi dmon with dates, and without times', (t) => {
  const file = readLog('smi-dmon.txt');
  t.deepEqual(valuesOf(file, '0', 'timeS'), [BEGIN_S, BEGIN_S + 1, BEGIN_S + 2]);
  t.deepEqual(valuesOf(file, '0', 'powerW'), [212, 214, 215]);
  t.deepEqual(valuesOf(file, '1', 'powerW'), [198, NaN]);
  t.deepEqual(valuesOf(file, '1', 'clockMHz'), [1395, 1395]);
  t.is(file.timeBase, 'local');
  const untimed = readLog('smi-dmon-untimed.txt');
  t.deepEqual(valuesOf(untimed, '0', 'powerW'), [71, 72]);
  t.is(untimed.timeBase, 'unknown');
  t.regex(untimed.notes[0]!, /has no times: rows are taken to be 1 s apart/);
});

test('dcgmi dmon: blank values are none, parts of GPUs are left out, millijoules', (t) => {
  const file = readLog('dcgmi-dmon.txt');
  t.deepEqual(
    valuesOf(file, '0', 'timeS'),
    [0.1, 1.1, 2.1].map((s) => BEGIN_S + s),
  );
  t.deepEqual(valuesOf(file, '0', 'counterJ'), [5000, 5213, 5427.5]);
  t.deepEqual(valuesOf(file, '1', 'counterJ'), [NaN, 7000, 7200]);
  t.deepEqual(valuesOf(file, '1', 'powerW'), [198, NaN, 200]);
  t.is(file.timeBase, 'epoch');
  t.deepEqual(file.notes, ['line 8: rows of GPU-I (parts of a GPU) are left out']);
});

test('metrics of DCGM as text: joined by time, a counter that starts anew goes on', (t) => {
  const file = readLog('dcgm.prom');
  t.deepEqual(
    valuesOf(file, '0', 'timeS'),
    [0, 10, 20, 30].map((s) => BEGIN_S + s),
  );
  t.deepEqual(valuesOf(file, '0', 'powerW'), [212.34, 214.34, NaN, NaN]);
  // 2133 J in the ten seconds before; then 2100 J more.
  t.deepEqual(valuesOf(file, '0', 'counterJ'), [5000, 7133, 9266, 11366]);
  t.deepEqual(valuesOf(file, '0', 'clockMHz'), [1410, NaN, NaN, NaN]);
  t.deepEqual(valuesOf(file, '1', 'powerW'), [198]);
  t.regex(file.notes.join('\n'), /counter falls once, first on line 11/);
});

test('tables exported from Prometheus and Grafana, wide, long, and a column for each series', (t) => {
  const wide = readLog('prometheus-wide.csv');
  t.deepEqual(valuesOf(wide, 'node-a:9400/0', 'counterJ'), [5000, 7133]);
  t.deepEqual(valuesOf(wide, 'node-b:9400/0', 'powerW'), [100, 101]);
  t.deepEqual(valuesOf(wide, 'node-b:9400/0', 'clockMHz'), [1200, NaN]);
  const long = readLog('prometheus-long.csv');
  t.deepEqual(valuesOf(long, '0', 'timeS'), [BEGIN_S, BEGIN_S + 10]);
  t.deepEqual(valuesOf(long, '0', 'clockMHz'), [1410, NaN]);
  t.is(long.timeBase, 'epoch');
  const grafana = readLog('grafana.csv');
  t.deepEqual(valuesOf(grafana, '0', 'powerW'), [212.34, 214.34]);
  t.deepEqual(valuesOf(grafana, '1', 'powerW'), [198]);
  t.is(grafana.timeBase, 'local');
});

test('tables of samples: sorted, without repeated times, with their gaps', (t) => {
  const file = readLog('power-rank2.csv');
  t.is(file.timeBase, 'epoch');
  const after = (valuesOf(file, '2', 'timeS') ?? []).map((s) => Math.round((s - 1795741300) * 100));
  t.deepEqual(after, [-10, 0, 10, 20, 120]);
  t.deepEqual(valuesOf(file, '2', 'powerW'), [249, 250, 251, 253, 254]);
  t.deepEqual(valuesOf(file, '2', 'counterJ'), [975, 1000, 1025, 1050.3, 1304]);
  t.deepEqual(file.notes, [
    'times go back, first on line 5; the samples are sorted',
    '1 sample with the time of a later one left out',
    'samples are 0.1 s apart, with 1 gap; the longest, 1 s, ends on line 7',
  ]);
});

test("Zeus' PowerMonitor, of one GPU and of several", (t) => {
  t.deepEqual(valuesOf(readLog('power-monitor.csv'), '0', 'powerW'), [250.5, 251.5]);
  const several = readLog('power-monitor-gpus.csv');
  t.deepEqual(valuesOf(several, '0', 'powerW'), [250.5, 251.5]);
  t.deepEqual(valuesOf(several, '1', 'powerW'), [100, 101]);
});
