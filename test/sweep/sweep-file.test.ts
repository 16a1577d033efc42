import test from 'ava';
import { InputError } from '../../src/errors.js';
import { SCHEDULE_NAMES } from '../../src/pipeline/schedules.js';
import { parseSweep } from '../../sim/sweep/sweep.js';

const SCHEDULES = SCHEDULE_NAMES.map((name) => JSON.stringify(name)).join(', ');

const BASE = `
base:
  name: test
  profile: { catalog: gpt3-175b-a100-sxm }
  pipeline: { stages: 8, microbatches: 12 }
  pipelines: 4
`;

function parse(text: string) {
  return parseSweep(text, 's.yaml', {
    readBase: (path) => ({ text: `name: ${path}`, source: path }),
  });
}

function problemsOf(text: string): string[] {
  try {
    parse(text);
    return [];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.message.split('\n');
  }
}

test('lists, steps, counts, logs, zips, excludes and seeds', (t) => {
  const { name, fields, runs } = parse(
    `name: all
${BASE}
matrix:
  pipeline.microbatches: [12, 24]
  unitTimeS: { from: 0.001, to: 0.1, count: 3, scale: log }
  stragglers[0].slowdown: { from: 1, to: 1.3, step: 0.1 }
zip:
  - pipelines: [2, 3, 4]
    tensorParallel: { from: 1, to: 3, count: 3 }
exclude:
  - { pipeline.microbatches: 24, pipelines: 4 }
seeds: 2
`.replace('stragglers[0].slowdown', 'noticeS'),
  );
  t.is(name, 'all');
  t.deepEqual(fields, [
    'pipeline.microbatches',
    'unitTimeS',
    'noticeS',
    'pipelines',
    'tensorParallel',
    'seed',
  ]);
  t.is(runs.length, 3 * 4 * (3 + 2) * 2);
  t.deepEqual(
    runs.map(({ index }) => index),
    runs.map((_, k) => k),
  );
  t.deepEqual(runs[0]!.parameters, {
    'pipeline.microbatches': 12,
    unitTimeS: 0.001,
    noticeS: 1,
    pipelines: 2,
    tensorParallel: 1,
    seed: 1,
  });
  t.deepEqual([runs[1]!.scenario.seed, runs[1]!.scenario.pipelines], [2, 2]);
  const distinct = (pick: (run: (typeof runs)[number]) => unknown) => [...new Set(runs.map(pick))];
  t.deepEqual(
    distinct(({ scenario }) => scenario.unitTimeS),
    [0.001, 0.01, 0.1],
  );
  t.deepEqual(
    distinct(({ scenario }) => scenario.noticeS),
    [1, 1.1, 1.2, 1.3],
  );
  t.false(runs.some(({ scenario: s }) => s.pipeline.microbatches === 24 && s.pipelines === 4));
  t.deepEqual(
    distinct(({ scenario: s }) => s.tensorParallel - s.pipelines),
    [-1],
    'zipped fields vary together',
  );
});

test('fields that the base lacks are made', (t) => {
  const { runs } = parse(`name: made${BASE}matrix:
  stragglers[0]: [{ pipeline: 1, slowdown: 1.5 }]
  power.jobLimitW: [1.0e+6]
`);
  t.like(runs[0]!.scenario.stragglers[0], { pipeline: 1, slowdown: 1.5 });
  t.is(runs[0]!.scenario.power.jobLimitW, 1e6);
});

test('a file with errors in three places reports all three', (t) => {
  t.deepEqual(
    problemsOf(`name: two words
${BASE}
matrix:
  pipeline.microbatches: { from: 1, to: 4, steps: 2 }
seeds: 0
`),
    [
      's.yaml:1, name: found "two words", expected a name of letters, digits, dots and dashes',
      's.yaml:10, matrix.pipeline.microbatches: found {"from":1,"to":4,"steps":2}, expected a list of values, or {from, to, step or count, scale: linear or log}',
      's.yaml:11, seeds: found 0, expected a whole number from 1 to 10000',
    ],
  );
});

test('axes that make no sense are refused where they stand', (t) => {
  t.deepEqual(
    problemsOf(`name: a
${BASE}
matrix:
  pipelines: { from: 4, to: 1, step: 1 }
  noticeS: { from: 1, to: 4 }
  unitTimeS: { from: 0, to: 4, count: 3, scale: log }
zip:
  - pipelines: [1, 2]
    tensorParallel: [1, 2, 3]
`),
    [
      's.yaml:10, matrix.pipelines: found to 1, expected at least from, 4',
      's.yaml:11, matrix.noticeS: expected either step or count',
      's.yaml:12, matrix.unitTimeS: found from 0, expected above 0 for scale log',
      's.yaml:14, zip[0].pipelines: varies twice; keep one',
      's.yaml:14, zip[0]: found lists of 2 and 3 values, expected equal lengths',
    ],
  );
  t.regex(
    problemsOf(
      `name: a${BASE}matrix: { seed: { from: 0, to: 2000, step: 1 }, noticeS: { from: 0, to: 1000, step: 1 } }`,
    )[0]!,
    /makes 2003001 runs, expected at most 1000000/,
  );
});

test('runs that are no scenarios are refused with the axis that makes them so', (t) => {
  t.deepEqual(
    problemsOf(`name: a
${BASE}
matrix:
  pipeline.schedule: [1f1b, zigzag]
  pipeline.microbatches: [12, 0]
`),
    [
      `s.yaml:10, matrix.pipeline.schedule: found "zigzag", expected one of ${SCHEDULES}`,
      's.yaml:11, matrix.pipeline.microbatches: found 0, expected a number of at least 1',
    ],
  );
  t.regex(problemsOf(`name: a${BASE}exclude: [{}]`)[0]!, /found \{\}, expected \{field: value\}/);
});

test('problems of the file, its axes, its runs and their profiles come in one message', (t) => {
  const parseWithProfiles = (text: string) =>
    parseSweep(text, 's.yaml', {
      readBase: () => ({ text: '', source: '' }),
      checkProfile: ({ profile }) => {
        if ('catalog' in profile && profile.catalog === 'typo') {
          throw InputError.of({ source: 's.yaml', field: 'profile.catalog', message: 'unknown' });
        }
      },
    });
  const all = t.throws(() =>
    parseWithProfiles(`name: a
${BASE}  iterations: 0
matrix:
  profile.catalog: [gpt3-175b-a100-sxm, typo]
  pipeline.microbatches: [12, 0]
  noticeS: [1, -1]
`),
  );
  t.deepEqual(all.message.split('\n'), [
    's.yaml:8, base.iterations: found 0, expected a number of at least 1',
    's.yaml:10, matrix.profile.catalog: unknown',
    's.yaml:11, matrix.pipeline.microbatches: found 0, expected a number of at least 1',
    's.yaml:12, matrix.noticeS: found -1, expected a number from 0 to 1000000000 s',
  ]);
  const profiles = t.throws(() =>
    parseWithProfiles(`name: a
${BASE}
matrix:
  profile.catalog: [gpt3-175b-a100-sxm, typo]
  pipeline.microbatches: [12, 0]
`),
  );
  t.deepEqual(profiles.message.split('\n'), [
    's.yaml:10, matrix.profile.catalog: unknown',
    's.yaml:11, matrix.pipeline.microbatches: found 0, expected a number of at least 1',
  ]);
  t.deepEqual(
    problemsOf(`name: two words
${BASE}
matrix:
  pipeline.microbatches: { from: 4, to: 1, step: 1 }
  pipeline.schedule: [zigzag]
zip:
  - noticeS: 3
    pipelines: [2, 0]
seed: 3
exclude: 4
`),
    [
      's.yaml:1, name: found "two words", expected a name of letters, digits, dots and dashes',
      's.yaml:10, matrix.pipeline.microbatches: found to 1, expected at least from, 4',
      `s.yaml:11, matrix.pipeline.schedule: found "zigzag", expected one of ${SCHEDULES}`,
      's.yaml:13, zip[0].noticeS: found 3, expected a list of values, or {from, to, step or count, scale: linear or log}',
      's.yaml:15, seed: is not a field of a sweep; did you mean "seeds"?',
      's.yaml:16, exclude: found 4, expected a list of {field: value}',
    ],
  );
});

test('while the varying cause is not known, fields are only looked at by themselves', (t) => {
  const spoilt = (more: string) =>
    problemsOf(`name: a
${BASE}  stragglers: [{ pipeline: 0, clockLimitMHz: 1000, ${more} }]
matrix:
  stragglers[0].cause: { from: 1 }
`).map((line) => line.replace(/^s.yaml:\d+, /, ''));
  const axis = spoilt('stage: 1');
  t.is(axis.length, 1);
  t.regex(axis[0]!, /^matrix\.stragglers\[0\]\.cause: found \{"from":1\}, expected a list/);
  t.deepEqual(
    spoilt('stage: -1').filter((line) => line !== axis[0]),
    ['base.stragglers[0].stage: found -1, expected a number of at least 0'],
  );
});

test('slips of the finger are refused: what varies twice, excludes that never apply', (t) => {
  t.deepEqual(
    problemsOf(`name: a
${BASE}
matrix:
  noticeS: [1, 2, 1]
  seed: [1, 2]
zip:
  - {}
  - pipelines: [2, 3]
    tensorParallel: [1, 1]
seeds: 2
`),
    [
      's.yaml:10, matrix.noticeS: found 1 twice; keep one',
      's.yaml:11, matrix.seed: varies twice; keep one',
      's.yaml:13, zip[0]: found {}, expected groups of {field: values}',
    ],
  );
  t.deepEqual(
    problemsOf(`name: a
${BASE}
matrix: { noticeS: [1, 2] }
zip: [{ pipelines: [2, 3], tensorParallel: [1, 2] }]
exclude:
  - { notices: 1 }
  - { noticeS: 3 }
  - { pipelines: 2, tensorParallel: 2 }
  - { pipelines: 2, noticeS: 2 }
`),
    [
      's.yaml:12, exclude[0].notices: does not vary here; did you mean "noticeS"?',
      's.yaml:13, exclude[1]: applies to no run: the fields never have these values together',
      's.yaml:14, exclude[2]: applies to no run: the fields never have these values together',
    ],
  );
  t.deepEqual(problemsOf(`name: a${BASE}matrix: { noticeS: [1] }\nexclude: [{ noticeS: 1 }]`), [
    's.yaml:8, exclude: leaves no runs',
  ]);
});

test('a problem of a base in a file of its own is reported in that file; its files are beside it', (t) => {
  const base = (text: string) => ({ readBase: () => ({ text, source: 'bases/b.yaml' }) });
  const sweep = 'name: a\nbase: bases/b.yaml\nmatrix: { pipelines: [1, 2] }\n';
  const wrong = t.throws(() =>
    parseSweep(
      sweep,
      's.yaml',
      base(
        'name: b\nprofile: { catalog: x }\npipeline: { stages: 0, microbatches: 4 }\npipelines: q\n',
      ),
    ),
  );
  t.is(
    wrong.message,
    'bases/b.yaml:3, pipeline.stages: found 0, expected a number of at least 1',
    'what the sweep sets may be wrong in the base',
  );
  const { runs } = parseSweep(
    sweep,
    's.yaml',
    base(
      'name: b\nprofile: { csv: p.csv, blockingPowerW: 80 }\npipeline: { stages: 2, microbatches: 4 }\n',
    ),
  );
  t.deepEqual(runs[0]!.scenario.profile, { csv: 'bases/p.csv', blockingPowerW: 80 });
});

test('fields that are none are refused where they stand, and no prototype is polluted', (t) => {
  const none = [
    'stragglers[-1]',
    '__proto__',
    '__proto__.x',
    'constructor',
    'constructor.prototype.x',
  ];
  const noPaths = [
    '..',
    '[',
    ']',
    '[0]',
    'a..b',
    '.a',
    'a.',
    'stragglers[00].slowdown',
    'stragglers[1e3]',
  ];
  for (const field of [...none, ...noPaths]) {
    const problems = problemsOf(`name: a\n${BASE}\nmatrix:\n  "${field}": [1.1, 1.2]\n`);
    t.deepEqual(
      problems,
      [
        `s.yaml:10, matrix.${field}: found "${field}", expected the path of a field, such as pipeline.microbatches or stragglers[0].slowdown`,
      ],
      field,
    );
    const zipped = problemsOf(`name: a\n${BASE}\nzip:\n  - "${field}": [1.1, 1.2]\n`);
    t.regex(
      zipped.join('\n'),
      /^s\.yaml:10, zip\[0\]\..*: found ".*", expected the path of a field/m,
    );
  }
  t.is(({} as { x?: number }).x, undefined);
  for (const field of ['toString', 'pipeline.valueOf', 'hasOwnProperty']) {
    const problems = problemsOf(`name: a\n${BASE}\nmatrix:\n  ${field}: [1]\n`);
    t.regex(problems.join('\n'), /is not a field/, field);
  }
});

test('lists are set entry by entry, without gaps, and by numbers alone', (t) => {
  const list = `${BASE}  stragglers: [{ pipeline: 0, slowdown: 1.1 }]\n`;
  const wrong: readonly (readonly [string, string])[] = [
    [
      'stragglers[2].slowdown: [1.2]',
      'matrix.stragglers[2].slowdown: found entry 2, but stragglers has 1 entry here; expected up to stragglers[1]',
    ],
    [
      'stragglers[100000000].slowdown: [1.2]',
      'matrix.stragglers[100000000].slowdown: found entry 100000000, but stragglers has 1 entry here; expected up to stragglers[1]',
    ],
    [
      'stragglers[4294967295].slowdown: [1.2]',
      'matrix.stragglers[4294967295].slowdown: found entry 4294967295, but stragglers has 1 entry here; expected up to stragglers[1]',
    ],
    [
      'stragglers.length: [0, 5]',
      'matrix.stragglers.length: stragglers is a list; name an entry of it, such as stragglers[0]',
    ],
    [
      'stragglers.0: [1]',
      'matrix.stragglers.0: stragglers is a list; name an entry of it, such as stragglers[0]',
    ],
    ['pipeline[0]: [1]', 'matrix.pipeline[0]: pipeline has fields, not numbered entries'],
  ];
  for (const [axis, message] of wrong) {
    t.deepEqual(
      problemsOf(`name: a\n${list}\nmatrix:\n  ${axis}\n`),
      [`s.yaml:11, ${message}`],
      axis,
    );
  }
  const all = wrong
    .slice(3)
    .map(([axis]) => axis)
    .join('\n  ');
  t.is(problemsOf(`name: a\n${list}\nmatrix:\n  ${all}\n`).length, 3, 'all at once');

  const entry = (pipeline: number, slowdown: number) =>
    `{ pipeline: ${pipeline}, slowdown: ${slowdown} }`;
  const { runs } = parse(`name: a
${BASE}
matrix:
  stragglers[1]: [${entry(1, 1.3)}]
  stragglers[0]: [${entry(0, 1.1)}, ${entry(2, 1.2)}]
`);
  const stragglers = runs.map(({ scenario }) => scenario.stragglers.map((one) => one.pipeline));
  t.deepEqual(
    stragglers,
    [
      [0, 1],
      [2, 1],
    ],
    'in whatever order they are named',
  );
});

test('a list that is set whole stays as it is where another field sets an entry of it', (t) => {
  const { runs } = parse(`name: a
${BASE}
matrix:
  stragglers: [[{ pipeline: 0, slowdown: 1.1 }]]
  stragglers[0].slowdown: [1.2, 1.3]
`);
  t.deepEqual(
    runs.map(({ parameters, scenario }) => [
      JSON.stringify(parameters['stragglers']),
      scenario.stragglers.map((one) => ('slowdown' in one ? one.slowdown : undefined)),
    ]),
    [
      ['[{"pipeline":0,"slowdown":1.1}]', [1.2]],
      ['[{"pipeline":0,"slowdown":1.1}]', [1.3]],
    ],
  );
});
