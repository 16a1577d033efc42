import { readFileSync } from 'node:fs';
import test from 'ava';
import { measuredChips } from '../../sim/disk/measured-chips.js';
import { readMachine } from '../../sim/disk/operator-catalog.js';
import { leaveChipOut } from '../../sim/operators/leave-chip-out.js';
import { leaveOutSentences, savingBand } from '../../sim/operators/leave-out-sentences.js';
import { LEFT_OUT_ERRORS } from '../../sim/operators/known-errors.js';
import { SAVINGS_LACK_ALONE_PCT, SAVINGS_LACK_PCT } from '../../sim/operators/saving-band.js';
import { projectFile } from '../support/files.js';

const errors = leaveChipOut(measuredChips('test'));
const savings = errors.flatMap((error) => error.savings);

test('savings of profiles made without their chip: the error, and the band', (t) => {
  const off = savings.map(({ predictedPct, measuredPct }) => Math.abs(predictedPct - measuredPct));
  t.is(off.length, 12);
  t.true(off.reduce((a, b) => a + b, 0) / 12 <= 2.5);
  const inside = savings.filter(
    ({ measuredPct, lowPct, highPct }) => lowPct <= measuredPct && measuredPct <= highPct,
  );
  t.true(inside.length >= 10);
});

test('results/predict.txt has these errors', (t) => {
  const lines = readFileSync(projectFile('results/predict.txt'), 'utf8').split('\n');
  for (const line of leaveOutSentences(errors)) t.true(lines.includes(line), line);
});

test('power of chips in the catalog is what was fitted', (t) => {
  for (const { chip, fit } of errors) {
    const { power } = readMachine(chip, 'test').rates;
    const near = (a: number, b: number) => Math.abs(a / b - 1) < 2e-3;
    t.true(near(power.activeW.product, fit.power.activeW.product), chip);
    t.true(near(power.voltage.floorMHz, fit.power.voltage.floorMHz), chip);
    t.true(near(power.voltage.perMHz, fit.power.voltage.perMHz), chip);
    t.is(power.limitSharpness, fit.power.limitSharpness);
    t.is(power.clockedTime.memory, fit.power.clockedTime.memory);
  }
});

test('what other predictions lack is what these lacked', (t) => {
  const near = (a: number, b: number) => Math.abs(a - b) < 0.051;
  const alone = errors.flatMap((error) => error.savingsAlone);
  for (const [lack, measured] of [
    [SAVINGS_LACK_PCT, savings],
    [SAVINGS_LACK_ALONE_PCT, alone],
  ] as const) {
    const lacks = measured.map(({ measuredPct, uncorrectedPct }) => measuredPct - uncorrectedPct);
    t.true(near(lack.mean, lacks.reduce((a, b) => a + b, 0) / lacks.length));
    t.true(near(lack.least, Math.min(...lacks) - 1));
    t.true(near(lack.most, Math.max(...lacks) + 1));
  }
});

test('errors that are told of other profiles are those of these', (t) => {
  for (const kind of ['time', 'slowdown', 'power'] as const) {
    const pct = errors.map((error) => error[`${kind}Pct`]);
    const { meanPct, worstPct, profiles } = LEFT_OUT_ERRORS[kind];
    t.true(Math.abs(meanPct - (pct[0]! + pct[1]!) / 2) < 0.051, kind);
    t.true(Math.abs(worstPct - Math.max(...pct)) < 0.051, kind);
    t.is(profiles, savings.length / 3);
  }
});

test('a band in words', (t) => {
  t.is(savingBand({ predictedPct: 21.2, lowPct: 16.9, highPct: 25.4 }), 'saves 21 %, 17 to 25');
});
