import test from 'ava';
import { pathTimes } from '../../src/pipeline/critical-path.js';
import { scheduleDag } from '../../src/pipeline/schedules.js';
import { loadOracle, type OracleProblem } from '../../src/planner/oracle.js';

/** Two stages, four microbatches; a forward costs 9, 4, 1 J in 1, 2, 4 s, a backward twice as long. */
function small(): OracleProblem {
  const dag = scheduleDag('1f1b', { stages: 2, microbatches: 4, chunks: 1 });
  const forward = [
    { duration: 1, costJ: 9 },
    { duration: 2, costJ: 4 },
    { duration: 4, costJ: 1 },
  ];
  const backward = forward.map(({ duration, costJ }) => ({ duration: 2 * duration, costJ }));
  const costs = dag.operations.map(({ kind }) => (kind === 'forward' ? forward : backward));
  return { dag, costs };
}

/** Of instructions that all run the vertex with this number. */
function timeOf({ dag, costs, lags }: OracleProblem, vertex: number): number {
  const duration = Float64Array.from(dag.operation, (op) => costs[op]!.at(vertex)!.duration);
  return pathTimes(dag, duration, lags).length;
}

test('what a deadline costs does not depend on the deadlines and problems before it', async (t) => {
  const problem = small();
  const other = {
    ...small(),
    lags: { ownStage: new Float64Array(16).fill(0.5), otherStage: new Float64Array(16).fill(0.25) },
  };
  const another = small();
  const oracle = await loadOracle();
  const [fastest, slowest] = [timeOf(problem, 0), timeOf(problem, -1)];
  const deadlines = [0.1, 0.9, 0.5, 0.1, 0.3].map((x) => fastest + x * (slowest - fastest));
  for (const deadline of deadlines) {
    const first = (await loadOracle()).optimum(problem, deadline)!;
    t.deepEqual(oracle.optimum(problem, deadline), first);
    t.true(oracle.optimum(other, deadline + 16)!.costJ >= 16);
    t.deepEqual(oracle.optimum(another, deadline), first);
  }
});

test('at the fastest time critical instructions pay in full, at the slowest none is hurried', async (t) => {
  const problem = small();
  const oracle = await loadOracle();
  const [fastest, slowest] = [timeOf(problem, 0), timeOf(problem, -1)];
  t.is(oracle.optimum(problem, fastest * (1 - 1e-6)), undefined);
  t.is(oracle.optimum(problem, -1), undefined);
  // 16 instructions at 1 J each; two microbatches of the second stage are always critical.
  t.is(oracle.optimum(problem, slowest)!.costJ, 16);
  t.is(oracle.optimum(problem, 2 * slowest)!.costJ, 16);
  t.deepEqual(
    [...oracle.optimum(problem, slowest)!.duration],
    Array.from(problem.dag.operation, (op) => problem.costs[op]!.at(-1)!.duration),
  );
  // Just under it the program is solved, and all but agrees.
  const { costJ } = oracle.optimum(problem, slowest * (1 - 1e-9))!;
  t.true(costJ > 16 && costJ < 16 + 1e-6, `${costJ}`);
});
