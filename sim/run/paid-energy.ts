import { percentMore } from '../../src/units.js';
import type { PolicyResult } from './policy-figures.js';
import type { ScenarioResult } from './run-scenario.js';
import { siteJ } from './surroundings.js';

type Sited = Pick<ScenarioResult, 'scenario' | 'gpus'>;
type Used = Pick<PolicyResult, 'simulatedEnergyJ' | 'simulatedTimeS'>;

/**
 * Energy of the site, all iterations: of the GPUs and what surrounds them in their nodes, times the
 * power usage effectiveness. Undefined where the scenario has no site.
 */
export function siteEnergyJ({ scenario: { site }, gpus }: Sited, used: Used): number | undefined {
  if (site === undefined) return undefined;
  return siteJ(site, gpus, used.simulatedEnergyJ, used.simulatedTimeS);
}

/** Energy that is paid for: that of the site, or of the GPUs where there is nothing else. */
export function paidEnergyJ(sited: Sited, used: Used): number {
  return siteEnergyJ(sited, used) ?? used.simulatedEnergyJ;
}

/** Energy of the site below that of max-frequency, percent; undefined without a site. */
export function siteSavingPct(
  result: Sited & Pick<ScenarioResult, 'policies'>,
  used: Used,
): number | undefined {
  const baseline = result.policies.find(({ policy }) => policy === 'max-frequency')!;
  const baseJ = siteEnergyJ(result, baseline);
  const usedJ = siteEnergyJ(result, used);
  return baseJ === undefined || usedJ === undefined ? undefined : 0 - percentMore(usedJ, baseJ);
}
