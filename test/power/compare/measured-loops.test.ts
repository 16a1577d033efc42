import { readFileSync } from 'node:fs';
import test from 'ava';
import { comparedPower } from '../../../sim/power/compare/power-comparison.js';
import { heldSeries } from '../../../sim/power/files/held-series.js';
import { SENSOR } from '../../../sim/power/files/smi-log.js';
import type { PowerFigures } from '../../../sim/power/figures/power-figures.js';
import { PowerAverager, type PowerSeries } from '../../../sim/power/power-series.js';
import { groupBy } from '../../../src/groups.js';
import { projectFile } from '../../support/files.js';

const FOLDER = 'scenarios/catalog/power';
const rowsOf = (file: string) =>
  readFileSync(projectFile(`${FOLDER}/${file}`), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));

/** The energy counter, new every 100 ms, and the sensor's mean of a second. */
const SAMPLES = rowsOf('h100-sxm-loops.csv').map((row) => row.map(Number));
const TIMES_S = SAMPLES.map(([timeS]) => timeS!);
const COUNTER_J = SAMPLES.map((row) => row[3]!);

interface Phase {
  readonly phase: string;
  readonly startS: number;
  readonly endS: number;
}

const LOOPS = groupBy(rowsOf('h100-sxm-phases.csv'), ([loop]) => loop!);
const phasesOf = (loop: string): Phase[] =>
  LOOPS.get(loop)!.map(([, phase, startS, endS]) => ({
    ...{ phase: phase!, startS: Number(startS), endS: Number(endS) },
  }));

/** The counter at a time, as if the power were constant while it stands. */
function counterJ(timeS: number): number {
  const k = Math.max(
    1,
    TIMES_S.findIndex((sampled) => sampled > timeS),
  );
  const part = (timeS - TIMES_S[k - 1]!) / (TIMES_S[k]! - TIMES_S[k - 1]!);
  return COUNTER_J[k - 1]! + part * (COUNTER_J[k]! - COUNTER_J[k - 1]!);
}

const EVERY_S = 0.1;

/** Mean power by the counter, in intervals of 100 ms. */
function measuredSeries(fromS: number, untilS: number): PowerSeries {
  const count = Math.floor((untilS - fromS) / EVERY_S);
  const times = Array.from({ length: count + 1 }, (_, k) => fromS + k * EVERY_S);
  const meansW = times.map((t) => (counterJ(t + EVERY_S) - counterJ(t)) / EVERY_S);
  const signal = { name: '', timeS: Float64Array.from(times), powerW: Float64Array.from(meansW) };
  return heldSeries([signal], EVERY_S)!.series;
}

/** Power by phase, as a profile of long measurements has it. */
const STEADY_W = {
  ...{ compute: steadyW('compute'), spin: steadyW('spin'), idle: steadyW('idle') },
  ...{ wait: steadyW('spin'), optimizer: steadyW('copy'), checkpoint: steadyW('idle') },
};

function steadyW(phase: string): number {
  const phases = phasesOf(`steady ${phase}`);
  // A second after the last change.
  const [fromS, untilS] = [phases[0]!.startS + 1, phases.at(-1)!.endS];
  return (counterJ(untilS) - counterJ(fromS)) / (untilS - fromS);
}

/** The power that the phases of a loop have if each draws its steady power. */
function simulatedSeries(phases: readonly Phase[]): PowerSeries {
  const meansW: number[] = [];
  const averager = new PowerAverager(EVERY_S, (meanW) => meansW.push(meanW));
  phases.forEach(({ phase, startS, endS }, k) => {
    // The host needs some time from one phase to the next.
    const nextS = phases[k + 1]?.startS ?? endS;
    averager.hold(endS - startS, STEADY_W[phase as keyof typeof STEADY_W]);
    averager.hold(nextS - endS, STEADY_W.wait);
  });
  const { durationS } = averager.finish();
  return { everyS: EVERY_S, durationS, powerW: Float64Array.from(meansW) };
}

const compared = (loop: string) => {
  const phases = phasesOf(loop);
  const measured = measuredSeries(phases[0]!.startS, phases.at(-1)!.endS);
  return comparedPower(measured, simulatedSeries(phases));
};

const FIGURES: readonly (readonly [string, (figures: PowerFigures) => number])[] = [
  ['mean', ({ meanW }) => meanW],
  ['P95', ({ p95W }) => p95W],
  ['P99', ({ p99W }) => p99W],
  ['peak', ({ peakW }) => peakW],
  ['least', ({ leastW }) => leastW],
  ['rise 1 s', ({ rampsWPerS }) => rampsWPerS[1].up.wPerS],
];

const COMPARED = [
  'step compute-spin 4',
  'square compute-spin 2.0',
  'square compute-spin 0.5',
  'train micro 4 no wait',
  'train micro 8',
  'train micro 16 checkpoint 10',
];

const off = (found: number, expected: number) => (100 * (found - expected)) / expected;

test('a simulated trace of recorded phases is as close to the measured one as the README says', (t) => {
  const rows = COMPARED.map((loop) => {
    const { figures, against, shape } = compared(loop);
    const differences = FIGURES.map(([, of]) => off(of(against), of(figures)).toFixed(0));
    return `| ${[loop, figures.meanW.toFixed(0), ...differences, shape.autocorrelationRms.toFixed(2), shape.spectrumDistance.toFixed(2)].join(' | ')} |`;
  });
  const cells = (text: string) => text.replaceAll(/ +/g, ' ');
  const readme = cells(readFileSync(projectFile(`${FOLDER}/README.md`), 'utf8'));
  for (const row of rows)
    t.true(readme.includes(cells(row)), `${FOLDER}/README.md lacks\n${rows.join('\n')}`);
});

test('phases that last seconds have their steady power; the mean of a run comes true', (t) => {
  for (const loop of ['step compute-spin 4', 'square compute-spin 2.0', 'train micro 4 no wait']) {
    const { figures, against } = compared(loop);
    t.true(Math.abs(off(against.meanW, figures.meanW)) < 4, loop);
  }
});

test('a GPU at its limit draws more after a pause than steadily: peaks are not in a profile', (t) => {
  for (const loop of ['square compute-spin 0.5', 'train micro 8', 'train micro 16 checkpoint 10']) {
    const { figures, against, shape } = compared(loop);
    t.true(off(against.meanW, figures.meanW) < 0, `${loop}: too little, never too much`);
    t.true(off(against.meanW, figures.meanW) > -13, loop);
    const peakOff = off(against.peakW, figures.peakW);
    t.true(peakOff < -10 && peakOff > -30, `${loop}: ${peakOff}`);
    // Cycles come true all the same.
    t.true(Math.abs(off(shape.againstPeriodS!, shape.periodS!)) < 1, loop);
  }
});

test('power.draw is the mean of the last second, as logs like nvidia-smi’s have it', (t) => {
  let squares = 0;
  let changes = 0;
  let count = 0;
  SAMPLES.forEach(([timeS, , averageW], k) => {
    if (timeS! < 20 || timeS! > 275) return;
    const windowS = SENSOR.windowIntervals * SENSOR.everyS;
    const meanW = (COUNTER_J[k]! - counterJ(timeS! - windowS)) / windowS;
    squares += (averageW! - meanW) ** 2;
    changes += (averageW! - (COUNTER_J[k]! - COUNTER_J[k - 1]!) / (timeS! - TIMES_S[k - 1]!)) ** 2;
    count++;
  });
  const rmsW = Math.sqrt(squares / count);
  t.true(count > 2000);
  t.true(rmsW < 15, `${rmsW} W off`);
  t.true(Math.sqrt(changes / count) > 10 * rmsW, 'the power itself is something else');
});
