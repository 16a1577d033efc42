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

/** What the GPUs of a job must hold. */
export interface MemoryUse {
  /** Undefined where nobody said what the GPUs are. */
  readonly gpu: { readonly name: string; readonly capacityGB: number } | undefined;
  readonly stages: readonly StageNeed[];
}

/** A stage that does not fit into its GPUs, the fullest one, and what would make the job fit. */
export interface MemoryShortage extends StageNeed {
  readonly gpu: string;
  readonly capacityGB: number;
  /** Changes of which each one alone is enough, the smallest of its kind. */
  readonly remedies: readonly MemoryRemedy[];
  /** Where none is: the most that changes do together, without more stages or another schedule. */
  readonly together: readonly MemoryRemedy[];
}

/** A change of a job, and what its fullest GPU holds then. */
export interface MemoryRemedy {
  readonly change:
    'zeroStage' | 'recompute' | 'microbatch' | 'tensorParallel' | 'schedule' | 'stages';
  readonly to: number | string;
  /** With the changes before it, where they are made together. */
  readonly totalGB: number;
}

type MemoryScenario = Pick<Scenario, 'pipeline' | 'tensorParallel' | 'pipelines'>;

/** A job as it is or could be. */
interface Candidate {
  readonly job: DescribedJob;
  readonly scenario: MemoryScenario;
  readonly cutting: ScenarioProfile['cutting'];
}

/** What each stage's GPUs must hold. */
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

/** The shortage of memory and what would end it; undefined if all fits, or what there is is not known. */
export function memoryShortage(
  { job, cutting }: Pick<ScenarioProfile, 'job' | 'cutting'>,
  scenario: MemoryScenario,
  { gpu, stages }: MemoryUse,
): MemoryShortage | undefined {
  const need = fullest(stages);
  if (job === undefined || gpu === undefined || need.totalGB <= gpu.capacityGB) return undefined;
  const now: Candidate = { job, scenario, cutting };
  const fits = ({ totalGB }: MemoryRemedy) => totalGB <= gpu.capacityGB;
  const remedies = KINDS.flatMap((changes) => {
    const found = changes(now).find((made) => fits(remedyOf(made)));
    return found === undefined ? [] : [remedyOf(found)];
  });
  return {
    ...need,
    ...{ gpu: gpu.name, capacityGB: gpu.capacityGB, remedies },
    together: remedies.length > 0 ? [] : allTogether(now, fits),
  };
}

/** A job after a change. */
interface Changed extends Candidate, Pick<MemoryRemedy, 'change' | 'to'> {}

function remedyOf(changed: Changed): MemoryRemedy {
  const { job, scenario, change, to } = changed;
  const cut = { ...job, layerCounts: layerCounts(changed) };
  const dag = scheduleDag(scenario.pipeline.schedule, scenario.pipeline);
  const { totalGB } = fullest(stageNeeds(cut, scenario, dag, activationPeaks(dag)));
  return { change, to, totalGB };
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

const otherSchedule: Changes = (now) =>
  SCHEDULE_NAMES.filter((name) => name !== now.scenario.pipeline.schedule)
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

/** Those first that need no more GPUs, and no more time last. */
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
