import { compensatedSum } from '../../../src/compensated-sum.js';
import type { FrequencyPlan } from '../../../src/planner/planner.js';
import { bookEnergy } from '../../energy/ledger.js';
import type { KeptSetting } from '../../run/kept-run.js';
import type { Straggler } from '../../training/data-parallel.js';
import type { PipelineRecord } from '../../training/pipeline-run.js';
import { briefly } from '../text/straggler-words.js';
import {
  traceMicroseconds,
  traceTick,
  type TraceArgs,
  type TraceEvent,
  type TracePlace,
} from './trace-events.js';
import { stageSteps, type TracedIteration } from './trace-steps.js';
import { counterTrack, processEvents, threadEvents } from './trace-tracks.js';

/**
 * The process of a policy's whole job: iterations, changes, power of all GPUs, their mean clock.
 * @param nextId a number that no process or thread has yet.
 */
export function* jobEvents(
  setting: KeptSetting,
  policy: string,
  iterations: readonly TracedIteration[],
  nextId: () => number,
): Generator<TraceEvent> {
  const pid = nextId();
  yield* processEvents(pid, `${policy} · whole job`);
  const slices = { pid, tid: nextId() };
  yield* threadEvents(slices, 'iterations', 0);
  yield* iterationSlices(setting, slices, iterations);
  const marks = { pid, tid: nextId() };
  yield* threadEvents(marks, 'stragglers and plans', 1);
  yield* stragglerMarks(setting, marks, iterations.at(-1)!.untilTick);
  yield* planMarks(marks, iterations);
  yield* jobCounters(setting, slices, iterations);
}

function* iterationSlices(
  { gpus }: KeptSetting,
  place: TracePlace,
  iterations: readonly TracedIteration[],
): Generator<TraceEvent> {
  const energies = new Map<object, number>();
  for (const { executed, fromTick, untilTick } of iterations) {
    const { index, job, record, plan, present, known } = executed;
    const energyJ = energies.get(record) ?? bookEnergy(job, record, gpus).totalJ;
    energies.set(record, energyJ);
    yield {
      ph: 'X',
      ...place,
      name: `iteration ${index}`,
      cat: 'iteration',
      ts: traceMicroseconds(fromTick),
      dur: traceMicroseconds(untilTick - fromTick),
      args: {
        timeS: record.iterationTimeS,
        energyJ,
        plannedTimeS: plan.plannedTimeS,
        ...listed('stragglers', present),
        ...listed('knownStragglers', known),
      },
    };
  }
}

function* stragglerMarks(
  { stragglers }: KeptSetting,
  place: TracePlace,
  endTick: number,
): Generator<TraceEvent> {
  for (const straggler of stragglers) {
    const { pipeline, fromS, untilS = Infinity } = straggler;
    const mark = (timeS: number, what: string): TraceEvent[] => {
      const tick = traceTick(timeS);
      if (tick > endTick) return [];
      const ts = traceMicroseconds(tick);
      const args = { pipeline, slowness: briefly(straggler) };
      return [{ ph: 'i', s: 't', ...place, name: what, cat: 'straggler', ts, args }];
    };
    yield* mark(
      fromS ?? 0,
      `pipeline ${pipeline} ${fromS === undefined ? 'is' : 'becomes'} a straggler`,
    );
    yield* mark(untilS, `pipeline ${pipeline} is no longer a straggler`);
  }
}

/** The first plan of healthy pipelines, and its changes. */
function* planMarks(
  place: TracePlace,
  iterations: readonly TracedIteration[],
): Generator<TraceEvent> {
  let last: FrequencyPlan | undefined;
  for (const { executed, fromTick } of iterations) {
    const { plan, index, known } = executed;
    if (last !== undefined && isSamePlan(plan, last)) continue;
    last = plan;
    const { plannedTimeS, plannedEnergyJ } = plan;
    yield {
      ph: 'i',
      s: 't',
      ...place,
      name: `plan for T = ${plannedTimeS.toFixed(4)} s`,
      cat: 'plan',
      ts: traceMicroseconds(fromTick),
      args: {
        iteration: index,
        plannedTimeS,
        plannedEnergyJ,
        ...listed('knownStragglers', known),
      },
    };
  }
}

function isSamePlan(a: FrequencyPlan, b: FrequencyPlan): boolean {
  return (
    a === b ||
    (a.plannedTimeS === b.plannedTimeS &&
      a.frequencyMHz.every((clock, i) => clock === b.frequencyMHz[i]))
  );
}

/** Stragglers in words, if there are any. */
function listed(name: string, stragglers: readonly Straggler[]): TraceArgs {
  return stragglers.length === 0 ? {} : { [name]: stragglers.map(briefly).join('; ') };
}

/** Power of all GPUs and their mean clock; every pipeline counts, also those not written. */
function* jobCounters(
  setting: KeptSetting,
  place: TracePlace,
  iterations: readonly TracedIteration[],
): Generator<TraceEvent> {
  const { dag, gpus, scenario } = setting;
  const power = counterTrack(place, 'power of all GPUs', 'W');
  const clock = counterTrack(place, 'mean clock', 'MHz');
  for (const iteration of iterations) {
    const changes = stageChanges(setting, iteration);
    const powerW = compensatedSum();
    const clockMHz = compensatedSum();
    for (let k = 0; k < changes.length; k++) {
      const { tick, powerByW, clockByMHz } = changes[k]!;
      powerW.add(gpus.gpusPerStage * powerByW);
      clockMHz.add(clockByMHz);
      if (changes[k + 1]?.tick === tick) continue;
      yield* power(tick, powerW.value());
      yield* clock(tick, clockMHz.value() / (scenario.pipelines * dag.stageCount));
    }
  }
  const endTick = iterations.at(-1)!.untilTick;
  yield* power(endTick, 0);
  yield* clock(endTick, 0);
}

/** By how much the sums over all stages of all pipelines change at a time. */
interface Change {
  readonly tick: number;
  readonly powerByW: number;
  readonly clockByMHz: number;
}

/** Changes within an iteration, which begins with nothing, in order of time. */
function stageChanges(setting: KeptSetting, iteration: TracedIteration): Change[] {
  const { record } = iteration.executed;
  const counts = new Map<PipelineRecord, number>();
  for (const pipeline of record.pipelines) counts.set(pipeline, (counts.get(pipeline) ?? 0) + 1);
  const changes: Change[] = [];
  for (const [pipeline, count] of counts) {
    for (let stage = 0; stage < setting.dag.stageCount; stage++) {
      let powerW = 0;
      let clockMHz = 0;
      for (const step of stageSteps(setting, iteration, pipeline, stage)) {
        changes.push({
          tick: step.fromTick,
          powerByW: count * (step.segment.powerW - powerW),
          clockByMHz: count * (step.clockMHz - clockMHz),
        });
        powerW = step.segment.powerW;
        clockMHz = step.clockMHz;
      }
    }
  }
  return changes.sort((a, b) => a.tick - b.tick);
}
