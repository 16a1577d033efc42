import test from 'ava';
import { energyOfSeriesJ, PowerAverager } from '../../sim/power/power-series.js';

/** The series of powers held one after another. */
function seriesOf(everyS: number, held: readonly (readonly [timeS: number, powerW: number])[]) {
  const meansW: number[] = [];
  const averager = new PowerAverager(everyS, (meanW) => meansW.push(meanW));
  for (const [timeS, powerW] of held) averager.hold(timeS, powerW);
  const { durationS, energyJ } = averager.finish();
  return { series: { everyS, powerW: Float64Array.from(meansW), durationS }, energyJ };
}

test('each interval has the exact mean of the steps within it', (t) => {
  const { series, energyJ } = seriesOf(1, [
    [0.5, 100],
    [1, 300],
    [0.75, 200],
  ]);
  t.deepEqual([...series.powerW], [200, 250, 200]);
  t.is(series.durationS, 2.25);
  t.is(energyJ, 500);
  t.is(energyOfSeriesJ(series), 500);
});

test('steps that end with an interval leave nothing for the next one', (t) => {
  const { series } = seriesOf(0.5, [
    [0.5, 10],
    [0.5, 20],
  ]);
  t.deepEqual([...series.powerW], [10, 20]);
});

test('steps are appended where the last ones ended', (t) => {
  const meansW: number[] = [];
  const averager = new PowerAverager(2, (meanW) => meansW.push(meanW));
  const steps = { untilS: Float64Array.of(1, 3), powerW: Float64Array.of(100, 400) };
  averager.append(steps);
  averager.append(steps);
  t.deepEqual(averager.finish(), { durationS: 6, energyJ: 1800 });
  t.deepEqual(meansW, [250, 250, 400]);
});
