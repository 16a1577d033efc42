import type { GpuCounting } from '../../energy/gpu-powers.js';
import type { JobRecord } from '../../training/job.js';
import {
  controlledIteration,
  restingStates,
  type ControlledIteration,
} from './controlled-iteration.js';
import type { PipelineState } from './controlled-pipeline.js';
import type { GpuControls } from './gpu-course.js';
import type { BookedIteration } from './staggered.js';

/** Per pipeline. */
type States = readonly PipelineState[];

/**
 * Iterations one after another with controls on their GPUs. The job is in full swing when the run
 * begins: its start is not part of the power over time, with controls or without. In a run of equal iterations, GPUs soon
 * begin each of them in the same state: from then on its power is known.
 */
export class ControlledRun {
  private states: States | undefined;
  private readonly known = new WeakMap<JobRecord, { from: States; made: ControlledIteration }>();

  constructor(
    private readonly gpus: GpuCounting,
    private readonly controls: GpuControls,
  ) {}

  /** Runs the next iteration. */
  next(iteration: BookedIteration): ControlledIteration {
    const from = this.states ?? this.inFullSwing(iteration);
    const known = this.known.get(iteration.record);
    if (known?.from === from) {
      this.states = known.made.states;
      return known.made;
    }
    const run = controlledIteration(iteration, this.gpus, this.controls, from);
    const made = areEqual(run.states, from) ? { ...run, states: from } : run;
    this.known.set(iteration.record, { from, made });
    this.states = made.states;
    return made;
  }

  /** The states in which GPUs begin the first iteration: those in which they would end it. */
  private inFullSwing(first: BookedIteration): States {
    const resting = restingStates(first, this.gpus);
    return controlledIteration(first, this.gpus, this.controls, resting).states;
  }
}

function areEqual(a: States, b: States): boolean {
  return JSON.stringify([...new Set(a)]) === JSON.stringify([...new Set(b)]) && sameGroups(a, b);
}

/** Whether the same pipelines share a state. */
function sameGroups(a: States, b: States): boolean {
  const numbersOf = (states: States) => {
    const numbers = new Map<PipelineState, number>();
    return states.map((state) => {
      if (!numbers.has(state)) numbers.set(state, numbers.size);
      return numbers.get(state)!;
    });
  };
  const [ofA, ofB] = [numbersOf(a), numbersOf(b)];
  return ofA.every((number, p) => number === ofB[p]);
}
