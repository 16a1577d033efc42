import type { FaultJob } from './fault-job.js';

/** Expected times and energy of one useful iteration, with everything that faults add to it. */
export interface Expectation {
  /** Faults per useful iteration. */
  readonly faults: number;
  readonly timeS: number;
  /** Of all GPUs. */
  readonly energyJ: number;
  /** The parts of the time. */
  readonly computingS: number;
  readonly checkpointS: number;
  readonly detectionS: number;
  readonly restartS: number;
}

/**
 * The exact expectation of a useful iteration, if checkpoints lie `iterations` iterations apart and a
 * node is always at hand. Faults are a Poisson process that strikes while the job computes, saves or
 * restarts: without background writing and time until notice, the expected time is Daly's
 * e^(R/M) M (e^((τ+δ)/M) − 1)/τ per second of work (J. T. Daly, "A higher order estimate of the optimum
 * checkpoint interval for restart dumps", FGCS 2006).
 *
 * Background writing (w): a checkpoint is of use w after its pause, so that one attempt to reach the
 * next has w of its computing behind it, unless the job comes from a restart. Each fault leads to an
 * attempt from a restart. O(1).
 */
export function expectedIteration(job: FaultJob, iterations: number): Expectation {
  const { iterationS, iterationJ, pipelines, gpusPerPipeline, rules } = job;
  const { rate, pauseS, writeS, detectS, restartS } = rules;
  const workS = iterations * iterationS;
  const going = workS + pauseS;
  const anew = going + writeS;
  /** Faults per checkpoint, each of which makes an attempt from a restart. */
  const failures = -Math.expm1(-rate * going) * Math.exp(rate * anew);
  const alive = (fromS: number, untilS: number) => aliveS(rate, fromS, untilS);
  const pausedS = alive(workS - writeS, going - writeS) + failures * alive(workS, workS + pauseS);
  const computedS =
    alive(0, workS - writeS) +
    alive(going - writeS, going) +
    failures * (alive(0, workS) + alive(going, anew));
  const perFailure = Math.exp(rate * restartS);
  const noticedS = failures * perFailure * detectS;
  const restartedS = (failures * Math.expm1(rate * restartS)) / rate;
  const gpus = pipelines * gpusPerPipeline;
  const idleJ =
    gpus * (rules.pauseW * pausedS + rules.waitingW * noticedS + rules.restartW * restartedS);
  return {
    faults: (failures * perFailure) / iterations,
    timeS: (computedS + pausedS + noticedS + restartedS) / iterations,
    energyJ: ((iterationJ / iterationS) * computedS + idleJ) / iterations,
    computingS: computedS / iterations,
    checkpointS: pausedS / iterations,
    detectionS: noticedS / iterations,
    restartS: restartedS / iterations,
  };
}

/** The expected time that an attempt spends between two of its times, before a fault ends it. */
function aliveS(rate: number, fromS: number, untilS: number): number {
  return (-Math.exp(-rate * fromS) * Math.expm1(-rate * (untilS - fromS))) / rate;
}
