import { fullest } from '../../run/memory-need.js';
import type { MemoryRemedy } from '../../run/memory-use.js';
import { siteEnergyJ, siteSavingPct } from '../../run/paid-energy.js';
import type { PolicyResult } from '../../run/policy-figures.js';
import type { ScenarioResult } from '../../run/run-scenario.js';
import { tokenFigures } from '../../run/token-figures.js';
import { savingDigits } from './estimate-sentences.js';
import { count, energyUnit, fixed } from '../numbers.js';

/** Meaningful digits of figures by tokens: times and powers are not known better. */
const DIGITS = 3;

/** A number with three significant digits, and commas between thousands: `38,200`, `0.104`. */
export function threeDigits(value: number): string {
  const rounded = Number(value.toPrecision(DIGITS));
  const whole = Math.abs(rounded) >= 1 ? Math.floor(Math.log10(Math.abs(rounded))) + 1 : 0;
  const digits =
    whole > 0 ? Math.max(0, DIGITS - whole) : rounded === 0 ? 0 : DIGITS - 1 - exponent(rounded);
  const [before, after] = fixed(rounded, Math.min(100, digits)).split('.');
  const grouped = before!.replace(/\B(?=(\d{3})+$)/g, ',');
  return after === undefined ? grouped : `${grouped}.${after}`;
}

function exponent(value: number): number {
  return Math.floor(Math.log10(Math.abs(value)));
}

/** The best policy's figures by tokens, beside max-frequency; the table of units has the rest. */
export function tokenSentences(result: ScenarioResult, best: PolicyResult): string[] {
  const baseline = result.policies.find(({ policy }) => policy === 'max-frequency')!;
  const figures = tokenFigures(result, best);
  const before = tokenFigures(result, baseline);
  if (figures === undefined || before === undefined) return [];
  const perTokenJ = threeDigits(figures.perTokenJ);
  const was = best === baseline ? '' : ` (max-frequency ${threeDigits(before.perTokenJ)})`;
  return [
    `${best.policy} trains ${threeDigits(figures.tokensPerS)} tokens/s at ${perTokenJ} J per token${was} of GPU energy.`,
  ];
}

/** The saving of the bill, if the scenario describes the site. */
export function siteSentences(result: ScenarioResult, best: PolicyResult): string[] {
  const { site } = result.scenario;
  const siteJ = siteEnergyJ(result, best);
  const savingPct = siteSavingPct(result, best);
  if (site === undefined || siteJ === undefined || savingPct === undefined) return [];
  const { name, joules } = energyUnit(siteJ);
  const digits = savingDigits(result);
  return [
    `With ${site.overheadWPerGpu} W beside each GPU and a PUE of ${site.pue} the site uses ${fixed(siteJ / joules, 3)} ${name}: ${fixed(savingPct, digits)} % of the bill is saved, which is ${fixed(best.savingPct, digits)} % of the GPUs’ energy.`,
  ];
}

const gigabytes = (amountGB: number) => `${fixed(amountGB, amountGB < 100 ? 1 : 0)} GB`;

/** With more stages than this, only the fullest one is listed. */
const MOST_LISTED = 16;

/** The memory that GPUs need, if it fits or their capacity is unknown. */
export function memoryUseLines({
  memory,
  memoryShortage,
  job,
}: Pick<ScenarioResult, 'memory' | 'memoryShortage' | 'job'>): string[] {
  if (memory === undefined || memoryShortage !== undefined) return [];
  const { gpu, stages } = memory;
  const most = fullest(stages);
  const { weightsGB, stateGB, activationsGB, totalGB } = most;
  const each =
    stages.length > 1 && stages.length <= MOST_LISTED
      ? `, by stage ${stages.map((need) => fixed(need.totalGB, 1)).join(' ')}`
      : '';
  const capacity = gpu === undefined ? '' : ` of ${gigabytes(gpu.capacityGB)}`;
  const sharded = job?.zeroStage === 1 ? 'optimizer shared by the pipelines' : 'nothing sharded';
  return [
    `memory: at most ${gigabytes(totalGB)}${capacity} on a GPU (stage ${most.stage}: weights ${fixed(weightsGB, 1)}, gradients and Adam ${fixed(stateGB, 1)}, activations ${fixed(activationsGB, 1)}; ${sharded})${each}`,
  ];
}

/** A sentence on a job that does not fit into its GPUs, its need, and the changes that make it fit. */
export function memoryLines({
  memoryShortage: need,
  scenario,
  job,
}: Pick<ScenarioResult, 'memoryShortage' | 'scenario' | 'job'>): string[] {
  if (need === undefined) return [];
  const { gpu, capacityGB, stage, weightsGB, stateGB, activationsGB, totalGB } = need;
  const sharded = job?.zeroStage === 1 ? 'shared by the pipelines' : 'nothing sharded';
  const told = ({ change, to, totalGB: withIt }: MemoryRemedy) =>
    `${CHANGES[change](to, scenario.pipelines)} (${gigabytes(withIt)})`;
  const { remedies, together } = need;
  const end = together.at(-1);
  const remedy =
    remedies.length === 1
      ? `it fits with ${told(remedies[0]!)}`
      : remedies.length > 1
        ? `any one of these makes it fit: ${remedies.map(told).join(', ')}`
        : end === undefined
          ? 'it needs more GPUs'
          : `no single change makes it fit; one after another: ${together.map(told).join(', ')}${end.totalGB > capacityGB ? '; it needs more GPUs or stages' : ''}`;
  return [
    `memory: stage ${stage} needs ${gigabytes(totalGB)} on each GPU and ${gpu} has ${gigabytes(capacityGB)}: ${gigabytes(weightsGB)} of weights in half precision, ${gigabytes(stateGB)} of gradients and Adam (${sharded}), ${gigabytes(activationsGB)} of activations; ${remedy}`,
  ];
}

/** The wording of each change. */
const CHANGES: Readonly<
  Record<MemoryRemedy['change'], (to: MemoryRemedy['to'], pipelines: number) => string>
> = {
  zeroStage: (_, pipelines) => `ZeRO-1 over ${count(pipelines, 'pipeline')}`,
  recompute: () => 'full recomputation',
  microbatch: (to) => `microbatches of ${count(Number(to), 'sequence')}`,
  tensorParallel: (to) => `tensor parallel ${to}`,
  schedule: (to) => `the schedule ${to}`,
  stages: (to) => `${to} stages`,
};
