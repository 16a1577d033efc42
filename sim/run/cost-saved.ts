import { kilowattHours } from '../../src/units.js';
import type { PolicyResult } from './policy-figures.js';
import type { ScenarioResult } from './run-scenario.js';
import type { Scenario } from '../scenario/scenario-schema.js';

/** What energy costs: in the scenario's currency, and in carbon dioxide; only what is priced. */
export interface Cost {
  readonly energyKWh: number;
  readonly money?: number;
  readonly carbonKg?: number;
}

/** What a policy saves against max-frequency; less than nothing where it uses more. */
export interface CostSaved {
  readonly perIteration: Cost;
  /** Of as many of the policy's iterations as a day has time for. */
  readonly perDay: Cost;
}

const SECONDS_PER_DAY = 86_400;

/** What a policy's saving is worth; undefined where the scenario has no prices. */
export function costSaved(
  { scenario, policies }: Pick<ScenarioResult, 'scenario' | 'policies'>,
  row: PolicyResult,
): CostSaved | undefined {
  const { prices, iterations } = scenario;
  if (prices === undefined) return undefined;
  const baseline = policies.find(({ policy }) => policy === 'max-frequency')!;
  const savedJ = (baseline.simulatedEnergyJ - row.simulatedEnergyJ) / iterations;
  const perDay = SECONDS_PER_DAY / (row.simulatedTimeS / iterations);
  return { perIteration: costOf(savedJ, prices), perDay: costOf(savedJ * perDay, prices) };
}

function costOf(energyJ: number, { perKWh, carbonGPerKWh }: NonNullable<Scenario['prices']>): Cost {
  const energyKWh = kilowattHours(energyJ);
  return {
    energyKWh,
    ...(perKWh === undefined ? {} : { money: perKWh * energyKWh }),
    ...(carbonGPerKWh === undefined ? {} : { carbonKg: (carbonGPerKWh * energyKWh) / 1e3 }),
  };
}
