import { stageSegments } from '../../energy/power-segments.js';
import type { GpuCounting } from '../../energy/gpu-powers.js';
import type { ExecutedIteration } from '../../run/training-run.js';
import type { PoweredIteration } from './job-steps.js';
import type { RowSink } from './power-trace.js';
import { onceEach, type StagePlace } from './traced-units.js';

/** Clocks that change in steps: `clockMHz[k]` until `untilS[k]`, ascending. */
interface ClockSteps {
  readonly untilS: Float64Array;
  readonly clockMHz: Float64Array;
}

/**
 * Samples the clocks of GPUs at places in a job: at 0 and then each time an interval is over. A clock stays what the
 * last instruction had while nothing computes.
 */
export class ClockSamples {
  private readonly stepsOf: (iteration: ExecutedIteration) => readonly ClockSteps[];
  private sample = 0;

  constructor(
    gpus: GpuCounting,
    places: readonly StagePlace[],
    private readonly everyS: number,
    private readonly sink: RowSink,
  ) {
    this.stepsOf = onceEach((iteration) =>
      places.map((place) => clockSteps(iteration, gpus, place)),
    );
  }

  /** Adds the next iteration. */
  add(iteration: ExecutedIteration): void {
    const { startS, record } = iteration;
    const untilS = startS + record.iterationTimeS;
    const steps = this.stepsOf(iteration);
    const at = steps.map(() => 0);
    for (; this.sample * this.everyS < untilS; this.sample++) {
      const timeS = this.sample * this.everyS - startS;
      const row = steps.map(({ untilS, clockMHz }, unit) => {
        while (at[unit]! < untilS.length - 1 && untilS[at[unit]!]! <= timeS) at[unit]!++;
        return clockMHz[at[unit]!]!;
      });
      this.sink(Float64Array.from(row), 1);
    }
  }
}

function clockSteps(
  { job: { dag, timing }, record }: PoweredIteration,
  gpus: GpuCounting,
  { pipeline, stage }: StagePlace,
): ClockSteps {
  const executed = record.pipelines[pipeline]!;
  const { clockMHz: clocksMHz } = executed.executed;
  const segments = stageSegments({ dag, timing, record, gpus }, executed, stage);
  // As in the simulator, iterations follow others like them.
  let nowMHz = clocksMHz[dag.stageStart[stage + 1]! - 1]!;
  const clockMHz = segments.map(({ activity, instruction }) => {
    if (activity === 'computing') nowMHz = clocksMHz[instruction]!;
    return nowMHz;
  });
  return {
    untilS: Float64Array.from(segments, ({ untilS }) => untilS),
    clockMHz: Float64Array.from(clockMHz),
  };
}
