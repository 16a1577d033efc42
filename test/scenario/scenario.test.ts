import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { InputError } from '../../src/errors.js';
import { shownProblems } from '../../src/problem-list.js';
import { parseScenario, withLines } from '../../sim/scenario/scenario.js';
import { scenarioJsonSchema } from '../../sim/scenario/scenario-schema.js';
import { checkProperty } from '../support/properties.js';
import { projectFile } from '../support/shared-data.js';

const SMALL = `name: small
profile:
  catalog: some-entry
pipeline:
  stages: 2
  microbatches: 4
`;

const FULL = `# every field, so that damage meets each of them
name: full
description: all of it
profile: { csv: p.csv, blockingPowerW: 80.5 }
scale: 10
pipeline: { schedule: 1f1b, stages: 2, microbatches: 4 }
tensorParallel: 8
pipelines: 4
unitTimeS: 0.001
timing:
  loadingS: [0.01, 0]
  transferS: 0.005
  iterationConstantS: 0.5
stragglers:
  - { pipeline: 3, slowdown: 1.2, cause: stall }
  - pipeline: 1
    slowdown: 1.05
policies: [max-frequency, perseus]
seed: 7
prices: { perKWh: 0.08, currency: EUR, carbonGPerKWh: 300 }
`;

/** Problems as "line field message". */
function problemsOf(text: string): string[] {
  try {
    parseScenario(text, 's.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.problems.map(({ line, field, message }) =>
      [line, field, message].filter((part) => part !== undefined).join(' | '),
    );
  }
}

test('what is left out gets its default', (t) => {
  t.deepEqual(parseScenario(SMALL, 's.yaml'), {
    name: 'small',
    profile: { catalog: 'some-entry' },
    pipeline: {
      schedule: '1f1b',
      stages: 2,
      microbatches: 4,
      chunks: 1,
      inputGradientShare: 0.5,
      recomputeInBackward: false,
    },
    tensorParallel: 1,
    pipelines: 1,
    timing: {},
    clocks: { switchS: 0 },
    power: {},
    stragglers: [],
    iterations: 1,
    noticeS: 0,
    policies: ['max-frequency', 'zeus-global', 'perseus'],
    seed: 1,
    seeds: 1,
  });
});

test('what is given is taken', (t) => {
  const scenario = parseScenario(FULL, 's.yaml');
  t.deepEqual(scenario.profile, { csv: 'p.csv', blockingPowerW: 80.5 });
  t.deepEqual(scenario.timing, { loadingS: [0.01, 0], transferS: 0.005, iterationConstantS: 0.5 });
  t.deepEqual(scenario.stragglers, [
    { pipeline: 3, slowdown: 1.2, cause: 'stall' },
    { pipeline: 1, slowdown: 1.05, cause: 'busy' },
  ]);
  t.deepEqual([scenario.scale, scenario.unitTimeS, scenario.seed], [10, 0.001, 7]);
});

test('a misspelt field gets the name that is still free', (t) => {
  t.deepEqual(problemsOf(`${SMALL}pipelinse: 4\n`), [
    '7 | pipelinse | is not a field of a scenario; did you mean "pipelines"?',
  ]);
  t.deepEqual(problemsOf(SMALL.replace('catalog', 'catlog')), [
    '2 | profile.catalog | found nothing, expected a text',
    '3 | profile.catlog | is not a field here; did you mean "catalog"?',
  ]);
  t.deepEqual(problemsOf(`${SMALL}timing: { zzz: 1 }\n`), [
    '7 | timing.zzz | is not a field here; there are loadingS, transferS, iterationConstantS, synchronisationS',
  ]);
});

test('numbers that YAML knows and JSON does not are shown as they are', (t) => {
  t.deepEqual(problemsOf(`${SMALL}scale: .inf\nseed: .nan\n`), [
    '7 | scale | found Infinity, expected a number',
    '8 | seed | found NaN, expected a number',
  ]);
});

test('a scenario too large to plan is refused', (t) => {
  const text = SMALL.replace('stages: 2', 'stages: 1024').replace('batches: 4', 'batches: 100000');
  t.deepEqual(problemsOf(text), [
    '6 | pipeline.microbatches | found 100000 for 1024 stages, which makes 204800000 instructions, expected at most 1000000',
  ]);
});

test('a policy named twice is refused', (t) => {
  t.deepEqual(problemsOf(`${SMALL}policies: [max-frequency, perseus, perseus]\n`), [
    '7 | policies[2] | "perseus" appears twice; keep one',
  ]);
});

test('aliases without an anchor, and bombs of aliases, are wrong input', (t) => {
  t.is(problemsOf(`${SMALL}seed: *nowhere\n`).length, 1);
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
    .split('')
    .map((key, k) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[k]!}`).join(',')}]`)
    .join('\n')}\n`;
  t.is(problemsOf(bomb).length, 1);
});

test('problems found later get their line by their path', (t) => {
  const error = new InputError([
    { source: 's.yaml', field: 'stragglers[1].slowdown', message: 'a' },
    { source: 's.yaml', field: 'pipeline.stages', message: 'b' },
    { source: 's.yaml', field: 'nowhere', message: 'c' },
    { source: 'p.csv', field: 'pipeline.stages', message: 'd' },
    { source: 's.yaml', line: 3, field: 'pipeline.stages', message: 'e' },
  ]);
  t.deepEqual(
    withLines(error, FULL, 's.yaml').problems.map(({ line }) => line),
    [17, 6, undefined, undefined, 3],
  );
});

test('the published JSON Schema is that of this version', (t) => {
  // To renew it: npx pipewatt schema > scenarios/scenario.schema.json
  t.is(readFileSync(projectFile('scenarios/scenario.schema.json'), 'utf8'), scenarioJsonSchema());
});

const SHIPPED = readdirSync(projectFile('scenarios')).filter((name) => name.endsWith('.yaml'));

test('every scenario that comes with pipewatt is right, and has editors complete it', (t) => {
  for (const name of SHIPPED) {
    const text = readFileSync(projectFile(`scenarios/${name}`), 'utf8');
    t.is(parseScenario(text, name).name, name.replace('.yaml', ''));
    t.true(text.startsWith('# yaml-language-server: $schema=./scenario.schema.json\n'), name);
  }
});

test('the jobs of table 6 are all there, with a global batch of 1536', (t) => {
  for (const profile of ['gpt3-175b', 'bloom-176b']) {
    for (const gpu of ['a100-sxm', 'a40']) {
      for (const microbatches of [12, 24, 48, 96]) {
        const name = `${profile}-${gpu}-mb${microbatches}`;
        const text = readFileSync(projectFile(`scenarios/${name}.yaml`), 'utf8');
        const { pipeline, pipelines, tensorParallel, profile: from } = parseScenario(text, name);
        t.deepEqual(from, { catalog: `${profile}-${gpu}` });
        t.like(pipeline, { schedule: '1f1b', stages: 8, microbatches, chunks: 1 });
        t.deepEqual([pipelines * microbatches, tensorParallel], [1536, 8]);
      }
    }
  }
});

test('property: whatever is done to a scenario, it is read or refused, and never anything else', async (t) => {
  const put = fc.oneof(
    fc.constantFrom(
      '',
      ':',
      ' ',
      '\n',
      '-',
      '[',
      '{',
      '*a',
      '&a',
      '!!x ',
      '.inf',
      '1e9',
      '-1',
      '|',
      '"',
    ),
    fc.constantFrom('null', '~', '[]', '{}', '9007199254740993', 'max-frequency', '0x1f', '\t'),
    fc.string({ maxLength: 4, unit: 'binary' }),
  );
  const damage = fc.array(fc.tuple(fc.nat(FULL.length), fc.nat(12), put), {
    minLength: 1,
    maxLength: 4,
  });
  let refused = 0;
  await checkProperty(
    t,
    damage,
    (cuts) => {
      const text = cuts.reduce(
        (s, [at, length, what]) => s.slice(0, at) + what + s.slice(at + length),
        FULL,
      );
      if (problemsOf(text).length > 0) refused++;
    },
    1000,
  );
  t.log(`${refused} of 1000 refused`);
});

test('twenty thousand unknown fields or stragglers are told as the first twenty and the rest', (t) => {
  const many = Array.from({ length: 20_000 }, (_, k) => `key${k}: 1\n`).join('');
  const unknown = t.throws(() => parseScenario(`${SMALL}${many}`, 's.yaml'), {
    instanceOf: InputError,
  });
  const lines = shownProblems(unknown);
  t.is(lines.length, 21);
  const first = SMALL.trimEnd().split('\n').length + 1;
  t.true(lines[0]!.startsWith(`s.yaml:${first}, key0: is not a field of a scenario; there are`));
  t.is(lines[20], '… and 19980 more problems');
  const stragglers = Array.from(
    { length: 20_000 },
    (_, k) => `  - { pipeline: 0, slowdown: 1.1, fromS: ${k}, untilS: ${k + 1 + (k % 2) / 2} }\n`,
  ).join('');
  const repeated = t.throws(() => parseScenario(`${SMALL}stragglers:\n${stragglers}`, 's.yaml'), {
    instanceOf: InputError,
  });
  t.is(repeated.problems.length, 9_999, 'every second one reaches into the next');
  t.like(repeated.problems[0], {
    line: first + 3,
    field: 'stragglers[2].pipeline',
    message: 'pipeline 0 is already a straggler; keep one',
  });
});
