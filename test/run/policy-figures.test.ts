import test from 'ava';
import { overSeeds } from '../../sim/run/over-seeds.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import { profileOf, scenarioOf } from '../support/made-up.js';

async function rowOf(work: number) {
  const { policies } = await runScenario(scenarioOf({}), profileOf([0.1, work]));
  return policies[1]!;
}

test('rows of several seeds are joined figure by figure, ledgers account by account', async (t) => {
  const rows = [await rowOf(0.12), await rowOf(0.14)];
  const alike = rows.map((row) => ({ ...row, planned: undefined }));
  const { policy, ...joined } = overSeeds('mine', alike);
  const half = (of: (row: (typeof rows)[number]) => number) => (of(rows[0]!) + of(rows[1]!)) / 2;
  t.is(policy, 'mine');
  t.is(
    joined.simulatedTimeS,
    half((row) => row.simulatedTimeS),
  );
  t.is(
    joined.intrinsicPct,
    half((row) => row.intrinsicPct),
  );
  t.is(
    joined.averagePowerW,
    half((row) => row.averagePowerW),
  );
  t.true(joined.intervals!.savingPct.low < joined.savingPct);
  t.true(joined.intervals!.savingPct.high > joined.savingPct);
  const totalJ = half((row) => row.ledger.totalJ);
  t.true(Math.abs(joined.ledger.totalJ - totalJ) < 1e-9 * totalJ);
});

test('a figure that seeds must not change, and do, is not shown as that of the first', async (t) => {
  const row = await rowOf(0.12);
  t.is(overSeeds('mine', [row, row]).planned!.timeS, row.planned!.timeS);
  const planned = { ...row.planned!, timeS: 2 * row.planned!.timeS };
  t.throws(() => overSeeds('mine', [row, { ...row, planned }]), {
    message: /^planned must be the same for all seeds, found .+ and .+/,
  });
});
