import type { Page } from 'playwright-core';
import { barriers } from '../support/axe.js';
import { artefact, testWithChromium } from '../support/chromium.js';
import { siteOfFile, WIDE, type OpenPage } from '../support/explorer.js';

const site = siteOfFile();

const picture = (page: Page) => page.locator('.timeline-live svg.timeline');
const shot = (page: Page, name: string) =>
  page.locator('.timeline-view').screenshot({ path: artefact(`timeline-${name}.png`) });

/** The drawn boxes of the lanes: path data by paint. */
const lanes = (page: Page) =>
  picture(page)
    .locator('.lanes')
    .evaluateAll((groups) => groups.map((group) => group.innerHTML));

const ticks = async (page: Page) =>
  (await picture(page).locator('g.axis text').allTextContents()).slice(0, -1).map(Number);

const button = (page: Page, policy: string) =>
  page.getByRole('group', { name: 'Clocks' }).getByRole('radio', { name: policy, exact: true });

/** Chooses a policy by its button and waits until the picture rests. */
async function choose(page: Page, policy: string): Promise<void> {
  await button(page, policy).check({ force: true });
  await rested(page, policy);
}

/** Waits for the end of a change: at the slider's left end are the highest clocks. */
async function rested(page: Page, policy: string): Promise<void> {
  const slider = page.locator('.timeline-policies input[type=range]');
  await page.waitForFunction(([range, value]) => (range as HTMLInputElement).value === value, [
    await slider.elementHandle(),
    policy === 'max-frequency' ? '0' : '100',
  ] as const);
}

/** The widths of the waiting below stripes of a colour, in pixels. */
async function waitingPx(page: Page, colour: string): Promise<number> {
  const paths = await picture(page)
    .locator(`.lanes path[fill="${colour}"]`)
    .evaluateAll((found) => found.map((path) => path.getAttribute('d')!));
  const widths = paths.flatMap((d) =>
    [...d.matchAll(/h([\d.]+)v/g)].map(([, width]) => Number(width)),
  );
  return widths.reduce((sum, width) => sum + width, 0);
}

testWithChromium(
  'the timeline changes from highest clocks to the plan: waiting for the straggler goes',
  async (t) => {
    const { page } = await site.open(t);
    await choose(page, 'max-frequency');
    const before = await lanes(page);
    const waitedPx = await waitingPx(page, '#d55e00');
    t.true(waitedPx > 500, String(waitedPx));
    await choose(page, 'perseus');
    const after = await lanes(page);
    t.notDeepEqual(after, before);
    t.true((await waitingPx(page, '#d55e00')) < 0.1 * waitedPx);
    await shot(page, 'plan');
    await choose(page, 'max-frequency');
    t.deepEqual(await lanes(page), before, 'and back');
  },
);

testWithChromium(
  'whoever prefers less motion sees none; the slider holds any moment',
  async (t) => {
    const { page } = await site.open(t);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const slider = page.getByRole('slider', { name: 'From max-frequency to perseus' });
    await choose(page, 'max-frequency');
    const [before] = await lanes(page);
    await button(page, 'perseus').check({ force: true });
    t.is(await slider.inputValue(), '100', 'at once');
    const [after] = await lanes(page);
    await slider.focus();
    for (let k = 0; k < 50; k++) await page.keyboard.press('ArrowLeft');
    t.is(await slider.inputValue(), '50');
    t.is(await slider.getAttribute('aria-valuetext'), '50 % of the way to perseus');
    const [halfway] = await lanes(page);
    t.true(halfway !== before && halfway !== after);
    await shot(page, 'halfway');
  },
);

testWithChromium('keys enlarge, move and choose boxes; a box says what it is', async (t) => {
  const { page } = await site.open(t);
  await choose(page, 'max-frequency');
  await page.getByRole('group', { name: /^Timeline; plus and minus/ }).focus();
  const all = await ticks(page);
  for (const key of ['+', '+', 'ArrowRight']) await page.keyboard.press(key);
  const enlarged = await ticks(page);
  const spanS = (shown: number[]) => shown.at(-1)! - shown[0]!;
  t.true(spanS(enlarged) < spanS(all) / 3, enlarged.join(' '));
  // A quarter around the middle, moved by a fifth of itself.
  t.true(enlarged[0]! > 23 && enlarged.at(-1)! < 39, enlarged.join(' '));
  await page.keyboard.press('0');
  t.deepEqual(await ticks(page), all);
  const tip = page.locator('.timeline-tip');
  await page.keyboard.press('ArrowDown');
  t.regex(
    await tip.innerText(),
    /^stage 1 waits for stage 0, \d\.\d{3} s\n84 W per GPU\n0\.000 to/,
  );
  await page.keyboard.press('Shift+ArrowRight');
  t.regex(await tip.innerText(), /^stage 1: forward of microbatch 0\n1410 MHz, \d+ W per GPU/);
  const box = (await picture(page).boundingBox())!;
  await page.mouse.move(box.x + 0.95 * box.width, box.y + 0.6 * box.height);
  t.regex(await tip.innerText(), /waits for the straggler, \d+\.\d{3} s/);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -300);
  await page.keyboard.up('Control');
  await page.waitForTimeout(100);
  t.true(spanS(await ticks(page)) < spanS(all));
});

testWithChromium(
  'on paper the policies are one above the other, as without a script',
  async (t) => {
    const { page } = await site.open(t);
    t.is(await page.locator('.timeline-still').count(), 0);
    await page.emulateMedia({ media: 'print' });
    const still = page.locator('.timeline-still svg');
    await still.waitFor();
    const titles = await still.locator('text[font-weight="600"]').allTextContents();
    t.deepEqual(
      titles.map((title) => title.replace(/[:(].*/, '').trim()),
      [
        'max-frequency, pipeline 0',
        'max-frequency, pipelines 1 to 63',
        'perseus, pipeline 0',
        'perseus, pipelines 1 to 63',
      ],
    );
    t.false(await page.locator('.timeline-live').isVisible());
  },
);

testWithChromium('timeline and frontier have no barriers, dark and on a phone too', async (t) => {
  for (const look of [WIDE, { width: 390, height: 844, colorScheme: 'dark' } as const]) {
    const { page } = await site.open(t, undefined, look);
    t.deepEqual(await barriers(page), []);
    await shot(page, `${look.colorScheme}-${look.width}`);
    const width = (await picture(page).boundingBox())!.width;
    t.true(width <= look.width, 'it fits');
  }
});

/** Texts of the picture that leave it, and pairs that overlap. */
const clashes = (page: Page) =>
  picture(page).evaluate((svg) => {
    const frame = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')].map((element) => {
      const { left, right, top, height } = element.getBoundingClientRect();
      // Letters do not fill their line.
      const [letterTop, foot] = [top + 0.2 * height, top + 0.85 * height];
      return { text: element.textContent, left, right, top: letterTop, foot };
    });
    const cut = texts.filter(
      ({ left, right, top, foot }) =>
        left < frame.left || right > frame.right || top < frame.top || foot > frame.bottom,
    );
    const over = texts.flatMap((a, k) =>
      texts
        .slice(k + 1)
        .filter((b) => a.left < b.right && b.left < a.right && a.top < b.foot && b.top < a.foot)
        .map((b) => `${a.text} over ${b.text}`),
    );
    const screen = document.documentElement.clientWidth;
    const isWide = frame.right > screen || frame.left < 0;
    return [...cut.map(({ text }) => text), ...over, ...(isWide ? ['wider than the screen'] : [])];
  });

testWithChromium(
  'no text of the timeline leaves it or overlaps another, on a phone and on a wide screen',
  async (t) => {
    for (const hash of ['#step-4', '#step-5']) {
      const { page } = await site.open(t, hash, { ...WIDE, width: 390, height: 844 });
      await page.emulateMedia({ reducedMotion: 'reduce' });
      for (const width of [320, 390, 1280]) {
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.setViewportSize({ width, height: 844 });
          await page.emulateMedia({ colorScheme });
          const titles = new Set<string>();
          for (const policy of ['max-frequency', 'perseus']) {
            await choose(page, policy);
            t.deepEqual(await clashes(page), [], `${hash}, ${width} pixels, ${policy}`);
            const shown = await picture(page).locator('[font-weight="600"]').count();
            t.is(shown, 2);
            titles.add(await picture(page).innerHTML());
          }
          t.is(titles.size, 2);
          await shot(page, `${hash.slice(1)}-${colorScheme}-${width}`);
        }
      }
      await page.getByRole('group', { name: /^Timeline; plus and minus/ }).focus();
      for (const key of ['+', 'ArrowRight', '+', 'ArrowRight', '+']) {
        await page.keyboard.press(key);
        t.deepEqual(await clashes(page), [], `${hash}, enlarged`);
      }
    }
  },
);

testWithChromium('the description of a box fits a phone', async (t) => {
  const { page } = await site.open(t, undefined, { ...WIDE, width: 320, height: 844 });
  await page.getByRole('group', { name: /^Timeline; plus and minus/ }).focus();
  const tip = page.locator('.timeline-tip');
  for (let k = 0; k < 6; k++) {
    await page.keyboard.press(k % 2 === 0 ? 'ArrowDown' : 'Shift+ArrowRight');
    const box = (await tip.boundingBox())!;
    t.true(box.x >= 0 && box.x + box.width <= 320, JSON.stringify(box));
  }
});

const deadline = (page: Page) => page.getByRole('slider', { name: /^Deadline on the frontier/ });

/** The deadline that the what-if asks for. */
const asked = ({ page }: OpenPage) =>
  page.getByLabel('Time an iteration may take', { exact: true }).inputValue();

testWithChromium(
  'the deadline is dragged on the frontier: read at once, then asked for',
  async (t) => {
    const open = await site.open(t);
    const { page } = open;
    t.is(await asked(open), '');
    const handle = page.locator('.frontier-handle circle').last();
    await handle.scrollIntoViewIfNeeded();
    const at = (await handle.boundingBox())!;
    await open.after(async () => {
      await page.mouse.move(at.x + at.width / 2, at.y + at.height / 2);
      await page.mouse.down();
      await page.mouse.move(at.x + at.width / 2 + 40, at.y, { steps: 4 });
      const text = await deadline(page).getAttribute('aria-valuetext');
      t.regex(
        text!,
        /^\d+\.\d{3} s \(\d+\.\d % slower\), 0\.\d{3} MJ, \d+\.\d % less than max-frequency$/,
      );
      t.true(Number.parseFloat(text!) > 56.1, text!);
      await page.mouse.up();
    });
    const askedS = Number(await asked(open));
    t.true(askedS > 56.1 && askedS < 62, String(askedS));
    await page.locator('.frontier').screenshot({ path: artefact('frontier-dragged.png') });
  },
);

testWithChromium(
  'the deadline is moved by keys, not below the time of the straggler',
  async (t) => {
    const open = await site.open(t);
    const { page } = open;
    const valueS = async () => Number(await deadline(page).getAttribute('aria-valuenow'));
    await deadline(page).focus();
    await open.after(() => page.keyboard.press('End'));
    const slowestS = await valueS();
    t.true(slowestS > 57, String(slowestS));
    t.true(Math.abs(Number(await asked(open)) - slowestS) < 0.01);
    await open.after(() => page.keyboard.press('Home'));
    const fastestS = await valueS();
    t.true(Math.abs(fastestS - 56.04) < 0.02, String(fastestS));
  },
);
