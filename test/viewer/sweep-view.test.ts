import type { Page } from 'playwright-core';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { reportScript } from '../../sim/disk/report-script.js';
import { moved, wishedChoice } from '../../sim/report/sweep/sweep-choice.js';
import { sweepData } from '../../sim/report/sweep/sweep-data.js';
import { sweepReport } from '../../sim/viewer/pages/sweep-report.js';
import { chromiumOfFile, testWithChromium } from '../support/chromium.js';
import { MADE_UP_SWEEP } from '../support/made-up-reports.js';
import { gridOf } from '../support/made-up-sweeps.js';

const browser = chromiumOfFile();

const GRID = gridOf(
  { a: [1, 2], b: [1, 2, 3], c: ['p', 'q'], d: [7, 8], e: [4, 5, 6] },
  ({ a, b, d }) => 10 * a! + b! + d! / 10,
);
const REPORT = sweepReport({ ...MADE_UP_SWEEP, ...GRID, runs: 72, failures: [] });

const PRESET = { metric: 'simulated_saving_pct', policy: 'perseus' };
const DATA = sweepData(GRID.columns, GRID.fields);

test('axes change places: one that is wanted where another is gives that its own place', (t) => {
  const preset = wishedChoice(DATA, {}, PRESET)!;
  t.deepEqual([preset.kind, preset.x, preset.y], ['heat map', 'b', 'e']);
  const held = Object.keys(preset.at)[0]!;
  const places = { x: preset.x, y: preset.y!, across: preset.across, down: preset.down };
  const swapped = wishedChoice(DATA, moved(preset, 'x', 'e'), PRESET)!;
  t.deepEqual([swapped.x, swapped.y], ['e', 'b']);
  const placed = wishedChoice(DATA, { ...places, across: held }, PRESET)!;
  t.is(placed.across, held);
  t.deepEqual(Object.keys(placed.at), [preset.across], 'what has no place is held');
  const none = wishedChoice(DATA, { ...places, across: undefined, down: undefined }, PRESET)!;
  t.deepEqual([none.across, none.down], [undefined, undefined]);
  t.is(Object.keys(none.at).length, 3);
});

test('what is wished and not there (any more) is left out', (t) => {
  const one = gridOf({ a: [1, 2, 3] });
  const data = sweepData(one.columns, one.fields);
  const choice = wishedChoice(
    data,
    { x: 'gone', across: 'a', policy: 'none', at: { z: 1 } },
    PRESET,
  )!;
  t.like(choice, { kind: 'lines', x: 'a', policy: 'perseus' });
  t.deepEqual(choice.at, {});
});

async function opened(t: ExecutionContext, html: string): Promise<Page> {
  const page = await browser().newPage({ viewport: { width: 1100, height: 900 } });
  page.on('pageerror', (error) => t.fail(error.message));
  t.teardown(() => page.close());
  await page.setContent(html);
  return page;
}

testWithChromium(
  'a reader chooses chart, figure, axes and runs; without a script there are defaults',
  async (t) => {
    t.not(reportScript(), undefined, 'npm run build:web makes the script');
    const page = await opened(t, REPORT);
    const caption = () => page.locator('figcaption').first().innerText();
    const cells = () => page.locator('.chart').first().locator('rect').count();
    t.regex(await caption(), /^energy saved \(%\) of perseus over what varied; with \w at /);
    t.is(await page.locator('form.choices').count(), 1);
    t.is(await cells(), 3 * 3 * 2 * 2, 'a cell for each pair of values, in four panels');
    await page.locator('select').nth(1).selectOption({ label: 'time (s)' });
    t.regex(await caption(), /^time \(s\) of perseus over/);
    await page.locator('select').first().selectOption({ label: 'lines' });
    t.regex(await caption(), /^time \(s\) of each policy over/);
    await page.getByLabel('a', { exact: true }).selectOption({ label: '2' });
    t.false((await caption()).includes(' a at '), 'a no longer varies');
    const without = await opened(t, sweepReport({ ...MADE_UP_SWEEP, ...GRID, script: undefined }));
    t.is(await without.locator('form.choices').count(), 0);
    t.is(await without.locator('figure svg').count(), 4);
  },
);
