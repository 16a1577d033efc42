import { overflowPx } from '../support/axe.js';
import { testWithChromium } from '../support/chromium.js';
import { siteOfFile, WIDE } from '../support/explorer.js';

const site = siteOfFile();

testWithChromium(
  'a number out of range is named with its field, and the page goes on',
  async (t) => {
    const open = await site.open(t);
    await open.type('Stages', '0');
    const stages = open.page.getByLabel('Stages', { exact: true });
    t.regex((await open.problems())[0]!, /^Stages: found 0, expected /);
    t.is(await stages.getAttribute('aria-invalid'), 'true');
    const beside = await stages.evaluate(
      (input) => document.getElementById(input.getAttribute('aria-describedby')!)?.textContent,
    );
    t.regex(beside!, /^found 0, expected /, 'it is said beside the field too');
    await open.type('Stages', '');
    t.deepEqual(await open.problems(), ['Stages: found no number, expected a number']);
    await open.type('Price of energy', '-1');
    t.deepEqual((await open.problems()).length, 2);
    t.regex((await open.problems())[1]!, /^Price of energy: found -1, expected /);
    await open.type('Price of energy', '0.1');
    await open.type('Stages', '8');
    t.is(await open.saved(), '27.62');
    t.deepEqual(await open.page.locator('.wrong').allInnerTexts(), []);
  },
);

testWithChromium(
  'what was wrong is gone when it is corrected, before the answer is there',
  async (t) => {
    const open = await site.open(t);
    const { page } = open;
    await open.type('Microbatches', '0');
    t.is((await open.problems()).length, 1);
    // No worker answers any more: whatever is shown from now on is not an answer's.
    await page.evaluate(() => {
      Worker.prototype.postMessage = () => undefined;
    });
    await page.getByLabel('Microbatches').fill('96');
    await page.locator('.results[data-state=computing]').waitFor();
    t.deepEqual(await open.problems(), []);
    t.is(await page.locator('.wrong').count(), 0);
    t.is(await open.saved(), '27.62', 'the run before, until there is another one');
  },
);

testWithChromium('going back from a broken link takes its sentence away', async (t) => {
  const open = await site.open(t);
  const { page } = open;
  await open.type('Microbatches', '12');
  await page.waitForFunction(() => location.hash.length > 1);
  await page.evaluate(() => (location.hash = '#hello'));
  await page.locator('.notice').waitFor();
  await page.goBack();
  await page.locator('.notice').waitFor({ state: 'detached' });
  t.is(await page.getByLabel('Microbatches').inputValue(), '12');
});

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
/** Whether two boxes share a pixel. */
const overlap = (a: Box, b: Box) =>
  a.x < b.x + b.width - 1 &&
  b.x < a.x + a.width - 1 &&
  a.y < b.y + b.height - 1 &&
  b.y < a.y + a.height - 1;

testWithChromium('progress covers nothing that is to be read', async (t) => {
  const { page } = await site.open(t);
  await page.evaluate(() => {
    const chip = document.querySelector('.computing')!;
    chip.classList.remove('idle');
    chip.append(' frontier of the pipelines of a very long name, of perseus-hull');
  });
  for (const width of [1400, 861, 320]) {
    await page.setViewportSize({ width, height: 800 });
    const boxOf = async (selector: string) => (await page.locator(selector).first().boundingBox())!;
    const chip = await boxOf('.computing');
    t.true(chip.height > 0 && chip.width > 0);
    for (const read of ['.saved b', '.saved span', '.sentences', 'h1', '.actions']) {
      t.false(overlap(chip, await boxOf(read)), `${read}, ${width} pixels`);
    }
    t.is(await overflowPx(page), 0);
  }
});

/** Everything that Tab reaches; of a group of radio buttons it is the chosen one. */
const CONTROLS = 'button, input:not([type=radio]:not(:checked)), select, [tabindex="0"]';

testWithChromium('at 320 pixels the focus is seen wherever it is', async (t) => {
  const { page } = await site.open(t, '#step-5', { ...WIDE, width: 320, height: 640 });
  t.is(await overflowPx(page), 0);
  const controls = await page.locator(CONTROLS).filter({ visible: true }).count();
  t.true(controls > 30);
  for (let k = 0; k < controls; k++) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate(() => {
      const focused = document.activeElement!;
      // Of a choice of files its button is seen.
      const seen = focused.closest('.button') ?? focused;
      const { outlineStyle, outlineWidth } = getComputedStyle(seen);
      const { top, bottom } = seen.getBoundingClientRect();
      const bar = document.querySelector('.saved')!.getBoundingClientRect();
      const picture = document.querySelector('.picture')!.getBoundingClientRect();
      // The picture stays until what comes after the controls covers it.
      const isControl = seen.closest('form') !== null;
      return {
        what: seen.outerHTML.slice(0, 80),
        // The handle on the frontier draws a ring of its own.
        outline: seen.matches('.frontier-handle')
          ? `solid ${getComputedStyle(seen.querySelector('.frontier-grip')!).strokeWidth}`
          : `${outlineStyle} ${outlineWidth}`,
        isInSight: bottom > 0 && top < innerHeight,
        isBelowBar:
          seen.closest('.masthead, .stepper, .picture') !== null ||
          bottom > (isControl ? picture : bar).bottom,
      };
    });
    t.deepEqual(
      { ...found, what: '' },
      { what: '', outline: 'solid 2px', isInSight: true, isBelowBar: true },
      found.what,
    );
  }
});
