import { kilowattHours } from '../../src/units.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import { paidEnergyJ } from './paid-energy.js';
import type { PolicyResult } from './policy-figures.js';
import type { ScenarioResult } from './run-scenario.js';

/** The cost of energy in the scenario's currency and in carbon dioxide, as far as they have prices. */
export interface Cost {
  readonly energyKWh: number;
  readonly money?: number;
  readonly carbonKg?: number;
}

/** A policy's saving against max-frequency; negative if it uses more. */
export interface CostSaved {
  readonly perIteration: Cost;
  /** Of as many of the policy's iterations as fit into a day. */
  readonly perDay: Cost;
}

export const SECONDS_PER_DAY = 86_400;

/**
 * The value of a policy's saving of paid energy; undefined if the scenario has no prices.
 */
export function costSaved(
  result: Pick<ScenarioResult, 'scenario' | 'policies' | 'gpus'>,
  row: PolicyResult,
): CostSaved | undefined {
  const { scenario, policies } = result;
  const { prices, iterations } = scenario;
  if (prices === undefined) return undefined;
  const baseline = policies.find(({ policy }) => policy === 'max-frequency')!;
  const savedJ = (paidEnergyJ(result, baseline) - paidEnergyJ(result, row)) / iterations;
  const perDay = SECONDS_PER_DAY / (row.simulatedTimeS / iterations);
  return { perIteration: costOf(savedJ, prices), perDay: costOf(savedJ * perDay, prices) };
}

/** The cost of an energy. */
export function costOf(
  energyJ: number,
  { perKWh, carbonGPerKWh }: Partial<NonNullable<Scenario['prices']>>,
): Cost {
  const energyKWh = kilowattHours(energyJ);
  return {
    energyKWh,
    ...(perKWh === undefined ? {} : { money: perKWh * energyKWh }),
    ...(carbonGPerKWh === undefined ? {} : { carbonKg: (carbonGPerKWh * energyKWh) / 1e3 }),
  };
}
