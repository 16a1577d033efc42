import test from 'ava';
import fc from 'fast-check';
import {
  bookings,
  courseTotals,
  FAULT_ACCOUNT_NAMES,
  type CourseTotals,
} from '../../sim/faults/fault-accounts.js';
import { fewestIterations } from '../../sim/faults/best-interval.js';
import { faultCourse, type Stretch } from '../../sim/faults/fault-course.js';
import type { FaultJob, FaultRules } from '../../sim/faults/fault-job.js';
import { expectedIteration } from '../../sim/faults/renewal.js';
import { checkProperty } from '../support/properties.js';
import { randomFaultJobs } from '../support/random-fault-jobs.js';

const RULES: FaultRules = {
  ...{ rate: 1 / 5000, end: { timeS: 3e6 }, pauseS: 20, pauseW: 90, writeS: 0 },
  ...{ detectS: 60, restartS: 200, restartW: 130, waitingW: 80, nodeShare: 1 },
};
const JOB: FaultJob = {
  ...{ pipelines: 4, gpusPerPipeline: 8, iterationS: 10, iterationJ: 32 * 400 * 10 },
  rules: RULES,
};

function sum(accounts: CourseTotals['timeS']): number {
  return FAULT_ACCOUNT_NAMES.reduce((total, name) => total + accounts[name], 0);
}

/** Means over courses, each after a time long enough to forget how it began. */
function simulated(job: FaultJob, iterations: number, seeds: number) {
  const all = Array.from({ length: seeds }, (_, k) =>
    courseTotals(job, faultCourse(job, iterations, k + 1)),
  );
  const total = (of: (totals: CourseTotals) => number) =>
    all.reduce((so, totals) => so + of(totals), 0);
  const useful = total(({ timeS }) => timeS.useful) / job.iterationS;
  return {
    timeS: total(({ timeS }) => sum(timeS)) / useful,
    energyJ: total(({ energyJ }) => sum(energyJ)) / useful,
    faults: total(({ faults }) => faults) / useful,
    checkpointS: total(({ timeS }) => timeS.checkpoint) / useful,
    detectionS: total(({ timeS }) => timeS.detection) / useful,
    restartS: total(({ timeS }) => timeS.restart) / useful,
    computingS: total(({ timeS }) => timeS.useful + timeS.lostWork) / useful,
  };
}

const CASES: readonly (readonly [name: string, rules: Partial<FaultRules>])[] = [
  ['checkpoints that hold the job up', {}],
  ['faults that come in the middle of restarts', { rate: 1 / 800, end: { timeS: 1e6 } }],
  ['checkpoints written while GPUs compute', { pauseS: 3, writeS: 95 }],
  ['no time for anything but lost work', { pauseS: 0, detectS: 0, restartS: 0 }],
];

for (const [name, rules] of CASES) {
  test(`the course agrees with the exact expectation: ${name}`, (t) => {
    const job = { ...JOB, rules: { ...RULES, ...rules } };
    const found = simulated(job, 13, 60);
    const expected = expectedIteration(job, 13);
    for (const [figure, value] of Object.entries(expected)) {
      const is = found[figure as keyof typeof found];
      const within = Math.max(0.03 * value, 1e-9);
      t.true(Math.abs(is - value) <= within, `${figure}: ${is} instead of ${value}`);
    }
    t.true(Math.abs(found.timeS / expected.timeS - 1) < 0.005);
    t.true(Math.abs(found.energyJ / expected.energyJ - 1) < 0.005);
  });
}

test('a course by hand: one fault, one node, one repair', (t) => {
  const nodes = { spares: 0, gpusPerNode: 8, repairS: 1000, idleW: 50, shrinks: false };
  const job = { ...JOB, rules: { ...RULES, nodes, end: { timeS: 20_000 } } };
  const stretches = [...faultCourse(job, 10, 7)];
  const [work, detection, repair, restart] = stretches;
  const firstFaultS = work!.timeS;
  // Cycles of 100 s of work and 20 s of saving.
  const cycles = Math.floor(firstFaultS / 120);
  t.is(work!.phase, 'working');
  if (work!.phase === 'working') {
    t.is(work!.keptS, 100 * cycles);
    t.is(work!.computedS, 100 * cycles + Math.min(100, firstFaultS - 120 * cycles));
  }
  t.like(detection, { phase: 'detection', timeS: 60, pipelines: 4 });
  // The node breaks with the fault: 60 s of its repair are over when it is noticed.
  t.is(repair!.phase, 'repair');
  t.true(Math.abs(repair!.timeS - 940) < 1e-9);
  t.deepEqual(
    repair!.idle.map(({ gpus }) => gpus),
    [24],
  );
  t.like(restart, { phase: 'restart', timeS: 200, pipelines: 4 });
});

test('without a spare the job goes on with fewer pipelines, and grows again at a checkpoint', (t) => {
  const nodes = { spares: 0, gpusPerNode: 4, repairS: 5000, idleW: 50, shrinks: true };
  const job = { ...JOB, rules: { ...RULES, rate: 1 / 20_000, nodes } };
  const stretches = [...faultCourse(job, 10, 3)];
  const shrunk = stretches.findIndex((one) => one.phase === 'working' && one.pipelines === 3);
  const fewer = stretches[shrunk]!;
  t.deepEqual(
    fewer.idle.map(({ gpus }) => gpus),
    [4, 8].slice(0, fewer.idle.length),
  );
  t.true(fewer.phase === 'working' && fewer.endsBy === 'return');
  if (fewer.phase === 'working') t.is(fewer.keptS, fewer.computedS);
  t.like(stretches[shrunk + 1], { phase: 'restart', pipelines: 4 });
  const [useful, lost, missing] = bookings(job, fewer);
  t.is(lost!.energyJ, 0);
  t.is(useful!.timeS, 3 * missing!.timeS);
});

test('a node that comes back before the first checkpoint is of use is taken in at that', (t) => {
  const nodes = { spares: 0, gpusPerNode: 8, repairS: 5, idleW: 50, shrinks: true };
  const rules = { ...RULES, detectS: 0, restartS: 0, pauseS: 0, writeS: 10, nodes };
  const stretches = [...faultCourse({ ...JOB, rules }, 1, 2)].slice(0, 6);
  t.like(stretches[0], { phase: 'working', endsBy: 'fault' });
  t.like(stretches[3], { phase: 'working', pipelines: 3, endsBy: 'return', timeS: 20 });
  t.like(stretches[4], { phase: 'restart', pipelines: 4 });
});

test('the same faults strike whatever the interval between checkpoints', (t) => {
  const faultsS = (iterations: number) => {
    let nowS = 0;
    return [...faultCourse(JOB, iterations, 5)].slice(0, 60).flatMap((one) => {
      nowS += one.timeS;
      return one.phase === 'working' ? [nowS] : [];
    });
  };
  const [some, others] = [faultsS(5), faultsS(50)];
  t.true(some.every((timeS, k) => Math.abs(timeS - others[k]!) < 1e-6));
});

test('the same seed gives the same course, another one another', (t) => {
  const course = (seed: number) => [...faultCourse(JOB, 10, seed)];
  t.deepEqual(course(1), course(1));
  t.notDeepEqual(course(1), course(2));
});

test('iterations to do are done, and no more', (t) => {
  const job = { ...JOB, rules: { ...RULES, end: { iterations: 12_345 } } };
  const { timeS } = courseTotals(job, faultCourse(job, 17, 1));
  t.true(Math.abs(timeS.useful / 10 - 12_345) < 1e-6);
});

test('without faults nothing but checkpoints is lost', (t) => {
  const job = { ...JOB, rules: { ...RULES, rate: 1e-12, end: { timeS: 120 * 50 + 30 } } };
  const { timeS, energyJ, faults } = courseTotals(job, faultCourse(job, 10, 1));
  t.is(faults, 0);
  t.is(timeS.useful, 100 * 50 + 30);
  t.is(timeS.checkpoint, 20 * 50);
  t.is(energyJ.useful, 5030 * 32 * 400);
  t.is(energyJ.checkpoint, 1000 * 32 * 90);
  t.is(sum(timeS), 6030);
});

test('every second and every joule is in one account', async (t) => {
  await checkProperty(
    t,
    fc.tuple(randomFaultJobs, fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 1000 })),
    ([job, more, seed]) => {
      const iterations = fewestIterations(job) + more;
      const stretches: Stretch[] = [];
      for (const stretch of faultCourse(job, iterations, seed)) {
        stretches.push(stretch);
        if (stretches.length > 20_000) break;
      }
      const { timeS, energyJ } = courseTotals(job, stretches);
      const lengthS = stretches.reduce((so, one) => so + one.timeS, 0);
      const same = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));
      if (!same(sum(timeS), lengthS)) throw new Error(`${sum(timeS)} s of ${lengthS} s`);
      const ownJ = stretches.reduce((so, one) => so + energyOf(job, one), 0);
      if (!same(sum(energyJ), ownJ)) throw new Error(`${sum(energyJ)} J of ${ownJ} J`);
      const { end } = job.rules;
      if ('timeS' in end && stretches.length <= 20_000 && !same(lengthS, end.timeS)) {
        throw new Error(`the course ends after ${lengthS} s instead of ${end.timeS} s`);
      }
      const negative = FAULT_ACCOUNT_NAMES.find((name) => timeS[name] < 0 || energyJ[name] < 0);
      if (negative !== undefined) throw new Error(`${negative} is negative`);
    },
    300,
  );
});

/** The energy of a stretch: the power of every GPU, times time. */
function energyOf(
  { pipelines, gpusPerPipeline, iterationS, iterationJ, rules }: FaultJob,
  one: Stretch,
): number {
  const gpus = one.pipelines * gpusPerPipeline;
  const computingW = iterationJ / iterationS / (pipelines * gpusPerPipeline);
  const idleW = one.phase === 'repair' ? rules.waitingW : (rules.nodes?.idleW ?? 0);
  const idleJ = one.idle.reduce((so, step) => so + step.timeS * step.gpus * idleW, 0);
  switch (one.phase) {
    case 'working':
      return (
        gpus * (computingW * one.computedS + rules.pauseW * (one.timeS - one.computedS)) + idleJ
      );
    case 'restart':
      return gpus * rules.restartW * one.timeS + idleJ;
    default:
      return gpus * rules.waitingW * one.timeS + idleJ;
  }
}
