import { groupBy } from '../../../src/groups.js';
import { most } from '../../../src/extremes.js';
import { pathTimes, slack } from '../../../src/pipeline/critical-path.js';
import type { ComputationDag } from '../../../src/pipeline/dag.js';
import { stageSegments, type PowerSegment } from '../../energy/power-segments.js';
import type { KeptPolicy, KeptRun } from '../../run/kept-run.js';
import type { Activity } from '../../training/phases.js';
import type { PipelineRecord } from '../../training/pipeline-run.js';
import { fixed } from '../numbers.js';

/** One iteration under several policies, drawn one above the other at one time scale. */
export interface Timeline {
  readonly panels: readonly TimelinePanel[];
  /** The longest iteration, which fills the width of the picture. */
  readonly spanS: number;
  /** Of one GPU, over all panels. */
  readonly lowestW: number;
  readonly highestW: number;
}

/** One pipeline under one policy. */
export interface TimelinePanel {
  readonly title: string;
  /** Per stage. */
  readonly lanes: readonly (readonly TimelineBox[])[];
  /** Whether neighbouring boxes were merged because there were more boxes than pixels. */
  readonly isAggregated: boolean;
}

/** One activity of a stage's GPUs. */
export interface TimelineBox {
  readonly fromS: number;
  readonly untilS: number;
  /** Of one GPU. */
  readonly powerW: number;
  readonly activity: Activity | 'several';
  /** The instruction, of boxes that compute. */
  readonly instruction?: {
    readonly kind: number;
    readonly microbatch: number;
    readonly chunk: number;
    readonly clockMHz: number;
  };
  /** Whether the job would take longer if this began later. */
  readonly isCritical: boolean;
}

/** The parts of a run to draw. */
export interface TimelineChoice {
  /** Policies, from above; the first and the last of the scenario if left out. */
  readonly policies?: readonly string[];
  /** Most distinct pipelines drawn: the slowest, then others. */
  readonly mostPipelines?: number;
  /** Most boxes of a stage, one per pixel: more are merged. */
  readonly mostBoxes?: number;
}

/** An instruction is critical if it has less slack than this part of the iteration. */
export const CRITICAL_PART = 0.001;

/**
 * The timeline of one iteration, before and after planning.
 * O(instructions of the pipelines that are drawn).
 */
export function timelineOf(kept: KeptRun, choice: TimelineChoice = {}): Timeline {
  const { mostPipelines = 2, mostBoxes = 1600 } = choice;
  const drawn = chosenPolicies(kept, choice.policies);
  const panels = drawn.flatMap((policy) => panelsOf(kept, policy, mostPipelines, mostBoxes));
  const boxes = panels.flatMap(({ lanes }) => lanes.flat());
  const waitingW = kept.setting.gpus.blockingPowerW;
  return {
    panels,
    spanS: most(drawn.map(({ shown }) => shown.record.iterationTimeS)),
    lowestW: boxes.reduce((least, { powerW }) => Math.min(least, powerW), waitingW),
    highestW: boxes.reduce((most, { powerW }) => Math.max(most, powerW), waitingW),
  };
}

function chosenPolicies({ policies }: KeptRun, names: readonly string[] | undefined): KeptPolicy[] {
  const chosen = names ?? [policies[0]!, policies.at(-1)!].map(({ policy }) => policy);
  return [...new Set(chosen)].flatMap((name) => policies.filter(({ policy }) => policy === name));
}

function panelsOf(
  { setting }: KeptRun,
  { policy, shown: { record } }: KeptPolicy,
  mostPipelines: number,
  mostBoxes: number,
): TimelinePanel[] {
  const { dag, timing, gpus } = setting;
  const job = { dag, timing, record, gpus };
  return distinctPipelines(record.pipelines)
    .sort((a, b) => b.pipeline.endS - a.pipeline.endS)
    .slice(0, mostPipelines)
    .map(({ pipeline, members }) => {
      const critical = criticalInstructions(dag, pipeline, record.meetS);
      const lanes = Array.from({ length: dag.stageCount }, (_, s) =>
        stageSegments(job, pipeline, s).map((segment) => boxOf(dag, pipeline, segment, critical)),
      );
      const isAggregated = lanes.some((lane) => lane.length > mostBoxes);
      return {
        title: `${policy}, ${pipelineNames(members)}: ${fixed(pipeline.endS, 2)} s`,
        lanes: isAggregated
          ? lanes.map((lane) => aggregated(lane, record.iterationTimeS, mostBoxes))
          : lanes,
        isAggregated,
      };
    });
}

interface DistinctPipeline {
  readonly pipeline: PipelineRecord;
  readonly members: readonly number[];
}

/** Groups of identical pipelines, in order of their first. */
function distinctPipelines(pipelines: readonly PipelineRecord[]): DistinctPipeline[] {
  const members = groupBy(pipelines.keys(), (p) => pipelines[p]!);
  return [...members].map(([pipeline, numbers]) => ({ pipeline, members: numbers }));
}

/** `pipeline 3`, `pipelines 1 to 63`, `62 pipelines such as 1` */
export function pipelineNames(members: readonly number[]): string {
  const [first, last] = [members[0]!, members.at(-1)!];
  if (members.length === 1) return `pipeline ${first}`;
  if (last - first === members.length - 1) return `pipelines ${first} to ${last}`;
  return `${members.length} pipelines such as ${first}`;
}

/** Per instruction: 1 if the job's pipelines would meet later if it began later. */
function criticalInstructions(
  dag: ComputationDag,
  { executed, endS }: PipelineRecord,
  meetS: number,
): Uint8Array {
  const { durationS, clockSwitchS, timing } = executed;
  const { loadingS, receiveS, sendS, outputDelayS } = timing;
  const wholeS = durationS.map((timeS, i) => loadingS[i]! + receiveS[i]! + timeS);
  const isLast = (i: number) => i + 1 === dag.stageStart[dag.stage[i]! + 1]!;
  const ownStage = sendS.map((timeS, i) => timeS + (isLast(i) ? 0 : (clockSwitchS?.[i + 1] ?? 0)));
  const spareS = slack(pathTimes(dag, wholeS, { ownStage, otherStage: outputDelayS }));
  const mostS = CRITICAL_PART * meetS;
  return Uint8Array.from(spareS, (timeS) => (timeS + meetS - endS <= mostS ? 1 : 0));
}

function boxOf(
  dag: ComputationDag,
  { executed }: PipelineRecord,
  { fromS, untilS, activity, powerW, instruction: i }: PowerSegment,
  critical: Uint8Array,
): TimelineBox {
  const box = { fromS, untilS, powerW, activity, isCritical: i >= 0 && critical[i] === 1 };
  if (i < 0) return box;
  return {
    ...box,
    instruction: {
      kind: dag.kind[i]!,
      microbatch: dag.microbatch[i]!,
      chunk: dag.operations[dag.operation[i]!]!.chunk,
      clockMHz: executed.clockMHz[i]!,
    },
  };
}

/** Boxes of equal length with the mean power of what they cover. */
function aggregated(lane: readonly TimelineBox[], spanS: number, count: number): TimelineBox[] {
  const stepS = spanS / count;
  const energyJ = new Float64Array(count);
  const critical = new Uint8Array(count);
  for (const { fromS, untilS, powerW, isCritical } of lane) {
    const last = Math.min(count - 1, Math.floor(untilS / stepS));
    for (let k = Math.min(last, Math.floor(fromS / stepS)); k <= last; k++) {
      const coveredS = Math.min(untilS, (k + 1) * stepS) - Math.max(fromS, k * stepS);
      energyJ[k]! += powerW * Math.max(0, coveredS);
      if (isCritical && coveredS > 0) critical[k] = 1;
    }
  }
  return Array.from(energyJ, (joules, k) => ({
    fromS: k * stepS,
    untilS: (k + 1) * stepS,
    powerW: joules / stepS,
    activity: 'several' as const,
    isCritical: critical[k] === 1,
  }));
}
