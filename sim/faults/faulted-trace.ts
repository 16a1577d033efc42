import { InputError } from '../../src/errors.js';
import { gpusPerStage } from '../scenario/gpus-per-stage.js';
import { compensatedSum } from '../../src/compensated-sum.js';
import { PowerAverager, type Averaged, type PowerSteps } from '../power/power-series.js';
import { jobSteps } from '../power/trace/job-steps.js';
import type { RowSink } from '../power/trace/power-trace.js';
import { onceEach } from '../power/trace/traced-units.js';
import type { ExecutedIteration } from '../run/training-run.js';
import type { ScenarioFaults } from '../scenario/faults-schema.js';
import type { Setting } from '../scenario/scenario-setting.js';
import { checkpointIterations } from './checkpoint-iterations.js';
import { playCourse } from './course-power.js';
import { faultCourse } from './fault-course.js';
import { faultJob, SECONDS_PER_DAY, type FaultJob } from './fault-job.js';

/** Most steps of iterations that are kept: 80 MB. */
const MOST_STEPS = 5_000_000;
/** Most intervals of a course: 400 MB. */
const MOST_ROWS = 50_000_000;
/** Most steps of iterations that are played: some minutes. */
const MOST_PLAYED = 1e10;
const ROWS_AT_ONCE = 4096;

/**
 * The power over time of a whole job with faults, for the first seed. Receives the iterations of the
 * job's run and then repeats them, with the pauses of its course between them.
 */
export class FaultedTrace {
  private readonly stepsOf: (iteration: ExecutedIteration) => PowerSteps;
  private readonly steps: PowerSteps[] = [];
  private readonly distinct = new Set<PowerSteps>();
  private stepCount = 0;

  /** @param everyS the length of an interval. @param sink receives mean powers. */
  constructor(
    private readonly setting: Setting,
    private readonly faults: ScenarioFaults,
    private readonly everyS: number,
    private readonly sink: RowSink,
  ) {
    this.stepsOf = onceEach((iteration) => jobSteps(iteration, setting.gpus));
  }

  /** Adds the next iteration of the run; the first ones are repeated if it has too many. */
  add(iteration: ExecutedIteration): void {
    if (this.stepCount > MOST_STEPS) return;
    const steps = this.stepsOf(iteration);
    this.steps.push(steps);
    if (this.distinct.has(steps)) return;
    this.distinct.add(steps);
    this.stepCount += steps.untilS.length;
  }

  /**
   * Plays the course.
   * @throws InputError if it has too many intervals, or makes no progress.
   */
  finish(): Averaged[] {
    const { faults, setting, steps } = this;
    const job = this.job();
    const iterations = checkpointIterations(faults, job, setting.askedBy);
    this.checkLength(job);
    let rows: number[] = [];
    const emit = () => {
      this.sink(Float64Array.from(rows), rows.length);
      rows = [];
    };
    const averager = new PowerAverager(this.everyS, (meanW) => {
      if (rows.push(meanW) === ROWS_AT_ONCE) emit();
    });
    const course = faultCourse(job, iterations, setting.scenario.seed);
    playCourse({ job, iterations, steps }, course, averager);
    const averaged = averager.finish();
    if (rows.length > 0) emit();
    return [averaged];
  }

  /** The job, with the mean of the iterations that are repeated. */
  private job(): FaultJob {
    const { scenario, dag, gpus } = this.setting;
    const [time, energy] = [compensatedSum(), compensatedSum()];
    for (const { untilS, powerW } of this.steps) {
      time.add(untilS.at(-1)!);
      untilS.forEach((endS, k) => {
        energy.add((endS - (untilS[k - 1] ?? 0)) * powerW[k]!);
      });
    }
    const size = {
      pipelines: scenario.pipelines,
      gpus: scenario.pipelines * dag.stageCount * gpusPerStage(scenario),
      waitingPowerW: gpus.blockingPowerW,
    };
    const run = { iterations: this.steps.length, timeS: time.value(), energyJ: energy.value() };
    return faultJob(size, this.faults, run);
  }

  /** @throws InputError if the course has more intervals or iterations than can be played. */
  private checkLength({ rules, iterationS }: FaultJob): void {
    const { everyS, steps, stepCount } = this;
    const { end } = rules;
    const lengthS = 'timeS' in end ? end.timeS : end.iterations * iterationS;
    const where = { source: this.setting.askedBy, field: 'faults' };
    const days = `${(lengthS / SECONDS_PER_DAY).toPrecision(3)} days`;
    const rows = lengthS / everyS;
    if (rows > MOST_ROWS) {
      const longerS = 2 * Number((lengthS / MOST_ROWS).toPrecision(1));
      const message = `makes ${rows.toExponential(1)} intervals of ${everyS} s in ${days}, expected at most ${MOST_ROWS.toExponential(0)}; give --every ${longerS} or fewer days`;
      throw InputError.of({ ...where, message });
    }
    const played =
      (lengthS / iterationS) * (stepCount / Math.min(steps.length, this.distinct.size));
    if (played <= MOST_PLAYED) return;
    const message = `makes ${played.toExponential(1)} changes of power in ${days}, expected at most ${MOST_PLAYED.toExponential(0)}; give fewer days`;
    throw InputError.of({ ...where, message });
  }
}
