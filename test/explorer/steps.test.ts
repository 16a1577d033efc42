import test from 'ava';
import { answerTo } from '../../sim/explorer/answer.js';
import { askedInStep, LAST_STEP } from '../../sim/explorer/page-state.js';
import { STEPS, stepFigures } from '../../sim/explorer/steps/steps.js';
import { filesOf } from '../../sim/explorer/what-if.js';
import { PlanCache } from '../../sim/run/plan-cache.js';
import type { Scenario } from '../../sim/scenario/scenario-schema.js';
import { checkScenario } from '../../sim/scenario/scenario.js';
import type { ShownRun } from '../../sim/viewer/shown-run.js';
import { catalogTexts } from '../support/bundled.js';

const TEXTS = catalogTexts();
const cache = new PlanCache();

async function runOf(scenario: Scenario): Promise<ShownRun> {
  const found = await answerTo(filesOf({ scenario }), TEXTS, { cache });
  if (found?.kind !== 'run') throw new Error(JSON.stringify(found));
  return found.run;
}

const first = (k: number) => askedInStep(k).whatIf.scenario;

/** The part of their time that GPUs wait at the highest clocks, percent. */
function waitsOf({ facts }: ShownRun): number {
  const [before] = facts.policies;
  return before!.waitsForStagesPct + before!.waitsForStragglerPct;
}

test('each step shows what it tells of', async (t) => {
  const runs = await Promise.all([0, 1, 3].map((k) => runOf(first(k))));
  const [balanced, unequal, straggler] = runs as [ShownRun, ShownRun, ShownRun];
  const wait = (run: ShownRun, k: number) => run.facts.policies[k]!;
  // The bubble of 1F1B: (stages − 1) of (stages − 1 + microbatches), all stages equal.
  t.true(Math.abs(waitsOf(balanced) - (100 * 3) / 11) < 0.05, String(waitsOf(balanced)));
  t.true(Math.abs(balanced.facts.imbalanceRatio! - 1) < 1e-9);
  t.true(unequal.facts.imbalanceRatio! > 1.15);
  t.true(waitsOf(unequal) > waitsOf(balanced) + 3);
  t.is(wait(unequal, 0).waitsForStragglerPct, 0);
  t.true(wait(straggler, 0).waitsForStragglerPct > 14);
  t.true(
    straggler.facts.policies.at(-1)!.waitsForStragglerPct < 1,
    'nobody waits for it after planning',
  );
  for (const { facts } of runs) {
    const [before, after] = [facts.policies[0], facts.policies.at(-1)];
    t.true(Math.abs(after!.timeS / before!.timeS - 1) < 0.001, 'training is not slower');
    t.true(after!.energyJ < 0.96 * before!.energyJ);
  }
  t.true(Number(balanced.headline.savedPct) < Number(unequal.headline.savedPct));
  t.true(Number(unequal.headline.savedPct) < Number(straggler.headline.savedPct));
});

test('what a step has one drag changes its picture, over all of its range', async (t) => {
  for (const [k, { control, headline }] of STEPS.entries()) {
    if (control === undefined) continue;
    const { min, max, value, change, label } = control;
    const ends = [min, max].map((end) => change(first(k), end));
    ends.forEach((scenario, end) => {
      t.is(value(scenario), [min, max][end]!, label);
      t.false(Array.isArray(checkScenario(scenario)), label);
    });
    const [low, high] = await Promise.all(ends.map(runOf));
    const figure = (run: ShownRun) =>
      headline === 'waiting' ? waitsOf(run) : Number(run.headline.savedPct);
    t.true(Math.abs(figure(low!) - figure(high!)) > 5, label);
  }
});

test('every answer is told with the figures of the run, and before there are any', async (t) => {
  for (const [k, { answers, lead }] of STEPS.entries()) {
    const { facts, headline } = await runOf(first(k));
    t.true(answers.length > 0 && lead.length < 300);
    for (const { question, answer } of answers) {
      t.regex(question, /\?$/);
      t.notRegex(answer(stepFigures(facts, headline.policy)), /…|NaN|undefined/, question);
      t.notRegex(answer(stepFigures(undefined, undefined)), /NaN|undefined/, question);
    }
  }
});

test('the parts of the saving add up to it', async (t) => {
  const { facts, headline } = await runOf(first(3));
  const figures = stepFigures(facts, headline.policy);
  const sum = Number(figures.savedComputing) + Number(figures.savedWaiting);
  t.true(Math.abs(sum - Number(figures.saved)) < 0.11);
});

test('the last step is the what-if with all controls', (t) => {
  t.is(STEPS.length - 1, LAST_STEP);
  t.is(STEPS[LAST_STEP]!.control, undefined);
  t.is(first(LAST_STEP).pipelines, 64);
});
