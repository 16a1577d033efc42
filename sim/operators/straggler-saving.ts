import { compensatedSum } from '../../src/compensated-sum.js';
import { pathTimes } from '../../src/pipeline/critical-path.js';
import { scheduleDag } from '../../src/pipeline/schedules.js';
import { maxFrequency } from '../../src/planner/max-frequency.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import type { FrequencyPlan, PlanningProblem, Plans } from '../../src/planner/planner.js';
import type { StageProfile } from '../../src/profile/stage-profile.js';
import { waitingPowerW } from './clock-power.js';
import { operatorProfile } from './operator-profile.js';
import type { PredictedJob } from './predict.js';
import { correctedSaving, SAVINGS_LACK_PCT, type SavingBand } from './saving-band.js';

/** A pipeline whose savings are to be computed. */
export interface SavingQuestion {
  readonly profile: StageProfile;
  readonly microbatches: number;
  /** Power of one GPU that waits. */
  readonly blockingPowerW: number;
  /** Parts of the model on each stage; 1 if left out. */
  readonly chunks?: number;
}

/** Ticks of the shortest instruction. */
const SHORTEST_TICKS = 100;

/** A pipeline, planned. */
export class PlannedPipeline {
  private readonly problem: PlanningProblem;
  private readonly plans: Plans;
  private readonly highest: RunPlan;

  constructor({ profile, microbatches, blockingPowerW, chunks = 1 }: SavingQuestion) {
    const dag = scheduleDag(chunks === 1 ? '1f1b' : 'interleaved', {
      stages: profile.stages.length / chunks,
      microbatches,
      chunks,
    });
    const timesS = profile.stages.flatMap(({ forward, backward }) =>
      [...forward, ...backward].map(({ timeS }) => timeS),
    );
    this.problem = planningProblem(dag, profile, {
      unitTimeS: Math.min(...timesS) / SHORTEST_TICKS,
      blockingPowerW,
      gpusPerStage: 1,
    });
    this.plans = perseus.plan(this.problem);
    this.highest = this.run(maxFrequency.plan(this.problem).fastest);
  }

  /** Seconds of an iteration at the highest clocks, and joules of all stages. */
  get atHighest(): RunPlan {
    return this.highest;
  }

  /** Times and energies of the frontier's plans at their clocks, slowest first. */
  *frontier(points: number): Generator<RunPlan> {
    for (let k = 0; k < points; k++) {
      const index = Math.round((k * (this.plans.pointCount - 1)) / (points - 1));
      yield this.run(this.plans.planAt(this.plans.point(index).timeS));
    }
  }

  /**
   * Fraction of its energy that a pipeline saves while it waits for another one, which is slower by
   * this factor than it is at the highest clocks.
   */
  savingWithStraggler(slowdown: number): number {
    const stragglerS = slowdown * this.highest.timeS;
    const plan = this.run(this.plans.forStraggler(stragglerS));
    const endS = Math.max(stragglerS, plan.timeS);
    const waitingW = this.problem.dag.stageCount * this.problem.blockingPowerW;
    const total = ({ timeS, energyJ }: RunPlan, untilS: number) =>
      energyJ + waitingW * (untilS - timeS);
    return 1 - total(plan, endS) / total(this.highest, stragglerS);
  }

  /** Time and energy at a plan's clocks, according to the profile. */
  private run({ frequencyMHz }: FrequencyPlan): RunPlan {
    const { dag, operations, blockingPowerW } = this.problem;
    const byClock = operations.map(
      ({ allOptions }) => new Map(allOptions.map((option) => [option.frequencyMHz, option])),
    );
    const energyJ = compensatedSum();
    const durationS = Float64Array.from({ length: dag.instructionCount }, (_, i) => {
      const option = byClock[dag.operation[i]!]!.get(frequencyMHz[i]!)!;
      energyJ.add(option.energyJ - blockingPowerW * option.timeS);
      return option.timeS;
    });
    const timeS = pathTimes(dag, durationS).length;
    energyJ.add(dag.stageCount * blockingPowerW * timeS);
    return { timeS, energyJ: energyJ.value() };
  }
}

/** One iteration of a pipeline, one GPU of each stage, waiting included. */
export interface RunPlan {
  readonly timeS: number;
  readonly energyJ: number;
}

/**
 * Pipelines with more instructions, or with several parts of the model on a stage, take minutes to
 * plan.
 */
const MOST_INSTRUCTIONS = 2000;

/** Whether a job's savings can be computed within seconds. */
export function isQuicklyPlanned({ layout, chunks, microbatches }: PredictedJob): boolean {
  return chunks === 1 && 2 * layout.pipeline * microbatches <= MOST_INSTRUCTIONS;
}

/**
 * The saving of a pipeline that waits for another, from the profile of its operators, corrected by
 * the known error of such savings.
 */
export function stragglerSaving(job: PredictedJob, slowdown: number): SavingBand {
  const pipeline = new PlannedPipeline({
    profile: operatorProfile(job),
    microbatches: job.microbatches,
    blockingPowerW: waitingPowerW(job.machine, job.machine.highestMHz),
    chunks: job.chunks,
  });
  const savingPct = 100 * pipeline.savingWithStraggler(slowdown);
  return correctedSaving(savingPct, SAVINGS_LACK_PCT);
}
