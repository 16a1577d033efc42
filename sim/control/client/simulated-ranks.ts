import { InputError } from '../../../src/errors.js';
import type { ComputationDag } from '../../../src/pipeline/dag.js';
import type { Setting } from '../../scenario/scenario-setting.js';
import type { Degrees } from '../planning/planning-request.js';

/** A GPU of a job, as its rank registers. */
export interface SimulatedRank {
  readonly rank: number;
  /** The pipeline. */
  readonly dp: number;
  /** The stage. */
  readonly pp: number;
  /** The GPU within the stage. */
  readonly tp: number;
}

/** The degrees of a scenario's job; GPUs that share sequences count as those that share layers. */
export function degreesOf({ scenario, gpus }: Setting): Degrees {
  return { pp: scenario.pipeline.stages, dp: scenario.pipelines, tp: gpus.gpusPerStage };
}

/** The ranks of a job in Megatron's order: GPUs of a stage first, then pipelines, then stages. */
export function ranksOf({ pp, dp, tp }: Degrees): SimulatedRank[] {
  return Array.from({ length: pp * dp * tp }, (_, rank) => ({
    rank,
    tp: rank % tp,
    dp: Math.floor(rank / tp) % dp,
    pp: Math.floor(rank / (tp * dp)),
  }));
}

/**
 * The clocks of each stage's GPUs, highest first: those known for all its operations, or if there is
 * none, for any.
 * @throws InputError if one is not a whole number of MHz: the protocol has no others.
 */
export function clocksOfStages({ dag, problem, askedBy }: Setting): number[][] {
  return Array.from({ length: dag.stageCount }, (_, s) => {
    const known = operationsOf(dag, s).map((op) => {
      return new Set(problem.operations[op]!.allOptions.map(({ frequencyMHz }) => frequencyMHz));
    });
    const all = [...new Set(known.flatMap((clocks) => [...clocks]))].sort((a, b) => b - a);
    const broken = all.find((clock) => !Number.isInteger(clock));
    if (broken !== undefined) {
      throw InputError.of({
        source: askedBy,
        field: 'profile',
        message: `found a clock of ${broken} MHz, expected whole numbers: a server sends no others`,
      });
    }
    const common = all.filter((clock) => known.every((clocks) => clocks.has(clock)));
    return common.length > 0 ? common : all;
  });
}

function operationsOf({ stage, operation, instructionCount }: ComputationDag, s: number): number[] {
  const found = new Set<number>();
  for (let i = 0; i < instructionCount; i++) if (stage[i] === s) found.add(operation[i]!);
  return [...found];
}
