import { entryOf } from '../../src/groups.js';
import { ProblemList } from '../../src/problem-list.js';
import { readTable } from '../../src/profile/csv-table.js';
import { withoutRegularPause, type RankMeasurement } from '../../src/profile/regular-pause.js';
import { PROFILED_KINDS, type ProfiledKind } from '../../src/profile/stage-profile.js';

/** Executed frequency plans of one training job and their measurements. Plain data. */
export interface MeasuredJob {
  readonly workloadId: string;
  readonly stageCount: number;
  readonly microbatchCount: number;
  /** Data-parallel copies, which run the same plan. */
  readonly pipelineCount: number;
  /** GPUs of one stage of one pipeline. */
  readonly gpusPerStage: number;
  /** Loading before each forward, per stage; 0 where it was not measured. */
  readonly loadingS: readonly number[];
  readonly plans: readonly MeasuredPlan[];
}

/** One executed plan. */
export interface MeasuredPlan {
  readonly plan: number;
  /** Clock of every instruction: `clocksMHz[stage][position in the stage's order]`. */
  readonly clocksMHz: readonly Float64Array[];
  /** Of the job: the slowest rank, without the pauses between epochs. */
  readonly iterationTimeS: number;
  /** Of the job: all ranks. */
  readonly iterationEnergyJ: number;
  /** Per stage, summed over its ranks, if it was measured per rank. */
  readonly stageEnergyJ: readonly number[] | undefined;
  /** Times of its instructions, if they were measured. */
  readonly instructions: readonly MeasuredInstruction[];
}

/** Instructions of one stage and kind that ran at one clock in one plan. */
export interface MeasuredInstruction {
  readonly stage: number;
  readonly kind: ProfiledKind;
  readonly frequencyMHz: number;
  /** Number of microbatches of an iteration that ran this way. */
  readonly count: number;
  /** The median over instructions and iterations, or their mean if no median was kept. */
  readonly timeS: number;
  /** The mean, to which the energies belong. */
  readonly meanTimeS: number;
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

/** Plan 0 of the published runs is the first after start: cold, and unfit for fitting. */
const COLD_PLAN = 0;

/**
 * Reads measured runs (the tables of the Perseus artifact: `plans.csv`, `iterations.csv`,
 * `instructions.csv`, `load_times.csv`). Iterations may be per rank (iter_time_s, iter_energy_j,
 * stage) or per job (time_s, energy_j). Medians are preferred to means; without medians, a pause
 * that recurs every few iterations is removed from the means. Plan 0, which is cold, is left out,
 * and so is a plan that has clocks but no measurement, or vice versa.
 *
 * @throws InputError with every problem of the first file that has any.
 */
export function readMeasuredRuns(files: MeasuredFiles): MeasuredJob[] {
  const clocks = readPlans(files);
  const iterations = readIterations(files);
  const instructions = readInstructions(files);
  const loads = readLoadTimes(files);
  const problems = new ProblemList(`${files.folder}/iterations.csv`);
  const jobs = [...clocks].map(([workloadId, plansOf]): MeasuredJob => {
    const measuredOf = iterations.get(workloadId);
    const stages = [...plansOf.values()][0]!;
    const plans = [...plansOf].flatMap(([plan, clocksMHz]) => {
      const measured = measuredOf?.get(plan);
      if (plan === COLD_PLAN || measured === undefined) return [];
      const timed = instructions.get(`${workloadId} ${plan}`) ?? [];
      const { iterationTimeS, iterationEnergyJ, stageEnergyJ } = measured;
      return [
        { plan, clocksMHz, iterationTimeS, iterationEnergyJ, stageEnergyJ, instructions: timed },
      ];
    });
    return {
      workloadId,
      stageCount: stages.length,
      microbatchCount: stages[0]!.length / 2,
      ...degrees(workloadId, [...(measuredOf ?? [])], problems),
      loadingS: stages.map((_, stage) => loads.get(`${workloadId} ${stage}`) ?? 0),
      plans: plans.sort((a, b) => a.plan - b.plan),
    };
  });
  problems.throwIfAny();
  return jobs;
}

/**
 * The number of pipelines of a job and of GPUs of one of its stages, from its name
 * (`…+dp2+pp4+tp2`); they must equal the measured numbers.
 */
function degrees(
  workloadId: string,
  measured: readonly [plan: number, Measured][],
  problems: ProblemList,
): Pick<MeasuredJob, 'pipelineCount' | 'gpusPerStage'> {
  const degree = (name: string) => Number(new RegExp(`\\b${name}(\\d+)\\b`).exec(workloadId)?.[1]);
  const pipelineCount = degree('dp') || 1;
  const gpusPerStage = degree('tp') || 1;
  for (const [plan, { ranksPerStage = pipelineCount * gpusPerStage }] of measured) {
    if (ranksPerStage === pipelineCount * gpusPerStage) continue;
    problems.add(
      `${workloadId}, plan ${plan}: found ${ranksPerStage} rows per stage, expected ${pipelineCount * gpusPerStage}, one per GPU (its name says dp${pipelineCount} and tp${gpusPerStage})`,
    );
  }
  return { pipelineCount, gpusPerStage };
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
    const plansOf = entryOf(lists, row.workload_id, () => new Map<number, number[][]>());
    const stages = entryOf(plansOf, row.plan, (): number[][] => []);
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
        lengths.some((n) => n === 0 || n !== first[0]?.length || n % 2 > 0)
      ) {
        problems.add(
          `${workloadId}, plan ${plan}: the stages have ${lengths.join(', ')} instructions, expected ${first.length} stages with the same even number each`,
        );
      }
      stages.forEach((list, stage) => {
        const count = Object.keys(list).length;
        if (list.length === count) return;
        problems.add(
          `${workloadId}, plan ${plan}, stage ${stage}: found an index ${list.length - 1} among ${count} instructions, expected each from 0 to ${count - 1} once`,
        );
      });
    }
    if (problems.count > 0) continue;
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

type Measured = Pick<MeasuredPlan, 'iterationTimeS' | 'iterationEnergyJ' | 'stageEnergyJ'> & {
  /** GPUs of each stage, if they were measured one by one. */
  readonly ranksPerStage: number | undefined;
};

/** Columns of one GPU's iterations: means, and figures that show how far they are from medians. */
const RANK_COLUMNS = {
  workload_id: 'text',
  plan: 'whole',
  stage: 'whole',
  iter_time_s: 'positive',
  iter_energy_j: 'positive',
  iter_time_median_s: 'positive',
  iter_energy_median_j: 'positive',
  iter_time_std_s: 'number',
  iter_energy_std_j: 'number',
  iterations_counted: 'positive',
} as const;

const OPTIONAL_RANK_COLUMNS = [
  'iter_time_median_s',
  'iter_energy_median_j',
  'iter_time_std_s',
  'iter_energy_std_j',
  'iterations_counted',
] as const;

/** Measured iterations by workload and plan. */
function readIterations({ folder, iterations }: MeasuredFiles): Map<string, Map<number, Measured>> {
  const source = `${folder}/iterations.csv`;
  const measured = new Map<string, Map<number, Measured>>();
  if (/(^|,)time_s(,|\r?\n)/.test(iterations.slice(0, iterations.indexOf('\n') + 1))) {
    const spec = {
      workload_id: 'text',
      plan: 'whole',
      time_s: 'positive',
      energy_j: 'positive',
    } as const;
    for (const row of readTable(iterations, source, spec)) {
      entryOf(measured, row.workload_id, () => new Map<number, Measured>()).set(row.plan, {
        iterationTimeS: row.time_s,
        iterationEnergyJ: row.energy_j,
        stageEnergyJ: undefined,
        ranksPerStage: undefined,
      });
    }
    return measured;
  }
  const ranks = new Map<string, Map<number, RankMeasurement[]>>();
  for (const row of readTable(iterations, source, RANK_COLUMNS, OPTIONAL_RANK_COLUMNS)) {
    if (row.plan === COLD_PLAN) continue;
    const ofJob = entryOf(ranks, row.workload_id, () => new Map<number, RankMeasurement[]>());
    const hasMedian = row.iter_time_median_s > 0;
    entryOf(ofJob, row.plan, (): RankMeasurement[] => []).push({
      stage: row.stage,
      timeS: hasMedian ? row.iter_time_median_s : row.iter_time_s,
      energyJ: row.iter_energy_median_j > 0 ? row.iter_energy_median_j : row.iter_energy_j,
      timeSdS: hasMedian ? NaN : row.iter_time_std_s,
      energySdJ: row.iter_energy_std_j,
      iterations: row.iterations_counted,
    });
  }
  for (const [workloadId, ofJob] of ranks) {
    const calm = withoutRegularPause([...ofJob.values()]);
    measured.set(
      workloadId,
      new Map([...ofJob.keys()].map((plan, k) => [plan, ofRanks(calm[k]!)])),
    );
  }
  return measured;
}

/** A job's iteration from those of its GPUs: the slowest time, and the sum of energies. */
function ofRanks(ranks: readonly RankMeasurement[]): Measured {
  const stageEnergyJ: number[] = [];
  for (const { stage, energyJ } of ranks) {
    stageEnergyJ[stage] = (stageEnergyJ[stage] ?? 0) + energyJ;
  }
  return {
    iterationTimeS: Math.max(...ranks.map(({ timeS }) => timeS)),
    iterationEnergyJ: stageEnergyJ.reduce((sum, energyJ) => sum + energyJ, 0),
    stageEnergyJ,
    ranksPerStage: ranks.length / stageEnergyJ.length,
  };
}

function readInstructions({ folder, instructions }: MeasuredFiles) {
  const byPlan = new Map<string, MeasuredInstruction[]>();
  if (instructions === undefined) return byPlan;
  const rows = readTable(
    instructions,
    `${folder}/instructions.csv`,
    {
      workload_id: 'text',
      plan: 'whole',
      stage: 'whole',
      instruction: 'text',
      frequency_mhz: 'positive',
      count: 'whole',
      time_mean_s: 'positive',
      time_median_s: 'positive',
    },
    ['time_median_s'],
  );
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
    const list = entryOf(byPlan, key, (): MeasuredInstruction[] => []);
    const { stage, frequency_mhz: frequencyMHz, count, time_mean_s: meanTimeS } = row;
    const timeS = row.time_median_s > 0 ? row.time_median_s : meanTimeS;
    list.push({ stage, kind, frequencyMHz, count, timeS, meanTimeS });
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
    load_median_s_per_microbatch: 'number',
  } as const;
  return new Map(
    readTable(loadTimes, `${folder}/load_times.csv`, spec, ['load_median_s_per_microbatch']).map(
      (row) => {
        // The mean includes the pauses between epochs.
        const { load_median_s_per_microbatch: medianS, load_mean_s_per_microbatch: meanS } = row;
        return [`${row.workload_id} ${row.stage}`, Number.isNaN(medianS) ? meanS : medianS];
      },
    ),
  );
}
