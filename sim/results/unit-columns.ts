import type { Cost } from '../run/cost-saved.js';
import { fullest } from '../run/memory-need.js';
import { siteEnergyJ, siteSavingPct } from '../run/paid-energy.js';
import { costPerDay, tokenFigures } from '../run/token-figures.js';
import { fromMeans, ofRun, type Column } from './column.js';

const GIBIBYTE = 2 ** 30;

/**
 * Columns in the units of people who train and pay: the last ones of `COLUMNS`. In files only; people
 * read them as sentences.
 */
export const UNIT_COLUMNS = {
  gpu_power_w: {
    ...{ type: 'number', unit: 'W' },
    doc: 'Mean power of one GPU',
    ...fromMeans(({ gpus }, row) => row.averagePowerW / gpus),
  },
  tokens_per_s: {
    ...{ type: 'number', unit: 'tokens/s' },
    doc: 'Tokens per second of the whole job; empty if the number of tokens of a microbatch is unknown',
    ...fromMeans((result, row) => tokenFigures(result, row)?.tokensPerS),
  },
  tokens_per_j: {
    ...{ type: 'number', unit: 'tokens/J' },
    doc: 'Tokens per joule of GPU energy',
    ...fromMeans((result, row) => inverse(tokenFigures(result, row)?.perTokenJ)),
  },
  j_per_token: {
    ...{ type: 'number', unit: 'J/token' },
    doc: 'GPU energy per token',
    ...fromMeans((result, row) => tokenFigures(result, row)?.perTokenJ),
  },
  mfu: {
    ...{ type: 'number', unit: '' },
    doc: 'Model FLOPs utilization, a part of one: operations for the tokens over those of the GPUs at their half-precision peak',
    ...fromMeans((result, row) => tokenFigures(result, row)?.modelFlopsUtilization),
  },
  site_energy_j: {
    ...{ type: 'number', unit: 'J' },
    doc: 'Energy of the site: GPUs and the rest of their nodes, times PUE; empty without `site`',
    ...fromMeans(siteEnergyJ),
  },
  site_saving_pct: {
    ...{ type: 'number', unit: '%' },
    doc: 'Energy of the site below that of max-frequency: percent of the bill',
    ...fromMeans(siteSavingPct),
  },
  mwh_per_day: {
    ...{ type: 'number', unit: 'MWh/day' },
    doc: 'Paid energy of a day: of the site, or of the GPUs without `site`',
    ...fromMeans((result, row) => megawattHours(costPerDay(result, row))),
  },
  mwh_per_1e9_tokens: {
    ...{ type: 'number', unit: 'MWh/10⁹ tokens' },
    doc: 'The same for 10⁹ tokens',
    ...fromMeans((result, row) => megawattHours(tokenFigures(result, row)?.perBillionTokens)),
  },
  money_per_day: {
    ...{ type: 'number', unit: 'currency/day' },
    doc: 'Price of the energy of a day',
    ...fromMeans((result, row) => costPerDay(result, row).money),
  },
  money_per_1e9_tokens: {
    ...{ type: 'number', unit: 'currency/10⁹ tokens' },
    doc: 'Price of the energy of 10⁹ tokens',
    ...fromMeans((result, row) => tokenFigures(result, row)?.perBillionTokens.money),
  },
  carbon_per_day_kg: {
    ...{ type: 'number', unit: 'kg/day' },
    doc: 'Carbon dioxide of the energy of a day',
    ...fromMeans((result, row) => costPerDay(result, row).carbonKg),
  },
  carbon_per_1e9_tokens_kg: {
    ...{ type: 'number', unit: 'kg/10⁹ tokens' },
    doc: 'Carbon dioxide of the energy of 10⁹ tokens',
    ...fromMeans((result, row) => tokenFigures(result, row)?.perBillionTokens.carbonKg),
  },
  memory_gib: {
    ...{ type: 'number', unit: 'GiB' },
    doc: 'Memory that the fullest GPU needs: weights, gradients, optimizer, activations; empty where the model is not known',
    ...ofRun(({ memory }) => memory && gibibytes(fullest(memory.stages).totalGB)),
  },
  gpu_memory_gib: {
    ...{ type: 'number', unit: 'GiB' },
    doc: 'Memory that a GPU has',
    ...ofRun(({ job }) => job?.gpu && gibibytes(job.gpu.memoryGB)),
  },
} as const satisfies Readonly<Record<string, Column>>;

function megawattHours(cost: Cost | undefined): number | undefined {
  return cost && cost.energyKWh / 1e3;
}

function gibibytes(amountGB: number): number {
  return (amountGB * 1e9) / GIBIBYTE;
}

function inverse(value: number | undefined): number | undefined {
  return value && 1 / value;
}
