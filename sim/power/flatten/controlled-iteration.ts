import { compensatedSum } from '../../../src/compensated-sum.js';
import { groupBy } from '../../../src/groups.js';
import type { GpuCounting } from '../../energy/gpu-powers.js';
import type { Ledger } from '../../energy/ledger.js';
import type { PipelineRecord } from '../../training/pipeline-run.js';
import { afterMeetingS } from '../../training/timing.js';
import type { PowerSteps } from '../power-series.js';
import { summedSteps } from '../trace/summed-steps.js';
import { ControlledPipeline, restingState, type PipelineState } from './controlled-pipeline.js';
import type { FlatteningEnergies } from './flattening-accounts.js';
import type { GpuControls } from './gpu-course.js';
import type { BookedIteration } from './staggered.js';

/** An iteration with controls on every GPU. */
export interface ControlledIteration {
  readonly steps: PowerSteps;
  readonly timeS: number;
  readonly energiesJ: Partial<FlatteningEnergies>;
  /** Per pipeline, at the end; pipelines that stay identical share one. */
  readonly states: readonly PipelineState[];
}

/** Per pipeline: the state of GPUs that have only waited. */
export function restingStates(
  { job, record }: BookedIteration,
  gpus: GpuCounting,
): readonly PipelineState[] {
  const known = new Map<PipelineRecord, PipelineState>();
  for (const pipeline of record.pipelines) {
    if (!known.has(pipeline)) known.set(pipeline, restingState(job.dag, gpus, pipeline));
  }
  return record.pipelines.map((pipeline) => known.get(pipeline)!);
}

/**
 * Runs an iteration again with controls on its GPUs: every instruction takes its time as executed,
 * longer if its GPU may not draw what it wants; everything that waits for it waits longer.
 *
 * Pipelines that are identical and begin in the same state are run once. O(instructions · distinct
 * pipelines + steps · log stages).
 *
 * @param states per pipeline, at the beginning.
 */
export function controlledIteration(
  { job, record, ledger }: BookedIteration,
  gpus: GpuCounting,
  controls: GpuControls,
  states: readonly PipelineState[],
): ControlledIteration {
  const groups = alike(record.pipelines, states).map((numbers) => {
    const [first] = numbers as [number];
    const pipeline = record.pipelines[first]!;
    return {
      numbers,
      run: new ControlledPipeline(job, gpus, controls, pipeline, states[first]!),
    };
  });
  const meetS = groups.reduce((latestS, { run }) => Math.max(latestS, run.endS), 0);
  const timeS = meetS + afterMeetingS(job.timing);
  const ends = new Array<PipelineState>(states.length);
  const parts = groups.flatMap(({ numbers, run }) => {
    run.close({ meetS, iterationTimeS: timeS });
    const state = run.courses.map((course) => course.state());
    for (const pipeline of numbers) ends[pipeline] = state;
    const gpuCount = gpus.gpusPerStage * numbers.length;
    return run.courses.map((course) => ({
      gpuCount,
      steps: course.powerSteps(),
      energiesJ: course.energiesJ(),
    }));
  });
  const sumJ = (name: keyof (typeof parts)[number]['energiesJ']) => {
    const sum = compensatedSum();
    for (const { gpuCount, energiesJ } of parts) sum.add(gpuCount * energiesJ[name]);
    return sum.value();
  };
  const mayDelay = (controls.smoothing?.rampUpWPerS ?? Infinity) < Infinity;
  return {
    ...{ steps: summedSteps(parts), timeS, states: ends },
    energiesJ: {
      ...{ ballastJ: sumJ('ballastJ'), floorJ: sumJ('floorJ'), rampDownJ: sumJ('rampDownJ') },
      ...(mayDelay ? { rampUpJ: sumJ('idleJ') - sumJ('undrawnJ') - idleJ(ledger) } : {}),
    },
  };
}

/** The energy of everything but computing. */
function idleJ({ totalJ, totalComputeJ }: Ledger): number {
  return totalJ - totalComputeJ;
}

/** Pipelines, by number, that are identical and begin in the same state. */
function alike(
  records: readonly PipelineRecord[],
  states: readonly PipelineState[],
): (readonly number[])[] {
  const numbers = new Map<PipelineRecord, number>();
  const texts = new Map<PipelineState, string>();
  const keyOf = (p: number): string => {
    const [record, state] = [records[p]!, states[p]!];
    if (!numbers.has(record)) numbers.set(record, numbers.size);
    if (!texts.has(state)) texts.set(state, JSON.stringify(state));
    return `${numbers.get(record)!} ${texts.get(state)!}`;
  };
  return [...groupBy(records.keys(), keyOf).values()];
}
