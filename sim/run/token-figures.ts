import { costOf, SECONDS_PER_DAY, type Cost } from './cost-saved.js';
import { paidEnergyJ } from './paid-energy.js';
import type { PolicyResult } from './policy-figures.js';
import type { ScenarioResult } from './run-scenario.js';

/** Figures of a job under a policy in the units of training: tokens, MFU, energy and price per token. */
export interface TokenFigures {
  /** Of the whole job. */
  readonly tokensPerS: number;
  /** Of energy of the GPUs. */
  readonly perTokenJ: number;
  /**
   * Operations for the tokens over those of the GPUs at their half-precision peak, as a fraction;
   * undefined if the GPUs are unknown, or the stages differ from the profile's.
   */
  readonly modelFlopsUtilization: number | undefined;
  /** Of the energy that is paid for. */
  readonly perBillionTokens: Cost;
}

type Described = Pick<ScenarioResult, 'scenario' | 'gpus' | 'job'>;
type Used = Pick<PolicyResult, 'simulatedEnergyJ' | 'simulatedTimeS'>;

const BILLION = 1e9;

/** Figures by tokens; undefined if their number is unknown. */
export function tokenFigures(result: Described, used: Used): TokenFigures | undefined {
  const { scenario, gpus, job } = result;
  if (job === undefined) return undefined;
  const { sequences, sequence } = job.microbatch;
  const { pipeline, pipelines, iterations, imbalance } = scenario;
  const tokens = iterations * pipelines * pipeline.microbatches * sequences * sequence;
  const tokensPerS = tokens / used.simulatedTimeS;
  return {
    tokensPerS,
    perTokenJ: used.simulatedEnergyJ / tokens,
    modelFlopsUtilization:
      job.gpu === undefined || imbalance !== undefined
        ? undefined
        : (tokensPerS * job.flopsPerToken) / (gpus * job.gpu.peakFlops),
    perBillionTokens: costOf((paidEnergyJ(result, used) / tokens) * BILLION, scenario.prices ?? {}),
  };
}

/** The cost of a day's paid energy. */
export function costPerDay(result: Pick<Described, 'scenario' | 'gpus'>, used: Used): Cost {
  const powerW = paidEnergyJ(result, used) / used.simulatedTimeS;
  return costOf(powerW * SECONDS_PER_DAY, result.scenario.prices ?? {});
}
