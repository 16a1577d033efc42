import { readFileSync } from 'node:fs';
import test from 'ava';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { refinedRuns, type Round } from '../../sim/run/refined-runs.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import { loadScenario } from '../../sim/scenario/scenario.js';
import type { Scenario } from '../../sim/scenario/scenario-schema.js';
import { projectFile } from '../support/files.js';

function load(file: string, changes: Partial<Scenario> = {}) {
  const path = projectFile(`scenarios/${file}`);
  const { scenario, profile } = loadScenario(readFileSync(path, 'utf8'), path, LIBRARY);
  return { scenario: { ...scenario, ...changes }, profile };
}

async function roundsOf({ scenario, profile }: ReturnType<typeof load>, mostOfFrontier = 2) {
  const rounds: Round[] = [];
  const options = { mostOfFrontier };
  for await (const round of refinedRuns(scenario, profile, options)) rounds.push(round);
  return rounds;
}

const planned = ({ result }: Round, policy: string) =>
  result.policies.find((row) => row.policy === policy)!.planned!;

for (const file of [
  'gpt3-175b-a100-sxm-mb12.yaml',
  'gpt3-175b-a40-mb12.yaml',
  'what-if/zb-h1.yaml',
  'what-if/dualpipe.yaml',
  'what-if/communication-blocking.yaml',
]) {
  test(`${file}: the last table is within the bound of every round before it`, async (t) => {
    const loaded = load(file);
    const rounds = await roundsOf(loaded);
    const last = rounds.at(-1)!;
    t.deepEqual(
      rounds.map(({ isLast }) => isLast),
      rounds.map((_, k) => k === rounds.length - 1),
    );
    t.is(last.result.approximation, undefined);
    t.true(rounds.length > 1);
    const final = planned(last, 'perseus');
    const [, exact] = rounds;
    t.is(exact!.result.approximation!.mayChangePct, 0);
    const savedPct = (round: Round) => round.result.policies.at(-1)!.savingPct;
    t.true(Math.abs(savedPct(exact!) - savedPct(last)) < 1e-9, 'simulated as the last one');
    for (const round of rounds.slice(0, -1)) {
      const { mayChangePct } = round.result.approximation!;
      const { savingPct, timeS } = planned(round, 'perseus');
      t.true(mayChangePct! < 1, `${mayChangePct!} points`);
      t.true(savingPct <= final.savingPct + 1e-9);
      t.true(
        final.savingPct <= savingPct + mayChangePct! + 1e-9,
        `${savingPct} + ${mayChangePct!}`,
      );
      t.true(Math.abs(timeS - final.timeS) < 1e-9);
      t.true(Math.abs(round.result.policies.at(-1)!.slowdownPct) < 0.2, 'no slower');
      t.deepEqual(planned(round, 'max-frequency'), planned(last, 'max-frequency'));
    }
  });
}

test('the last round is the run without rounds', async (t) => {
  const { scenario, profile } = load('gpt3-175b-a100-sxm-mb12.yaml');
  const [alone, rounds] = await Promise.all([
    runScenario(scenario, profile),
    roundsOf({ scenario, profile }, 1),
  ]);
  t.deepEqual(rounds.at(-1)!.result.policies, alone.policies);
});

test('where deadlines depend on the plans, the bound is not known', async (t) => {
  const scenarios = [
    load('quick-start.yaml', { power: { jobLimitW: 1.3e6 } }),
    load('what-if/random-stragglers.yaml', { iterations: 2, seeds: 1 }),
    load('what-if/communication-blocking.yaml', {
      stragglers: [{ pipeline: 0, slowdown: 1.1, cause: 'busy' }] as Scenario['stragglers'],
    }),
  ];
  for (const loaded of scenarios) {
    const [first] = await roundsOf(loaded, 0.3);
    t.is(first!.result.approximation!.mayChangePct, undefined, loaded.scenario.name);
  }
});

test('policies without approximate plans come with the last round', async (t) => {
  const policies = ['max-frequency', 'perseus', 'perseus-hull'] as const;
  const rounds = await roundsOf(load('gpt3-175b-a40-mb12.yaml', { policies: [...policies] }), 5);
  const namesOf = ({ result }: Round) => result.policies.map(({ policy }) => policy);
  t.deepEqual(namesOf(rounds[0]!), ['max-frequency', 'perseus']);
  t.deepEqual(rounds[0]!.result.approximation!.leftOut, ['perseus-hull']);
  t.deepEqual(namesOf(rounds.at(-1)!), [...policies]);
  const only = await roundsOf(load('quick-start.yaml', { policies: ['max-frequency'] }));
  t.deepEqual(
    only.map(({ isLast }) => isLast),
    [true],
  );
});
