import test from 'ava';
import { InputError } from '../../src/errors.js';
import { pathTimes } from '../../src/pipeline/critical-path.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import {
  checkFrontierSize,
  frontierSize,
  slowFrontierAdvice,
} from '../../src/planner/perseus/frontier-size.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import { profileOf } from '../support/made-up.js';

function problemOf(microbatches: number, unitTimeS: number, works = [0.05, 0.05]) {
  const { profile, blockingPowerW } = profileOf(works);
  const dag = oneFOneB(works.length, microbatches);
  return planningProblem(dag, profile, { unitTimeS, blockingPowerW, gpusPerStage: 1 });
}

/** Bytes in typed arrays that a call leaves behind, garbage included. */
function arrayBytes(make: () => unknown): number {
  const before = process.memoryUsage().arrayBuffers;
  const made = make();
  const bytes = process.memoryUsage().arrayBuffers - before;
  return made === undefined ? 0 : bytes;
}

test('a stored frontier takes memory for its points, not for points × instructions', (t) => {
  const problem = problemOf(1000, 5e-5);
  const { points } = frontierSize(problem);
  const bytes = arrayBytes(() => perseus.plan(problem));
  t.log(`${points} points of 4000 instructions: ${(bytes / 1e6).toFixed(1)} MB`);
  // 8 bytes a point for its energy; full plans every 256 points were 75 MB alone.
  t.true(points > 1e6);
  t.true(bytes < 16 * points, `${bytes} bytes`);
});

test('plans between far points are rebuilt, whatever the run of steps they lie in', (t) => {
  const works = [0.05, 0.061, 0.055];
  const problem = problemOf(40, 1e-3, works);
  const plans = perseus.plan(problem);
  for (let k = 0; k < plans.pointCount; k += 7) {
    const { timeS } = plans.point(k);
    const { durationTicks } = plans.planAt(timeS);
    const { length } = pathTimes(problem.dag, durationTicks);
    t.true(length * 1e-3 <= timeS + 1e-9, `${length} ticks at ${timeS} s`);
  }
});

test('the size is known before planning', (t) => {
  const problem = problemOf(12, 1e-3, [0.05, 0.06, 0.055]);
  const { points } = frontierSize(problem);
  const plans = perseus.plan(problem);
  t.is(plans.pointCount, points);
});

test('a frontier that does not fit into memory is refused, and fits at the advised unit time', (t) => {
  const unit = { source: 's.yaml', field: 'unitTimeS', scale: 1, instead: 'plan less' };
  const error = t.throws(
    () => {
      checkFrontierSize(problemOf(200_000, 5e-5), unit);
    },
    { instanceOf: InputError },
  );
  t.log(error.message);
  t.regex(error.message, /^s\.yaml, unitTimeS: found 0\.00005 s, at which the frontier of 800000 /);
  const advised = Number(/choose at least ([\d.e-]+) s/.exec(error.message)![1]);
  t.true(advised > 5e-5 && advised < 1e-3);
  t.notThrows(() => {
    checkFrontierSize(problemOf(200_000, advised), unit);
  });
  // 200,000 instructions fit at the default unit time.
  t.notThrows(() => {
    checkFrontierSize(problemOf(50_000, 5e-5), unit);
  });
});

test('slow planning is known before it begins, and what unit time makes it fast', (t) => {
  const works = Array.from({ length: 16 }, (_, k) => 0.2 + 0.001 * k);
  const unit = { field: 'unitTimeS', scale: 10 };
  const advice = slowFrontierAdvice(problemOf(128, 1e-4, works), unit)!;
  t.log(advice);
  t.regex(
    advice,
    /points of 4096 instructions takes minutes at a unit time of 0\.00001 s; unitTimeS/,
  );
  t.is(slowFrontierAdvice(problemOf(12, 1e-3, works), unit), undefined);
  const advised = 10 * Number(/unitTimeS ([\d.e-]+) takes/.exec(advice)![1]);
  t.is(slowFrontierAdvice(problemOf(128, advised, works), unit), undefined);
});
