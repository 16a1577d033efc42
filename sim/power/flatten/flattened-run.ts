import { compensatedSum } from '../../../src/compensated-sum.js';
import { InputError } from '../../../src/errors.js';
import { most } from '../../../src/extremes.js';
import { bookEnergy } from '../../energy/ledger.js';
import type { PolicyPlans } from '../../run/policy-plans.js';
import type { ExecutedIteration } from '../../run/training-run.js';
import { CAP_WAYS, type CapWay, type Flattening } from '../../scenario/smoothing-schema.js';
import type { Setting } from '../../scenario/scenario-setting.js';
import type { PowerSeries, PowerSteps } from '../power-series.js';
import { jobSteps } from '../trace/job-steps.js';
import { onceEach } from '../trace/traced-units.js';
import { CAP_RUNNERS, fits, type CapAnswer } from './cap-ways.js';
import { ControlledRun } from './controlled-run.js';
import { gpuControls, storageSettings } from './controls.js';
import { FlatteningSum, type FlatteningEnergies } from './flattening-accounts.js';
import { intervalFor, SeriesBuilder } from './series-builder.js';
import { staggered, type BookedIteration } from './staggered.js';
import { withStorage, type StorageFacts } from './storage.js';

/** Seconds that controls add to a run. */
export interface LostTimes {
  readonly staggerS: number;
  readonly capS: number;
  readonly smoothingS: number;
}

/** A run under a cap, kept in one of the ways. */
export interface WayUnderCap {
  readonly way: CapWay;
  /** Absent if the cap cannot be kept in this way. */
  readonly run?: { readonly timeS: number; readonly energyJ: number; readonly peakW: number };
  /** Power that it would have needed at least, if it cannot be kept. */
  readonly neededW?: number;
}

/** A policy's power over time, as the job draws it and as the grid sees it with all controls. */
export interface FlattenedRun {
  readonly before: PowerSeries;
  readonly after: PowerSeries;
  /** After = before + their sum. */
  readonly energiesJ: FlatteningEnergies;
  readonly lost: LostTimes;
  /** The longest iteration afterwards. */
  readonly longestS: number;
  /** The ways to keep the cap, compared; none without a cap. */
  readonly ways: readonly WayUnderCap[];
  readonly storage: StorageFacts | undefined;
}

/** An iteration after the controls that change its course. */
interface FlattenedIteration {
  readonly steps: PowerSteps;
  readonly timeS: number;
  readonly energiesJ: Partial<FlatteningEnergies>;
}

/** One iteration under a cap. */
interface IterationUnderCap {
  readonly way: CapWay;
  readonly answer: CapAnswer;
  readonly peakW: number;
}

/**
 * Flattens the power of a run, iteration by iteration, in this order: staggered starts; the cap, or
 * ballast and smoothing; storage. Every iteration is run again by itself, and GPUs begin it in the
 * state in which they ended the one before.
 *
 * Iterations that are alike are run again once, as long as their GPUs begin in the same state. Memory
 * for the two series.
 */
export class RunFlattening {
  private readonly stepsOf = onceEach((iteration) => jobSteps(iteration, this.setting.gpus));
  private readonly staggeredOf = onceEach((iteration) => this.staggered(iteration));
  private readonly begunStepsOf = onceEach((iteration) =>
    this.flatten.stagger === undefined
      ? this.stepsOf(iteration)
      : jobSteps(this.staggeredOf(iteration), this.setting.gpus),
  );
  private readonly cappedOf = onceEach((iteration) => this.capped(iteration));
  private readonly sum = new FlatteningSum();
  private readonly lost = {
    staggerS: compensatedSum(),
    capS: compensatedSum(),
    smoothingS: compensatedSum(),
  };
  private readonly ways = new Map<CapWay, WayUnderCap>();
  private longestS = 0;
  private before: SeriesBuilder | undefined;
  private after: SeriesBuilder | undefined;
  private controlled: ControlledRun | undefined;

  constructor(
    private readonly flatten: Flattening,
    private readonly setting: Setting,
    private readonly policy: PolicyPlans,
  ) {}

  /**
   * Adds the next iteration.
   * @throws InputError if the cap cannot be kept.
   */
  add(iteration: ExecutedIteration): void {
    if (this.before === undefined) this.begin(iteration);
    this.before!.append(this.stepsOf(iteration));
    const flattened = this.flattened(iteration);
    this.after!.append(flattened.steps);
    this.sum.add(flattened.energiesJ);
    this.longestS = Math.max(this.longestS, flattened.timeS);
  }

  /** Ends the run. @throws Error if it has no iteration. */
  finish(): FlattenedRun {
    const job = this.after!.finish();
    const { storage } = this.flatten;
    const stored = storage && withStorage(job, storageSettings(storage));
    if (stored !== undefined) {
      const { lossJ, endJ, startJ } = stored.facts;
      this.sum.add({ storageLossJ: lossJ, storedJ: endJ - startJ });
    }
    const { staggerS, capS, smoothingS } = this.lost;
    return {
      before: this.before!.finish(),
      after: stored?.series ?? job,
      energiesJ: this.sum.values(),
      lost: { staggerS: staggerS.value(), capS: capS.value(), smoothingS: smoothingS.value() },
      longestS: this.longestS,
      ways: CAP_WAYS.flatMap((way) => this.ways.get(way) ?? []),
      storage: stored?.facts,
    };
  }

  private begin(iteration: ExecutedIteration): void {
    const { flatten, setting } = this;
    const { iterations } = setting.scenario;
    const first = this.staggeredOf(iteration);
    const everyS = intervalFor(flatten.everyS, iterations * first.record.iterationTimeS);
    this.before = new SeriesBuilder(everyS);
    this.after = new SeriesBuilder(everyS, flatten.cap?.powerW);
    const controls = gpuControls(flatten, setting, first, everyS);
    this.controlled = controls && new ControlledRun(setting.gpus, controls);
  }

  private flattened(iteration: ExecutedIteration): FlattenedIteration {
    const begun = this.staggeredOf(iteration);
    const { iterationTimeS: timeS } = begun.record;
    this.lost.staggerS.add(timeS - iteration.record.iterationTimeS);
    this.sum.add({ staggerWaitingJ: begun.addedJ });
    if (this.controlled !== undefined) {
      const controlled = this.controlled.next(begun);
      this.lost.smoothingS.add(controlled.timeS - timeS);
      return controlled;
    }
    if (this.flatten.cap === undefined) {
      return { steps: this.begunStepsOf(iteration), timeS, energiesJ: {} };
    }
    const capped = this.cappedOf(iteration);
    for (const way of capped.ways) this.addWay(way);
    this.lost.capS.add(capped.timeS - timeS);
    return capped;
  }

  /** The iteration with staggered starts, and the energy that they add. */
  private staggered(iteration: ExecutedIteration): BookedIteration & { readonly addedJ: number } {
    const { job, record } = iteration;
    const { gpus } = this.setting;
    const ledger = bookEnergy(job, record, gpus);
    const { stagger } = this.flatten;
    if (stagger === undefined) return { job, record, ledger, addedJ: 0 };
    const later = staggered(job, gpus, stagger);
    return { ...later, addedJ: later.ledger.totalJ - ledger.totalJ };
  }

  private capped(iteration: ExecutedIteration) {
    const { powerW, by } = this.flatten.cap!;
    const { gpus, physics } = this.setting;
    const { job, record, ledger } = this.staggeredOf(iteration);
    const asIs = this.begunStepsOf(iteration);
    const unchanged: CapAnswer = {
      ...{ steps: asIs, timeS: record.iterationTimeS },
      computingJ: ledger.totalComputeJ,
      idleJ: ledger.totalJ - ledger.totalComputeJ,
    };
    const isBelow = most(asIs.powerW) <= powerW;
    const capped = { job, record, gpus, physics };
    const ways = CAP_WAYS.map((way): IterationUnderCap => {
      const answer = isBelow ? unchanged : CAP_RUNNERS[way](capped, powerW, this.policy.plans);
      return { way, answer, peakW: fits(answer) ? most(answer.steps.powerW) : Infinity };
    });
    const { answer } = ways.find(({ way }) => way === by)!;
    if (!fits(answer)) throw this.capTooLow(answer.neededW);
    return {
      ...{ ways, steps: answer.steps, timeS: answer.timeS },
      energiesJ: {
        capComputingJ: answer.computingJ - ledger.totalComputeJ,
        capWaitingJ: answer.idleJ - unchanged.idleJ,
      },
    };
  }

  /** Adds an iteration to the comparison of ways. */
  private addWay({ way, answer, peakW }: IterationUnderCap): void {
    const known = this.ways.get(way);
    if (known?.neededW !== undefined) return;
    if (!fits(answer)) {
      this.ways.set(way, { way, neededW: answer.neededW });
      return;
    }
    const sum = known?.run ?? { timeS: 0, energyJ: 0, peakW: 0 };
    const run = {
      timeS: sum.timeS + answer.timeS,
      energyJ: sum.energyJ + answer.computingJ + answer.idleJ,
      peakW: Math.max(sum.peakW, peakW),
    };
    this.ways.set(way, { way, run });
  }

  private capTooLow(neededW: number): InputError {
    const { powerW, by } = this.flatten.cap!;
    const how = {
      instant: 'even at the lowest clocks',
      'one-clock': 'even with the lowest clock',
      plan: 'even with its slowest plan; by: instant lowers clocks only while they must',
    }[by];
    return InputError.of({
      source: this.setting.askedBy,
      field: 'flatten.cap.powerW',
      message: `found ${powerW} W, but ${this.policy.policy} draws ${Math.ceil(neededW)} W at some time, ${how}; allow at least that`,
    });
  }
}
