import { ProblemList } from '../problem-list.js';
import { readTable } from './csv-table.js';
import { PROFILED_KINDS, type ProfiledKind } from './stage-profile.js';

/**
 * Executed frequency plans of one training job and what was measured of them. Plain data.
 */
export interface MeasuredJob {
  readonly workloadId: string;
  readonly stageCount: number;
  readonly microbatchCount: number;
  /** Loading before each forward, per stage; 0 where nothing was measured. */
  readonly loadingS: readonly number[];
  readonly plans: readonly MeasuredPlan[];
}

/** One executed plan. */
export interface MeasuredPlan {
  readonly plan: number;
  /** Clock of every instruction: `clocksMHz[stage][place in the stage's own order]`. */
  readonly clocksMHz: readonly Float64Array[];
  /** Of the job: the slowest rank. */
  readonly iterationTimeS: number;
  /** Of the job: all ranks. */
  readonly iterationEnergyJ: number;
  /** Per stage, where it was measured per rank. */
  readonly stageEnergyJ: readonly number[] | undefined;
  /** Mean times of its instructions, where they were measured. */
  readonly instructions: readonly MeasuredInstruction[];
}

/** Mean time of the instructions of one stage and kind that ran at one clock in one plan. */
export interface MeasuredInstruction {
  readonly stage: number;
  readonly kind: ProfiledKind;
  readonly frequencyMHz: number;
  /** How many microbatches of an iteration ran so. */
  readonly count: number;
  readonly timeS: number;
}

/** The files of a folder of measured runs, by name and content. */
export interface MeasuredFiles {
  /** Folder, for messages. */
  readonly folder: string;
  readonly plans: string;
  readonly iterations: string;
  readonly instructions?: string | undefined;
  readonly loadTimes?: string | undefined;
}

/** Plan 0 of the published runs is the first after start: cold, and not to be fitted. */
const COLD_PLAN = 0;

/**
 * Reads measured runs (the tables of the Perseus artifact: `plans.csv`, `iterations.csv`,
 * `instructions.csv`, `load_times.csv`). Iterations may be per rank (iter_time_s, iter_energy_j,
 * stage) or per job (time_s, energy_j). Plan 0, which is cold, is left out, and so is a plan that
 * has clocks but no measurement, or the other way round.
 *
 * @throws InputError with every problem of the first file that has any.
 */
export function readMeasuredRuns(files: MeasuredFiles): MeasuredJob[] {
  const clocks = readPlans(files);
  const iterations = readIterations(files);
  const instructions = readInstructions(files);
  const loads = readLoadTimes(files);
  return [...clocks.keys()].map((workloadId) => {
    const plansOf = clocks.get(workloadId)!;
    const plans = [...plansOf].flatMap(([plan, clocksMHz]) => {
      const measured = iterations.get(`${workloadId} ${plan}`);
      if (plan === COLD_PLAN || measured === undefined) return [];
      const timed = instructions.get(`${workloadId} ${plan}`) ?? [];
      return [{ plan, clocksMHz, ...measured, instructions: timed }];
    });
    const stages = [...plansOf.values()][0]!;
    return {
      workloadId,
      stageCount: stages.length,
      microbatchCount: stages[0]!.length / 2,
      loadingS: stages.map((_, stage) => loads.get(`${workloadId} ${stage}`) ?? 0),
      plans: plans.sort((a, b) => a.plan - b.plan),
    };
  });
}

type Clocks = Map<string, Map<number, Float64Array[]>>;

function readPlans({ folder, plans }: MeasuredFiles): Clocks {
  const source = `${folder}/plans.csv`;
  const rows = readTable(plans, source, {
    workload_id: 'text',
    plan: 'whole',
    stage: 'whole',
    index: 'whole',
    frequency_mhz: 'positive',
  });
  const lists = new Map<string, Map<number, number[][]>>();
  for (const row of rows) {
    const plansOf = lists.get(row.workload_id) ?? new Map<number, number[][]>();
    lists.set(row.workload_id, plansOf);
    const stages = plansOf.get(row.plan) ?? [];
    plansOf.set(row.plan, stages);
    (stages[row.stage] ??= [])[row.index] = row.frequency_mhz;
  }
  const problems = new ProblemList(source);
  const clocks: Clocks = new Map();
  for (const [workloadId, plansOf] of lists) {
    const first = [...plansOf.values()][0]!;
    for (const [plan, stages] of plansOf) {
      const lengths = Array.from(
        { length: first.length },
        (_, s) => Object.keys(stages[s] ?? []).length,
      );
      if (
        stages.length !== first.length ||
        lengths.some((n) => n !== first[0]!.length || n % 2 > 0)
      ) {
        problems.add(
          `${workloadId}, plan ${plan}: the stages have ${lengths.join(', ')} instructions, expected ${first.length} stages with the same even number each`,
        );
      }
    }
    clocks.set(
      workloadId,
      new Map(
        [...plansOf].map(([plan, stages]) => [plan, stages.map((list) => Float64Array.from(list))]),
      ),
    );
  }
  problems.throwIfAny();
  return clocks;
}

type Measured = Pick<MeasuredPlan, 'iterationTimeS' | 'iterationEnergyJ' | 'stageEnergyJ'>;

function readIterations({ folder, iterations }: MeasuredFiles): Map<string, Measured> {
  const source = `${folder}/iterations.csv`;
  const perJob = /(^|,)time_s(,|\r?\n)/.test(iterations.slice(0, iterations.indexOf('\n') + 1));
  if (perJob) {
    const spec = {
      workload_id: 'text',
      plan: 'whole',
      time_s: 'positive',
      energy_j: 'positive',
    } as const;
    return new Map(
      readTable(iterations, source, spec).map((row) => [
        `${row.workload_id} ${row.plan}`,
        { iterationTimeS: row.time_s, iterationEnergyJ: row.energy_j, stageEnergyJ: undefined },
      ]),
    );
  }
  const rows = readTable(iterations, source, {
    workload_id: 'text',
    plan: 'whole',
    stage: 'whole',
    iter_time_s: 'positive',
    iter_energy_j: 'positive',
  });
  const measured = new Map<string, { iterationTimeS: number; stageEnergyJ: number[] }>();
  for (const row of rows) {
    const key = `${row.workload_id} ${row.plan}`;
    const known = measured.get(key) ?? { iterationTimeS: 0, stageEnergyJ: [] };
    measured.set(key, known);
    known.iterationTimeS = Math.max(known.iterationTimeS, row.iter_time_s);
    known.stageEnergyJ[row.stage] = (known.stageEnergyJ[row.stage] ?? 0) + row.iter_energy_j;
  }
  return new Map(
    [...measured].map(([key, value]) => [
      key,
      { ...value, iterationEnergyJ: value.stageEnergyJ.reduce((sum, energyJ) => sum + energyJ, 0) },
    ]),
  );
}

function readInstructions({ folder, instructions }: MeasuredFiles) {
  const byPlan = new Map<string, MeasuredInstruction[]>();
  if (instructions === undefined) return byPlan;
  const rows = readTable(instructions, `${folder}/instructions.csv`, {
    workload_id: 'text',
    plan: 'whole',
    stage: 'whole',
    instruction: 'text',
    frequency_mhz: 'positive',
    count: 'whole',
    time_mean_s: 'positive',
  });
  const problems = new ProblemList(`${folder}/instructions.csv`);
  rows.forEach((row, k) => {
    const kind = PROFILED_KINDS.find((name) => name === row.instruction);
    if (kind === undefined) {
      problems.add(`found "${row.instruction}", expected ${PROFILED_KINDS.join(' or ')}`, {
        line: k + 2,
        field: 'column "instruction"',
      });
      return;
    }
    const key = `${row.workload_id} ${row.plan}`;
    const list = byPlan.get(key) ?? [];
    byPlan.set(key, list);
    const { stage, frequency_mhz: frequencyMHz, count, time_mean_s: timeS } = row;
    list.push({ stage, kind, frequencyMHz, count, timeS });
  });
  problems.throwIfAny();
  return byPlan;
}

function readLoadTimes({ folder, loadTimes }: MeasuredFiles): Map<string, number> {
  if (loadTimes === undefined) return new Map();
  const spec = {
    workload_id: 'text',
    stage: 'whole',
    load_mean_s_per_microbatch: 'number',
  } as const;
  return new Map(
    readTable(loadTimes, `${folder}/load_times.csv`, spec).map((row) => [
      `${row.workload_id} ${row.stage}`,
      row.load_mean_s_per_microbatch,
    ]),
  );
}
