import { least, most } from '../../../src/extremes.js';
import { groupBy } from '../../../src/groups.js';
import { BACKWARD, FORWARD } from '../../../src/profile/operation.js';
import { kindRules } from '../../replay/operation-kinds.js';
import type { Worker } from '../../replay/recorded-steps.js';
import { modelStageOf } from '../../replay/step-draft.js';
import type { CourseName, ShownStep, StepCourse } from '../../replay/step-courses.js';
import type { StepGraph } from '../../replay/step-graph.js';
import type { Trace } from '../../replay/trace.js';
import { columnLane } from '../timeline/column-lanes.js';
import {
  ACTIVITIES,
  SPAN_UNITS,
  type LaneCourse,
  type PipelineSummary,
  type StageInstructions,
  type Timeline,
  type TimelinePipeline,
} from '../timeline/timeline-data.js';
import { workerOf } from './arrows.js';
import {
  phasesOf,
  programmeOf,
  type PhaseSource,
  type RuleOf,
  type WorkerPhase,
  type WorkerProgramme,
} from './worker-phases.js';

/** Most boxes of a stage, one per pixel: more are added up in this many columns. */
const MOST_BOXES = 1600;
/** With more stages than this, only the slowest pipeline is drawn. */
const ROOMY_STAGES = 8;

/**
 * A step as recorded, above it as replayed, above it at planned clocks: panels at one time scale, of the
 * pipeline that computes last and of the one that is done first. O(operations of the step).
 *
 * @param waitingPowerW of a GPU that does not compute; undefined if no GPUs are assumed.
 */
export function replayTimeline(
  trace: Trace,
  step: ShownStep,
  waitingPowerW: number | undefined,
): Timeline {
  const { graph, courses } = step;
  const rules = kindRules(trace);
  const ruleOf = (i: number) => rules[graph.kind[i]!]!;
  const source = { trace, step, ruleOf, makerStage: makerStages(graph, ruleOf), waitingPowerW };
  const spanS = most(courses.map(({ lengthS }) => lengthS));
  const drawn = drawnPipelines(source);
  const panels = drawn.flatMap(({ pipeline, programmes }) =>
    courses.map((course) => panelOf(source, { course, pipeline, programmes }, spanS)),
  );
  const powersW = courses.flatMap(({ powerW }) => (powerW ? [...powerW].filter((w) => w > 0) : []));
  return {
    policies: [`step ${graph.step}`],
    pipelines: panels,
    instructions: drawn[0]!.programmes.map((programme) => instructionsOf(source, programme)),
    spanS,
    lowestW: powersW.length === 0 ? 0 : least(powersW),
    highestW: powersW.length === 0 ? UNKNOWN_W / 0.6 : most(powersW),
    ...(powersW.length === 0 ? { isWithoutPowers: true } : {}),
    slowest: 'the slowest pipeline',
  };
}

/** A stand-in where powers are not known: boxes then have a colour in the middle. */
const UNKNOWN_W = 1;

interface DrawnPipeline {
  readonly pipeline: number;
  /** Of the rank of each stage that computes longest. */
  readonly programmes: readonly WorkerProgramme[];
}

/** The pipeline that computes last, and the one that is done first if its stages run the same. */
function drawnPipelines({ step, ruleOf, trace, ...rest }: PhaseSource): DrawnPipeline[] {
  const { graph, courses } = step;
  const source = { step, ruleOf, trace, ...rest };
  const { endS } = courses[0]!;
  const computed = ({ first, end }: Worker) =>
    Array.from({ length: end - first }, (_, k) => first + k).filter(
      (i) => ruleOf(i).role === 'compute',
    );
  const doneS = (worker: Worker) => most(computed(worker).map((i) => endS[i]!));
  const pipelines = [...groupBy(graph.workers, ({ pipeline }) => pipeline)]
    .map(([pipeline, workers]) => ({ pipeline, workers, doneS: most(workers.map(doneS)) }))
    .sort((a, b) => b.doneS - a.doneS)
    .map(({ pipeline, workers }) => ({
      pipeline,
      programmes: longestRanks(step, workers).map((worker) => programmeOf(step, worker, ruleOf)),
    }));
  const [slowest, fastest] = [pipelines[0]!, pipelines.at(-1)!];
  const textOf = ({ programmes }: DrawnPipeline) =>
    JSON.stringify(programmes.map((programme) => instructionsOf(source, programme)));
  const isAlone =
    slowest === fastest ||
    slowest.programmes.length > ROOMY_STAGES ||
    textOf(slowest) !== textOf(fastest);
  return isAlone ? [slowest] : [slowest, fastest];
}

/** Of each stage, in order, the rank that computes longest; the first of equals. */
function longestRanks({ courses }: ShownStep, workers: readonly Worker[]): Worker[] {
  const { ownS } = courses[0]!;
  const longestS = ({ first, end }: Worker) => most(ownS.subarray(first, end));
  return [...groupBy(workers, ({ stage }) => stage)]
    .sort(([a], [b]) => a - b)
    .map(([, ranks]) => ranks.reduce((a, b) => (longestS(b) > longestS(a) ? b : a)));
}

function instructionsOf(
  { trace, step: { graph } }: PhaseSource,
  { instruction }: WorkerProgramme,
): StageInstructions {
  const seen = new Map<string, number>();
  const all = [...instruction.keys()].map((i) => {
    const isForward = trace.kinds[graph.kind[i]!] === 'forward-compute';
    const part = modelStageOf(trace, graph.operation[i]!);
    const key = `${isForward ? 'f' : 'b'}${part}`;
    const microbatch = seen.get(key) ?? 0;
    seen.set(key, microbatch + 1);
    return { kind: isForward ? FORWARD : BACKWARD, microbatch, part };
  });
  const parts = [...new Set(all.map(({ part }) => part))].sort((a, b) => a - b);
  return {
    kind: all.map(({ kind }) => kind),
    microbatch: all.map(({ microbatch }) => microbatch),
    chunk: all.map(({ part }) => parts.indexOf(part)),
  };
}

/** The stage that made the input of a computation; −1 if that is not known. */
function makerStages(graph: StepGraph, ruleOf: RuleOf): (i: number) => number {
  const { workers, predecessorStart, predecessor, group, groupStart, member } = graph;
  const owner = workerOf(graph);
  return (i) => {
    for (let a = predecessorStart[i]!; a < predecessorStart[i + 1]!; a++) {
      const from = predecessor[a]!;
      const g = group[from]!;
      const makers =
        ruleOf(from).role === 'transfer' && g >= 0
          ? [...member.subarray(groupStart[g], groupStart[g + 1])]
          : [from];
      const maker = makers.find((m) => owner[m] !== owner[i]);
      if (maker !== undefined) return workers[owner[maker]!]!.stage;
    }
    return -1;
  };
}

interface Panel {
  readonly course: StepCourse;
  readonly pipeline: number;
  readonly programmes: readonly WorkerProgramme[];
}

const TITLES: Readonly<Record<CourseName, string>> = {
  recorded: 'recorded',
  replayed: 'replayed',
  planned: 'planned clocks',
};

function panelOf(
  source: PhaseSource,
  { course, pipeline, programmes }: Panel,
  spanS: number,
): TimelinePipeline {
  const phases = programmes.map((programme) => phasesOf(source, course, programme));
  const clocksMHz = programmes.map(({ instruction }) =>
    [...instruction.keys()].map((i) => course.clockMHz?.[i] ?? 0),
  );
  const isLong = phases.some(({ length }) => length > MOST_BOXES);
  const columns = [{ segments: phases, critical: new Uint8Array() }];
  return {
    name: `${TITLES[course.name]}, pipeline ${pipeline}`,
    isStraggler: false,
    summaries: [summaryOf(course, phases)],
    lanes: isLong
      ? []
      : phases.map((lane, s) => ({
          activity: lane.map(({ activity }) => ACTIVITIES.indexOf(activity)),
          instruction: lane.map(({ instruction }) => instruction),
          courses: [laneCourse(lane, clocksMHz[s]!, spanS, course.powerW !== undefined)],
        })),
    columns: isLong ? phases.map((_, s) => columnLane(columns, s, spanS, MOST_BOXES)) : [],
  };
}

function laneCourse(
  lane: readonly WorkerPhase[],
  clockMHz: readonly number[],
  spanS: number,
  hasPowers: boolean,
): LaneCourse {
  return {
    until: lane.map(({ untilS }) => Math.round((untilS / spanS) * SPAN_UNITS)),
    powerW: lane.map(({ powerW }) => (hasPowers ? Math.round(10 * powerW) / 10 : UNKNOWN_W)),
    waitsFor: lane.map(({ waitsFor }) => waitsFor),
    clockMHz,
    critical: clockMHz.map(() => 0),
  };
}

function summaryOf(
  { lengthS }: StepCourse,
  phases: readonly (readonly WorkerPhase[])[],
): PipelineSummary {
  const all = phases.flat();
  const wholeS = phases.length * lengthS;
  const timeS = (chosen: readonly WorkerPhase[], weight: (phase: WorkerPhase) => number) =>
    chosen.reduce((sum, phase) => sum + weight(phase) * (phase.untilS - phase.fromS), 0);
  const partOf = (activity: string) =>
    timeS(
      all.filter((phase) => phase.activity === activity),
      () => 1,
    ) / wholeS;
  return {
    endS: lengthS,
    iterationS: lengthS,
    stageWaitPart: partOf('waiting for a stage'),
    pipelineWaitPart: partOf('waiting for a pipeline'),
    meanPowerW: timeS(all, ({ powerW }) => powerW) / wholeS,
  };
}
