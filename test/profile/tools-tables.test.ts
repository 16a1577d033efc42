import { readFileSync } from 'node:fs';
import test from 'ava';
import { InputError } from '../../src/errors.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { projectFile } from '../support/files.js';

/** Tables as people's tools write them: other separators, headers, units, rows and ranks. */

const PLAIN = readFileSync(projectFile('test/fixtures/good/two-stages.csv'), 'utf8');
const EXPECTED = readStageProfile(PLAIN, 'p').stages;

/** Every line changed, the header too or apart. */
function edited(line: (text: string, k: number) => string): string {
  return `${PLAIN.trimEnd().split('\n').map(line).join('\n')}\n`;
}

function problemsOf(text: string): string[] {
  try {
    readStageProfile(text, 'p');
    return [];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.problems.map(({ line, field, message }) =>
      [line, field, message].filter((part) => part !== undefined).join(' | '),
    );
  }
}

const commas = PLAIN.replaceAll(',', ';').replaceAll('.', ',');

for (const [how, text, notes] of [
  ['with semicolons', PLAIN.replaceAll(',', ';'), undefined],
  ['with tabs', PLAIN.replaceAll(',', '\t'), undefined],
  ['with bars', PLAIN.replaceAll(',', ' | '), undefined],
  [
    'with semicolons and decimal commas',
    commas,
    ['commas within numbers are read as decimal points'],
  ],
  [
    'with tabs, decimal commas, quotes and Windows line ends',
    commas
      .replaceAll(/[^;\n]+/g, '"$&"')
      .replaceAll(';', '\t')
      .replaceAll('\n', '\r\n'),
    ['commas within numbers are read as decimal points'],
  ],
  ['with a line that says the separator', `sep=;\r\n${PLAIN.replaceAll(',', ';')}`, undefined],
  ['with comments', `# measured today\n${PLAIN.replace('\n', '\n# a, b\n')}#end\n`, undefined],
  ['with the header behind a #, as numpy writes it', `# ${PLAIN}`, undefined],
  [
    'with empty lines and columns at the end',
    `${edited((line) => `${line},,`)},,,,,,\n\n`,
    undefined,
  ],
  ['with empty columns of the header only', PLAIN.replace('energy\n', 'energy,,\n'), undefined],
  [
    'with an index column',
    edited((line, k) => (k === 0 ? `,${line}` : `${k - 1},${line}`)),
    undefined,
  ],
  [
    'with names in capitals and blanks',
    PLAIN.replace('stage,instruction', ' STAGE , Instruction '),
    undefined,
  ],
  ['with kinds in capitals', PLAIN.replaceAll('forward', 'FORWARD'), undefined],
] as const) {
  test(`a profile ${how} is read`, (t) => {
    const profile = readStageProfile(text, 'p');
    t.deepEqual(profile.stages, EXPECTED);
    t.deepEqual(profile.notes, notes);
  });
}

test('a column of kinds of GPUs tells no GPUs apart', (t) => {
  const text = edited((line, k) => `${k === 0 ? 'gpu' : 'A100'},${line}`);
  t.deepEqual(readStageProfile(text, 'p').stages, EXPECTED);
});

for (const [header, factor, note] of [
  ['time_ms', 1e3, 'column "time_ms" is read as time in ms and converted to s'],
  ['Time (ms)', 1e3, 'column "Time (ms)" is read as time in ms and converted to s'],
  ['time [µs]', 1e6, 'column "time [µs]" is read as time in µs and converted to s'],
  ['duration_us', 1e6, 'column "duration_us" is read as time in µs and converted to s'],
  ['time_s', 1, undefined],
  ['time in seconds', 1, undefined],
] as const) {
  test(`times under the header "${header}" are seconds afterwards`, (t) => {
    const text = edited((line, k) => {
      const cells = line.split(',');
      cells[3] = k === 0 ? header : String(Number(cells[3]) * factor);
      return cells.join(',');
    });
    const { stages, notes } = readStageProfile(text, 'p');
    t.deepEqual(notes, note === undefined ? undefined : [note]);
    const [found, expected] = [stages[1]!.backward[0]!, EXPECTED[1]!.backward[0]!];
    t.true(Math.abs(found.timeS / expected.timeS - 1) < 1e-12);
    t.is(found.energyJ, expected.energyJ);
  });
}

test('energies and clocks are converted from what the header says', (t) => {
  const text = edited((line, k) => {
    const [stage, kind, clock, time, energy] = line.split(',');
    return k === 0
      ? 'stage,instruction,freq_ghz,time,Energy (mJ)'
      : [stage, kind, Number(clock) / 1e3, time, Number(energy) * 1e3].join(',');
  });
  const { stages, notes } = readStageProfile(text, 'p');
  t.deepEqual(
    stages[0]!.forward.map(({ frequencyMHz }) => Math.round(frequencyMHz)),
    EXPECTED[0]!.forward.map(({ frequencyMHz }) => frequencyMHz),
  );
  t.true(Math.abs(stages[0]!.forward[0]!.energyJ / EXPECTED[0]!.forward[0]!.energyJ - 1) < 1e-12);
  t.deepEqual(notes, [
    'column "freq_ghz" is read as frequency in GHz and converted to MHz',
    'column "Energy (mJ)" is read as energy in mJ and converted to J',
  ]);
});

test('a header that names the wrong unit is refused', (t) => {
  const text = PLAIN.replace('time', 'time_ms');
  t.deepEqual(problemsOf(text), [
    '2 | columns "time_ms", "energy" | an instruction draws 400000 W on average (and the like on 19 more lines), where a GPU that computes draws 15 to 3000 W; the times look like seconds although the header says ms',
  ]);
});

/** Columns multiplied, as if they were written in other units. */
function scaled(frequency: number, time: number, energy: number): string {
  return edited((line, k) => {
    if (k === 0) return line;
    const [stage, kind, f, s, j] = line.split(',');
    return [stage, kind, Number(f) * frequency, Number(s) * time, Number(j) * energy].join(',');
  });
}

for (const [what, text, advice] of [
  ['ms', scaled(1, 1e3, 1), /looks? like milliseconds: divide by 1000$/],
  ['µs', scaled(1, 1e6, 1), /looks? like microseconds: divide by 1000000$/],
  ['mJ', scaled(1, 1, 1e3), /energies look like millijoules: divide by 1000$/],
  ['kJ', scaled(1, 1, 1e-3), /energies look like kilojoules: multiply by 1000$/],
  ['Wh', scaled(1, 1, 1 / 3600), /energies look like watt-hours: multiply by 3600$/],
  ['GHz', scaled(1e-3, 1, 1), /looks like GHz: write 1410 \(MHz\)$/],
  ['Hz', scaled(1e6, 1, 1), /looks like Hz: write 1410 \(MHz\)$/],
  ['kHz', scaled(1e3, 1, 1), /looks like kHz: write 1410 \(MHz\)$/],
] as const) {
  test(`a profile in ${what} is refused in one sentence that says so`, (t) => {
    const problems = problemsOf(text);
    t.is(problems.length, 1);
    t.regex(problems[0]!, advice);
    t.regex(problems[0]!, /\(and the like on 19 more lines\)/);
  });
}

test('times in ms beside energies in mJ make possible powers: rare times are noted, longer ones refused', (t) => {
  t.deepEqual(readStageProfile(scaled(1, 500, 500), 'p').notes, [
    'the longest instruction takes 70 s, which is rare; if times are in ms and energies in mJ, divide both by 1000',
  ]);
  t.regex(
    problemsOf(scaled(1, 2000, 2000)).join('\n'),
    /expected a number from 0\.000001 to 100 s/,
  );
});

test('time and power must go with the clock', (t) => {
  const [first, ...rest] = PLAIN.trimEnd().split('\n');
  const clocks = ['1410', '1300', '1200', '1100', '1000'];
  const turned = rest.map((line) => {
    const cells = line.split(',');
    cells[2] = clocks[4 - clocks.indexOf(cells[2]!)]!;
    return cells.join(',');
  });
  const problems = problemsOf([first, ...turned].join('\n'));
  t.is(problems.length, 4);
  t.regex(problems[0]!, /takes 0\.07 and 0\.05 s at 1410 MHz and at 1000 MHz; no GPU is that much/);
  t.regex(
    problemsOf(PLAIN.replace('0,forward,1000,0.07000,17.2800', '0,forward,1000,0.07000,64'))[0]!,
    /draws 400 and 914 W at 1410 MHz and at 1000 MHz; no GPU draws that much more at a lower clock/,
  );
});

test('fractions that could be thousands, or are written in two ways, are refused', (t) => {
  const whole = edited((line, k) => (k === 0 ? line : line.replace(/[\d.]+,[\d.]+$/, '1,20')))
    .replaceAll(',', ';')
    .replaceAll('1410', '1,410');
  t.regex(problemsOf(whole)[0]!, /"1,410" may be one and a half or more than a thousand/);
  t.regex(
    problemsOf(PLAIN.replaceAll(',', ';').replace('0.05000', '0,05000'))[0]!,
    /some numbers have a decimal comma and others a decimal point/,
  );
});

test('rows of other instructions are left out, in one sentence', (t) => {
  const load = [1410, 1200, 1000].map((clock) => `0,load,${clock},0.0021,0.19`).join('\n');
  const { stages, notes } = readStageProfile(`${PLAIN}${load}\n1,all_reduce,1410,1e9,0\n`, 'p');
  t.deepEqual(stages, EXPECTED);
  t.deepEqual(notes, [
    'rows of instructions other than forward and backward are left out: "load" (3), "all_reduce" (1)',
  ]);
  t.deepEqual(problemsOf(`stage,instruction,frequency,time,energy\n${load}\n`), [
    'column "instruction" | found only the instructions "load" (3), expected forward and backward',
  ]);
});

const RANKED = 'rank,stage,instruction,frequency,time,energy\n';
const rows = (rank: number, stage: number, kinds: readonly string[], clocks: readonly number[]) =>
  kinds.flatMap((kind) =>
    clocks.map((clock) => {
      const timeS = 141 / clock;
      return `${rank},${stage},${kind},${clock},${timeS},${timeS * (clock / 4) * (1 + rank / 10)}\n`;
    }),
  );
const BOTH = ['forward', 'backward'];

test('only clocks that all GPUs of a stage measured are used, and one sentence names the others', (t) => {
  const text = [
    RANKED,
    ...rows(0, 0, BOTH, [1410, 1200, 1000, 900]),
    ...rows(1, 0, BOTH, [1410, 1200]),
    ...rows(0, 1, BOTH, [1410, 1200, 1000, 900]),
    ...rows(1, 1, BOTH, [1410, 1200, 1000, 900]),
  ].join('');
  const { stages, notes } = readStageProfile(text, 'p');
  t.deepEqual(
    stages.map(({ forward }) => forward.map(({ frequencyMHz }) => frequencyMHz)),
    [
      [1410, 1200],
      [1410, 1200, 1000, 900],
    ],
  );
  t.true(Math.abs(stages[0]!.forward[0]!.energyJ / ((0.1 * 1410 * 1.05) / 4) - 1) < 1e-12);
  t.deepEqual(notes, [
    'clocks that not all GPUs of a stage measured are left out: 1000, 900 MHz (stage 0 forward, stage 0 backward)',
  ]);
});

test('GPUs that lack a kind, and stages of fewer GPUs, are told', (t) => {
  const text = [
    RANKED,
    ...rows(0, 0, BOTH, [1410, 1200]),
    ...rows(1, 0, ['forward'], [1410, 1200]),
    ...rows(2, 0, BOTH, [1410, 1200]),
    ...rows(0, 1, BOTH, [1410, 1200]),
  ].join('');
  const { stages, notes } = readStageProfile(text, 'p');
  t.true(Math.abs(stages[0]!.forward[0]!.energyJ / ((0.1 * 1410 * 1.1) / 4) - 1) < 1e-12);
  t.deepEqual(notes, [
    'GPUs without forward or backward rows are left out: rank 1 (stage 0)',
    'not all stages have rows of 2 GPUs: stage 1 of 1; their means are over fewer',
  ]);
});

test('GPUs without a common clock are refused', (t) => {
  const text = [RANKED, ...rows(0, 0, BOTH, [1410, 1200]), ...rows(1, 0, BOTH, [1400, 1190])].join(
    '',
  );
  t.regex(
    problemsOf(text)[0]!,
    /of 0 clocks \(4 more were not measured by all of its 2 GPUs\) none is useful/,
  );
});

test('logs of energy meters are no profiles, and get no hint to rename a point in time', (t) => {
  for (const header of [
    'start_time,window_name,elapsed_time,gpu0_energy',
    'timestamp,power.draw',
  ]) {
    const problems = problemsOf(`${header}\n1,2,3,4\n`);
    t.true(problems.some((problem) => /column "time" \| is missing/.test(problem)));
    t.false(problems.some((problem) => /"(start_time|timestamp)"; rename/.test(problem)));
  }
});
