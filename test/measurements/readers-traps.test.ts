import test from 'ava';
import { momentOf } from '../../sim/measurements/readers/moments.js';
import { wrongKind } from '../../src/file-kinds.js';
import { InputError } from '../../src/errors.js';
import { ZEUS_DUMPS } from '../../sim/measurements/readers/zeus-dumps.js';
import { readerOf, READERS, unknownFormat } from '../../sim/measurements/readers/readers.js';
import { LOGS, logText, problemsOf, readText, valuesOf } from '../support/measurement-files.js';

test('every log is recognised by one reader only, and every reader has a log', (t) => {
  const used = new Set<string>([ZEUS_DUMPS.name]);
  for (const name of LOGS) {
    const text = logText(name);
    const known = READERS.filter((reader) => reader.recognises(text.slice(0, 1 << 16), name));
    t.is(known.length, 1, `${name}: ${known.map((reader) => reader.name).join('; ')}`);
    used.add(known[0]!.name);
  }
  for (const { name } of READERS)
    t.true(used.has(name), `test/fixtures/measurements lacks ${name}`);
});

test('files of other kinds have no reader; they are named, or compared with what is known', (t) => {
  const profile = 'stage,instruction,frequency,time,energy\n0,forward,1410,0.05,12\n';
  t.is(readerOf(profile, 'p.csv'), undefined);
  t.regex(unknownFormat(profile), /^is a stage profile; what can be read: a log of ZeusMonitor/);
  const scenario = 'pipeline: {stages: 4, microbatches: 8}\nprofile: {catalog: x}\n';
  t.is(readerOf(scenario, 's.yaml'), undefined);
  const prose = `${'\n'.repeat(20)}stage instruction iteration start\n`;
  t.notRegex(unknownFormat(prose), /looks most like/);
  const near = 'when|power.draw|clocks.sm\n1|2|3\n';
  t.regex(
    unknownFormat(near),
    /it looks most like a CSV of nvidia-smi.*\(it has power.draw, clocks.sm\)/,
  );
  t.regex(unknownFormat('hello\n'), /^is no log that is known; what can be read: /);
});

test('commands that take profiles name the one that takes logs', (t) => {
  for (const name of ['zeus-monitor-rank1.csv', 'smi-units.csv']) {
    const said = wrongKind(new TextEncoder().encode(logText(name)), name, 'profile');
    t.regex(said ?? '', /expected a stage profile; pipewatt import makes a stage profile of it/);
  }
});

test('times in any form, and their base', (t) => {
  const at = 1795741323;
  const of = (text: string) => momentOf(text);
  t.deepEqual(of('2026/11/27 01:02:03.500'), { timeS: at + 0.5, base: 'local' });
  t.deepEqual(of('20261127   01:02:03'), { timeS: at, base: 'local' });
  t.deepEqual(of('2026-11-27T01:02:03Z'), { timeS: at, base: 'epoch' });
  t.deepEqual(of('2026-11-27 02:02:03.25+01:00'), { timeS: at + 0.25, base: 'epoch' });
  t.deepEqual(of('1795741323.25'), { timeS: at + 0.25, base: 'epoch' });
  t.deepEqual(of('1795741323250'), { timeS: at + 0.25, base: 'epoch' });
  t.deepEqual(of('1795741323250000'), { timeS: at + 0.25, base: 'epoch' });
  t.true(Math.abs(of('1795741323250000000')!.timeS - at - 0.25) < 1e-6);
  t.deepEqual(of('12.5'), { timeS: 12.5, base: 'unknown' });
  for (const text of [
    '',
    'x',
    '-1',
    '2026/13/27 01:02:03',
    '27/11/2026 01:02',
    '50000000000',
    'NaN',
    '1e400',
  ]) {
    t.is(of(text), undefined, text);
  }
});

test('units that no GPU has are errors that name the likely unit', (t) => {
  const smi = (power: string, clock: string) =>
    `timestamp, index, power.draw [W], clocks.sm [MHz]\n2026/11/27 01:02:03.400, 0, ${power}, ${clock}\n`;
  t.regex(
    problemsOf(smi('212340', '1410'), 'a.csv'),
    /a.csv:2, column "power.draw \[W\]": found 212340.*looks like mW: write 212.34/,
  );
  t.regex(
    problemsOf(smi('212', '1.41'), 'a.csv'),
    /column "clocks.sm \[MHz\]": found 1.41.*looks like GHz: write 1410/,
  );
  t.regex(problemsOf(smi('212 J', '1410'), 'a.csv'), /found "212 J", expected a number in W/);
  t.is(problemsOf(smi('212340 mW', '1.41 GHz'), 'a.csv'), '');
  const counter = 'time,energy_mj\n1795741300,1000\n1795741310,3500\n';
  t.regex(
    problemsOf(counter, 'b.csv'),
    /b.csv:2, column "energy_mj": the energy rises by 0.25 J a second.*looks like kJ/,
  );
  const instructions = (start: string, end: string) =>
    `rank,stage,instruction,start,end\n0,0,forward,${start},${end}\n`;
  t.regex(
    problemsOf(instructions('100', '350'), 'c.csv'),
    /c.csv:2, column "end": found 250, expected.*looks like ms: write 0.25/,
  );
  t.regex(
    problemsOf(instructions('100', '99'), 'c.csv'),
    /takes -1 s, expected more than 0: does it end before it begins/,
  );
  const windows =
    'start_time,window_name,elapsed_time,gpu0_energy\n1795741300,stage0/forward,0.05,12500\n';
  t.regex(
    problemsOf(windows, 'd.csv'),
    /d.csv:2, columns "elapsed_time", "gpu0_energy": an instruction draws 250000 W.*energies look like millijoules/,
  );
});

test('an error that fills a file is one sentence', (t) => {
  const rows = Array.from({ length: 5000 }, (_, k) => `${1795741300 + k},250000`);
  const problems = problemsOf(`time,power\n${rows.join('\n')}\n`, 'a.csv').split('\n');
  t.is(problems.length, 1);
  t.regex(problems[0]!, /and the like on 4999 more lines/);
  const wide = Array.from({ length: 5000 }, () => '1,2,3');
  t.is(problemsOf(`time,power\n${wide.join('\n')}\n1,2\n`, 'a.csv').split('\n').length, 1);
});

test('GPUs that nothing tells apart, metrics without times, a log cut off, no samples', (t) => {
  t.regex(
    problemsOf(logText('smi-interleaved.csv'), 'a.csv'),
    /samples of 2 GPUs in turn.*add index/,
  );
  t.regex(
    problemsOf(logText('dcgm-untimed.prom'), 'a.prom'),
    /a.prom:1: a value has no time.*\(and 1 more line\)/,
  );
  t.regex(
    problemsOf(logText('smi-two-clocks.csv'), 'a.csv'),
    /cannot be told apart; run nvidia-smi with --format=csv, without noheader/,
  );
  const whole = logText('kineto-kernels.json');
  t.regex(
    problemsOf(whole.slice(0, whole.length / 2), 'a.json'),
    /is not readable as JSON.*written to its end/,
  );
  t.regex(problemsOf('timestamp, power.draw [W]\n', 'a.csv'), /has no samples/);
});

test('nothing says which stage ran: the sentence says where to name it', (t) => {
  const rows = 'start_time,window_name,elapsed_time,gpu0_energy\n1795741300,forward,0.05,12.5\n';
  t.regex(problemsOf(rows, 'rank2.csv'), /rank2.csv:2: nothing says which stage ran here; name it/);
  t.regex(problemsOf(rows, 'rank2.csv', { stages: 4 }), /4 stages, an unknown number of GPUs/);
  t.is(readText(rows, 'rank2.csv', { stages: 4, gpus: 4 }).spans[0]?.stage, 2);
  t.is(readText(rows, 'stage3/rank2.csv').spans[0]?.stage, 3);
});

test('annotations with other names: the sentence shows them', (t) => {
  const text = logText('kineto-host.json').replaceAll('ward_step', 'ward_thing');
  t.regex(
    problemsOf(text, 'a.json', { stages: 4 }),
    /has annotations such as "forward_thing", "backward_thing", but none named like an instruction.*record_function/,
  );
});

test('local and zoned times in one file are a problem', (t) => {
  const text = 'time,power\n2026/11/27 01:02:03,200\n1795741324,201\n';
  t.regex(problemsOf(text, 'a.csv'), /some times have a zone or count from 1970, others do not/);
});

test('rows of GPUs in one table stay apart', (t) => {
  const text =
    'time,gpu,power\n1795741300,3,200\n1795741300,1,100\n1795741301,3,201\n1795741301,1,101\n';
  const file = readText(text, 'a.csv');
  t.deepEqual(valuesOf(file, '3', 'powerW'), [200, 201]);
  t.deepEqual(valuesOf(file, '1', 'powerW'), [100, 101]);
});

test('files made to take long are refused like others', (t) => {
  const hostile = [
    ...['\n', ' ', ' \n', '[', '"', '{', ',', ': ', '1', '#'].map((part) => part.repeat(30_000)),
    `DCGM_FI_DEV_POWER_USAGE{a="${'\\'.repeat(30_000)}`,
    `#Entity POWER\n${'GPU '.repeat(10_000)}`,
    `{"traceEvents":${'['.repeat(30_000)}`,
    `time (ms) |${' |'.repeat(20_000)}`,
    `times across ranks (ms):\n${`${'a'.repeat(300)}:`.repeat(100)}`,
  ];
  for (const text of hostile) {
    unknownFormat(text);
    for (const reader of READERS) {
      const error = t.throws(() => reader.read(text, 'a.csv', {}));
      t.true(error instanceof InputError, `${reader.name}: ${text.slice(0, 20)}: ${error.message}`);
    }
  }
});

test('columns that fall are no counters; frontiers of our own are no samples', (t) => {
  const rows = Array.from({ length: 100 }, (_, k) => `${1795741300 + k},${k % 2 === 0 ? 20 : 30}`);
  t.regex(
    problemsOf(`time,energy_j\n${rows.join('\n')}\n`, 'a.csv'),
    /a.csv:4, column "energy_j": falls on 49 of 100 lines, expected a counter that rises/,
  );
  t.is(readerOf('time_s,energy_j\n3.0,1495\n3.1,1490\n', 'frontier.csv'), undefined);
});

test('times in the unit of their header, commas of dmon, times before scrapes, lists of events', (t) => {
  const milli = 'time_ms,power\n0,200\n1500,201\n';
  t.deepEqual(valuesOf(readText(milli, 'a.csv'), '0', 'timeS'), [0, 1.5]);
  const start = 'stage,instruction,start_us,end_us\n0,forward,1000000,1050000\n';
  t.is(readText(start, 'a.csv').spans[0]?.timeS.toFixed(9), '0.050000000');
  const commas = '#gpu, pwr, gtemp, pclk\n#Idx, W, C, MHz\n0, 71, 31, 345\n0, 72, 31, 345\n';
  t.deepEqual(valuesOf(readText(commas, 'a.csv'), '0', 'powerW'), [71, 72]);
  const scrapes =
    '1795741300.5\nDCGM_FI_DEV_POWER_USAGE{gpu="0"} 200\n1795741301.5\nDCGM_FI_DEV_POWER_USAGE{gpu="0"} 201\n';
  t.deepEqual(valuesOf(readText(scrapes, 'a.prom'), '0', 'timeS'), [1795741300.5, 1795741301.5]);
  const { traceEvents } = JSON.parse(logText('kineto-host.json')) as { traceEvents: unknown[] };
  const events = readText(JSON.stringify(traceEvents), 'stage0/rank0.json');
  t.is(events.spans.length, 6);
});
