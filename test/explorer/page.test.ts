import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Browser } from 'playwright-core';
import { LIBRARY } from '../../sim/cli/catalog-files.js';
import { runProgram } from '../../sim/cli/program.js';
import { linkOf } from '../../sim/explorer/link.js';
import { loadProfile } from '../../sim/studies/scenario-profile.js';
import { scenarioSetting } from '../../sim/studies/scenario-setting.js';
import { parseScenario } from '../../sim/studies/scenario.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import { barriers, overflowPx } from '../support/axe.js';
import { startChromium, testWithChromium } from '../support/chromium.js';
import { TestSite, WIDE, type Look, type OpenPage } from '../support/explorer.js';
import { projectFile } from '../support/files.js';

/** Screenshots to look at; not kept in the repository. */
const ARTEFACTS = projectFile('test-artefacts');

let browser: Browser | undefined;
let site: TestSite;

test.before(async () => {
  browser = await startChromium();
  if (browser !== undefined) site = await TestSite.start(browser);
});

test.after.always(async () => {
  if (browser === undefined) return;
  site.stop();
  await browser.close();
});

/** What `pipewatt run` prints, on one line. */
async function commandLine(path: string, ...options: string[]): Promise<string> {
  let out = '';
  let err = '';
  const code = await runProgram(['run', path, ...options], {
    out: (text) => (out += text),
    err: (text) => (err += text),
    isWatched: false,
  });
  if (code !== 0) throw new Error(`exit ${code}: ${err}`);
  return out.replaceAll(/\s+/g, ' ');
}

function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-test-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** Downloads the scenario, and the profile if there is one; the path of the scenario. */
async function download(t: ExecutionContext, { page }: OpenPage): Promise<string> {
  const folder = temporaryFolder(t);
  const save = async (button: string) => {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: button }).click(),
    ]);
    const path = join(folder, file.suggestedFilename());
    await file.saveAs(path);
    return path;
  };
  const path = await save('Download scenario');
  if (await page.getByRole('button', { name: 'Download profile' }).isVisible()) {
    await save('Download profile');
  }
  return path;
}

/** Everything the page shows in figures is in the command line's text. */
async function isToldBy(t: ExecutionContext, open: OpenPage, told: string): Promise<void> {
  const saved = await open.saved();
  t.regex(saved, /^\d+\.\d\d$/);
  t.true(told.includes(`removes ${saved} %`), saved);
  const [first] = await open.sentences();
  t.true(told.includes(first!), first);
  for (const row of await open.rows()) {
    // Columns behind the power are the page's own.
    const upToPower = /^.*?\d+\.\d(?!\d)/.exec(row)![0];
    t.true(told.includes(upToPower), row);
  }
}

testWithChromium(
  'the page loads: nothing in the console, nothing fetched from elsewhere',
  async (t) => {
    const open = await site.open(t);
    t.is(await open.page.title(), 'pipewatt: what if?');
    t.is(await open.saved(), '27.62');
    t.true(await open.page.locator('svg.timeline').isVisible());
    t.true(await open.page.locator('.plot canvas').isVisible());
    await open.after(() => open.page.getByLabel('Schedule').selectOption('zb-h1'));
    t.deepEqual(open.heard, []);
  },
);

testWithChromium(
  'three scenarios save what the command line says, to the shown digits',
  async (t) => {
    for (const name of ['quick-start', 'what-if/synthesized', 'what-if/imbalance-factors']) {
      const path = `scenarios/${name}.yaml`;
      const open = await site.open(t);
      await open.give(path);
      await isToldBy(t, open, await commandLine(projectFile(path)));
      t.deepEqual(open.heard, []);
    }
  },
);

testWithChromium('a downloaded scenario gives the same numbers on the command line', async (t) => {
  const open = await site.open(t);
  const { page } = open;
  await open.after(() => page.getByLabel('Model', { exact: true }).selectOption('llama-3-70b'));
  await open.after(() => page.getByLabel('GPU', { exact: true }).selectOption('h100-sxm'));
  await open.type('Microbatches', '16');
  await open.type('Straggler slowdown, as a number', '1.33');
  await open.type('Jitter, of what was measured, as a number', '0.5');
  await open.type('Stage 2, as a number', '1.15');
  await open.type('Pipelines', '6');
  await open.type('Power of a GPU that waits', '140');
  await open.type('Price of energy', '0.21');
  await open.after(() => page.getByLabel('zeus-global').check());
  const path = await download(t, open);
  const told = await commandLine(path);
  await isToldBy(t, open, told);
  t.true(told.includes('nobody profiled this'));
  for (const caveat of await page.locator('.caveats li').allInnerTexts()) {
    t.true(told.includes(caveat), caveat);
  }
  const { policies } = JSON.parse(await commandLine(path, '--format', 'json')) as {
    policies: { policy: string }[];
  };
  t.deepEqual(
    policies.map(({ policy }) => policy),
    ['max-frequency', 'zeus-global', 'perseus'],
  );
});

testWithChromium('one’s own profile: chosen, run, downloaded with its scenario', async (t) => {
  const open = await site.open(t);
  await open.give('test/fixtures/good/two-stages.csv');
  t.deepEqual(await open.problems(), []);
  t.is(await open.page.getByLabel('Stages', { exact: true }).inputValue(), '2');
  await isToldBy(t, open, await commandLine(await download(t, open)));
});

testWithChromium(
  'a broken profile is named in the command line’s sentence, and mended',
  async (t) => {
    const open = await site.open(t);
    const name = 'profile-not-a-number.csv';
    await open.give(`test/fixtures/bad/${name}`);
    const expected = readFileSync(projectFile(`test/fixtures/bad/${name}.expected.txt`), 'utf8')
      .replaceAll(`test/fixtures/bad/${name}`, name)
      .trim()
      .split('\n');
    t.deepEqual(await open.problems(), expected);
    t.true(await open.page.getByRole('alert').isVisible());
    await open.give('test/fixtures/good/two-stages.csv');
    t.deepEqual(await open.problems(), []);
    t.deepEqual(open.heard, []);
  },
);

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
    t.is(await open.page.locator('.wrong').count(), 0);
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
  for (const width of [1400, 1000, 861, 390, 320]) {
    const { page } = await site.open(t, '', { ...WIDE, width });
    await page.evaluate(() => {
      const chip = document.querySelector('.computing')!;
      chip.classList.remove('idle');
      chip.append(' frontier of the pipelines of a very long name, of perseus-hull');
    });
    const boxOf = async (selector: string) => (await page.locator(selector).first().boundingBox())!;
    const chip = await boxOf('.computing');
    t.true(chip.height > 0 && chip.width > 0);
    for (const read of ['.saved b', '.saved span', '.sentences', 'h1', '.actions']) {
      t.false(overlap(chip, await boxOf(read)), `${read}, ${width} pixels`);
    }
    t.is(await overflowPx(page), 0);
  }
});

testWithChromium('files that are dropped are opened, wherever they fall', async (t) => {
  const open = await site.open(t);
  const text = readFileSync(projectFile('scenarios/what-if/gpipe.yaml'), 'utf8');
  await open.after(() =>
    open.page.locator('.results').evaluate((element, yaml) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([yaml], 'gpipe.yaml'));
      element.dispatchEvent(new DragEvent('drop', { bubbles: true, dataTransfer }));
    }, text),
  );
  t.is(await open.page.getByLabel('Schedule').inputValue(), 'gpipe');
});

testWithChromium('a link restores everything, one’s own profile too', async (t) => {
  const open = await site.open(t);
  await open.give('test/fixtures/good/two-stages.csv');
  await open.type('Microbatches', '17');
  await open.type('Straggler slowdown, as a number', '1.15');
  await open.page.getByRole('button', { name: 'Copy link' }).click();
  await open.page.getByText('link copied').waitFor();
  const link = await open.page.evaluate(() => navigator.clipboard.readText());
  await open.page.waitForFunction((address) => location.href === address, link);
  const other = await site.open(t, new URL(link).hash);
  t.is(await other.page.getByLabel('Microbatches').inputValue(), '17');
  t.deepEqual(await other.rows(), await open.rows());
  t.deepEqual(await other.sentences(), await open.sentences());
  t.is(
    await other.page.locator('svg.timeline').evaluate((svg) => svg.outerHTML),
    await open.page.locator('svg.timeline').evaluate((svg) => svg.outerHTML),
  );
});

testWithChromium('a broken link is a sentence above the usual page', async (t) => {
  for (const [hash, sentence] of [
    ['#1.abc', /^This link is broken: part of it is missing/],
    ['#hello', /^This link begins with "hello", expected "1\."/],
  ] as const) {
    const open = await site.open(t, hash);
    t.regex(await open.page.locator('.notice').innerText(), sentence);
    t.is(await open.saved(), '27.62');
    t.deepEqual(open.heard, []);
  }
});

/** Names that do not compress: a link of them is as long as they are. */
const words = (count: number) =>
  Array.from({ length: count }, (_, k) =>
    createHash('sha256').update(String(k)).digest('base64url').slice(0, 12),
  );

testWithChromium('links that mean harm are a sentence, and the page goes on', async (t) => {
  const linkTo = (yaml: string) => linkOf({ name: 'harm.yaml', yaml });
  const scenario = 'name: x\nprofile: {catalog: gpt3-175b-a100-sxm}\n';
  const size = 'pipeline: {stages: 8, microbatches: 8}\n';
  const links = {
    'unknown keys': await linkTo(
      scenario +
        size +
        words(5000)
          .map((word) => `a${word}: 1\n`)
          .join(''),
    ),
    nested: await linkTo(`${scenario}pipeline: ${'['.repeat(50_000)}`),
    'nested and closed': await linkTo(`pipeline: ${'['.repeat(30_000)}${']'.repeat(30_000)}\n`),
    stragglers: await linkTo(
      `${scenario}${size}stragglers: [${'{pipeline: -1}, '.repeat(15_000)}]\n`,
    ),
    aliases: await linkTo(
      `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefghij'
        .split('')
        .map((name, k) => `${name}: &${name} [${`*${'abcdefghi'[k]!}, `.repeat(9)}]\n`)
        .join('')}`,
    ),
    'much in little': await linkTo('x'.repeat(60_000_000)),
    long: await linkTo(`${scenario}# ${words(25_000).join(' ')}`),
  };
  t.true(links['unknown keys'].length > 61_000);
  for (const [name, link] of Object.entries(links)) {
    const startedMs = performance.now();
    const open = await site.open(t, `#${link}`);
    const lines = await open.page.locator('.notice p').allInnerTexts();
    t.log(`${name}, ${link.length} characters: ${(performance.now() - startedMs).toFixed(0)} ms`);
    t.true(lines.length >= 1 && lines.length <= 22, `${name}: ${lines.length} lines`);
    t.regex(lines[0]!, /^(?:The scenario of this link is wrong|This link holds more than)/, name);
    t.true(lines.every((line) => line.length < 500));
    t.is(await open.saved(), '27.62');
    await open.type('Microbatches', '12');
    t.deepEqual(await open.problems(), []);
    t.is(await open.page.locator('.notice').count(), 0);
    t.deepEqual(open.heard, []);
  }
});

/** What is measured from a slider's release on, until it is on the screen. */
interface Release {
  /** The preview, or the answer where that came first. */
  readonly pictureMs: number;
  readonly answerMs: number;
}

/** Lets a slider go at some values. */
async function releases(open: OpenPage, label: string, values: readonly number[]) {
  const { page } = open;
  const slider = page.getByLabel(label, { exact: true });
  const found: Release[] = [];
  for (const value of values) {
    await slider.scrollIntoViewIfNeeded();
    const box = (await slider.boundingBox())!;
    const [min, max] = await slider.evaluate((element) => {
      const { min, max } = element as HTMLInputElement;
      return [Number(min), Number(max)];
    });
    await page.evaluate(() => {
      performance.clearMarks();
      addEventListener('pointerup', () => performance.mark('released'), { once: true });
    });
    // The middle of a slider's knob does not reach its ends.
    const knob = 16;
    const part = (value - min) / (max - min);
    const x = box.x + knob / 2 + part * (box.width - knob);
    await open.after(() => page.mouse.click(x, box.y + box.height / 2));
    found.push(
      await page.evaluate(() => {
        const at = (name: string) => performance.getEntriesByName(name).at(-1)?.startTime;
        const released = at('released')!;
        const answer = at('pipewatt:painted')!;
        const picture = at('pipewatt:preview') ?? answer;
        return { pictureMs: picture - released, answerMs: answer - released };
      }),
    );
  }
  return found;
}

/** What a frontier takes that the README says takes 0.16 s: how busy the machine is. */
function yardstick(): number {
  const path = projectFile('scenarios/gpt3-175b-a100-sxm-mb96.yaml');
  const scenario = { ...parseScenario(readFileSync(path, 'utf8'), path), unitTimeS: 0.001 };
  const { problem } = scenarioSetting(scenario, loadProfile(scenario, path, LIBRARY));
  const timesMs = Array.from({ length: 3 }, () => {
    const startMs = performance.now();
    perseus.plan(problem);
    return performance.now() - startMs;
  });
  return Math.min(...timesMs);
}

/** `median 120 ms of 110 120 300` */
function figure(timesMs: readonly number[]): string {
  const median = timesMs.toSorted((a, b) => a - b)[timesMs.length >> 1]!;
  return `median ${median.toFixed(0)} ms of ${timesMs.map((ms) => ms.toFixed(0)).join(' ')}`;
}

testWithChromium('GPT-3 A100, 96 microbatches: what a slider’s release takes', async (t) => {
  const open = await site.open(t);
  await open.type('Microbatches', '96');
  for (const [label, values, what] of [
    ['Straggler slowdown', [1.5, 1.1, 1.9, 1.3, 2.2, 1.4, 1.7], 'nothing is planned anew'],
    ['Stage 3', [1.1, 0.9, 1.3], 'all is planned anew'],
  ] as const) {
    const found = await releases(open, label, values);
    t.log(`${label} (${what}), picture: ${figure(found.map(({ pictureMs }) => pictureMs))}`);
    t.log(`${label} (${what}), answer: ${figure(found.map(({ answerMs }) => answerMs))}`);
    t.true(found.every(({ pictureMs, answerMs }) => pictureMs > 0 && answerMs >= pictureMs));
  }
  t.log('from the release to what is painted; the aim is a picture within 500 ms');
  t.log(
    `this machine, now: that job's frontier in 3,496 points takes ${yardstick().toFixed(0)} ms`,
  );
});

testWithChromium(
  'all of it by keyboard: Tab reaches every control, arrows move a slider',
  async (t) => {
    const open = await site.open(t);
    const { page } = open;
    const controls = await page.locator('button, input, select, [tabindex="0"]').count();
    t.true(controls > 30);
    await page.evaluate(() => {
      document.querySelectorAll('button, input, select, [tabindex="0"]').forEach((element, k) => {
        element.setAttribute('data-control', String(k));
      });
    });
    const reached: number[] = [];
    for (let k = 0; k < controls; k++) {
      await page.keyboard.press('Tab');
      const control = await page.evaluate(() =>
        document.activeElement?.getAttribute('data-control'),
      );
      reached.push(Number(control ?? NaN));
    }
    t.deepEqual(
      reached,
      Array.from({ length: controls }, (_, k) => k),
      'in their order on the page',
    );
    await page.getByLabel('Straggler slowdown', { exact: true }).focus();
    const before = await open.saved();
    await open.after(() => page.keyboard.press('ArrowRight'));
    t.not(await open.saved(), before);
    t.is(await page.getByLabel('Straggler slowdown, as a number').inputValue(), '1.25');
  },
);

testWithChromium('a screen reader is told names, and results when they change', async (t) => {
  for (const hash of ['', '#hello']) {
    const open = await site.open(t, hash);
    const { page } = open;
    await open.type('Microbatches', hash === '' ? '24' : '0');
    t.deepEqual(await barriers(page), []);
  }
  const { page } = await site.open(t);
  const unnamed = await page.locator('main').ariaSnapshot();
  t.notRegex(unnamed, /- (?:slider|spinbutton|combobox|checkbox|textbox|button)(?::|$)/m);
  t.regex(unnamed, /- slider "Straggler slowdown": /);
  const status = page.getByRole('status').filter({ hasText: 'of the energy saved' });
  t.regex(await status.innerText(), /27\.62 %\s+of the energy saved\s+perseus removes/);
});

const LOOKS: Readonly<Record<string, Look>> = {
  'light-wide': WIDE,
  'dark-wide': { ...WIDE, colorScheme: 'dark' },
  'light-phone': { width: 390, height: 844, colorScheme: 'light' },
  'dark-phone': { width: 390, height: 844, colorScheme: 'dark' },
  'light-narrow': { width: 320, height: 640, colorScheme: 'light' },
};

testWithChromium(
  'it fits a wide window and a phone, light and dark; pictures are kept',
  async (t) => {
    mkdirSync(ARTEFACTS, { recursive: true });
    for (const [name, look] of Object.entries(LOOKS)) {
      const { page } = await site.open(t, '', look);
      t.is(await overflowPx(page), 0, `${name}: nothing sticks out to the side`);
      const path = `${ARTEFACTS}/explorer-${name}.png`;
      await page.screenshot({ path, fullPage: true });
      t.log(`picture: test-artefacts/explorer-${name}.png`);
    }
  },
);
