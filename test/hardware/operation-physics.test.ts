import test from 'ava';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import { dualPipe } from '../../src/pipeline/dual-pipe.js';
import { earlyRecomputation } from '../../src/pipeline/early-recomputation.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { zeroBubbleH1 } from '../../src/pipeline/zero-bubble.js';
import { profilePhysics, tablePhysics } from '../../sim/hardware/operation-physics.js';
import type { ExecutionOption } from '../../src/profile/stage-profile.js';

/** A made-up device: t = 0.01 + 30 / f, P = 100 + f / 5. */
const options: ExecutionOption[] = Array.from({ length: 30 }, (_, k) => {
  const frequencyMHz = 1410 - 30 * k;
  const timeS = 0.01 + 30 / frequencyMHz;
  return { frequencyMHz, timeS, energyJ: (100 + frequencyMHz / 5) * timeS };
});

test('a table repeats its options and knows nothing else', (t) => {
  const physics = tablePhysics(options);
  for (const { frequencyMHz, timeS, energyJ } of options) {
    t.is(physics.timeS(frequencyMHz), timeS);
    t.is(physics.powerW(frequencyMHz), energyJ / timeS);
  }
  t.is(physics.lowestMHz, 540);
  t.is(physics.highestMHz, 1410);
  t.throws(() => physics.timeS(1400), {
    instanceOf: RangeError,
    message: 'no option at 1400 MHz',
  });
});

test('scale lengthens and leaves the power alone', (t) => {
  const [plain, scaled] = [tablePhysics(options), tablePhysics(options, 10)];
  t.is(scaled.timeS(1110), plain.timeS(1110) * 10);
  t.is(scaled.powerW(1110), plain.powerW(1110));
});

test('operations of a profile, each with the options of its part of the model', (t) => {
  const stage = (factor: number) => ({
    forward: options.map((o) => ({ ...o, timeS: o.timeS * factor })),
    backward: options.map((o) => ({ ...o, timeS: o.timeS * factor * 2 })),
  });
  const profile = { source: 'test', stages: [stage(1), stage(10)] };
  const unitS = options[0]!.timeS;
  const times = (dag: ComputationDag) =>
    profilePhysics(profile, dag.operations).map((physics) => physics.timeS(1410) / unitS);
  t.deepEqual(times(oneFOneB(2, 1)).map(Math.round), [1, 2, 10, 20]);
  t.deepEqual(times(zeroBubbleH1(2, 1)).map(Math.round), [1, 1, 1, 10, 10, 10]);
  t.deepEqual(times(earlyRecomputation(2, 1)).map(Math.round), [1, 2, 1, 10, 20, 10]);
  // Each stage holds both model stages; only the one of its nearer end has split backwards.
  const near = [1, 2, 1, 1];
  const far = [10, 20];
  t.deepEqual(times(dualPipe(2, 4)).map(Math.round), [...near, ...far, ...far, ...near]);
});
