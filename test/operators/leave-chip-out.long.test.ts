import { readFileSync } from 'node:fs';
import test from 'ava';
import { measuredChips } from '../../sim/disk/measured-chips.js';
import { readMachine } from '../../sim/disk/operator-catalog.js';
import { leaveChipOut } from '../../sim/operators/leave-chip-out.js';
import { leaveOutSentences, savingBand } from '../../sim/operators/leave-out-sentences.js';
import { SAVINGS_LACK_PCT } from '../../sim/operators/saving-band.js';
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
  const lacks = savings.map(({ measuredPct, uncorrectedPct }) => measuredPct - uncorrectedPct);
  const near = (a: number, b: number) => Math.abs(a - b) < 0.051;
  t.true(near(SAVINGS_LACK_PCT.mean, lacks.reduce((a, b) => a + b, 0) / lacks.length));
  t.true(near(SAVINGS_LACK_PCT.least, Math.min(...lacks) - 1));
  t.true(near(SAVINGS_LACK_PCT.most, Math.max(...lacks) + 1));
});

test('a band in words', (t) => {
  t.is(savingBand({ predictedPct: 21.2, lowPct: 16.9, highPct: 25.4 }), 'saves 21 %, 17 to 25');
});
