import type { ComputationDag } from '../../../src/pipeline/dag.js';
import { INSTRUCTION_KINDS, type InstructionKind } from '../../../src/profile/operation.js';
import { PROFILED_KINDS, type ProfiledKind } from '../../../src/profile/stage-profile.js';
import type { StageClocks } from '../../plans/clock-lists.js';

/** The instructions of one iteration of a stage, in execution order. */
export interface StageWork {
  readonly kinds: readonly InstructionKind[];
  /** Part of the model that each instruction is of. */
  readonly modelStages: readonly number[];
}

/** The work of every stage of a pipeline. */
export function stageWork(dag: ComputationDag): StageWork[] {
  return Array.from({ length: dag.stageCount }, (_, s) => {
    const [from, to] = [dag.stageStart[s]!, dag.stageStart[s + 1]!];
    const kinds = Array.from(dag.kind.subarray(from, to), (kind) => INSTRUCTION_KINDS[kind]!);
    const modelStages = Array.from(
      dag.operation.subarray(from, to),
      (op) => dag.operations[op]!.modelStage,
    );
    return { kinds, modelStages };
  });
}

/** The row of a profile that an instruction's clock belongs to. */
export function profiledKind(kind: InstructionKind): ProfiledKind {
  return kind === 'forward' || kind === 'recompute' ? 'forward' : 'backward';
}

/** A clock for each profiled kind of instruction, MHz; 0 leaves the clock as it is. */
export type KindClocks = Readonly<Record<ProfiledKind, number>>;

/** A stage's iteration with one clock for each profiled kind. */
export function uniformClocks({ kinds }: StageWork, clocks: KindClocks): StageClocks {
  const entries = new Map(
    INSTRUCTION_KINDS.map((kind) => [kind, { kind, frequencyMHz: clocks[profiledKind(kind)] }]),
  );
  return kinds.map((kind) => entries.get(kind)!);
}

/** The measurements of one iteration that a rank reports: by kind, the values of its instructions. */
export type Breakdown = Readonly<Partial<Record<string, readonly (readonly number[])[]>>>;

/** A rank's report on one iteration or several (Zeus' `ProfilingResult`). */
export interface RankReport {
  readonly rank: number;
  readonly iter_time: readonly number[];
  readonly iter_energy: readonly number[];
  readonly time_breakdown: Breakdown;
  readonly energy_breakdown: Breakdown;
}

/** Time and energy of one GPU. */
export interface Cost {
  readonly timeS: number;
  readonly energyJ: number;
}

/** The measurements of one iteration of one rank. */
export interface IterationFigures {
  readonly timeS: number;
  readonly energyJ: number;
  /** Sum over all instructions. */
  readonly busy: Cost;
  /** By `cellKey`: the mean of an instruction. */
  readonly cells: ReadonlyMap<string, Cost>;
}

/** Names what a row of a profile holds at one clock. */
export function cellKey(modelStage: number, kind: ProfiledKind): string {
  return `${modelStage} ${kind}`;
}

/** The cells of a stage, in order. */
export function cellsOf({ modelStages }: StageWork): string[] {
  return [...new Set(modelStages)].flatMap((m) => PROFILED_KINDS.map((kind) => cellKey(m, kind)));
}

/** The instructions whose times are a profiled kind's: all of a list count together. */
const PARTS: Readonly<Record<ProfiledKind, readonly (readonly InstructionKind[])[]>> = {
  forward: [['forward']],
  backward: [['backward'], ['input-gradient', 'weight-gradient']],
};

/**
 * The measurements of one iteration within a report.
 * @returns undefined if they lack instructions, or are not those of this stage.
 */
export function iterationFigures(
  work: StageWork,
  report: RankReport,
  iteration: number,
): IterationFigures | undefined {
  const timeS = report.iter_time[iteration];
  const energyJ = report.iter_energy[iteration];
  if (!isPositive(timeS) || !isPositive(energyJ)) return undefined;
  const sums = new Map<string, { timeS: number; energyJ: number; count: number }>();
  const busy = { timeS: 0, energyJ: 0 };
  for (const kind of new Set(work.kinds)) {
    const times = report.time_breakdown[kind]?.[iteration];
    const energies = report.energy_breakdown[kind]?.[iteration];
    const modelStages = work.modelStages.filter((_, k) => work.kinds[k] === kind);
    if (times?.length !== modelStages.length || energies?.length !== modelStages.length) {
      return undefined;
    }
    for (const [k, modelStage] of modelStages.entries()) {
      const [each, eachJ] = [times[k], energies[k]];
      if (!isPositive(each) || !isPositive(eachJ)) return undefined;
      const key = `${modelStage} ${kind}`;
      const sum = sums.get(key) ?? { timeS: 0, energyJ: 0, count: 0 };
      sum.timeS += each;
      sum.energyJ += eachJ;
      sum.count++;
      sums.set(key, sum);
      busy.timeS += each;
      busy.energyJ += eachJ;
    }
  }
  return { timeS, energyJ, busy, cells: cellMeans(work, sums) };
}

function cellMeans(
  work: StageWork,
  sums: ReadonlyMap<
    string,
    { readonly timeS: number; readonly energyJ: number; readonly count: number }
  >,
): Map<string, Cost> {
  const cells = new Map<string, Cost>();
  for (const modelStage of new Set(work.modelStages)) {
    for (const kind of PROFILED_KINDS) {
      for (const parts of PARTS[kind]) {
        const found = parts.map((part) => sums.get(`${modelStage} ${part}`));
        if (!found.every((sum) => sum !== undefined)) continue;
        cells.set(cellKey(modelStage, kind), {
          timeS: found.reduce((total, sum) => total + sum.timeS / sum.count, 0),
          energyJ: found.reduce((total, sum) => total + sum.energyJ / sum.count, 0),
        });
      }
    }
  }
  return cells;
}

function isPositive(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value) && value > 0;
}

/** The middle of values, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
}

/**
 * The mean of the middle half of values: outliers do not count, and fewer values are needed than for a
 * median of the same accuracy.
 */
export function middleMean(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const cut = Math.floor(sorted.length / 4);
  const middle = sorted.slice(cut, sorted.length - cut);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}
