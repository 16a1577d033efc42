import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import anyTest, { type ExecutionContext } from 'ava';
import { chromium, type Browser } from 'playwright-core';
import { projectFile } from './files.js';

/** Debian's. */
const EXECUTABLE = '/usr/bin/chromium';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const available = existsSync(EXECUTABLE);

/**
 * A test in a real browser. On a machine without Chromium it says by name that it was left out; in
 * CI nothing may be left out, so there it fails.
 */
export function testWithChromium(
  title: string,
  body: (t: ExecutionContext) => Promise<void>,
): void {
  anyTest.serial(title, async (t) => {
    if (available) {
      await body(t);
      return;
    }
    t.log(`left out: "${title}" needs ${EXECUTABLE}`);
    t.is(process.env['CI'], undefined, 'in CI Chromium must be there');
  });
}

/**
 * A Chromium without windows, started before a file's tests and closed after them. Called at the top of a
 * file; the browser is there within `testWithChromium`.
 */
export function chromiumOfFile(): () => Browser {
  let browser: Browser | undefined;
  anyTest.before(async () => {
    if (available) {
      browser = await chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS });
    }
  });
  anyTest.after.always(() => browser?.close());
  return () => {
    if (browser === undefined) throw new Error('a browser is there in testWithChromium only');
    return browser;
  };
}

/** The path of a screenshot to look at; its folder is not kept in the repository. */
export function artefact(name: string): string {
  const folder = projectFile('test-artefacts');
  mkdirSync(folder, { recursive: true });
  return join(folder, name);
}
