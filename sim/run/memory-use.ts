import { activationPeaks, type ActivationPeaks } from '../../src/pipeline/activation-peaks.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import {
  modelStageCount,
  MOST_INSTRUCTIONS,
  scheduleDag,
  SCHEDULE_NAMES,
  shapeProblems,
} from '../../src/pipeline/schedules.js';
import { layersOfCut } from '../scenario/cutting.js';
import { evenLayerCounts, type DescribedJob } from '../scenario/described-job.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { ScenarioProfile } from '../scenario/scenario-setting.js';
import { fullest, stageNeeds, type StageNeed } from './memory-need.js';

/** The memory that the GPUs of a job need. */
export interface MemoryUse {
  /** Undefined if the GPUs are unknown. */
  readonly gpu: { readonly name: string; readonly capacityGB: number } | undefined;
  readonly stages: readonly StageNeed[];
}

/** A stage that does not fit into its GPUs, the fullest one, and what would make the job fit. */
export interface MemoryShortage extends StageNeed {
  readonly gpu: string;
  readonly capacityGB: number;
  /** Changes that are each enough alone, the smallest of their kinds. */
  readonly remedies: readonly MemoryRemedy[];
  /** If none is: the largest effect of changes together, without more stages or another schedule. */
  readonly together: readonly MemoryRemedy[];
}

/** A change of a job, and the memory of its fullest GPU after it. */
export interface MemoryRemedy {
  readonly change:
    'zeroStage' | 'recompute' | 'microbatch' | 'tensorParallel' | 'schedule' | 'stages';
  readonly to: number | string;
  /** With the changes before it, if they are made together. */
  readonly totalGB: number;
}

type MemoryScenario = Pick<Scenario, 'pipeline' | 'tensorParallel' | 'pipelines'>;

/** A job as it is or could be. */
interface Candidate {
  readonly job: DescribedJob;
  readonly scenario: MemoryScenario;
  readonly cutting: ScenarioProfile['cutting'];
  /** The pipeline whose instructions and peaks are counted already. */
  readonly counted: CountedPipeline;
}

/** A pipeline's instructions, and what its stages keep. */
interface CountedPipeline {
  readonly pipeline: Scenario['pipeline'];
  readonly dag: ComputationDag;
  readonly peaks: ActivationPeaks;
}

/** The memory of each stage's GPUs. */
export function memoryUse(
  job: DescribedJob,
  scenario: MemoryScenario,
  dag: ComputationDag,
  peaks: ActivationPeaks,
): MemoryUse {
  const { gpu } = job;
  return {
    gpu: gpu && { name: gpu.name, capacityGB: gpu.memoryGB },
    stages: stageNeeds(job, scenario, dag, peaks),
  };
}

/** The shortage of memory and its remedies; undefined if all fits, or the capacity is unknown. */
export function memoryShortage(
  { job, cutting }: Pick<ScenarioProfile, 'job' | 'cutting'>,
  scenario: MemoryScenario,
  { gpu, stages }: MemoryUse,
  dag: ComputationDag,
  peaks: ActivationPeaks,
): MemoryShortage | undefined {
  const need = fullest(stages);
  if (job === undefined || gpu === undefined || need.totalGB <= gpu.capacityGB) return undefined;
  const counted = { pipeline: scenario.pipeline, dag, peaks };
  const now: Candidate = { job, scenario, cutting, counted };
  const fits = ({ totalGB }: MemoryRemedy) => totalGB <= gpu.capacityGB;
  const remedies = KINDS.flatMap((changes) => firstThatFits(changes(now), fits));
  return {
    ...need,
    ...{ gpu: gpu.name, capacityGB: gpu.capacityGB, remedies },
    together: remedies.length > 0 ? [] : allTogether(now, fits),
  };
}

/** The first change that is enough, or nothing. */
function firstThatFits(
  changes: readonly Changed[],
  fits: (remedy: MemoryRemedy) => boolean,
): readonly MemoryRemedy[] {
  for (const changed of changes) {
    const remedy = remedyOf(changed);
    if (fits(remedy)) return [remedy];
  }
  return [];
}

/** A job after a change. */
interface Changed extends Candidate, Pick<MemoryRemedy, 'change' | 'to'> {}

function remedyOf(changed: Changed): MemoryRemedy {
  const { job, scenario, change, to } = changed;
  const cut = { ...job, layerCounts: layerCounts(changed) };
  const { dag, peaks } = count(changed);
  const { totalGB } = fullest(stageNeeds(cut, scenario, dag, peaks));
  return { change, to, totalGB };
}

/** Counts the instructions of a pipeline that is not counted yet. */
function count({ scenario: { pipeline }, counted }: Candidate): CountedPipeline {
  if (pipeline === counted.pipeline) return counted;
  const dag = scheduleDag(pipeline.schedule, pipeline);
  return { pipeline, dag, peaks: activationPeaks(dag) };
}

/** The model cut into stages as its profile would be made. */
function layerCounts({ job, scenario, cutting }: Candidate): readonly number[] {
  const stages = modelStageCount(scenario.pipeline);
  if (cutting === undefined) return evenLayerCounts(job.shape.blocks.length, stages);
  const { tensorParallel } = scenario;
  const microbatch = job.microbatch.sequences;
  return layersOfCut(cutting, { modelStages: stages, tensorParallel, microbatch });
}

/** Changes of a kind, the smallest first. */
type Changes = (now: Candidate) => readonly Changed[];

const zero: Changes = (now) =>
  now.job.zeroStage === 1 || now.scenario.pipelines === 1
    ? []
    : [{ ...now, job: { ...now.job, zeroStage: 1 }, change: 'zeroStage', to: 1 }];

const recomputation: Changes = (now) =>
  now.job.recompute === 'full'
    ? []
    : [{ ...now, job: { ...now.job, recompute: 'full' }, change: 'recompute', to: 'full' }];

/** Fewer sequences in a microbatch, and as many more microbatches. */
const smallerMicrobatch: Changes = (now) => {
  const { job, scenario } = now;
  const { sequences } = job.microbatch;
  return divisors(sequences)
    .reverse()
    .filter((fewer) => fewer < sequences)
    .map((fewer): Changed => {
      const microbatches = scenario.pipeline.microbatches * (sequences / fewer);
      return {
        ...now,
        job: { ...job, microbatch: { ...job.microbatch, sequences: fewer } },
        scenario: { ...scenario, pipeline: { ...scenario.pipeline, microbatches } },
        ...{ change: 'microbatch', to: fewer },
      };
    })
    .filter(isRun);
};

/** Beyond one node of eight GPUs tensor parallelism is hardly ever worth it. */
const MOST_TENSOR = 8;

const moreTensor: Changes = (now) => {
  const { job, scenario } = now;
  const heads = job.shape.blocks[0]!.attention.heads;
  return divisors(heads)
    .filter((tensor) => tensor <= MOST_TENSOR && tensor % scenario.tensorParallel === 0)
    .filter((tensor) => tensor > scenario.tensorParallel)
    .map((tensor): Changed => ({
      ...now,
      scenario: { ...scenario, tensorParallel: tensor },
      ...{ change: 'tensorParallel', to: tensor },
    }));
};

/** Schedules but GPipe, which keeps the most. */
const otherSchedule: Changes = (now) =>
  SCHEDULE_NAMES.filter((name) => name !== now.scenario.pipeline.schedule && name !== 'gpipe')
    .map((schedule): Changed => ({
      ...now,
      scenario: { ...now.scenario, pipeline: { ...now.scenario.pipeline, schedule } },
      ...{ change: 'schedule', to: schedule },
    }))
    .filter(isRun);

/** More stages; the model is cut anew. */
const moreStages: Changes = (now) => {
  const { job, scenario } = now;
  const { stages, chunks } = scenario.pipeline;
  return [2, 4, 8, 16, 32]
    .map((times) => times * stages)
    .filter((more) => more * chunks <= job.shape.blocks.length)
    .map((more): Changed => {
      const pipeline = { ...scenario.pipeline, stages: more };
      return { ...now, scenario: { ...scenario, pipeline }, change: 'stages', to: more };
    })
    .filter(isRun);
};

/** Orders remedies: first those that need no more GPUs, last those that take more time. */
const KINDS: readonly Changes[] = [
  zero,
  smallerMicrobatch,
  otherSchedule,
  recomputation,
  moreTensor,
  moreStages,
];

/** Whether a schedule runs the shape, and a program can count it. */
function isRun({ scenario: { pipeline } }: Candidate): boolean {
  const instructions = 2 * modelStageCount(pipeline) * pipeline.microbatches;
  return (
    instructions <= MOST_INSTRUCTIONS && shapeProblems(pipeline.schedule, pipeline).length === 0
  );
}

/** One change after another, each the largest of its kind, until all fits. */
function allTogether(
  now: Candidate,
  fits: (remedy: MemoryRemedy) => boolean,
): readonly MemoryRemedy[] {
  const made: MemoryRemedy[] = [];
  let at = now;
  for (const changes of [zero, smallerMicrobatch, recomputation, moreTensor]) {
    const change = changes(at).at(-1);
    if (change === undefined) continue;
    const remedy = remedyOf(change);
    made.push(remedy);
    at = change;
    if (fits(remedy)) break;
  }
  return made;
}

/** Rising. */
function divisors(n: number): number[] {
  return Array.from({ length: n }, (_, k) => k + 1).filter((part) => n % part === 0);
}
