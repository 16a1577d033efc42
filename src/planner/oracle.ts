import * as highsModule from 'highs';
import type { Highs, InitOptions, Model, ModelData } from 'highs';
import { compensatedSum } from '../compensated-sum.js';
import { entryOf } from '../groups.js';
import { lagBetween, pathTimes, type Lags } from '../pipeline/critical-path.js';
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

/** A loaded solver. What it gives for a problem does not depend on those that it solved before. */
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
   * Deadlines of one problem (the same DAG, costs and lags, as objects) that come one after the other
   * share the program; each is solved from nothing.
   *
   * @returns undefined if no schedule meets the deadline.
   */
  optimum(problem: OracleProblem, deadline: number): OracleOptimum | undefined;
}

/** Loads the solver (WebAssembly, about 10 ms). */
export async function loadOracle(): Promise<Oracle> {
  const highs = await loadHighs();
  const programs = new Programs(highs);
  return { optimum: (problem, deadline) => solve(highs, programs, problem, deadline) };
}

/** A program in the solver's memory. */
interface LoadedProgram {
  readonly model: Model;
  readonly program: LinearProgram;
}

/** Programs kept at once: a straggler's lags differ from those of other pipelines. */
const MOST_PROGRAMS = 2;

/** The programs of the latest problems: to write one takes as long as to solve it. */
class Programs {
  private readonly latest: { readonly problem: OracleProblem; readonly loaded: LoadedProgram }[] =
    [];

  constructor(private readonly highs: Highs) {}

  of(problem: OracleProblem): LoadedProgram {
    const { latest } = this;
    const place = latest.findIndex((known) => isSame(known.problem, problem));
    const found = latest[place] ?? { problem, loaded: this.load(problem) };
    if (place >= 0) latest.splice(place, 1);
    latest.push(found);
    // The solver's memory is not collected.
    if (latest.length > MOST_PROGRAMS) latest.shift()!.loaded.model.dispose();
    return found.loaded;
  }

  private load(problem: OracleProblem): LoadedProgram {
    const program = linearProgram(problem, this.highs.infinity);
    const model = this.highs.createModel();
    model.options.set({
      output_flag: false,
      primal_feasibility_tolerance: 1e-10,
      dual_feasibility_tolerance: 1e-10,
    });
    model.passModel(program.data);
    return { model, program };
  }
}

function isSame(a: OracleProblem, b: OracleProblem): boolean {
  return a.dag === b.dag && a.costs === b.costs && a.lags === b.lags;
}

function solve(
  { constants }: Highs,
  programs: Programs,
  problem: OracleProblem,
  deadline: number,
): OracleOptimum | undefined {
  if (deadline < 0) return undefined;
  // The solver would take as long as for any other deadline to find the same.
  if (slowestTime(problem) <= deadline) return optimumOf(problem, pieceLength);
  const { model, program } = programs.of(problem);
  // Not from the basis of another deadline: rounding would depend on the order of deadlines.
  model.clearSolver();
  model.changeColBounds(program.finish, 0, deadline);
  model.run();
  const status = model.getModelStatus();
  if (status === constants.modelStatus.infeasible) return undefined;
  if (status !== constants.modelStatus.optimal) {
    throw new Error(
      `the linear program ended with status ${status} of HiGHS, which is not optimal`,
    );
  }
  const { colValue } = model.getSolution();
  return optimumOf(problem, (_, k, i) => colValue[program.firstPiece[i]! + k - 1]!);
}

/** The time of the pipeline if nothing is hurried. */
function slowestTime({ dag, costs, lags }: OracleProblem): number {
  const slowest = Float64Array.from(dag.operation, (op) => costs[op]!.at(-1)!.duration);
  return pathTimes(dag, slowest, lags).length;
}

/** Durations and their cost. @param taken the part of each linear piece of an instruction. */
function optimumOf(
  { dag, costs }: OracleProblem,
  taken: (vertices: CostVertices, piece: number, instruction: number) => number,
): OracleOptimum {
  const duration = new Float64Array(dag.instructionCount);
  const cost = compensatedSum();
  for (let i = 0; i < dag.instructionCount; i++) {
    const vertices = costs[dag.operation[i]!]!;
    duration[i] = vertices[0]!.duration;
    cost.add(vertices[0]!.costJ);
    for (let k = 1; k < vertices.length; k++) {
      const part = taken(vertices, k, i);
      duration[i]! += part;
      cost.add(slope(vertices, k) * part);
    }
  }
  return { costJ: cost.value(), duration };
}

function pieceLength(vertices: CostVertices, piece: number): number {
  return vertices[piece]!.duration - vertices[piece - 1]!.duration;
}

function slope(vertices: CostVertices, piece: number): number {
  const left = vertices[piece - 1]!;
  const right = vertices[piece]!;
  return (right.costJ - left.costJ) / pieceLength(vertices, piece);
}

/** A program without its deadline. */
interface LinearProgram {
  readonly data: ModelData;
  /** Column of each instruction's first piece; its others follow. */
  readonly firstPiece: Int32Array;
  /** Column of the end of the last instruction: its upper bound is the deadline. */
  readonly finish: number;
}

function linearProgram({ dag, costs, lags }: OracleProblem, infinity: number): LinearProgram {
  const columns = new Columns(infinity);
  const startOf = new Map<number, number>([[0, columns.add(0, infinity)]]);
  const start = (i: number) => entryOf(startOf, i, () => columns.add(0, infinity));
  const firstPiece = new Int32Array(dag.instructionCount);
  for (let i = 0; i < dag.instructionCount; i++) {
    const vertices = costs[dag.operation[i]!]!;
    firstPiece[i] = columns.count;
    for (let k = 1; k < vertices.length; k++) {
      columns.add(slope(vertices, k), pieceLength(vertices, k));
    }
  }
  let finish: number | undefined;
  const end = () => (finish ??= columns.add(0, infinity));
  for (let i = 0; i < dag.instructionCount; i++) {
    const fastest = costs[dag.operation[i]!]![0]!.duration;
    const pieces = costs[dag.operation[i]!]!.length - 1;
    const follows = (column: number, lag: number) => {
      const own = [start(i), ...Array.from({ length: pieces }, (_, k) => firstPiece[i]! + k)];
      columns.addRow(column, own, fastest + lag);
    };
    const [from, to] = [dag.successorStart[i]!, dag.successorStart[i + 1]!];
    for (let a = from; a < to; a++) {
      const next = dag.successor[a]!;
      follows(start(next), lags === undefined ? 0 : lagBetween(dag, lags, i, next));
    }
    if (from === to || lags !== undefined) follows(end(), lags?.ownStage[i] ?? 0);
  }
  return { data: columns.data(), firstPiece, finish: end() };
}

/** Columns and rows of a program, each row a difference that is at least some value. */
class Columns {
  private readonly costs: number[] = [];
  private readonly upper: number[] = [];
  private readonly least: number[] = [];
  private readonly starts: number[] = [0];
  private readonly indices: number[] = [];
  private readonly values: number[] = [];

  constructor(private readonly infinity: number) {}

  get count(): number {
    return this.costs.length;
  }

  /** @returns its number. */
  add(cost: number, upper: number): number {
    this.upper.push(upper);
    return this.costs.push(cost) - 1;
  }

  /** Adds: a column less those of `minus` is at least `least`. */
  addRow(plus: number, minus: readonly number[], least: number): void {
    this.indices.push(plus, ...minus);
    this.values.push(1, ...minus.map(() => -1));
    this.starts.push(this.indices.length);
    this.least.push(least);
  }

  data(): ModelData {
    const { costs, upper, least, starts, indices, values } = this;
    const [numCols, numRows] = [costs.length, least.length];
    return {
      ...{ numCols, numRows },
      colCost: costs,
      colLower: new Float64Array(numCols),
      colUpper: upper,
      rowLower: least,
      rowUpper: new Float64Array(numRows).fill(this.infinity),
      matrix: { format: 'csr', numRows, numCols, starts, indices, values },
    };
  }
}
