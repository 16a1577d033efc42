import test from 'ava';
import { Simulation } from '../../sim/kernel/simulation.js';

test('the clock follows the events, and handlers schedule more', (t) => {
  const simulation = new Simulation();
  const seen: [number, number][] = [];
  simulation.at(1, 0, 10);
  simulation.at(2, 1, 20);
  simulation.at(2, 0, 30);
  const events = simulation.run((clock, subject) => {
    seen.push([clock.nowS, subject]);
    if (subject === 10) clock.at(clock.nowS, 0, 11);
  });
  t.is(events, 4);
  t.deepEqual(seen, [
    [1, 10],
    [1, 11],
    [2, 30],
    [2, 20],
  ]);
  t.is(simulation.nowS, 2);
});

test('time does not go back, and is a finite number', (t) => {
  const simulation = new Simulation();
  simulation.at(5, 0, 0);
  simulation.run((clock) => {
    for (const timeS of [4.999, NaN, Infinity]) {
      t.throws(() => {
        clock.at(timeS, 0, 1);
      });
    }
  });
  t.is(simulation.nowS, 5);
});
