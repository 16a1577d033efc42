import test from 'ava';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import type { OperationPhysics } from '../../sim/hardware/operation-physics.js';
import { planWorkload } from '../../sim/training/workload.js';

const PHYSICS: OperationPhysics = {
  timeS: (frequencyMHz) => 1000 / frequencyMHz,
  powerW: (frequencyMHz) => frequencyMHz / 4,
  clockAtMost: (limitMHz) => limitMHz,
  lowestMHz: 100,
  highestMHz: 1000,
};

// Two stages run F0 F1 B0 B1 and F0 B0 F1 B1.
const DAG = oneFOneB(2, 2);
const CLOCKS = [900, 900, 500, 700, 800, 800, 800, 800];

test('a stage waits at the clock of the instruction before, and for another clock', (t) => {
  const { waitingW, clockSwitchS } = planWorkload(
    DAG,
    DAG.operations.map(() => PHYSICS),
    { frequencyMHz: Float64Array.from(CLOCKS) },
    { clockSwitchS: 0.01, waitingW: (frequencyMHz) => frequencyMHz / 10 },
  );
  // Before the first instruction comes the last of the iteration before.
  t.deepEqual([...waitingW!], [70, 90, 90, 50, 80, 80, 80, 80]);
  t.deepEqual([...clockSwitchS!], [0.01, 0, 0.01, 0.01, 0, 0, 0, 0]);
});

test('a throttled stage waits at the clock that it is held to', (t) => {
  const { waitingW, durationS } = planWorkload(
    DAG,
    DAG.operations.map(() => PHYSICS),
    { frequencyMHz: Float64Array.from(CLOCKS) },
    {
      waitingW: (frequencyMHz) => frequencyMHz / 10,
      slowdowns: [{ cause: 'throttle', clockLimitMHz: 600, stage: 0 }],
    },
  );
  t.deepEqual([...waitingW!], [60, 60, 60, 50, 80, 80, 80, 80]);
  t.is(durationS[0], 1000 / 600);
});
