import test from 'ava';
import fc from 'fast-check';
import { bestIterations, dalyS, fewestIterations, youngS } from '../../sim/faults/best-interval.js';
import { courseTotals, FAULT_ACCOUNT_NAMES } from '../../sim/faults/fault-accounts.js';
import { faultCourse } from '../../sim/faults/fault-course.js';
import type { FaultJob, FaultRules } from '../../sim/faults/fault-job.js';
import { expectedIteration } from '../../sim/faults/renewal.js';
import { checkProperty } from '../support/properties.js';
import { randomFaultJobs } from '../support/random-fault-jobs.js';

const RULES: FaultRules = {
  ...{ rate: 1 / 10_800, end: { timeS: 3e6 }, pauseS: 60, pauseW: 100, writeS: 0 },
  ...{ detectS: 0, restartS: 300, restartW: 100, waitingW: 100, nodeShare: 1 },
};
/** Iterations so short that intervals are as good as continuous. */
const JOB: FaultJob = {
  ...{ pipelines: 4, gpusPerPipeline: 8, iterationS: 0.01, iterationJ: 32 * 400 * 0.01 },
  rules: RULES,
};

function withRules(rules: Partial<FaultRules>): FaultJob {
  return { ...JOB, rules: { ...RULES, ...rules } };
}

test('without background writing the expectation is Daly’s closed form', (t) => {
  for (const [rate, restartS, workS] of [
    [1 / 10_800, 300, 1140],
    [1 / 900, 600, 200],
    [1 / 1e6, 0, 5000],
  ] as const) {
    const iterations = workS / JOB.iterationS;
    const { timeS } = expectedIteration(withRules({ rate, restartS }), iterations);
    const mtbfS = 1 / rate;
    const dalyTimeS =
      (mtbfS * Math.exp(restartS / mtbfS) * Math.expm1((workS + 60) / mtbfS)) / iterations;
    t.true(Math.abs(timeS / dalyTimeS - 1) < 1e-11, `${timeS} instead of ${dalyTimeS}`);
  }
});

test('times of an expectation add up, and so does its energy', async (t) => {
  await checkProperty(t, randomFaultJobs, (job) => {
    const expected = expectedIteration(job, fewestIterations(job) + 3);
    const { timeS, computingS, checkpointS, detectionS, restartS, energyJ } = expected;
    const { rules, iterationJ, iterationS } = job;
    const ownS = computingS + checkpointS + detectionS + restartS;
    if (Math.abs(timeS / ownS - 1) > 1e-12) throw new Error(`${ownS} of ${timeS} s`);
    const gpus = job.pipelines * job.gpusPerPipeline;
    const ownJ =
      (iterationJ / iterationS) * computingS +
      gpus * (rules.pauseW * checkpointS + rules.waitingW * detectionS + rules.restartW * restartS);
    if (Math.abs(energyJ / ownJ - 1) > 1e-12) throw new Error(`${ownJ} of ${energyJ} J`);
    if (computingS < iterationS * (1 - 1e-12)) throw new Error('work is lacking');
  });
});

test('no other interval is better, by trying all of them', async (t) => {
  await checkProperty(
    t,
    fc.tuple(randomFaultJobs, fc.constantFrom('time', 'energy')),
    ([job, goal]) => {
      const cost = (iterations: number) =>
        expectedIteration(job, iterations)[goal === 'time' ? 'timeS' : 'energyJ'];
      const best = bestIterations(job, goal);
      const least = fewestIterations(job);
      for (let k = least; k < least + 2000; k++) {
        if (cost(k) < cost(best) * (1 - 1e-9)) {
          throw new Error(`${k} costs ${cost(k)}, ${best} costs ${cost(best)}`);
        }
      }
    },
    60,
  );
});

test('Daly’s interval is the best one for time within 0.1 %, Young’s within 6 %', (t) => {
  // MTBF of 3 h and checkpoints of a minute: √(2 · 10,800 · 60) = 1138.4 s.
  const bestS = bestIterations(JOB, 'time') * JOB.iterationS;
  t.true(Math.abs(youngS(JOB, 'time') - 1138.42) < 0.01);
  t.true(Math.abs(dalyS(JOB) / bestS - 1) < 1e-3, `${dalyS(JOB)} s, ${bestS} s`);
  t.true(Math.abs(youngS(JOB, 'time') / bestS - 1) < 0.06);
  t.is(dalyS(withRules({ pauseS: 21_600 })), 10_800);
});

test('the interval that is best for energy is shorter by the root of the ratio of powers', (t) => {
  // A quarter of the power while saving: half of the interval, to first order.
  const rare = withRules({ rate: 1 / 1e6 });
  t.is(youngS(rare, 'energy') / youngS(rare, 'time'), 0.5);
  const ratio = bestIterations(rare, 'energy') / bestIterations(rare, 'time');
  t.true(Math.abs(ratio - 0.5) < 0.01, String(ratio));
  // With the power of computing in all phases the two are the same.
  const even = withRules({ pauseW: 400, restartW: 400, waitingW: 400 });
  t.is(bestIterations(even, 'energy'), bestIterations(even, 'time'));
});

test('checkpoints in the background come as fast as they can be written, if nothing pauses', (t) => {
  const job = withRules({ pauseS: 0, writeS: 90 });
  t.is(bestIterations(job, 'time'), 9000);
  t.is(fewestIterations(job), 9000);
});

test('the simulated optimum is the computed one', (t) => {
  const job: FaultJob = {
    ...{ ...JOB, iterationS: 10, iterationJ: 32 * 400 * 10 },
    rules: { ...RULES, rate: 1 / 2000, pauseS: 40, end: { timeS: 2e6 } },
  };
  for (const goal of ['time', 'energy'] as const) {
    const cost = (iterations: number) => {
      let [useful, spent] = [0, 0];
      for (let seed = 1; seed <= 30; seed++) {
        const totals = courseTotals(job, faultCourse(job, iterations, seed));
        useful += totals.timeS.useful;
        const of = goal === 'time' ? totals.timeS : totals.energyJ;
        spent += FAULT_ACCOUNT_NAMES.reduce((so, name) => so + of[name], 0);
      }
      return spent / useful;
    };
    const best = bestIterations(job, goal);
    const tried = [0.4, 0.6, 0.8, 1, 1.25, 1.6, 2.5].map((factor) => Math.round(factor * best));
    const costs = tried.map(cost);
    const lowest = Math.min(...costs);
    t.true(costs[3]! <= lowest * 1.0015, `${goal}: ${tried.join(' ')}: ${costs.join(' ')}`);
    t.true(costs[0]! > lowest * 1.01 && costs[6]! > lowest * 1.01);
  }
});
