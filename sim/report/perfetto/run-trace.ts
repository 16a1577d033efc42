import { INSTRUCTION_KINDS } from '../../../src/profile/operation.js';
import { ACCOUNTS, BOOKINGS } from '../../energy/accounts.js';
import type { KeptRun, KeptSetting } from '../../run/kept-run.js';
import { jobEvents } from './job-trace.js';
import {
  traceMicroseconds,
  type TraceArgs,
  type TraceEvent,
  type TracePlace,
} from './trace-events.js';
import { pipelineNames, selectForTrace, type SelectedPolicy } from './trace-selection.js';
import {
  stageSteps,
  tracedIterations,
  type TraceStep,
  type TracedIteration,
} from './trace-steps.js';
import { counterTrack, processEvents, threadEvents } from './trace-tracks.js';

/** A trace to write. */
export interface WrittenTrace {
  /** Its subject; shown by viewers. */
  readonly otherData: TraceArgs;
  /** Sentences on what was left out. */
  readonly leftOut: readonly string[];
  /** Generated while they are read: a trace is larger than its source. */
  readonly events: Iterable<TraceEvent>;
}

/** Options of a trace. */
export interface TraceOptions {
  /** Of pipewatt. */
  readonly version: string;
  /** Model and GPU, or the profile's file. */
  readonly title: string;
  /** Most slices of stages, so that viewers cope. */
  readonly mostSlices?: number;
}

/** With their counters, this many slices make 360 MB of JSON, 19 MB after gzip. */
const MOST_SLICES = 1_000_000;

/**
 * A run's first seed as a trace: for every policy a process of the whole job, and a process per
 * pipeline with a thread per stage. Power × time of all slices, times the GPUs of a stage and the
 * pipelines that a process represents, is the energy of the run.
 */
export function runTrace(
  run: KeptRun,
  { version, title, mostSlices = MOST_SLICES }: TraceOptions,
): WrittenTrace {
  const { scenario, gpus } = run.setting;
  const { policies, leftOut } = selectForTrace(run, mostSlices);
  const otherData = {
    pipewatt: version,
    scenario: scenario.name,
    title,
    seed: scenario.seed,
    gpusPerStage: gpus.gpusPerStage,
    pipelines: scenario.pipelines,
    energies: 'powerPerGpuW is of one GPU, energyJ of all GPUs of a stage of one pipeline',
    leftOut: leftOut.join('; '),
  };
  return { otherData, leftOut, events: { [Symbol.iterator]: () => runEvents(run, policies) } };
}

function* runEvents(
  { setting }: KeptRun,
  policies: readonly SelectedPolicy[],
): Generator<TraceEvent> {
  // No two processes or threads share a number.
  let lastId = 0;
  const nextId = () => ++lastId;
  for (const { kept, iterations: executed, groups } of policies) {
    const { policy } = kept;
    const iterations = tracedIterations(executed);
    yield* jobEvents(setting, policy, iterations, nextId);
    for (const group of groups) yield* pipelineEvents(setting, policy, iterations, group, nextId);
  }
}

/** The process of identical pipelines. */
function* pipelineEvents(
  setting: KeptSetting,
  policy: string,
  iterations: readonly TracedIteration[],
  group: readonly number[],
  nextId: () => number,
): Generator<TraceEvent> {
  const pid = nextId();
  yield* processEvents(pid, `${policy} · ${pipelineNames(group)}`);
  if (group.length > 1) {
    const labels = `${group.length} pipelines that do the same`;
    yield { ph: 'M', pid, tid: pid, name: 'process_labels', args: { labels } };
  }
  for (let stage = 0; stage < setting.dag.stageCount; stage++) {
    const place = { pid, tid: nextId() };
    yield* threadEvents(place, `stage ${stage}`, stage);
    const power = counterTrack(place, `stage ${stage} power`, 'W');
    const clock = counterTrack(place, `stage ${stage} clock`, 'MHz');
    for (const iteration of iterations) {
      const record = iteration.executed.record.pipelines[group[0]!]!;
      for (const step of stageSteps(setting, iteration, record, stage)) {
        yield* power(step.fromTick, setting.gpus.gpusPerStage * step.segment.powerW);
        yield* clock(step.fromTick, step.clockMHz);
        yield sliceOf(setting, place, step);
      }
    }
    const endTick = iterations.at(-1)!.untilTick;
    yield* power(endTick, 0);
    yield* clock(endTick, 0);
  }
}

function sliceOf({ dag, gpus }: KeptSetting, place: TracePlace, step: TraceStep): TraceEvent {
  const { fromTick, untilTick, clockMHz, segment } = step;
  const { activity, instruction: i, powerW } = segment;
  const energyJ = gpus.gpusPerStage * powerW * (segment.untilS - segment.fromS);
  const drawn = { clockMHz, powerPerGpuW: powerW, energyJ };
  const kind = i < 0 ? undefined : INSTRUCTION_KINDS[dag.kind[i]!]!;
  return {
    ph: 'X',
    ...place,
    name: activity === 'computing' ? `${kind!} ${dag.microbatch[i]!}` : activity,
    cat: ACCOUNTS[BOOKINGS[activity].account].category,
    ts: traceMicroseconds(fromTick),
    dur: traceMicroseconds(untilTick - fromTick),
    args: kind === undefined ? drawn : { instruction: kind, ...whichPart(dag, i), ...drawn },
  };
}

function whichPart(dag: KeptSetting['dag'], i: number) {
  const { modelStage, chunk } = dag.operations[dag.operation[i]!]!;
  return { microbatch: dag.microbatch[i]!, modelStage, chunk };
}
