import { PlansOnDemand, thinned } from '../../src/planner/deadline/plans-on-demand.js';
import type { FrequencyPlan, FrontierPoint, Plans } from '../../src/planner/planner.js';
import { PricedPlans } from '../../src/planner/priced/priced-plans.js';
import type { Setting } from '../scenario/scenario-setting.js';
import type { PolicyPlans } from './policy-plans.js';
import type { ExecutedIteration, IterationWatcher, RunSteps, TrainingRun } from './training-run.js';

/** The parts of a run to keep: the iteration that pictures show, and more for a trace. */
export interface Keeping {
  /**
   * Keeps each policy's first iterations for a trace: at most this many instructions of distinct
   * iterations and pipelines for all policies together, but at least one iteration of each policy. An
   * instruction takes some 100 bytes. No iteration is kept for a trace if left out.
   */
  readonly traceInstructions?: number;
  /** Keeps the runs of external planners too, not only those of the scenario's policies. */
  readonly others?: boolean;
}

/** Keeps the one iteration that pictures show. */
export const FOR_PICTURES: Keeping = {};

/** Keeps up to 200 MB for a trace, besides the iteration that pictures show. */
export const FOR_TRACES: Keeping = { traceInstructions: 2_000_000 };

/** One policy's run, as kept. */
export interface KeptPolicy {
  readonly policy: string;
  /**
   * Its plans for one pipeline, slowest first; a selection of the points of a long frontier, or its
   * outline.
   */
  readonly frontier: readonly FrontierPoint[];
  /** The plan of a pipeline while nothing is known to be slow. */
  readonly fastest: FrequencyPlan;
  /** The iteration that pictures show; the same one for every policy. */
  readonly shown: ExecutedIteration;
  /** The first iterations, for a trace; none unless they were asked for. */
  readonly iterations: readonly ExecutedIteration[];
}

/**
 * The run of a scenario's first seed, instruction by instruction, for pictures and traces. Plain
 * data: it crosses processes, and drawing it needs no planner or simulator.
 */
export interface KeptRun {
  /** With the stragglers that were drawn. */
  readonly setting: KeptSetting;
  /** Those of the scenario, in its order; then external planners, if kept. */
  readonly policies: readonly KeptPolicy[];
}

/** The part of a setting that pictures and traces need. */
export type KeptSetting = Pick<Setting, 'scenario' | 'dag' | 'timing' | 'gpus' | 'stragglers'>;

/**
 * Keeps the runs of policies, from the last one to the first: the last one decides which iteration is
 * shown, so that only that one need be kept of the others.
 */
export class RunKeeper {
  private readonly policies: KeptPolicy[] = [];
  private shownIndex: number | undefined;

  /** @param setting with the stragglers that were drawn. */
  constructor(
    private readonly setting: Setting,
    private readonly keep: Keeping,
  ) {}

  /** Runs a policy, and keeps its run. */
  *keeping<Asked>(
    plans: PolicyPlans,
    run: (watch: IterationWatcher) => RunSteps<TrainingRun, Asked>,
  ): RunSteps<TrainingRun, Asked> {
    const { traceInstructions } = this.keep;
    const ofPolicy =
      traceInstructions === undefined
        ? undefined
        : traceInstructions / this.setting.scenario.policies.length;
    const keeper = new IterationKeeper(ofPolicy, this.shownIndex);
    const done = yield* run(keeper.watch);
    const kept = keeper.kept(plans);
    this.shownIndex = kept.shown.index;
    this.policies.unshift(kept);
    return done;
  }

  /** The runs kept of all policies. */
  kept(): KeptRun {
    const { scenario, dag, timing, gpus, stragglers } = this.setting;
    return { setting: { scenario, dag, timing, gpus, stragglers }, policies: this.policies };
  }
}

/** Keeps a policy's iterations while it is simulated. */
class IterationKeeper {
  private shown: ExecutedIteration | undefined;
  private readonly iterations: ExecutedIteration[] = [];
  private readonly records = new Set<object>();
  private instructions = 0;

  /**
   * @param traceInstructions most instructions kept of this policy for a trace; no trace if undefined.
   * @param shownIndex the iteration to show; if left out, the one that shows most.
   */
  constructor(
    private readonly traceInstructions: number | undefined,
    private readonly shownIndex?: number,
  ) {}

  readonly watch: IterationWatcher = (iteration) => {
    if (this.isBetter(iteration)) this.shown = iteration;
    const isTraced = this.trace(iteration);
    // The iteration to show may be another one like this.
    return isTraced || (this.shownIndex !== undefined && iteration.index < this.shownIndex);
  };

  /** The run kept. @param plans those that were run. */
  kept({ policy, fastest, plans }: PolicyPlans): KeptPolicy {
    return {
      ...{ policy, fastest, frontier: drawn(plans) },
      ...{ shown: this.shown!, iterations: this.iterations },
    };
  }

  private isBetter(iteration: ExecutedIteration): boolean {
    if (this.shownIndex !== undefined) return iteration.index === this.shownIndex;
    return this.shown === undefined || interest(iteration) > interest(this.shown);
  }

  private trace(iteration: ExecutedIteration): boolean {
    if (this.traceInstructions === undefined) return false;
    const { record, job } = iteration;
    if (!this.records.has(record)) {
      this.instructions += record.simulatedPipelines * job.dag.instructionCount;
    }
    this.records.add(record);
    if (this.iterations.length > 0 && this.instructions > this.traceInstructions) return false;
    this.iterations.push(iteration);
    return true;
  }
}

/** The interest of an iteration: most with a known straggler, less with an unknown one. */
function interest({ present, known }: ExecutedIteration): number {
  if (present.length === 0) return 0;
  return known.length === 0 ? 1 : 2;
}

/** Points of a frontier that are kept. */
const MOST_POINTS = 400;

/**
 * The points to draw of a policy's plans. Of approximate plans only the fastest: a line between two
 * points would show energies that no plan has.
 */
function drawn(plans: Plans): FrontierPoint[] {
  if (plans instanceof PricedPlans) return [plans.point(plans.pointCount - 1)];
  return plans instanceof PlansOnDemand ? plans.drawn(MOST_POINTS) : thinned(plans, MOST_POINTS);
}
