import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import type { Page } from 'playwright-core';
import { contentOfLink } from '../../sim/explorer/link.js';
import { barriers } from '../support/axe.js';
import { chromiumOfFile, testWithChromium } from '../support/chromium.js';
import { begin } from '../support/command.js';
import { projectFile } from '../support/files.js';

const browser = chromiumOfFile();
let folder: string;
let html: string;

test.before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pipewatt-script-'));
  const scenario = projectFile('scenarios/quick-start.yaml');
  await begin(['run', scenario, '--report', join(folder, 'run.html')]).ended;
  html = readFileSync(join(folder, 'run.html'), 'utf8');
});

test.after.always(() => {
  rmSync(folder, { recursive: true });
});

/** The report, opened from disk; whatever it asks of a network or complains of is a failure. */
async function openReport(
  t: ExecutionContext,
  look: { readonly width?: number; readonly javaScriptEnabled?: boolean } = {},
): Promise<Page> {
  const { width = 1280, javaScriptEnabled = true } = look;
  const page = await browser().newPage({ viewport: { width, height: 900 }, javaScriptEnabled });
  page.on('console', (message) => t.fail(message.text()));
  page.on('pageerror', (error) => t.fail(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith('file://')) t.fail(request.url());
  });
  await page.goto(pathToFileURL(join(folder, 'run.html')).href);
  return page;
}

const chart = (page: Page, name: string) => page.getByRole('img', { name, exact: true });

test('a report is its script of at most 395 kB, its data and its pictures', (t) => {
  const scripts = [...html.matchAll(/<script>([^]*?)<\/script>/g)];
  t.is(scripts.length, 1);
  t.true(scripts[0]![1]!.length < 395_000, `${scripts[0]![1]!.length} bytes of script`);
  const without = html.length - scripts[0]![1]!.length;
  t.true(without < 600_000, `${without} bytes besides`);
});

test('a report links to the page with its scenario', async (t) => {
  const [, link] = /<a href="http:\/\/127\.0\.0\.1:4200\/#([^"]+)">/.exec(html)!;
  const { files } = await contentOfLink(link!);
  t.regex(files.yaml, /^name: quick-start$/m);
  t.regex(files.yaml, /slowdown: 1\.2/);
});

testWithChromium('pointing at a picture says what is there', async (t) => {
  const page = await openReport(t);
  const power = (await chart(page, 'Power over time').boundingBox())!;
  await chart(page, 'Power over time').scrollIntoViewIfNeeded();
  await chart(page, 'Power over time').hover({
    position: { x: power.width / 4, y: power.height / 4 },
  });
  await page.waitForTimeout(100);
  const tip = await chart(page, 'Power over time').locator('tspan').allTextContents();
  t.regex(tip.join(' '), /max-frequency .*\d+\.\d{3} to \d+\.\d{3} s .*[\d.]+ MW/);
  const ledger = chart(page, 'Energy of each policy by account');
  await ledger.hover({ position: { x: 300, y: 60 } });
  await page.waitForTimeout(100);
  t.regex((await ledger.locator('tspan').allTextContents()).join(' '), /computing .*MJ, [\d.]+ %/);
  await page.close();
});

testWithChromium('charts are as wide as their place, in letters of the same size', async (t) => {
  for (const width of [1280, 390]) {
    const page = await openReport(t, { width });
    const places = await page.locator('.chart').evaluateAll((charts) =>
      charts.map((place) => {
        const svg = place.querySelector('svg')!;
        return {
          placePx: place.clientWidth,
          drawnPx: svg.viewBox.baseVal.width,
          letters: getComputedStyle(svg).fontSize,
        };
      }),
    );
    t.true(places.length >= 4);
    for (const { placePx, drawnPx, letters } of places) {
      t.true(Math.abs(placePx - drawnPx) <= 1, `${drawnPx} of ${placePx} pixels`);
      t.is(letters, '12px');
    }
    t.deepEqual(await barriers(page), []);
    await page.close();
  }
});

testWithChromium('without a script a report shows the same', async (t) => {
  const page = await openReport(t, { javaScriptEnabled: false });
  t.is(await page.locator('.chart svg').count(), 4);
  t.true((await page.locator('.timeline-still svg').count()) === 1);
  t.regex((await page.locator('.headline').textContent())!, /^27\.62 % of the energy saved/);
  await page.close();
});
