import test from 'ava';
import fc from 'fast-check';
import { InputError } from '../../src/errors.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { PROFILED_KINDS, type StageProfile } from '../../src/profile/stage-profile.js';
import { checkProperty } from '../support/properties.js';

const TINY = `stage,instruction,frequency,time,energy
0,forward,1410,0.10,30
0,forward,1000,0.13,25
0,backward,1410,0.20,60
0,backward,1000,0.26,50
`;

const TINY_PROFILE: StageProfile = {
  source: 'tiny.csv',
  stages: [
    {
      forward: [
        { frequencyMHz: 1410, timeS: 0.1, energyJ: 30 },
        { frequencyMHz: 1000, timeS: 0.13, energyJ: 25 },
      ],
      backward: [
        { frequencyMHz: 1410, timeS: 0.2, energyJ: 60 },
        { frequencyMHz: 1000, timeS: 0.26, energyJ: 50 },
      ],
    },
  ],
};

/** Problems as "line field message", or an empty list for a profile that can be read. */
function problemsOf(text: string): string[] {
  try {
    readStageProfile(text, 'tiny.csv');
    return [];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.problems.map(({ line, field, message }) =>
      [line, field, message].filter((part) => part !== undefined).join(' | '),
    );
  }
}

test('clocks come highest first, in whatever order rows and columns stand', (t) => {
  t.deepEqual(readStageProfile(TINY, 'tiny.csv'), TINY_PROFILE);
  const [header, ...rows] = TINY.trim().split('\n');
  const turned = [header, ...rows.reverse()]
    .map((line) => line!.split(',').reverse().join(','))
    .join('\n');
  t.deepEqual(readStageProfile(turned, 'tiny.csv'), TINY_PROFILE);
});

for (const [how, text] of [
  ['with a byte order mark', `\ufeff${TINY}`],
  ['with Windows line ends', TINY.replaceAll('\n', '\r\n')],
  ['with a byte order mark and Windows line ends', `\ufeff${TINY.replaceAll('\n', '\r\n')}`],
  ['without a newline at the end', TINY.trimEnd()],
  ['with empty lines', TINY.replaceAll('\n', '\n\n')],
  ['with blanks around the fields', TINY.replaceAll(',', ' , ')],
  ['with quotes around the fields', TINY.replaceAll(/[^,\n]+/g, '"$&"')],
  ['with capitals in the header', TINY.replace('stage,instruction', 'Stage,INSTRUCTION')],
  ['with an index column, as pandas writes', TINY.replaceAll(/^/gm, '7,').replace('7,', ',')],
  ['with numbers in scientific notation', TINY.replace('0.10', '1e-1').replace('1410', '1.41E3')],
] as const) {
  test(`reads a file ${how}`, (t) => {
    t.deepEqual(readStageProfile(text.replace(/7,$/, ''), 'tiny.csv'), TINY_PROFILE);
  });
}

test('of rows that differ in a rank the slowest time and the mean energy count, for each clock on its own', (t) => {
  const profile = readStageProfile(
    `dp_rank,Rank,stage,instruction,frequency,time,energy
0,0,0,forward,1410,0.10,30
0,1,0,forward,1410,0.12,34
1,0,0,forward,1410,0.11,32
0,0,0,forward,1000,0.13,25
0,1,0,forward,1000,0.13,27
1,0,0,forward,1000,0.16,29
0,0,0,backward,1410,0.20,60
0,1,0,backward,1410,0.22,62
1,0,0,backward,1410,0.21,61
0,0,0,backward,1000,0.26,50
0,1,0,backward,1000,0.26,51
1,0,0,backward,1000,0.26,52
`,
    'ranks.csv',
  );
  const [{ forward, backward }] = profile.stages as [StageProfile['stages'][number]];
  t.is(forward.length, 2);
  t.is(forward[0]!.timeS, 0.12);
  t.is(forward[0]!.energyJ, 32);
  t.is(forward[1]!.timeS, 0.16);
  t.is(backward[0]!.energyJ, 61);
});

test('a column that is not a rank does not tell rows apart', (t) => {
  const text = TINY.replaceAll(/^(.*)$/gm, '$1,1').replace('energy,1', 'energy,run');
  const again = text.replace(/\n,1$/, '\n').replace('0,forward,1000', '0,forward,1410');
  t.deepEqual(problemsOf(again), [
    '3 | columns "stage", "instruction", "frequency" | stage 0, forward, 1410 MHz is already on line 2; keep one, or distinguish the GPUs in a column "rank"',
  ]);
});

test('stages may have been measured at different clocks', (t) => {
  const text = `${TINY}1,forward,900,0.1,30\n1,forward,600,0.2,20\n1,backward,900,0.2,60\n1,backward,615,0.4,40\n`;
  const [first, second] = readStageProfile(text, 'tiny.csv').stages;
  t.deepEqual([first!.forward[0]!.frequencyMHz, second!.backward[1]!.frequencyMHz], [1410, 615]);
});

test('every wrong cell of a file is named, with its line', (t) => {
  const text = `stage,instruction,frequency,time,energy
0.5,forward,1410,0.10,30
0,fwd,0x5dc,NaN,-3
0,backward,1410,Infinity,
0,backward,1e400,0.2
`;
  t.deepEqual(problemsOf(text), [
    '2 | column "stage" | found "0.5", expected a whole number from 0',
    '3 | column "instruction" | found "fwd", expected forward or backward; did you mean "forward"?',
    '3 | column "frequency" | found "0x5dc", expected a number above 0 (MHz)',
    '3 | column "time" | found "NaN", expected a number above 0 (s)',
    '3 | column "energy" | found "-3", expected a number above 0 (J)',
    '4 | column "time" | found "Infinity", expected a number above 0 (s)',
    '4 | column "energy" | found "", expected a number above 0 (J)',
    '5 | has 4 fields where the header has 5',
  ]);
});

test('lines are counted as editors count them, through empty lines and line ends of any kind', (t) => {
  const text = TINY.replace('\n0,backward,1410,0.20', '\n\n\n0,backward,1410,x');
  for (const variant of [text, text.replaceAll('\n', '\r\n')]) {
    t.deepEqual(problemsOf(variant), [
      '6 | column "time" | found "x", expected a number above 0 (s)',
    ]);
  }
});

test('a number in another unit is told its unit', (t) => {
  t.deepEqual(problemsOf(TINY.replace('0.10', '1000.1')), [
    '2 | columns "time", "energy" | an instruction draws 0.03 W on average, where a GPU that computes draws 15 to 3000 W; the times look like milliseconds: divide by 1000',
  ]);
  t.deepEqual(problemsOf(TINY.replace('1410', '1.41')), [
    '2 | column "frequency" | found 1.41, expected a number from 100 to 4000 MHz (GPUs have clocks in this range); that looks like GHz: write 1410 (MHz)',
  ]);
});

test('a column of almost the right name is suggested', (t) => {
  const text = TINY.replace('frequency,time', 'frequncy,time_ms');
  t.deepEqual(problemsOf(text), [
    '1 | column "frequency" | is missing: found "frequncy"; rename it to "frequency" if that is what it holds (units: frequency MHz, time s, energy J)',
  ]);
});

test('gaps are found when every row can be read', (t) => {
  t.deepEqual(problemsOf(TINY.replaceAll('0,forward', '2,forward')), [
    '4 | column "instruction" | stage 0 has no "forward" row; every stage needs forward and backward',
    '2 | column "stage" | found stage 2, but no row of stage 1; stages are numbered 0, 1, 2, … without gaps',
    '2 | column "instruction" | stage 2 has no "backward" row; every stage needs forward and backward',
  ]);
  t.deepEqual(problemsOf(TINY.replaceAll('0,forward', '9007199254740991,forward')), [
    '2 | column "stage" | found stage 9007199254740991, but only 2 stages have rows; number them 0, 1, 2, …',
  ]);
});

test('fewer than two useful clocks leave nothing to plan', (t) => {
  t.deepEqual(problemsOf(TINY.replace('0.13,25', '0.13,35')), [
    '2 | columns "time", "energy" | stage 0, forward: of 2 clocks only 1410 MHz is useful (not beaten on both time and energy by another one), expected at least 2; profile more clocks',
  ]);
});

test('clocks that make no difference to the time are no mistake', (t) => {
  t.deepEqual(problemsOf(TINY.replace('0.13,25', '0.10,25')), []);
});

test('long and strange findings are quoted on one line', (t) => {
  const [problem] = problemsOf(TINY.replace('0.10', `"a\n${'b'.repeat(99)}"`));
  t.is(
    problem,
    `3 | column "time" | found "a\\n${'b'.repeat(38)}…", expected a number above 0 (s)`,
  );
});

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

test('property: what is printed is read back, to the last bit', async (t) => {
  const options = fc
    .tuple(
      fc.uniqueArray(fc.integer({ min: 800, max: 2000 }), { minLength: 2, maxLength: 9 }),
      number(1e-5, 5),
      number(0.5, 0.99),
      number(50, 100),
    )
    .map(([clocks, highestS, part, powerW]) =>
      clocks
        .sort((a, b) => b - a)
        .map((frequencyMHz) => {
          // Slower, at less power and less energy, so that every clock is worth running at.
          const x = frequencyMHz / clocks[0]!;
          const timeS = highestS / x ** part;
          return { frequencyMHz, timeS, energyJ: powerW * (1 + 5 * x * x) * timeS * x ** part };
        }),
    );
  const stages = fc.array(fc.record({ forward: options, backward: options }), {
    minLength: 1,
    maxLength: 4,
  });
  await checkProperty(t, fc.tuple(stages, fc.nat()), ([profile, turn]) => {
    const rows = profile.flatMap((stage, s) =>
      PROFILED_KINDS.flatMap((kind) =>
        stage[kind].map((o) => `${s},${kind},${o.frequencyMHz},${o.timeS},${o.energyJ}`),
      ),
    );
    const first = turn % rows.length;
    const text = [
      'stage,instruction,frequency,time,energy',
      ...rows.slice(first),
      ...rows.slice(0, first),
    ];
    t.deepEqual(readStageProfile(text.join('\n'), 'p').stages, profile);
  });
});

test('property: whatever is done to a file, it is read or refused, and never anything else', async (t) => {
  const cell = fc.oneof(
    fc.constantFrom('', '0', '-1', 'NaN', '1e999', '"', ';', '\n', '\r', '\ufeff', 'forward', '١'),
    fc.string({ maxLength: 5, unit: 'binary' }),
  );
  const damage = fc.array(fc.tuple(fc.nat(TINY.length), fc.nat(9), cell), { maxLength: 4 });
  await checkProperty(
    t,
    damage,
    (cuts) => {
      const text = cuts.reduce(
        (s, [at, length, put]) => s.slice(0, at) + put + s.slice(at + length),
        TINY,
      );
      problemsOf(text).forEach((problem) => {
        t.false(problem.includes('\n'), 'one line each');
      });
    },
    1000,
  );
});
