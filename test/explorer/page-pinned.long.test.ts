import type { Page } from 'playwright-core';
import { barriers, overflowPx } from '../support/axe.js';
import { artefact, testWithChromium } from '../support/chromium.js';
import { siteOfFile, WIDE, type Look, type OpenPage } from '../support/explorer.js';

const site = siteOfFile();

interface Place {
  readonly x: number;
  readonly y: number;
}

/** The middle of an element, from the chart's upper left corner, in pixels. */
async function middleOf(page: Page, selector: string): Promise<Place> {
  const chart = (await page.locator('.frontier .chart').boundingBox())!;
  const box = (await page.locator(selector).last().boundingBox())!;
  return { x: box.x + box.width / 2 - chart.x, y: box.y + box.height / 2 - chart.y };
}

/** The place of the pinned plan: its star is a little higher than wide around its middle. */
const markOf = (page: Page) => middleOf(page, '.frontier .chart g.pinned path');
const handleOf = (page: Page) => middleOf(page, '.frontier-handle circle:not(.frontier-grip)');

const isNear = (a: Place, b: Place, mostPx: number) => Math.hypot(a.x - b.x, a.y - b.y) <= mostPx;

/** The names in the chart's legend and on its marks. */
const namesIn = (page: Page) => page.locator('.frontier .chart text').allTextContents();

const described = async (page: Page) =>
  (await page.locator('.frontier .chart').getAttribute('aria-label'))!;

/** Names of times and of axes that the name of the pinned plan covers. */
const covered = (page: Page) =>
  page.locator('.frontier').evaluate((figure) => {
    const name = figure.querySelector('g.pinned text')!;
    const a = name.getBoundingClientRect();
    const others = figure.querySelectorAll('.frontier-time text, .chart text, .chart [role] text');
    return [...others]
      .filter((element) => !name.contains(element))
      .filter((element) => {
        const b = element.getBoundingClientRect();
        return (
          a.left < b.right &&
          b.left < a.right &&
          a.top + 3 < b.bottom - 3 &&
          b.top + 3 < a.bottom - 3
        );
      })
      .map(({ textContent }) => textContent);
  });

/** Whether the names of T min and T* meet. */
const timesMeet = (page: Page) =>
  page.locator('.frontier-time text').evaluateAll((names) => {
    const [a, b] = names.map((name) => name.getBoundingClientRect());
    return a!.left < b!.right && b!.left < a!.right;
  });

/** Opens the page, pins its result and moves the straggler's slider. */
async function pinned(open: OpenPage): Promise<{ readonly at: Place }> {
  const { page } = open;
  await page.getByRole('button', { name: 'Pin this result' }).click();
  await page.locator('.frontier .chart g.pinned path').waitFor();
  const at = await markOf(page);
  await open.type('Straggler slowdown, as a number', '1');
  return { at };
}

testWithChromium(
  'a pinned result stays on the frontier while a slider is moved and undone',
  async (t) => {
    const open = await site.open(t);
    const { page } = open;
    t.false((await namesIn(page)).includes('pinned'));
    t.notRegex(await described(page), /pinned/);
    await page.getByRole('button', { name: 'Pin this result' }).click();
    await page.locator('.frontier .chart g.pinned path').waitFor();
    const at = await markOf(page);
    t.true(isNear(at, await handleOf(page), 3), 'it is where the handle is');
    t.is((await namesIn(page)).filter((name) => name === 'pinned').length, 2, 'legend and label');
    const said = await described(page);
    t.regex(said, /; pinned: perseus, 56\.\d{3} s, 0\.\d{3} MJ$/);
    const slider = page.getByLabel('Straggler slowdown', { exact: true });
    await slider.focus();
    for (let k = 0; k < 3; k++) await open.after(() => page.keyboard.press('ArrowLeft'));
    t.true(isNear(await markOf(page), at, 0.5), 'the mark stays');
    t.false(isNear(await handleOf(page), at, 10), 'the plan is another one');
    t.is(await described(page), said);
    t.deepEqual(await barriers(page), []);
    await page.locator('.frontier').screenshot({ path: artefact('frontier-pinned.png') });
    await open.after(() => page.getByRole('button', { name: 'Undo' }).click());
    t.true(isNear(await markOf(page), at, 0.5));
    await page.getByRole('button', { name: 'Unpin' }).click();
    t.is(await page.locator('.frontier .chart g.pinned').count(), 0);
    t.false((await namesIn(page)).includes('pinned'));
    t.deepEqual(open.heard, []);
  },
);

testWithChromium('a link restores the pinned result on the frontier', async (t) => {
  const open = await site.open(t);
  const { page } = open;
  await pinned(open);
  const [mark, said] = [await markOf(page), await described(page)];
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByText('link copied').waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const other = await site.open(t, new URL(link).hash);
  await other.page.locator('.frontier .chart g.pinned path').waitFor();
  t.is(await described(other.page), said);
  t.true(isNear(await markOf(other.page), mark, 0.5));
  t.false(isNear(await handleOf(other.page), mark, 10));
});

const PHONE: Look = { width: 320, height: 844, colorScheme: 'dark' };

testWithChromium(
  'the range grows for a pinned result, and its name stays within the picture',
  async (t) => {
    for (const look of [WIDE, PHONE]) {
      const open = await site.open(t, undefined, look);
      const { page } = open;
      // The plan of least energy: its name is close to that of T*.
      await open.type('Straggler slowdown, as a number', '1.15');
      await page.getByRole('button', { name: 'Pin this result' }).click();
      for (const slowdown of ['1.05', '1.12', '1.25', '1.2']) {
        await open.type('Straggler slowdown, as a number', slowdown);
        t.deepEqual(await covered(page), [], `${slowdown}, ${look.width} pixels`);
      }
      for (const microbatches of ['20', '32']) {
        await open.type('Microbatches', microbatches);
        const chart = (await page.locator('.frontier .chart').boundingBox())!;
        for (const part of ['path', 'text']) {
          const box = (await page
            .locator(`.frontier .chart g.pinned ${part}`)
            .first()
            .boundingBox())!;
          t.true(box.x >= chart.x && box.x + box.width <= chart.x + chart.width, microbatches);
          t.true(box.y >= chart.y && box.y + box.height <= chart.y + chart.height, microbatches);
        }
        t.false(isNear(await handleOf(page), await markOf(page), 20));
        t.deepEqual(await covered(page), [], `${microbatches}, ${look.width} pixels`);
        t.false(await timesMeet(page), `${microbatches}, ${look.width} pixels`);
      }
      await page
        .locator('.frontier')
        .screenshot({ path: artefact(`frontier-pinned-${look.colorScheme}-${look.width}.png`) });
      t.deepEqual(await barriers(page), []);
      t.is(await overflowPx(page), 0);
      await open.type('Microbatches', '2');
      t.is(await page.locator('.frontier .chart g.pinned').count(), 0);
      t.true((await namesIn(page)).includes('pinned: beyond this picture'));
    }
  },
);
