import test from 'ava';
import { conclusion, textsOf } from '../../sim/report/text/run-sentences.js';
import { runRows } from '../../sim/results/run-rows.js';
import { costSaved } from '../../sim/run/cost-saved.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import { profileOf, scenarioOf } from '../support/made-up.js';

const SOURCE = profileOf([0.1, 0.13]);
const PRICES = { perKWh: 0.25, currency: 'EUR', carbonGPerKWh: 400 };

/** Equal but for rounding. */
const isNear = (a: number | undefined, b: number) => Math.abs(a! - b) < 1e-12 * Math.abs(b);

test('a saving is worth its kilowatt-hours, per iteration and per day, however long the run', async (t) => {
  for (const iterations of [1, 5]) {
    const result = await runScenario(scenarioOf({ prices: PRICES, iterations }), SOURCE);
    const [baseline, perseus] = result.policies;
    const savedKWh =
      (baseline!.simulatedEnergyJ - perseus!.simulatedEnergyJ) / iterations / 3_600_000;
    const perDay = (24 * 3600 * iterations) / perseus!.simulatedTimeS;
    t.true(savedKWh > 0);
    const saved = costSaved(result, perseus!)!;
    t.true(isNear(saved.perIteration.energyKWh, savedKWh));
    t.true(isNear(saved.perIteration.money, 0.25 * savedKWh));
    t.true(isNear(saved.perIteration.carbonKg, 0.4 * savedKWh));
    t.true(isNear(saved.perDay.energyKWh, savedKWh * perDay));
    t.true(isNear(saved.perDay.money, 0.25 * savedKWh * perDay));
    t.true(isNear(saved.perDay.carbonKg, 0.4 * savedKWh * perDay));
    t.deepEqual(costSaved(result, baseline!)!.perDay, { energyKWh: 0, money: 0, carbonKg: 0 });
    const row = runRows(result)[1]!;
    t.is(row['currency'], 'EUR');
    t.is(row['saved_money'], saved.perIteration.money!);
    t.is(row['saved_money_per_day'], saved.perDay.money!);
    t.is(row['saved_carbon_kg'], saved.perIteration.carbonKg!);
    t.is(row['saved_carbon_per_day_kg'], saved.perDay.carbonKg!);
  }
});

test('only what is priced is told, and prices change no figure', async (t) => {
  const run = (fields: object) => runScenario(scenarioOf(fields), SOURCE);
  const plain = await run({});
  const sentence = async (prices: object) => textsOf(conclusion(await run({ prices }))).join(' ');
  t.false(textsOf(conclusion(plain)).join(' ').includes('per day'));
  t.is(costSaved(plain, plain.policies[1]!), undefined);
  t.is(runRows(plain)[1]!['saved_money'], null);
  t.regex(await sentence(PRICES), /That saves [\d.]+ kWh, [\d.]+ EUR, [\d.]+ kg CO2 per iteration/);
  t.regex(await sentence({ perKWh: 0.1 }), /kWh, [\d.]+ USD per iteration; per day/);
  t.false((await sentence({ perKWh: 0.1 })).includes('CO2'));
  t.regex(await sentence({ carbonGPerKWh: 0 }), /kWh, 0\.00 kg CO2 per iteration/);
  t.regex(await sentence({}), /That saves [\d.]+ kWh per iteration/);
  t.deepEqual((await run({ prices: PRICES })).policies, plain.policies);
});
