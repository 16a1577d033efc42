import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { formatProblem, BrokenLinkError } from '../../src/errors.js';
import { readScenario } from '../../sim/explorer/scenario-reader.js';
import { contentOfLink, linkOf } from '../../sim/explorer/link.js';
import {
  filesOf,
  scenarioFileName,
  startingWhatIf,
  type WhatIf,
} from '../../sim/explorer/what-if.js';
import { parseScenario } from '../../sim/scenario/scenario.js';
import { scenarioYaml } from '../../sim/scenario/scenario-yaml.js';
import { projectFile } from '../support/files.js';
import { checkProperty } from '../support/properties.js';
import { anyScenario } from '../support/random-scenarios.js';

const shipped = readdirSync(projectFile('scenarios'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml') && !/^(catalog|sites|sweeps)/.test(path))
  .map((path) => ({ path, text: readFileSync(projectFile(`scenarios/${path}`), 'utf8') }));

test('every scenario, written and read again, is the same', async (t) => {
  t.true(shipped.length > 20);
  for (const { path, text } of shipped) {
    const scenario = parseScenario(text, path);
    t.deepEqual(parseScenario(scenarioYaml(scenario), path), scenario, path);
  }
  await checkProperty(t, anyScenario, (scenario) => {
    t.deepEqual(parseScenario(scenarioYaml(scenario), 's.yaml'), scenario);
  });
});

test('what would be the default anyway is not written', (t) => {
  const [quickStart] = shipped.filter(({ path }) => path === 'quick-start.yaml');
  const scenario = parseScenario(quickStart!.text, 'quick-start.yaml');
  t.is(
    scenarioYaml({ ...scenario, description: undefined }),
    `name: quick-start
profile:
  catalog: gpt3-175b-a100-sxm
pipeline:
  stages: 8
  microbatches: 24
tensorParallel: 8
pipelines: 64
stragglers:
  - pipeline: 0
    cause: busy
    slowdown: 1.2
`,
  );
});

/** What-ifs with a profile of the user's, in whatever characters, and without. */
const anyWhatIf: fc.Arbitrary<WhatIf> = fc
  .tuple(anyScenario, fc.string({ unit: 'grapheme', maxLength: 5000 }), fc.string())
  .map(([scenario, text, name]) =>
    'csv' in scenario.profile
      ? {
          scenario: { ...scenario, profile: { ...scenario.profile, csv: `${name}.csv` } },
          csv: { name: `${name}.csv`, text },
        }
      : { scenario },
  );

test('a what-if goes into a link and comes back, its profile with it', async (t) => {
  await checkProperty(t, anyWhatIf, async (whatIf) => {
    const link = await linkOf(filesOf(whatIf));
    t.regex(link, /^1\.[\w-]+$/);
    const { files, ...more } = await contentOfLink(link);
    t.deepEqual(more, {});
    t.deepEqual(files, filesOf(whatIf));
    t.deepEqual({ ...readScenario(files), ...(files.csv && { csv: files.csv }) }, whatIf);
  });
});

test('numbers that are none come through a link, and are named', async (t) => {
  const { scenario } = startingWhatIf();
  const typing = { ...scenario, pipeline: { ...scenario.pipeline, stages: NaN } };
  const { files } = await contentOfLink(await linkOf(filesOf({ scenario: typing })));
  const read = readScenario(files);
  t.deepEqual('problems' in read ? read.problems.map(formatProblem) : [], [
    'what-if.yaml:5, pipeline.stages: found NaN, expected a number',
  ]);
});

test('a link that was cut or changed is a sentence, never a scenario', async (t) => {
  const link = await linkOf(filesOf(startingWhatIf()));
  const broken = [
    'x',
    '',
    '2.abc',
    link.slice(0, -7),
    `${link}!`,
    link.replace(/.{9}$/, 'AAAAAAAAA'),
    '1.',
  ];
  for (const text of broken) {
    const error = await t.throwsAsync(contentOfLink(text), { instanceOf: BrokenLinkError }, text);
    t.regex(error.message, /^This link .*\.$/);
  }
  await checkProperty(t, fc.string({ minLength: 1 }), async (text) => {
    await t.throwsAsync(contentOfLink(`1.${text}`), { instanceOf: BrokenLinkError });
  });
});

test('links stay short: that of the start fits into a message', async (t) => {
  t.true((await linkOf(filesOf(startingWhatIf()))).length < 400);
});

test('a file is named after its scenario, whatever that is called', (t) => {
  const { scenario } = startingWhatIf();
  const nameOf = (name: string) => scenarioFileName({ ...scenario, name });
  t.is(nameOf('llama on H100 / 2'), 'llama-on-H100-2.yaml');
  t.is(nameOf('../../etc/passwd'), 'etc-passwd.yaml');
  t.is(nameOf('***'), 'what-if.yaml');
  t.is(nameOf('Größe_1.5'), 'Größe_1.5.yaml');
});

test('a profile that the scenario does not name any more is left behind', (t) => {
  const { scenario } = startingWhatIf();
  t.is(filesOf({ scenario, csv: { name: 'p.csv', text: 'x' } }).csv, undefined);
});

test('a short link that unpacks to more than a page can read is refused', async (t) => {
  const yaml = 'a: 1\n'.repeat(200_000);
  const long = await linkOf({ name: 's.yaml', yaml });
  t.true(long.length < 61_000);
  await t.throwsAsync(contentOfLink(long), {
    message:
      'This link holds 1000000 characters or more, expected at most 500000; share files of that size as files.',
  });
  const bomb = await linkOf({ name: 's.yaml', yaml: 'a'.repeat(20_000_000) });
  t.true(bomb.length < 61_000);
  await t.throwsAsync(contentOfLink(bomb), { message: /expected at most 8000000; share files/ });
});
