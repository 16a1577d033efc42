import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import type { Browser, Page } from 'playwright-core';
import { startChromium, testWithChromium } from '../support/chromium.js';
import { begin } from '../support/command.js';
import { projectFile } from '../support/files.js';

let browser: Browser | undefined;
let folder: string;

test.before(async () => {
  browser = await startChromium();
  if (browser === undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'pipewatt-report-'));
  const scenario = projectFile('scenarios/gpt3-175b-a100-sxm-mb96.yaml');
  await begin(['run', scenario, '--report', join(folder, 'run.html')]).ended;
});

test.after.always(async () => {
  if (browser === undefined) return;
  await browser.close();
  rmSync(folder, { recursive: true });
});

/** The report, opened from disk; whatever it asks of a network or complains of is a failure. */
async function openReport(t: ExecutionContext): Promise<Page> {
  const page = await browser!.newPage({ viewport: { width: 1280, height: 900 } });
  page.on('console', (message) => t.fail(message.text()));
  page.on('pageerror', (error) => t.fail(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith('file://')) t.fail(request.url());
  });
  await page.goto(pathToFileURL(join(folder, 'run.html')).href);
  return page;
}

const firstViewBox = (page: Page) =>
  page.locator('svg.lanes').first().getAttribute('viewBox') as Promise<string>;
const ticks = (page: Page) => page.locator('g.axis text').allTextContents();
const labels = (page: Page) => page.locator('g.labels text').count();

testWithChromium(
  'a timeline of 8 stages × 96 microbatches can be enlarged until it is read',
  async (t) => {
    const page = await openReport(t);
    t.is(await labels(page), 0, 'at first boxes are too narrow for numbers');
    const [, , before] = (await firstViewBox(page)).split(' ').map(Number);
    for (let k = 0; k < 3; k++) await page.getByRole('button', { name: 'Enlarge' }).click();
    const [from, , width] = (await firstViewBox(page)).split(' ').map(Number);
    t.true(Math.abs(width! - before! / 8) < 1);
    t.true(Math.abs(from! - (7 / 16) * before!) < 1, 'the middle stays in the middle');
    t.true((await labels(page)) > 100, 'microbatches are numbered now');
    const shown = (await ticks(page)).slice(0, -1).map(Number);
    t.true(shown.length >= 5 && shown[0]! > 60 && shown.at(-1)! < 95, shown.join(' '));
    await page.getByRole('button', { name: 'Show all' }).click();
    t.is((await firstViewBox(page)).split(' ').map(Number)[2], before);
    await page.close();
  },
);

testWithChromium('keys do the same, and a box says what it is', async (t) => {
  const page = await openReport(t);
  await page.locator('.zoomable [tabindex]').focus();
  for (const key of ['+', '+', 'ArrowRight']) await page.keyboard.press(key);
  const [from, , width] = (await firstViewBox(page)).split(' ').map(Number);
  t.true(Math.abs(from! - (0.375 + 0.05) * 4 * width!) < 2, `${from!} of ${width!}`);
  await page.keyboard.press('0');
  const box = (await page.locator('svg.timeline').boundingBox())!;
  // In the middle of the last stage's lane of the first panel something computes.
  await page.mouse.move(box.x + box.width / 2, box.y + (24 + 7.5 * 17) * (box.width / 1200));
  const hint = await page.locator('.hint').textContent();
  t.regex(
    hint!,
    /^stage 7, (forward|backward) of microbatch \d+: from [\d.]+ s for [\d.]+ s at 1410 MHz, \d+ W per GPU$/,
  );
  await page.close();
});
