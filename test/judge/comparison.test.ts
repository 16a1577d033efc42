import test from 'ava';
import { drawNormal } from '../../sim/kernel/distributions.js';
import { randomStream } from '../../sim/kernel/random-streams.js';
import { comparePlanners } from '../../sim/judge/comparison.js';
import { DEADLINE_FACTORS, type Judgement } from '../../sim/judge/judge-planner.js';
import { holm, pairedPermutationTest } from '../../sim/judge/permutation-test.js';

/** Every sign pattern, by recursion: another way than the one that is tested. */
function allPatterns(differences: readonly number[]): number {
  const observed = Math.abs(differences.reduce((sum, d) => sum + d, 0));
  const visit = (k: number, sum: number): number =>
    k === differences.length
      ? Number(Math.abs(sum) >= observed - 1e-9)
      : visit(k + 1, sum + differences[k]!) + visit(k + 1, sum - differences[k]!);
  return visit(0, 0) / 2 ** differences.length;
}

test('the permutation test is exact for few differences and close for many', (t) => {
  // Darwin's cross- and self-fertilised plants, in eighths of an inch (Fisher, 1935, section 21).
  const darwin = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];
  t.is(allPatterns(darwin).toFixed(4), '0.0527');
  t.true(Math.abs(pairedPermutationTest(darwin, 1) - 0.0527) < 0.005);
  const few = [3, -1, 2, 5, 0, 4];
  t.is(pairedPermutationTest(few, 1), allPatterns([3, -1, 2, 5, 4]));
  t.is(pairedPermutationTest([0, 0], 1), 1);
});

test('differences that cancel are no evidence, whatever their last bits say', (t) => {
  // 0.1 + 0.2 − 0.3 is 5.6e-17, not zero: all signs flipped in another order give exactly zero.
  t.is(pairedPermutationTest([0.1, 0.2, -0.3], 1), 1);
  t.is(pairedPermutationTest([0.3, -0.1, -0.2], 1), 1);
});

test('p-values of a planner that is the same are uniform, few or many differences', (t) => {
  for (const count of [6, 14, 15, 40]) {
    const trials = 400;
    let rejected = 0;
    for (let trial = 0; trial < trials; trial++) {
      const uniform = randomStream(trial, `null of ${count}`);
      // Skewed sizes with symmetric signs: what the test has to hold for.
      const found = Array.from({ length: count }, () => {
        const size = Math.exp(2 * drawNormal(uniform));
        return uniform() < 0.5 ? size : -size;
      });
      if (pairedPermutationTest(found, trial) <= 0.05) rejected++;
    }
    t.log(`${count} differences: ${rejected} of ${trials} at the 5 % level`);
    t.true(rejected <= 0.085 * trials, 'three standard errors above 5 %');
  }
});

test("Holm's correction multiplies by how many tests are left, and never falls", (t) => {
  t.deepEqual(holm([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
  t.deepEqual(holm([0.6, 0.6]), [1, 1]);
});

/** A planner's results in made-up cases, with energies off by some percent. */
function judged(count: number, offPct: (k: number, deadline: number) => number): Judgement[] {
  const timesS = [1, ...DEADLINE_FACTORS];
  return Array.from({ length: count }, (_, k) => {
    const plans = timesS.map((timeS, deadline) => ({
      timeS,
      energyJ: 1000 * (1.6 - 0.4 * timeS) * (1 + offPct(k, deadline) / 100),
    }));
    const [fastest] = plans;
    return {
      name: `case ${k}`,
      waitingPowerW: 1,
      leastTimeS: 1,
      fastest: fastest!,
      plans,
      planningTimeS: 0,
    };
  });
}

test('a planner that differs by noise alone is the same in 95 % of trials or more', (t) => {
  const trials = 200;
  let same = 0;
  for (let trial = 0; trial < trials; trial++) {
    const uniform = randomStream(trial, 'noisy planners');
    const noise = () => 0.1 * drawNormal(uniform);
    const { verdict } = comparePlanners(judged(25, noise), judged(25, noise), { seed: trial });
    if (verdict === 'same') same++;
  }
  t.log(`${same} of ${trials} trials are "same"`);
  t.true(same >= 0.95 * trials);
});

test('a small difference in most cases is found, with its sign', (t) => {
  const uniform = randomStream(1, 'a better planner');
  const base = judged(40, () => 0.1 * drawNormal(uniform));
  const better = judged(40, () => -0.2 + 0.1 * drawNormal(uniform));
  t.is(comparePlanners(base, better, { seed: 1 }).verdict, 'better');
  t.is(comparePlanners(better, base, { seed: 1 }).verdict, 'worse');
  t.is(comparePlanners(base, base, { seed: 1 }).verdict, 'same');
});

test('against a base that is broken whatever works is better; a broken candidate is broken', (t) => {
  const sound = judged(20, () => 0);
  const broken = sound.map((one, k) =>
    k === 3 ? { name: one.name, broken: 'it failed: x' } : one,
  );
  const better = comparePlanners(broken, sound, { seed: 1 });
  t.is(better.verdict, 'better');
  t.regex(better.reason, /works in 1 of 20 cases where the base is broken; first "case 3"/);
  t.is(comparePlanners(sound, broken, { seed: 1 }).verdict, 'broken');
  const all = sound.map(({ name }) => ({ name, broken: 'it failed: x' }));
  t.is(comparePlanners(all, sound, { seed: 1 }).verdict, 'better');
  t.is(comparePlanners(all, all, { seed: 1 }).verdict, 'broken');
});

test('one case that is much worse is a regression, whatever the mean says', (t) => {
  const base = judged(40, () => 0);
  const once = judged(40, (k) => (k === 7 ? 1.5 : -0.5));
  const { verdict, reason } = comparePlanners(base, once, { seed: 1, regressionPct: 1 });
  t.is(verdict, 'worse');
  t.regex(reason, /"case 7"/);
  t.is(comparePlanners(base, once, { seed: 1, regressionPct: 2 }).verdict, 'better');
});
