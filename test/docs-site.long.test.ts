import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import type { Page } from 'playwright-core';
import { barriers, overflowPx } from './support/axe.js';
import { chromiumOfFile, testWithChromium } from './support/chromium.js';
import { projectFile } from './support/files.js';

const browser = chromiumOfFile();
const folder = mkdtempSync(join(tmpdir(), 'pipewatt-docs-'));

test.before(() => {
  const args = [projectFile('docs/site/make-site.js'), '--output', folder];
  spawnSync(process.execPath, args, { stdio: 'inherit' });
});

test.after.always(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Look {
  readonly width?: number;
  readonly colorScheme?: 'dark' | 'light';
  readonly javaScriptEnabled?: boolean;
}

/** Opens a page of the site from disk; it may fetch nothing but files of the site. */
async function open(t: ExecutionContext, address: string, look: Look = {}): Promise<Page> {
  const { width = 1280, ...rest } = look;
  const context = await browser().newContext({ viewport: { width, height: 800 }, ...rest });
  t.teardown(() => context.close());
  const page = await context.newPage();
  const root = pathToFileURL(folder).href;
  page.on('request', (request) => {
    const url = request.url();
    t.true(url.startsWith(root) || url.startsWith('data:'), url);
  });
  page.on('pageerror', ({ message }) => {
    t.fail(message);
  });
  await page.goto(`${root}/${address}`);
  return page;
}

testWithChromium('the docs site is searched by keyboard, from a page in a folder', async (t) => {
  const page = await open(t, 'docs/tour.html');
  await page.keyboard.press('/');
  await page.keyboard.type('blocking pow');
  await page.locator('.found a').first().waitFor();
  t.regex((await page.locator('.found a').first().textContent())!, /^blocking power Glossary/);
  t.deepEqual(await barriers(page), []);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL(/docs\/glossary\.html#blocking-power$/);
  t.true(await page.getByRole('heading', { name: 'blocking power' }).isVisible());
  await page.keyboard.press('/');
  await page.keyboard.type('zzzqqq');
  await page.getByText('Nothing found').waitFor();
  await page.keyboard.press('Escape');
  t.false(await page.locator('.found').isVisible());
});

testWithChromium('every page of the docs site is free of barriers, light and dark', async (t) => {
  const pages = readdirSync(join(folder, 'docs')).filter((name) => name.endsWith('.html'));
  t.true(pages.length > 20);
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await open(t, 'index.html', { colorScheme });
    for (const name of ['index.html', ...pages.map((each) => `docs/${each}`)]) {
      await page.goto(`${pathToFileURL(folder).href}/${name}`);
      t.deepEqual(await barriers(page), [], `${name} ${colorScheme}`);
    }
  }
});

testWithChromium('on a phone, pages of the docs site fit and lead to the others', async (t) => {
  const page = await open(t, 'docs/commands.html', { width: 360 });
  t.true((await overflowPx(page)) <= 0);
  await page.getByRole('link', { name: 'All pages' }).click();
  await page.getByRole('link', { name: 'Glossary' }).click();
  t.true((await overflowPx(page)) <= 0);
  t.true(await page.getByRole('heading', { name: 'Glossary' }).isVisible());
});

testWithChromium('without script there is no search, and all else', async (t) => {
  const page = await open(t, 'index.html', { javaScriptEnabled: false });
  t.false(await page.locator('form').isVisible());
  await page.getByRole('link', { name: 'A tour in five minutes' }).first().click();
  t.true(await page.getByRole('heading', { name: 'A tour in five minutes' }).isVisible());
});

testWithChromium('printed, a page of the docs site is its text alone', async (t) => {
  const page = await open(t, 'docs/power.html');
  await page.emulateMedia({ media: 'print' });
  for (const part of ['header', '#pages', '.contents', '.neighbours']) {
    t.false(await page.locator(part).isVisible(), part);
  }
  t.true(await page.locator('main').isVisible());
});
