import { compensatedSum } from '../../src/compensated-sum.js';
import { groupBy } from '../../src/groups.js';
import { stageTimesOf } from '../energy/stage-times.js';
import type { KeptPolicy, KeptRun } from '../run/kept-run.js';
import type { ScenarioResult } from '../run/run-scenario.js';

/** Figures of a run that the steps of the explanation tell in their sentences. */
export interface RunFacts {
  readonly gpus: number;
  /** Of one GPU that waits. */
  readonly waitingPowerW: number;
  /** The slowest stage's work over that of the fastest. */
  readonly imbalanceRatio: number | undefined;
  readonly policies: readonly PolicyFacts[];
}

/** Figures of a policy's iteration, of the whole job. */
export interface PolicyFacts {
  readonly policy: string;
  readonly timeS: number;
  readonly energyJ: number;
  readonly savingPct: number;
  /** Energy spent on waiting: for stages, and for stragglers. */
  readonly waitingJ: number;
  /** Parts of the GPUs' time, percent, in the iteration that is drawn. */
  readonly waitsForStagesPct: number;
  readonly waitsForStragglerPct: number;
  /** The mean power of one GPU that computes, in the iteration that is drawn. */
  readonly computingPowerW: number;
}

/** The facts of a run whose iterations were kept. O(instructions of distinct pipelines). */
export function runFacts(result: ScenarioResult & { readonly kept: KeptRun }): RunFacts {
  const { gpus, waitingPowerW, balance, policies, kept } = result;
  return {
    ...{ gpus, waitingPowerW, imbalanceRatio: balance?.imbalanceRatio },
    policies: policies.flatMap((figures) => {
      const drawn = kept.policies.find(({ policy }) => policy === figures.policy);
      if (drawn === undefined) return [];
      const { policy, simulatedTimeS, simulatedEnergyJ, savingPct, ledger } = figures;
      const { computingS, ...waits } = timeShares(kept, drawn);
      const { iterations } = result.scenario;
      return {
        ...{ policy, timeS: simulatedTimeS, energyJ: simulatedEnergyJ, savingPct },
        waitingJ: ledger.pipelineBlockingJ + ledger.stragglerBlockingJ,
        ...waits,
        computingPowerW: ledger.totalComputeJ / (computingS * iterations),
      };
    }),
  };
}

/** How the GPUs of a job spend the iteration that is drawn. */
function timeShares({ setting }: KeptRun, { shown: { record } }: KeptPolicy) {
  const { dag, gpus } = setting;
  const timesOf = stageTimesOf(dag);
  const [forStages, forStraggler, computing] = [1, 2, 3].map(compensatedSum);
  for (const [pipeline, { length }] of groupBy(record.pipelines, (one) => one)) {
    const times = timesOf(pipeline);
    const add = (sum: typeof forStages, timeS: number) => {
      sum!.add(length * timeS);
    };
    for (const timeS of times['waiting for a stage']) add(forStages, timeS);
    for (const timeS of times.computing) add(computing, timeS);
    add(forStraggler, dag.stageCount * (record.meetS - pipeline.endS));
  }
  const pctOf = (timeS: number) =>
    (100 * timeS) / (record.iterationTimeS * record.pipelines.length * dag.stageCount);
  return {
    waitsForStagesPct: pctOf(forStages!.value()),
    waitsForStragglerPct: pctOf(forStraggler!.value()),
    computingS: computing!.value() * gpus.gpusPerStage,
  };
}
