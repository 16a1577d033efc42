import * as highsModule from 'highs';
import type { Highs, InitOptions } from 'highs';
import { compensatedSum } from '../compensated-sum.js';
import { lagBetween, type Lags } from '../pipeline/critical-path.js';
import type { ComputationDag } from '../pipeline/dag.js';

/**
 * A convex, non-increasing, piecewise linear cost, given by its vertices with strictly rising
 * durations.
 */
export type CostVertices = readonly { readonly duration: number; readonly costJ: number }[];

/** A linear program small enough for the oracle; durations and deadline share any one unit. */
export interface OracleProblem {
  readonly dag: ComputationDag;
  /** Indexed by `dag.operation[i]`. */
  readonly costs: readonly CostVertices[];
  /** In the durations' unit; none if left out. */
  readonly lags?: Lags;
}

/** The least possible Σ c(d) within a deadline, and durations that reach it. */
export interface OracleOptimum {
  readonly costJ: number;
  readonly duration: Float64Array;
}

/**
 * HiGHS types its CommonJS build; Node and bundlers load the ES module, which has a default export.
 */
export const loadHighs = highsModule.default as unknown as (
  options?: InitOptions,
) => Promise<Highs>;

/**
 * Product of cost vertices and instructions beyond which the linear program takes longer than users
 * wait.
 */
const LARGEST_PROGRAM = 20_000;

/** Whether the oracle answers within seconds. */
export function isOracleFeasible({ dag, costs }: OracleProblem): boolean {
  let size = 0;
  for (const op of dag.operation) size += costs[op]!.length;
  return size <= LARGEST_PROGRAM;
}

/** A loaded solver. It keeps nothing of one problem when it solves the next. */
export interface Oracle {
  /**
   * The optimum of the planning problem by linear programming (HiGHS): no plan that follows these
   * costs, or mixes their vertices, can use less. It is independent of the planners, which it
   * exists to judge.
   *
   * Minimise Σ c_i(d_i) with start times s: s_j ≥ s_i + d_i + lag for every dependency, and s_i +
   * d_i + lag ≤ T. Each duration is the fastest one plus a part of each linear piece; convexity
   * makes the solver fill the pieces in order. Columns: instructions · vertices; rows:
   * dependencies.
   *
   * @returns undefined if no schedule meets the deadline.
   */
  optimum(problem: OracleProblem, deadline: number): OracleOptimum | undefined;
}

/** Loads the solver (WebAssembly, about 10 ms). */
export async function loadOracle(): Promise<Oracle> {
  const highs = await loadHighs();
  return { optimum: (problem, deadline) => solve(highs, problem, deadline) };
}

function solve(highs: Highs, problem: OracleProblem, deadline: number): OracleOptimum | undefined {
  const solution = highs.solve(linearProgram(problem, deadline), {
    output_flag: false,
    primal_feasibility_tolerance: 1e-10,
    dual_feasibility_tolerance: 1e-10,
  });
  if (solution.Status === 'Infeasible') return undefined;
  if (solution.Status !== 'Optimal') {
    throw new Error(`the linear program ended as "${solution.Status}" instead of "Optimal"`);
  }
  const { dag, costs } = problem;
  const duration = new Float64Array(dag.instructionCount);
  const cost = compensatedSum();
  for (let i = 0; i < dag.instructionCount; i++) {
    const vertices = costs[dag.operation[i]!]!;
    duration[i] = vertices[0]!.duration;
    cost.add(vertices[0]!.costJ);
    for (let k = 1; k < vertices.length; k++) {
      const taken = solution.Columns[pieceName(i, k)]!.Primal;
      duration[i]! += taken;
      cost.add(slope(vertices, k) * taken);
    }
  }
  return { costJ: cost.value(), duration };
}

function pieceName(instruction: number, piece: number): string {
  return `d${instruction}_${piece}`;
}

function slope(vertices: CostVertices, piece: number): number {
  const left = vertices[piece - 1]!;
  const right = vertices[piece]!;
  return (right.costJ - left.costJ) / (right.duration - left.duration);
}

/** The program in CPLEX LP format. */
function linearProgram({ dag, costs, lags }: OracleProblem, deadline: number): string {
  const objective: string[] = ['obj: 0 s0'];
  const rows: string[] = [];
  const bounds: string[] = [];
  for (let i = 0; i < dag.instructionCount; i++) {
    const vertices = costs[dag.operation[i]!]!;
    const fastest = vertices[0]!.duration;
    let pieces = '';
    for (let k = 1; k < vertices.length; k++) {
      const name = pieceName(i, k);
      pieces += ` - ${name}`;
      objective.push(`+ ${slope(vertices, k)} ${name}`.replace('+ -', '- '));
      bounds.push(`0 <= ${name} <= ${vertices[k]!.duration - vertices[k - 1]!.duration}`);
    }
    const first = dag.successorStart[i]!;
    const end = dag.successorStart[i + 1]!;
    for (let a = first; a < end; a++) {
      const next = dag.successor[a]!;
      const lag = lags === undefined ? 0 : lagBetween(dag, lags, i, next);
      rows.push(`s${next} - s${i}${pieces} >= ${fastest + lag}`);
    }
    if (first === end || lags !== undefined) {
      rows.push(`finish - s${i}${pieces} >= ${fastest + (lags?.ownStage[i] ?? 0)}`);
    }
  }
  bounds.push(`0 <= finish <= ${deadline}`);
  return ['Minimize', ...objective, 'Subject To', ...rows, 'Bounds', ...bounds, 'End'].join('\n');
}
