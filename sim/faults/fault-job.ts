import { faultsPerS } from '../scenario/fault-rate.js';
import type { ScenarioFaults } from '../scenario/faults-schema.js';

/** A job that has faults, as one policy runs it. Powers are of one GPU unless they say otherwise. */
export interface FaultJob {
  readonly pipelines: number;
  readonly gpusPerPipeline: number;
  /** One iteration of the whole job, its mean over the simulated run. */
  readonly iterationS: number;
  readonly iterationJ: number;
  readonly rules: FaultRules;
}

/** The faults of a job and what they cost, with defaults filled in. */
export interface FaultRules {
  /** Faults per second of the whole job. */
  readonly rate: number;
  /** End of the course: after a time, or with this number of iterations done. */
  readonly end: { readonly timeS: number } | { readonly iterations: number };
  /** All GPUs wait this long for each checkpoint. */
  readonly pauseS: number;
  readonly pauseW: number;
  /** A checkpoint is of use this long after its pause, during which GPUs compute. */
  readonly writeS: number;
  readonly detectS: number;
  readonly restartS: number;
  readonly restartW: number;
  readonly waitingW: number;
  /** Part of the faults that break a node. */
  readonly nodeShare: number;
  /** Absent if a node is always at hand. */
  readonly nodes?: NodeRules;
}

/** The nodes at hand and their repair. */
export interface NodeRules {
  readonly spares: number;
  readonly gpusPerNode: number;
  readonly repairS: number;
  readonly idleW: number;
  /** Whether the job goes on with fewer pipelines while nodes are lacking. */
  readonly shrinks: boolean;
}

/** The rate of faults and the power of waiting of a job, which a scenario's section leaves open. */
interface OpenRules {
  /** Faults per second of the whole job. */
  readonly rate: number;
  /** Of one GPU. */
  readonly waitingW: number;
}

export const SECONDS_PER_DAY = 86_400;
const DEFAULT_DAYS = 30;

/** The rules of a scenario's faults. */
function faultRules(faults: ScenarioFaults, { rate, waitingW }: OpenRules): FaultRules {
  const { checkpoint, iterations, days = DEFAULT_DAYS, spares, repairS } = faults;
  return {
    rate,
    end: iterations === undefined ? { timeS: days * SECONDS_PER_DAY } : { iterations },
    pauseS: checkpoint.blocking ? checkpoint.timeS : checkpoint.pauseS,
    writeS: checkpoint.blocking ? 0 : checkpoint.timeS,
    pauseW: checkpoint.powerW ?? waitingW,
    detectS: faults.detectS,
    restartS: faults.restartS,
    restartW: faults.restartPowerW ?? waitingW,
    waitingW,
    nodeShare: faults.nodeShare,
    ...(spares !== undefined &&
      repairS !== undefined && {
        nodes: {
          spares,
          repairS,
          gpusPerNode: faults.gpusPerNode,
          idleW: faults.sparePowerW ?? waitingW,
          shrinks: faults.withoutSpare === 'shrink',
        },
      }),
  };
}

/** The size of a job, and the power of one of its GPUs that waits. */
export interface JobSize {
  readonly pipelines: number;
  readonly gpus: number;
  readonly waitingPowerW: number;
}

/** The job of a scenario with faults. @param run of this many iterations. */
export function faultJob(
  { pipelines, gpus, waitingPowerW }: JobSize,
  faults: ScenarioFaults,
  run: { readonly iterations: number; readonly timeS: number; readonly energyJ: number },
): FaultJob {
  return {
    pipelines,
    gpusPerPipeline: gpus / pipelines,
    iterationS: run.timeS / run.iterations,
    iterationJ: run.energyJ / run.iterations,
    rules: faultRules(faults, { rate: faultsPerS(faults, gpus), waitingW: waitingPowerW }),
  };
}
