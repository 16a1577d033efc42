import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { InputError } from '../../src/errors.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { readUserFile, readUserText } from '../../sim/disk/files.js';
import { readMeasuredFolder } from '../../sim/cli/measured-folder.js';
import { fitRuns } from '../../sim/fit/fit-runs.js';
import { EXIT } from '../../sim/cli/program.js';
import { begin } from '../support/command.js';
import { projectFile } from '../support/files.js';
import { runInProcess } from '../support/in-process.js';

/** Files in other encodings, packed, without end; measured runs that no job has. */

const PROFILE = projectFile('test/fixtures/good/two-stages.csv');
const TEXT = readFileSync(PROFILE, 'utf8');

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'pipewatt-files-'));
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder(), name);
  writeFileSync(path, content);
  return path;
}

const run = (...args: string[]) => runInProcess(args);

const bigEndian = (text: string) => Buffer.from(text, 'utf16le').swap16();

for (const [how, bytes, note] of [
  ['UTF-8 with a mark', Buffer.from(`\ufeff${TEXT}`), undefined],
  ['UTF-16 of Excel', Buffer.from(`\ufeff${TEXT}`, 'utf16le'), undefined],
  ['UTF-16, big end first', bigEndian(`\ufeff${TEXT}`), undefined],
  [
    'UTF-16 without a mark',
    Buffer.from(TEXT, 'utf16le'),
    'the file has no byte order mark and looks like UTF-16LE; it is read as that',
  ],
  ['gzip', gzipSync(TEXT), undefined],
  ['gzip of UTF-16', gzipSync(Buffer.from(`\ufeff${TEXT}`, 'utf16le')), undefined],
  [
    'Windows-1252',
    Buffer.from(`# gemessen für Öfen\n${TEXT}`, 'latin1'),
    'the file is not UTF-8 and is read as Windows-1252 (Western European)',
  ],
] as const) {
  test(`a profile in ${how} is read`, (t) => {
    const { text, note: encoding } = readUserText(file('p.csv', bytes), 'profile');
    const profile = readStageProfile(text, 'p', encoding);
    t.deepEqual(profile.stages, readStageProfile(TEXT, 'p').stages);
    t.deepEqual(profile.notes, note === undefined ? undefined : [note]);
  });
}

test('µ in a header of Windows-1252 is the unit it says', (t) => {
  const lines = TEXT.trimEnd().split('\n');
  const text = lines
    .map((line, k) => {
      const cells = line.split(',');
      cells[3] = k === 0 ? 'time (µs)' : String(Math.round(Number(cells[3]) * 1e6));
      return cells.join(',');
    })
    .join('\n');
  const read = readUserFile(file('p.csv', Buffer.from(text, 'latin1')), 'profile');
  const expected = readStageProfile(TEXT, 'p').stages[0]!.forward[0]!.timeS;
  t.true(Math.abs(readStageProfile(read, 'p').stages[0]!.forward[0]!.timeS - expected) < 1e-9);
});

test('notes of a profile are told beside results', async (t) => {
  const path = file('p.csv', `${TEXT}0,load,1410,0.002,0.2\n`);
  const told =
    'profile: rows of instructions other than forward and backward are left out: "load" (1)\n';
  const plan = ['plan', path, '--microbatches', '4', '--blocking-power', '80'];
  t.deepEqual(await run(...plan), {
    ...(await run(plan[0]!, PROFILE, ...plan.slice(2))),
    err: told,
  });
  const fit = await run('fit', path);
  t.is(fit.code, EXIT.ok);
  t.is(fit.err, told);
});

test('what unpacks without end, and bytes that are no text, are refused', (t) => {
  const bomb = file('bomb.csv.gz', gzipSync(Buffer.alloc(257 * 2 ** 20), { level: 1 }));
  t.throws(() => readUserFile(bomb, 'profile'), {
    instanceOf: InputError,
    message: `${bomb}: unpacks to more than 256 MiB`,
  });
  const cut = file('cut.csv.gz', gzipSync(TEXT).subarray(0, 60));
  t.throws(() => readUserFile(cut, 'profile'), {
    instanceOf: InputError,
    message: /cannot be unpacked/,
  });
  t.throws(() => readStageProfile('stage\0\0', 'p'), {
    instanceOf: InputError,
    message: 'p: is not text: it contains zero bytes; save it as UTF-8',
  });
});

if (process.platform === 'linux') {
  test('a device without end is refused', (t) => {
    t.throws(() => readUserFile('/dev/zero', 'profile'), {
      instanceOf: InputError,
      message: '/dev/zero: is larger than 256 MiB, or endless',
    });
  });

  test('a pipe is read to its end, however late it begins', async (t) => {
    const pipe = join(folder(), 'pipe');
    const make = spawn('mkfifo', [pipe]);
    await new Promise((resolve) => make.on('close', resolve));
    const reading = begin(['fit', pipe, '--format', 'json']).ended;
    const writer = spawn('sh', ['-c', `sleep 1; cat '${PROFILE}' > '${pipe}'`]);
    const { code, out } = await reading;
    writer.kill();
    t.is(code, EXIT.ok);
    t.is(out, (await begin(['fit', PROFILE, '--format', 'json']).ended).out);
  });
}

test('brackets without end are refused', async (t) => {
  for (const text of ['['.repeat(60_000), `a: ${'{a: '.repeat(60_000)}`]) {
    const path = file('deep.yaml', text);
    t.deepEqual(await run('run', path), {
      ...{ code: EXIT.wrongInput, out: '' },
      err: `${path}: not readable as YAML: it is nested too deeply\n`,
    });
  }
});

const CLOCKS = [1410, 1300, 1200];

/** A folder of three plans of two stages and two microbatches, and what a test makes of it. */
function measured(change: Partial<Record<'plans' | 'iterations' | 'instructions', Edit>>): string {
  const files = {
    plans: `workload_id,plan,stage,index,frequency_mhz\n${CLOCKS.flatMap((clock, k) =>
      [0, 1].flatMap((stage) =>
        [0, 1, 2, 3].map((index) => `A+w,${k + 1},${stage},${index},${clock}\n`),
      ),
    ).join('')}`,
    iterations: `workload_id,plan,time_s,energy_j\n${CLOCKS.map((clock, k) => `A+w,${k + 1},${(0.45 * 1410) / clock},${(300 * clock) / 1410}\n`).join('')}`,
    instructions: `workload_id,plan,stage,instruction,frequency_mhz,count,time_mean_s\n${CLOCKS.flatMap(
      (clock, k) =>
        [0, 1].flatMap((stage) => [
          `A+w,${k + 1},${stage},forward,${clock},2,${(0.05 * 1410) / clock}\n`,
          `A+w,${k + 1},${stage},backward,${clock},2,${(0.1 * 1410) / clock}\n`,
        ]),
    ).join('')}`,
  };
  const path = folder();
  for (const [name, text] of Object.entries(files)) {
    const edit = change[name as keyof typeof files] ?? ((same: string) => same);
    writeFileSync(join(path, `${name}.csv`), edit(text));
  }
  return path;
}

type Edit = (text: string) => string;

const METADATA = { name: 'n', gpu: 'A', source: 's' };

test('measured runs in other separators and units are the same runs', (t) => {
  const [job] = readMeasuredFolder(measured({}));
  const scaled = (column: number, header: string, factor: number) => (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line, k) => {
        const cells = line.split(',');
        cells[column] = k === 0 ? header : String(Number(cells[column]) * factor);
        return cells.join(';');
      })
      .join('\n');
  const [other] = readMeasuredFolder(
    measured({
      plans: scaled(4, 'frequency_ghz', 1e-3),
      instructions: scaled(6, 'time_mean_ms', 1e3),
    }),
  );
  const timeOf = (one: typeof job) => one!.plans[2]!.instructions[1]!.timeS;
  t.true(Math.abs(timeOf(other) / timeOf(job) - 1) < 1e-12);
  t.true(Math.abs(other!.plans[1]!.clocksMHz[1]![3]! - 1300) < 1e-9);
  t.notThrows(() => fitRuns(job!, METADATA));
});

for (const [what, change, expected] of [
  [
    'an index',
    { plans: (s) => s.replace('A+w,2,1,3,', 'A+w,2,1,1000000000,') },
    /plans\.csv:17, column "index": found "1000000000", expected a whole number from 0 to 1000000/,
  ],
  [
    'a stage',
    { plans: (s) => s.replace('A+w,2,1,3,', 'A+w,2,100000000,3,') },
    /column "stage": found "100000000", expected a whole number from 0 to 1023/,
  ],
  [
    'a clock',
    { plans: (s) => s.replaceAll('1300', '1.0e308') },
    /column "frequency_mhz": found 1e\+308 \(and the like on 7 more lines\), expected a number from 100 to 4000 MHz/,
  ],
  [
    'a clock in GHz',
    { plans: (s) => s.replaceAll(/(\d+)$/gm, (f) => String(Number(f) / 1e3)) },
    /looks like GHz: write 1410 \(MHz\)/,
  ],
  [
    'a tiny clock',
    { instructions: (s) => s.replaceAll('1300', '5e-324') },
    /expected a number from 100 to 4000 MHz/,
  ],
  [
    'times in ms',
    { instructions: (s) => s.replaceAll(/[\d.]+$/gm, (f) => String(Number(f) * 1e4)) },
    /instructions\.csv:2, column "time_mean_s": .*looks like ms: write 0\.5 \(s\)/,
  ],
  [
    'another workload',
    { plans: (s) => `${s}forward,0,1,0,1410\n` },
    /forward, plan 0: the stages have 0, 1 instructions, expected/,
  ],
] as const satisfies readonly (readonly [string, Parameters<typeof measured>[0], RegExp])[]) {
  test(`measured runs with ${what} that no job has are refused`, (t) => {
    t.throws(() => readMeasuredFolder(measured(change)), {
      instanceOf: InputError,
      message: expected,
    });
  });
}

const scaledLast = (factor: number) => (text: string) =>
  text.replaceAll(/[\d.]+$/gm, (figure) => String(Number(figure) * factor));
const scaledTime = (factor: number) => (text: string) =>
  text.replaceAll(
    /,([\d.]+),([\d.]+)$/gm,
    (_, time: string, energy: string) => `,${Number(time) * factor},${energy}`,
  );

for (const [what, change, expected] of [
  [
    'instructions in ms',
    { instructions: scaledLast(500) },
    /: A\+w, plan 1: instructions of a stage take 150 s of an iteration of 0\.45 s, expected no more than it: are the times in instructions\.csv in ms/,
  ],
  [
    'iterations in ms',
    { iterations: scaledTime(1e3) },
    /: A\+w, plan 1: instructions of a stage take 0\.3 s of an iteration of 450 s, expected a larger part: are the times in iterations\.csv in ms/,
  ],
  [
    'energies in kJ',
    { iterations: scaledLast(1e-3) },
    /a GPU draws 0\.333 W on average over an iteration, expected from 8 to 3000 W; the times look like ms, or the energies like kJ/,
  ],
  [
    'energies in mJ',
    { iterations: scaledLast(1e3) },
    /a GPU draws 333000 W on average over an iteration, expected from 8 to 3000 W; the energies look like mJ/,
  ],
] as const satisfies readonly (readonly [string, Parameters<typeof measured>[0], RegExp])[]) {
  test(`measured runs of which ${what} fit nothing else are refused`, (t) => {
    t.throws(() => readMeasuredFolder(measured(change)), {
      instanceOf: InputError,
      message: expected,
    });
  });
}

test('options have the bounds of things that exist, and name the likely unit', async (t) => {
  const { code, err } = await run(
    ...['plan', PROFILE, '--microbatches', '4', '--blocking-power', '80000', '--unit-time', '100'],
    ...['--scale=5e-324', '--straggler', '120'],
  );
  t.is(code, EXIT.wrongInput);
  t.deepEqual(
    err
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/ \(.*?\)/, '')),
    [
      'pipewatt plan, --blocking-power: found "80000", expected a number from 1 to 2000 W; that looks like mW: write 80 (W)',
      'pipewatt plan, --unit-time: found "100", expected a number from 1e-8 to 10 s; that looks like ms: write 0.1 (s)',
      'pipewatt plan, --scale: found "5e-324", expected a number from 0.001 to 10000',
      'pipewatt plan, --straggler: found "120", expected a number from 1 to 100; that looks like percent: write 1.2',
    ],
  );
  const beyond = await run('plan', PROFILE, '--microbatches', '4', '--blocking-power', '500');
  t.is(
    beyond.err,
    'pipewatt plan, --blocking-power: found 500, expected at most what computing draws at the highest clock, 400 W\n',
  );
});
