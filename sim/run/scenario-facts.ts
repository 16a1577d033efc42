import { activationPeaks, type ActivationPeaks } from '../../src/pipeline/activation-peaks.js';
import { bubbleRatio } from '../../src/pipeline/bubble.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import { highestClock, largestRoundingPct } from '../../src/profile/operation-costs.js';
import type { DescribedJob } from '../scenario/described-job.js';
import { gpusPerStage } from '../scenario/gpus-per-stage.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import { hasOverheads, type ScenarioProfile, type Setting } from '../scenario/scenario-setting.js';
import type { BalanceResult } from './balance.js';
import type { SharedSetting } from './shared-setting.js';
import { memoryShortage, memoryUse, type MemoryShortage, type MemoryUse } from './memory-use.js';

/** Facts about a scenario that do not depend on policy or seed. */
export interface ScenarioFacts {
  readonly scenario: Scenario;
  readonly title: string;
  /** Of every pipeline. */
  readonly dag: ComputationDag;
  readonly fit: ScenarioProfile['fit'];
  readonly estimate: ScenarioProfile['estimate'];
  /** Notes on data left out, converted or guessed when the profile was read. */
  readonly profileNotes: readonly string[];
  /** Present if the profiled job is known. */
  readonly job: DescribedJob | undefined;
  /** The memory that GPUs need, if known. */
  readonly memory: MemoryUse | undefined;
  /** The part of it that does not fit. */
  readonly memoryShortage: MemoryShortage | undefined;
  /** In real time, scaled. */
  readonly unitTimeS: number;
  /** Largest rounding of an instruction to whole ticks. */
  readonly roundingPct: number;
  readonly gpus: number;
  /** Of one GPU that waits. */
  readonly waitingPowerW: number;
  readonly peaks: ActivationPeaks;
  /** Waiting of stages for each other over their computing, at the highest clocks. */
  readonly bubbleRatio: number;
  /** Only if the scenario's stages differ from the profile's. */
  readonly balance: BalanceResult | undefined;
  readonly hasOverheads: boolean;
}

/** The facts of a scenario. */
export function scenarioFacts({ setting, source, balance }: SharedSetting): ScenarioFacts {
  const { scenario, dag, problem } = setting;
  const peaks = activationPeaks(dag);
  // Stages of other sizes than those the model was cut into hold other parts of it.
  const memory =
    source.job === undefined || scenario.imbalance !== undefined
      ? undefined
      : memoryUse(source.job, scenario, dag, peaks);
  return {
    scenario,
    title: source.title,
    dag,
    fit: source.fit,
    estimate: source.estimate,
    profileNotes: source.profile.notes ?? [],
    job: source.job,
    memory,
    memoryShortage: memory && memoryShortage(source, scenario, memory, dag, peaks),
    unitTimeS: problem.unitTimeS,
    roundingPct: largestRoundingPct(setting.profile, problem.unitTimeS),
    gpus: scenario.pipelines * scenario.pipeline.stages * gpusPerStage(scenario),
    waitingPowerW: setting.gpus.blockingPowerW,
    peaks,
    bubbleRatio: bubbleRatio(dag, timesAtHighestClocks(setting)),
    balance: scenario.imbalance === undefined ? undefined : balance(),
    hasOverheads: hasOverheads(setting.timing),
  };
}

function timesAtHighestClocks({ dag, problem }: Setting): Float64Array {
  return Float64Array.from(dag.operation, (op) => highestClock(problem.operations[op]!).timeS);
}
