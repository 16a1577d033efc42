import { existsSync } from 'node:fs';
import anyTest, { type ExecutionContext } from 'ava';
import { chromium, type Browser } from 'playwright-core';

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

/** A Chromium without windows; undefined if there is none. */
export function startChromium(): Promise<Browser> | undefined {
  return available ? chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS }) : undefined;
}
