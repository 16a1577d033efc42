import type { Highs } from 'highs';
import { lagBetween } from '../pipeline/critical-path.js';
import { loadHighs, type OracleProblem } from './oracle.js';

/** The best choice of one vertex per instruction. */
export interface DiscreteOptimum {
  /** Σ of the costs of the chosen vertices. */
  readonly costJ: number;
  /** Per instruction: index of its vertex. */
  readonly choice: Int32Array;
}

/**
 * Product of instructions and choices beyond which branch and bound takes longer than users wait.
 */
const LARGEST_PROGRAM = 140;

/** A loaded solver of mixed-integer programs. */
export interface DiscreteOracle {
  /**
   * The least possible Σ cost within a deadline if every instruction runs at one of its clocks and
   * at none in between, by branch and bound (HiGHS). No rounding of any plan can beat it.
   * Exponential in the worst case; meant for pipelines of a few instructions. Costs need not be
   * convex here.
   *
   * @returns undefined if no choice meets the deadline.
   */
  optimum(problem: OracleProblem, deadline: number): DiscreteOptimum | undefined;
}

/** Whether the exact discrete optimum can be found within seconds. */
export function isDiscreteFeasible({ dag, costs }: OracleProblem): boolean {
  let size = 0;
  for (const op of dag.operation) size += costs[op]!.length;
  return size <= LARGEST_PROGRAM;
}

/** Loads the solver (WebAssembly, about 10 ms). */
export async function loadDiscreteOracle(): Promise<DiscreteOracle> {
  const highs = await loadHighs();
  return { optimum: (problem, deadline) => solve(highs, problem, deadline) };
}

function solve(
  highs: Highs,
  problem: OracleProblem,
  deadline: number,
): DiscreteOptimum | undefined {
  const solution = highs.solve(integerProgram(problem, deadline), {
    output_flag: false,
    mip_rel_gap: 0,
    mip_abs_gap: 0,
    mip_feasibility_tolerance: 1e-9,
    primal_feasibility_tolerance: 1e-9,
  });
  if (solution.Status === 'Infeasible') return undefined;
  if (solution.Status !== 'Optimal') {
    throw new Error(`the integer program ended as "${solution.Status}" instead of "Optimal"`);
  }
  const { dag, costs } = problem;
  const isTaken = (i: number, k: number) => solution.Columns[chosen(i, k)]!.Primal > 0.5;
  const choice = Int32Array.from(dag.operation, (op, i) =>
    costs[op]!.findIndex((_, k) => isTaken(i, k)),
  );
  const costJ = choice.reduce((sum, k, i) => sum + costs[dag.operation[i]!]![k]!.costJ, 0);
  return { costJ, choice };
}

function chosen(instruction: number, choice: number): string {
  return `x${instruction}_${choice}`;
}

/**
 * Minimises Σ cost · x with exactly one x per instruction; start times are as in the linear
 * program.
 */
function integerProgram({ dag, costs, lags }: OracleProblem, deadline: number): string {
  const objective: string[] = [];
  const rows: string[] = [];
  const binaries: string[] = [];
  for (let i = 0; i < dag.instructionCount; i++) {
    const choices = costs[dag.operation[i]!]!;
    const names = choices.map((_, k) => chosen(i, k));
    for (const name of names) binaries.push(name);
    choices.forEach(({ costJ }, k) => objective.push(`${signed(costJ)} ${names[k]!}`));
    rows.push(`${names.join(' + ')} = 1`);
    const minusTime = choices.map(({ duration }, k) => `- ${duration} ${names[k]!}`).join(' ');
    const first = dag.successorStart[i]!;
    const end = dag.successorStart[i + 1]!;
    for (let a = first; a < end; a++) {
      const next = dag.successor[a]!;
      const lag = lags === undefined ? 0 : lagBetween(dag, lags, i, next);
      rows.push(`s${next} - s${i} ${minusTime} >= ${lag}`);
    }
    rows.push(`finish - s${i} ${minusTime} >= ${lags?.ownStage[i] ?? 0}`);
  }
  return [
    'Minimize',
    `obj: ${objective.join(' ')}`,
    'Subject To',
    ...rows,
    'Bounds',
    `0 <= finish <= ${deadline}`,
    'Binary',
    binaries.join(' '),
    'End',
  ].join('\n');
}

function signed(value: number): string {
  return value < 0 ? `- ${-value}` : `+ ${value}`;
}
