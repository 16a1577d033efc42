import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { FLATTENING_ACCOUNT_KEYS } from '../../sim/power/flatten/flattening-accounts.js';
import { runInProcess } from '../support/in-process.js';

const folder = mkdtempSync(join(tmpdir(), 'pipewatt-flatten-'));

/** A small job with some controls. */
function scenarioFile(name: string, flatten: string, more = ''): string {
  const path = join(folder, `${name}.yaml`);
  writeFileSync(
    path,
    `name: ${name}
profile: { catalog: gpt3-175b-a100-sxm }
pipeline: { stages: 8, microbatches: 8 }
pipelines: 4
iterations: 2
policies: [max-frequency]
${more}
flatten: ${flatten}
`,
  );
  return path;
}

interface Flattened {
  readonly before: { readonly energyJ: number; readonly peakW: number };
  readonly after: { readonly energyJ: number; readonly peakW: number };
  readonly energiesJ: Readonly<Record<string, number>>;
  readonly grid?: { readonly isKept: boolean };
}

async function flattenedOf(path: string): Promise<Flattened> {
  const { code, out, err } = await runInProcess(['run', path, '--format', 'json', '--no-bound']);
  if (code !== 0) throw new Error(err);
  return (JSON.parse(out) as { flattened: [Flattened] }).flattened[0];
}

test('JSON has figures before and after, every account, and the verdict on the grid', async (t) => {
  const controls = '{ stagger: { groups: 2, byS: 0.1 }, storage: { capacityKWh: 1, powerKW: 10 } }';
  const path = scenarioFile('stored', controls, 'grid: { peakW: 1e6 }');
  const { before, after, energiesJ, grid } = await flattenedOf(path);
  t.deepEqual(Object.keys(energiesJ), [...FLATTENING_ACCOUNT_KEYS, 'totalJ']);
  t.true(Math.abs(before.energyJ + energiesJ['totalJ']! - after.energyJ) < 1e-9 * after.energyJ);
  t.true(energiesJ['staggerWaitingJ']! > 0 && energiesJ['storageLossJ']! > 0);
  t.true(after.peakW < before.peakW);
  t.true(grid?.isKept);
});

test('a capped job stays below its cap, and the report says what that costs', async (t) => {
  const path = scenarioFile('capped', '{ cap: { powerW: 9000 } }');
  const { before, after } = await flattenedOf(path);
  t.true(before.peakW > 9000);
  t.true(after.peakW <= 9000);
  const report = join(folder, 'capped.html');
  const { code, out } = await runInProcess(['run', path, '--no-bound', '--report', report]);
  t.is(code, 0);
  for (const text of [out, readFileSync(report, 'utf8')]) {
    t.regex(text, /computing at lower clocks/);
    t.regex(text, /Ways to stay below 9\.0 kW/);
  }
});

test('contradictions and impossible numbers are all named, at their lines', async (t) => {
  const path = scenarioFile(
    'wrong',
    `
  stagger: { groups: 9, byS: 0.1 }
  cap: { powerW: 9000 }
  ballast: { levelPct: 0.5 }
  smoothing: { rampDownHysteresisMs: 5 }
  storage: { capacityKWh: 1, powerKW: 10, meanOverS: 5, levelW: 9000 }`,
  );
  const { code, out, err } = await runInProcess(['run', path]);
  t.is(code, 2);
  t.is(out, '');
  for (const expected of [
    /:9, flatten\.stagger\.groups: found 9, expected at most 4, the number of pipelines/,
    /:11, flatten\.ballast\.levelPct: found 0\.5, expected a number from 1 to 100 %.*that looks like a part of one: write 50/,
    /:12, flatten\.smoothing: does not go with flatten\.cap/,
    /:12, flatten\.smoothing: smooths nothing/,
    /flatten\.smoothing\.rampDownHysteresisMs: is how long the floor is held; give floorPct too/,
    /:13, flatten\.storage\.levelW: does not go with meanOverS/,
  ]) {
    t.regex(err, expected);
  }
});

test('no control at all, and a cap that cannot be kept, are refused with what to do', async (t) => {
  const none = await runInProcess(['run', scenarioFile('none', '{ everyS: 0.1 }')]);
  t.is(none.code, 2);
  t.regex(none.err, /flatten: has no control; give one or more of stagger, cap, ballast/);
  const low = await runInProcess(['run', scenarioFile('low', '{ cap: { powerW: 2000 } }')]);
  t.is(low.code, 2);
  t.regex(low.err, /flatten\.cap\.powerW: found 2000 W, but max-frequency draws \d+ W/);
});
