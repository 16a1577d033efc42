import test from 'ava';
import { fieldEffects } from '../../sim/report/charts/sweep-chart.js';
import { MADE_UP_SWEEP } from '../support/made-up-reports.js';
import { sweepReport, type FinishedSweep } from '../../sim/viewer/pages/sweep-report.js';

const SWEEP: FinishedSweep = {
  ...MADE_UP_SWEEP,
  commit: 'abc',
  failures: [{ run: 4, error: 'no <plan> fits' }],
};
const { columns } = SWEEP;

test('what a field does is the mean over all else, without max-frequency', (t) => {
  const effects = fieldEffects(columns, SWEEP.fields).map(({ field, value, policy, meanPct }) => {
    return [field, value, policy, meanPct];
  });
  t.deepEqual(effects, [
    ['stragglers[0].slowdown', '1', 'perseus', 11],
    ['stragglers[0].slowdown', '1.2', 'perseus', 23],
    ['schedule', '1f1b', 'perseus', 15],
    ['schedule', 'gpipe', 'perseus', 19],
  ]);
});

test('a sweep’s report says what was saved, what failed, and how to run it again', async (t) => {
  const html = await sweepReport(SWEEP);
  t.true(
    html.includes('perseus saves 17.00 % of the energy on average, between 10.00 % and 26.00 %.'),
  );
  t.true(html.includes('1 run failed.') && html.includes('no &lt;plan&gt; fits'));
  for (const text of ['npx pipewatt sweep made-up.yaml', 'name: base', 'Commit abc']) {
    t.true(html.includes(text), text);
  }
  t.is((html.match(/<svg/g) ?? []).length, 2);
  t.is(await sweepReport(SWEEP), html, 'the same bytes');
});

test('intervals are shown of seeds alone, not of what was chosen', async (t) => {
  t.notRegex(await sweepReport(SWEEP), /95 %/);
  const oneDesign = {
    policy: ['max-frequency', 'perseus', 'max-frequency', 'perseus'],
    seed: [1, 1, 2, 2],
    simulated_saving_pct: [0, 10, 0, 12],
    slowdown_pct: [0, 0, 0, 0],
    intrinsic_pct: [0, 10, 0, 12],
    extrinsic_pct: [0, 0, 0, 0],
  };
  const html = await sweepReport({ ...SWEEP, columns: oneDesign, fields: ['seed'] });
  // s = √2 of two seeds, t(1) = 12.706.
  t.regex(html, /<th[^>]*>± 95 %<\/th>[^]*>perseus<[^]*>11\.000<[^]*>12\.706</);
});

test('a sweep of which every run failed has a report too', async (t) => {
  const html = await sweepReport({ ...SWEEP, columns: { run: [4] } });
  t.true(html.includes('Failed runs') && !html.includes('<svg'));
});
