import test from 'ava';
import { answerTo } from '../../sim/explorer/answer.js';
import { PRESETS } from '../../sim/explorer/presets.js';
import { filesOf } from '../../sim/explorer/what-if.js';
import { PlanCache } from '../../sim/run/plan-cache.js';
import { catalogTexts } from '../support/bundled.js';

const TEXTS = catalogTexts();

/** The number of GPUs that a title names: `on 4,096 A100s`, `on four A100s`. */
function gpusOf(title: string): number {
  const [, named] = /on ([\d,]+|\w+) \w+s$/.exec(title)!;
  const words = new Map([
    ['four', 4],
    ['eight', 8],
  ]);
  return words.get(named!) ?? Number(named!.replaceAll(',', ''));
}

for (const { title: group, presets } of PRESETS) {
  test(`${group}: every preset runs, saves energy, and has the GPUs of its name`, async (t) => {
    t.true(presets.length >= 3);
    for (const { title, scenario } of presets) {
      const found = await answerTo(filesOf({ scenario: scenario() }), TEXTS, {
        cache: new PlanCache(),
        precision: 'preview',
      });
      const answered =
        found ??
        (await answerTo(filesOf({ scenario: scenario() }), TEXTS, { cache: new PlanCache() }));
      if (answered?.kind !== 'run') return t.fail(`${title}: ${JSON.stringify(answered)}`);
      const { headline, facts } = answered.run;
      t.true(Number(headline.savedPct) > 3, `${title}: ${headline.savedPct}`);
      t.is(facts.gpus, gpusOf(title), title);
    }
  });
}

test('names are told apart', (t) => {
  const titles = PRESETS.flatMap(({ presets }) => presets.map(({ title }) => title));
  t.is(new Set(titles).size, titles.length);
});
