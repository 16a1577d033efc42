import test from 'ava';
import { sweepFrontier } from '../../sim/report/charts/sweep-frontier.js';
import { defaultChoice } from '../../sim/report/sweep/sweep-choice.js';
import { chartRows, sweepData } from '../../sim/report/sweep/sweep-data.js';
import { MADE_UP_SWEEP } from '../support/made-up-reports.js';
import { gridOf } from '../support/made-up-sweeps.js';
import { sweepReport, type FinishedSweep } from '../../sim/viewer/pages/sweep-report.js';

const SWEEP: FinishedSweep = {
  ...MADE_UP_SWEEP,
  script: undefined,
  commit: 'abc',
  failures: [{ run: 4, error: 'no <plan> fits' }],
};

test('a sweep’s report says what was saved, what failed, and how to run it again', (t) => {
  const html = sweepReport(SWEEP);
  t.true(html.includes('perseus saves between 10.00 % (run 0) and 26.00 % (run 3) of the energy.'));
  t.true(html.includes('1 run failed.') && html.includes('no &lt;plan> fits'));
  for (const text of ['npx pipewatt sweep made-up.yaml', 'name: base', 'Commit abc']) {
    t.true(html.includes(text), text);
  }
  // A heat map, lines of policies, time and energy, parallel coordinates.
  t.is((html.match(/<svg/g) ?? []).length, 4);
  t.is(sweepReport(SWEEP), html, 'the same bytes');
});

test('intervals are shown of seeds alone, not of what was chosen', (t) => {
  t.notRegex(sweepReport(SWEEP), /95 %/);
  const oneDesign = {
    policy: ['max-frequency', 'perseus', 'max-frequency', 'perseus'],
    seed: [1, 1, 2, 2],
    simulated_saving_pct: [0, 10, 0, 12],
    slowdown_pct: [0, 0, 0, 0],
    intrinsic_pct: [0, 10, 0, 12],
    extrinsic_pct: [0, 0, 0, 0],
  };
  const html = sweepReport({ ...SWEEP, columns: oneDesign, fields: ['seed'] });
  // s = √2 of two seeds, t(1) = 12.706.
  t.regex(html, /<th[^>]*>± 95 %<\/th>[^]*>perseus<[^]*>11\.000<[^]*>12\.706</);
});

test('a sweep of which every run failed has a report too', (t) => {
  const html = sweepReport({ ...SWEEP, columns: { run: [4] } });
  t.true(html.includes('Failed runs') && !html.includes('<svg'));
});

test('what varied is drawn: lines over one axis, a heat map of two, panels of four', (t) => {
  const pictures = (grid: ReturnType<typeof gridOf>) => {
    const html = sweepReport({ ...SWEEP, ...grid, failures: [], runs: 12 });
    const captions = [...html.matchAll(/<figcaption>(.*?) over what varied/g)];
    return { html, captions: captions.map(([, caption]) => caption) };
  };
  const one = pictures(gridOf({ a: [1, 2, 3] }));
  t.deepEqual(one.captions, ['energy saved (%) of each policy']);
  const two = pictures(gridOf({ a: [1, 2], b: [1, 2, 3] }, ({ a, b }) => 10 * a! + b!));
  t.deepEqual(two.captions, ['energy saved (%) of perseus', 'energy saved (%) of each policy']);
  // Each cell has its number.
  for (const number of ['11.0', '12.0', '13.0', '21.0', '22.0', '23.0']) {
    t.true(new RegExp(`<text [^>]*>${number}<`).test(two.html), number);
  }
  const four = pictures(gridOf({ a: [1, 2], b: [1, 2, 3], c: ['p', 'q'], d: [7, 8] }));
  t.true(four.html.includes('>d 7<') || four.html.includes('>a 1<'), 'panels have names');
  t.true(four.html.includes('Each line is a run of perseus'), 'parallel coordinates');
});

test('axes without a place are held at a value that the caption says', (t) => {
  const grid = gridOf({
    a: [1, 2, 3, 4, 5, 6, 7, 8],
    b: [1, 2, 3, 4, 5, 6, 7],
    c: [1, 2, 3],
    d: [1, 2],
    e: [4, 5, 6],
  });
  const data = sweepData(grid.columns, grid.fields);
  const wish = { kind: 'heat map', metric: 'simulated_saving_pct', policy: 'perseus' } as const;
  const choice = defaultChoice(data, wish)!;
  t.deepEqual(
    [choice.x, choice.y, choice.across, choice.down, choice.at],
    ['a', 'b', 'c', 'd', { e: 5 }],
  );
  t.is(chartRows(data, choice).length, 8 * 7 * 3 * 2, 'a cell for each run with that value');
  t.true(sweepReport({ ...SWEEP, ...grid }).includes('over what varied; with e at 5. '));
});

test('the runs that no other beats in time and energy are those of brute force', (t) => {
  const grid = gridOf({ a: [1, 2, 3, 4], b: [1, 2, 3] }, ({ a, b }) => (a! * 7 + b! * 5) % 11);
  const { rows, unbeaten } = sweepFrontier(sweepData(grid.columns, grid.fields));
  t.is(rows.length, 36);
  const isBeaten = (row: (typeof rows)[number]) =>
    rows.some(
      ({ time, energy }) =>
        time <= row.time && energy <= row.energy && (time < row.time || energy < row.energy),
    );
  const name = ({ policy, run }: (typeof rows)[number]) => `${policy} ${String(run)}`;
  t.deepEqual(
    unbeaten.map(name).sort(),
    rows
      .filter((row) => !isBeaten(row))
      .map(name)
      .sort(),
  );
});

test('runs of different work are compared by what they do', (t) => {
  const grid = gridOf({ 'pipeline.microbatches': [1, 2], pipelines: [3] });
  const { rows, timeTitle } = sweepFrontier(sweepData(grid.columns, grid.fields));
  t.is(timeTitle, 'time per microbatch per pipeline (s)');
  t.deepEqual(
    rows.map(({ time }) => time),
    [10 / 3, 10 / 3, 10 / 3, 11 / 6, 11 / 6, 11 / 6],
  );
});
