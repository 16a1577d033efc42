import { groupBy } from '../../../src/groups.js';
import { least, most } from '../../../src/extremes.js';
import type { ComputationDag } from '../../../src/pipeline/dag.js';
import type { PowerSegment } from '../../energy/power-segments.js';
import type { KeptPolicy, KeptRun } from '../../run/kept-run.js';
import type { PipelineRecord } from '../../training/pipeline-run.js';
import { columnLane } from './column-lanes.js';
import { pairedLane } from './paired-lanes.js';
import { courseOf, type PipelineCourse } from './pipeline-course.js';
import type {
  PipelineSummary,
  StageInstructions,
  Timeline,
  TimelinePipeline,
} from './timeline-data.js';

/** The parts of a run to draw. */
export interface TimelineChoice {
  /** Policies, from before planning to after it; the first and the last of the scenario if left out. */
  readonly policies?: readonly string[];
  /** Most distinct pipelines drawn: the slowest, then others. */
  readonly mostPipelines?: number;
  /** Most boxes of a stage, one per pixel: more are added up in this many columns. */
  readonly mostBoxes?: number;
}

/**
 * The timeline of one iteration, before and after planning.
 * O(instructions of the pipelines that are drawn).
 */
export function timelineOf(kept: KeptRun, choice: TimelineChoice = {}): Timeline {
  const { mostPipelines = 2, mostBoxes = 1600 } = choice;
  const { dag } = kept.setting;
  const policies = chosenPolicies(kept, choice.policies);
  const spanS = most(policies.map(({ shown }) => shown.record.iterationTimeS));
  const present = policies.flatMap(({ shown }) => shown.present);
  const drawn = distinctPipelines(policies)
    .slice(0, mostPipelines)
    .map(({ members, records }) => ({
      members,
      courses: policies.map((policy, a) => courseOf(kept, policy, records[a]!)),
    }));
  const powersW = drawn.flatMap(({ courses }) => courses.flatMap(computingPowersW));
  return {
    policies: policies.map(({ policy }) => policy),
    pipelines: drawn.map(({ members, courses }) => ({
      name: pipelineNames(members),
      isStraggler: present.some(({ pipeline }) => members.includes(pipeline)),
      summaries: courses.map(summaryOf),
      ...lanesOf(dag, courses, spanS, mostBoxes),
    })),
    instructions: stageInstructions(dag),
    spanS,
    lowestW: least(powersW),
    highestW: most(powersW),
    slowest: present.length > 0 ? 'the straggler' : 'the slowest pipeline',
  };
}

function chosenPolicies({ policies }: KeptRun, names: readonly string[] | undefined): KeptPolicy[] {
  const chosen = names ?? [policies[0]!, policies.at(-1)!].map(({ policy }) => policy);
  return [...new Set(chosen)].flatMap((name) => policies.filter(({ policy }) => policy === name));
}

interface DistinctPipeline {
  readonly members: readonly number[];
  /** Per policy. */
  readonly records: readonly PipelineRecord[];
}

/** Groups of pipelines that are identical under every policy; those slowest before planning first. */
function distinctPipelines(policies: readonly KeptPolicy[]): DistinctPipeline[] {
  const numbers = new Map<PipelineRecord, number>();
  const numberOf = (record: PipelineRecord): number => {
    if (!numbers.has(record)) numbers.set(record, numbers.size);
    return numbers.get(record)!;
  };
  const recordsOf = (p: number) => policies.map(({ shown }) => shown.record.pipelines[p]!);
  const all = policies[0]!.shown.record.pipelines.keys();
  const members = groupBy(all, (p) => recordsOf(p).map(numberOf).join(' '));
  return [...members.values()]
    .map((group) => ({ members: group, records: recordsOf(group[0]!) }))
    .sort((a, b) => b.records[0]!.endS - a.records[0]!.endS);
}

/** `pipeline 3`, `pipelines 1 to 63`, `62 pipelines such as 1` */
export function pipelineNames(members: readonly number[]): string {
  const [first, last] = [members[0]!, members.at(-1)!];
  if (members.length === 1) return `pipeline ${first}`;
  if (last - first === members.length - 1) return `pipelines ${first} to ${last}`;
  return `${members.length} pipelines such as ${first}`;
}

function computingPowersW({ segments }: PipelineCourse): number[] {
  return segments.flatMap((lane) =>
    lane.filter(({ activity }) => activity === 'computing').map(({ powerW }) => powerW),
  );
}

function summaryOf({ record, iterationTimeS, segments }: PipelineCourse): PipelineSummary {
  const wholeS = iterationTimeS * segments.length;
  const sum = (valueOf: (segment: PowerSegment) => number) =>
    segments.reduce((total, lane) => total + lane.reduce((all, box) => all + valueOf(box), 0), 0);
  const lengthS = ({ fromS, untilS }: PowerSegment) => untilS - fromS;
  const partOf = (activity: PowerSegment['activity']) =>
    sum((box) => (box.activity === activity ? lengthS(box) : 0)) / wholeS;
  return {
    endS: record.endS,
    iterationS: iterationTimeS,
    stageWaitPart: partOf('waiting for a stage'),
    pipelineWaitPart: partOf('waiting for a pipeline'),
    meanPowerW: sum((box) => box.powerW * lengthS(box)) / wholeS,
  };
}

function lanesOf(
  dag: ComputationDag,
  courses: readonly PipelineCourse[],
  spanS: number,
  mostBoxes: number,
): Pick<TimelinePipeline, 'lanes' | 'columns'> {
  const stages = Array.from({ length: dag.stageCount }, (_, s) => s);
  const isLong = courses.some(({ segments }) => segments.some(({ length }) => length > mostBoxes));
  return isLong
    ? { lanes: [], columns: stages.map((s) => columnLane(courses, s, spanS, mostBoxes)) }
    : { lanes: stages.map((s) => pairedLane(dag, courses, s, spanS)), columns: [] };
}

function stageInstructions(dag: ComputationDag): StageInstructions[] {
  return Array.from({ length: dag.stageCount }, (_, s) => {
    const [first, end] = [dag.stageStart[s]!, dag.stageStart[s + 1]!];
    const operations = dag.operation.subarray(first, end);
    return {
      kind: [...dag.kind.subarray(first, end)],
      microbatch: [...dag.microbatch.subarray(first, end)],
      chunk: Array.from(operations, (operation) => dag.operations[operation]!.chunk),
    };
  });
}
