import type { Cost } from '../../run/cost-saved.js';
import { siteSavingPct } from '../../run/paid-energy.js';
import type { PolicyResult } from '../../run/policy-figures.js';
import type { ScenarioResult } from '../../run/run-scenario.js';
import { costPerDay, tokenFigures, type TokenFigures } from '../../run/token-figures.js';
import type { HeadingLines } from '../../results/column.js';
import { fixed } from '../numbers.js';
import type { PolicyColumn } from './policy-columns.js';
import { threeDigits } from './unit-sentences.js';

/** The title of the table of units, above it or as its name. */
export const UNITS_TITLE = 'Tokens, and what they cost';

/**
 * The second table: tokens and their cost, a row per policy; empty if the number of tokens is
 * unknown. With a site, costs are those of the site.
 */
export function unitColumns(result: ScenarioResult): PolicyColumn[] {
  if (result.job === undefined) return [];
  const { policies, gpus, scenario } = result;
  const column = (heading: HeadingLines, cell: (row: PolicyResult) => string): PolicyColumn => ({
    heading,
    cells: policies.map(cell),
  });
  const number = (of: (figures: TokenFigures) => number) => (row: PolicyResult) =>
    threeDigits(of(tokenFigures(result, row)!));
  const hasPeak = policies.every((row) => mfuOf(result, row) !== undefined);
  return [
    column(['policy', ''], ({ policy }) => policy),
    column(
      ['tokens/s', ''],
      number(({ tokensPerS }) => tokensPerS),
    ),
    ...(hasPeak ? [column(['MFU', '%'], (row) => fixed(100 * mfuOf(result, row)!, 1))] : []),
    column(['W', 'a GPU'], (row) => threeDigits(row.averagePowerW / gpus)),
    column(
      ['J', 'a token'],
      number(({ perTokenJ }) => perTokenJ),
    ),
    ...(scenario.site === undefined
      ? []
      : [
          column(['bill', 'saved %'], (row) =>
            row.policy === 'max-frequency' ? '' : fixed(siteSavingPct(result, row)!, 2),
          ),
        ]),
    ...costColumns(result, 'per 10⁹ tokens', (row) => tokenFigures(result, row)!.perBillionTokens),
    ...costColumns(result, 'per day', (row) => costPerDay(result, row)),
  ];
}

function mfuOf(result: ScenarioResult, row: PolicyResult): number | undefined {
  return tokenFigures(result, row)?.modelFlopsUtilization;
}

/** Paid energy, and its price and carbon dioxide if known. */
function costColumns(
  { policies, scenario }: ScenarioResult,
  per: string,
  of: (row: PolicyResult) => Cost,
): PolicyColumn[] {
  const costs = policies.map(of);
  const column = (unit: string, value: (cost: Cost) => number | undefined): PolicyColumn[] => {
    const values = costs.map(value).filter((known) => known !== undefined);
    return values.length < costs.length
      ? []
      : [{ heading: [per, unit], cells: values.map(threeDigits) }];
  };
  return [
    ...column('MWh', ({ energyKWh }) => energyKWh / 1e3),
    ...column(scenario.prices?.currency ?? '', ({ money }) => money),
    ...column('kg CO2', ({ carbonKg }) => carbonKg),
  ];
}
