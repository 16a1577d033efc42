import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { formatProblem } from '../../src/errors.js';
import { answerTo, type Answer } from '../../sim/explorer/answer.js';
import { bundledCatalog } from '../../sim/explorer/bundled-catalog.js';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { FOR_PICTURES } from '../../sim/run/kept-run.js';
import { PlanCache } from '../../sim/run/plan-cache.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import { loadScenario } from '../../sim/scenario/scenario.js';
import { catalogTexts } from '../support/bundled.js';
import { projectFile } from '../support/files.js';

const TEXTS = catalogTexts();

/** What is planned for one scenario serves others of the same job. */
const cache = new PlanCache();

/** What the page answers to a scenario file. */
async function answer(name: string): Promise<Answer> {
  const yaml = readFileSync(projectFile(name), 'utf8');
  return (await answerTo({ name, yaml }, TEXTS, { cache }))!;
}

/** What is wrong, as the command line prints it. */
function said(found: Answer): string {
  if (found.kind !== 'problems') return '';
  const more = found.unnamed === 0 ? [] : [`… and ${found.unnamed} more problems`];
  return `${[...found.problems.map(formatProblem), ...more].join('\n')}\n`;
}

test('the bundled catalog is the one on disk', (t) => {
  const bundled = bundledCatalog(TEXTS);
  const askedBy = { source: 's.yaml', field: 'profile' };
  t.deepEqual(bundled.synthModel(), LIBRARY.synthModel());
  t.deepEqual(bundled.entry('gpt3-175b-a40', askedBy), LIBRARY.entry('gpt3-175b-a40', askedBy));
  t.deepEqual(bundled.gpu('h100-sxm', askedBy), LIBRARY.gpu('h100-sxm', askedBy));
  t.deepEqual(bundled.model('llama-3-8b', askedBy), LIBRARY.model('llama-3-8b', askedBy));
  for (const library of [bundled, LIBRARY]) {
    t.throws(() => library.entry('gpt3-175b-a41', askedBy), {
      message: /expected one of bloom-176b-a100-sxm, .* did you mean "gpt3-175b-a40"\?$/,
    });
    t.throws(() => library.gpu('synth-model', askedBy), { message: /expected one of a100-pcie/ });
  }
});

/** Those of profiles besides the scenario's name files that a page does not read by itself. */
const BROKEN = readdirSync(projectFile('test/fixtures/bad')).filter(
  (name) =>
    name.endsWith('.yaml') &&
    !readFileSync(projectFile(`test/fixtures/bad/${name}`), 'utf8').includes('csv:'),
);

test('what is wrong with a scenario is said in the command line’s sentences', async (t) => {
  t.true(BROKEN.length > 30);
  for (const name of BROKEN) {
    const path = `test/fixtures/bad/${name}`;
    const found = await answer(path);
    t.is(found.kind, 'problems', name);
    const expected = readFileSync(projectFile(`${path}.expected.txt`), 'utf8');
    t.is(said(found), expected, name);
  }
});

const BROKEN_PROFILES = readdirSync(projectFile('test/fixtures/bad')).filter((name) =>
  name.endsWith('.csv'),
);

test('what is wrong with a profile is said in the command line’s sentences', async (t) => {
  t.true(BROKEN_PROFILES.length > 20);
  for (const file of BROKEN_PROFILES) {
    const name = `test/fixtures/bad/${file}`;
    const yaml = `name: own
profile: { csv: ${name}, blockingPowerW: 80 }
pipeline: { stages: 2, microbatches: 4 }
`;
    const csv = { name, text: readFileSync(projectFile(name), 'utf8') };
    const found = (await answerTo({ name: 'own.yaml', yaml, csv }, TEXTS, {
      cache: new PlanCache(),
    }))!;
    const expected = readFileSync(projectFile(`${name}.expected.txt`), 'utf8');
    t.is(said(found), expected, name);
  }
});

test('a profile that was not dropped is asked for, on its line', async (t) => {
  const found = await answer('test/fixtures/good/two-stages.yaml');
  t.deepEqual(found.kind === 'problems' ? found.problems.map(formatProblem) : [], [
    'test/fixtures/good/two-stages.yaml:3, profile.csv: two-stages.csv cannot be read: the page cannot open files by itself; drop it here too',
  ]);
});

/** The cells in all rows of a policy: wide tables are broken into several. */
function cellsOf(policy: string, table: string): string[] {
  const rows = table.split('\n').filter((line) => line.startsWith(`${policy} `));
  return rows.flatMap((row) => row.slice(policy.length).trim().split(/ {2,}/));
}

for (const name of ['quick-start', 'what-if/synthesized', 'what-if/prices', 'what-if/jitter']) {
  test(`${name}: table, sentences and notes are those of the command line`, async (t) => {
    const path = `scenarios/${name}.yaml`;
    const found = await answer(path);
    if (found.kind !== 'run') throw new Error(found.problems.map(formatProblem).join());
    const { run } = found;
    // Other tests hold what the command line prints to these files.
    const golden = projectFile(`test/golden/${name.replace(/start$/, 'start-explained')}.txt`);
    const table = readFileSync(golden, 'utf8');
    const told = table.replaceAll(/\s+/g, ' ');
    const sentences = [...run.headline.sentences, ...run.heading, ...run.caveats, ...run.notes];
    for (const sentence of sentences) t.true(told.includes(sentence), sentence);
    t.true(told.includes(` ${run.headline.savedPct} `));
    const isBounded = run.columns.some(({ heading }) => heading.join(' ').includes('bound'));
    t.is(isBounded, told.includes('bound %') && !told.includes('above bound: —'));
    run.policies.forEach((policy, k) => {
      const cells = run.columns
        .filter(({ heading: [over] }) => over !== 'saved per day')
        .map(({ cells }) => cells[k])
        .filter((cell) => cell !== '');
      const shown = cellsOf(policy, table);
      for (const cell of cells.slice(1)) t.true(shown.includes(cell!), `${policy}: ${cell!}`);
    });
  });
}

test('ledgers add up, frontiers are in order, and the straggler’s time is theirs', async (t) => {
  const found = await answer('scenarios/quick-start.yaml');
  if (found.kind !== 'run') throw new Error(found.problems.map(formatProblem).join());
  const { ledgers, frontier, timeline, power, powerColumns, powerSentences, peaks } = found.run;
  for (const { accounts, totalJ } of ledgers) {
    const sum = Object.values(accounts).reduce((total, energyJ) => total + energyJ, 0);
    t.true(Math.abs(sum - totalJ) < 1e-9 * totalJ);
  }
  for (const { points, chosen } of frontier.policies) {
    t.true(points.every(({ timeS }, k) => k === 0 || timeS > points[k - 1]!.timeS));
    t.true(
      points.every(
        ({ energyJ, timeS }) => timeS > 1.001 * chosen.timeS || energyJ > 0.99 * chosen.energyJ,
      ),
    );
  }
  const perseus = frontier.policies.find(({ policy }) => policy === 'perseus');
  t.true(Math.abs(perseus!.chosen.timeS - frontier.stragglerTimeS!) < 0.01);
  t.deepEqual(timeline.policies, ['max-frequency', 'perseus']);
  t.deepEqual(
    timeline.pipelines.map(({ name }) => name),
    ['pipeline 0', 'pipelines 1 to 63'],
  );
  t.deepEqual(
    power.panels.map(({ policy, meanW }) => [policy, Math.round(meanW / 1e3)]),
    [
      ['max-frequency', 1341],
      ['perseus', 970],
    ],
  );
  t.deepEqual([powerColumns, powerSentences], [[], []]);
  t.deepEqual(peaks.activations, [8, 7, 6, 5, 4, 3, 2, 1]);
});

test('limits of a grid are judged as on the command line', async (t) => {
  const found = await answer('scenarios/what-if/grid-limits.yaml');
  if (found.kind !== 'run') throw new Error(found.problems.map(formatProblem).join());
  const { powerColumns, powerSentences } = found.run;
  t.deepEqual(powerColumns[0]!.cells, ['max-frequency', 'zeus-global', 'perseus']);
  t.regex(powerSentences[0]!, /^grid: max-frequency breaks 4 of 5 limits: peak 1\.953 MW at /);
  t.regex(powerSentences[2]!, /^grid: perseus keeps all 5 limits; closest: /);
});

test('a preview is near the answer, in a fraction of the plans, and none where it is no faster', async (t) => {
  const yaml = readFileSync(projectFile('scenarios/quick-start.yaml'), 'utf8');
  const savedBy = async (text: string, precision: 'exact' | 'preview') => {
    const files = { name: 's.yaml', yaml: text };
    const found = await answerTo(files, TEXTS, { cache: new PlanCache(), precision });
    return found?.kind === 'run' ? Number(found.run.headline.savedPct) : undefined;
  };
  const [exact, preview] = [await savedBy(yaml, 'exact'), await savedBy(yaml, 'preview')];
  t.true(Math.abs(exact! - preview!) < 0.2, `${exact!} and ${preview!}`);
  t.is(await savedBy(`${yaml}unitTimeS: 0.001\n`, 'preview'), undefined);
});

test('a slider that changes nothing of the plan plans nothing anew', async (t) => {
  const cache = new PlanCache();
  const yaml = readFileSync(projectFile('scenarios/quick-start.yaml'), 'utf8');
  let planned = 0;
  const plansOf = cache.plansOf.bind(cache);
  cache.plansOf = (scenario, policy, make) =>
    plansOf(scenario, policy, () => {
      planned++;
      return make();
    });
  for (const slowdown of ['1.2', '1.4', '2.5']) {
    const files = { name: 's.yaml', yaml: yaml.replace('slowdown: 1.2', `slowdown: ${slowdown}`) };
    t.is((await answerTo(files, TEXTS, { cache }))?.kind, 'run');
  }
  t.is(planned, 3, 'one for each policy');
});

test('a large job is answered without its whole frontier: the plans to all digits, the curve in outline', async (t) => {
  const yaml = `name: large
profile: { catalog: gpt3-175b-a40 }
pipeline: { stages: 8, microbatches: 48 }
pipelines: 4
stragglers: [{ pipeline: 0, slowdown: 1.1 }]
`;
  const found = await answerTo({ name: 's.yaml', yaml }, TEXTS, { cache: new PlanCache() });
  if (found?.kind !== 'run') throw new Error('no run');
  const { scenario, profile } = loadScenario(yaml, 's.yaml', LIBRARY);
  const whole = await runScenario(scenario, profile, { keep: FOR_PICTURES });
  const perseus = found.run.frontier.policies.at(-1);
  const onFrontier = whole.kept.policies.at(-1);
  const { plannedTimeS, plannedEnergyJ } = onFrontier!.shown.plan;
  t.deepEqual(perseus!.chosen, { timeS: plannedTimeS, energyJ: plannedEnergyJ });
  t.is(found.run.headline.savedPct, whole.policies.at(-1)!.savingPct.toFixed(2));
  const { points } = perseus!;
  t.true(points.length < 300, 'few points, since most of an outline is straight');
  t.deepEqual([points.at(-1), points[0]], [onFrontier!.frontier[0], onFrontier!.frontier.at(-1)]);
  t.true(points.some(({ timeS }) => timeS === plannedTimeS));
});
