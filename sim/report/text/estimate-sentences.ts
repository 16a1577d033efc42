import { likelySaving, type LikelySaving } from '../../run/likely-saving.js';
import type { PolicyResult } from '../../run/policy-figures.js';
import type { ScenarioResult } from '../../run/run-scenario.js';
import {
  errorsOf,
  type EfficiencyEstimate,
  type Estimate,
  type OperatorEstimate,
} from '../../scenario/estimate.js';
import { fixed } from '../numbers.js';

/** The likely errors of a profile that was not measured, as sentences. */
export function estimateNotes(estimate: Estimate): string[] {
  return estimate.law === 'operators' ? ofOperators(estimate) : ofEfficiency(estimate);
}

const BASES = {
  measured: "; the GPU's rates were measured on it",
  fitted: "; the GPU's rates were fitted to measurements of it, or of a GPU with the same chip",
  assumed: "; the GPU's rates are assumed, nothing was measured on it",
} as const;

type Errors = OperatorEstimate['leaveChipOut']['time'];

const meanAndWorst = ({ meanPct, worstPct }: Errors) =>
  `${fixed(meanPct, 0)} % (${fixed(worstPct, 0)})`;

function ofOperators({ basis, leaveChipOut }: OperatorEstimate): string[] {
  const { time, slowdown, power } = leaveChipOut;
  if (basis === 'one clock') {
    return [
      `measured at one clock only: other clocks, and energies that were not measured, are modelled. Profiles made from operators of chips that were measured, with nothing of the chip used, were off by ${meanAndWorst(slowdown)} in slowdown at lower clocks, ${meanAndWorst(power)} in power`,
    ];
  }
  return [
    `not measured: made from the operators of the model${basis === null ? '' : BASES[basis]}. Profiles made so of chips that were measured, with nothing of the chip used, were off by ${fixed(time.meanPct, 0)} % on average, ${fixed(time.worstPct, 0)} at worst (${time.profiles} profiles) in time, ${meanAndWorst(slowdown)} in slowdown at lower clocks, ${meanAndWorst(power)} in power`,
  ];
}

/** The same in one sentence, with what matters for a first look. */
export function estimateInBrief(estimate: Estimate): string {
  const { time, slowdown, power } = errorsOf(estimate);
  const modelled = `${meanAndWorst(slowdown)} in slowdown, ${meanAndWorst(power)} in power`;
  const [source, errors] =
    estimate.law === 'efficiency'
      ? [
          'not measured: synthesized with one efficiency',
          `${meanAndWorst(time)} in time, ${modelled}`,
        ]
      : estimate.basis === 'one clock'
        ? ['measured at one clock only, others are modelled', modelled]
        : [
            'not measured: made from the model’s operators',
            `${meanAndWorst(time)} in time, ${modelled}`,
          ];
  return `${source}; such profiles were off on average (at worst) by ${errors}`;
}

function ofEfficiency(estimate: EfficiencyEstimate): string[] {
  const { leaveOneOut, leaveChipOut, extrapolated, efficiency } = estimate;
  const { time, slowdown, power } = leaveOneOut;
  const error = ({ meanPct, worstPct, profiles }: Errors) =>
    `${fixed(meanPct, 0)} % on average, ${fixed(worstPct, 0)} at worst (${profiles} profiles)`;
  return [
    `not measured: synthesized at ${fixed(100 * efficiency, 0)} % of the peak, one efficiency for all work. Profiles left out one by one were off by ${error(time)} in time, ${error(slowdown)} in slowdown at the lowest clock, ${error(power)} in power`,
    `with all profiles of their GPU left out, as for a GPU that was not measured: ${meanAndWorst(leaveChipOut.time)} in time, ${meanAndWorst(leaveChipOut.slowdown)} in slowdown, ${meanAndWorst(leaveChipOut.power)} in power; errors of savings are not known`,
    ...(extrapolated.length === 0 ? [] : [`not published of this GPU: ${extrapolated.join(', ')}`]),
  ];
}

/** A saving as far as its digits are known: `about 21 % of the energy (17 to 25)`. */
export function savedPhrase(result: ScenarioResult, row: PolicyResult): string {
  const likely = likelySaving(result, row);
  if (likely !== undefined) {
    return `about ${whole(likely.predictedPct)} % of the energy (${bandText(likely)})`;
  }
  if (result.estimate !== undefined) return `about ${whole(row.savingPct)} % of the energy`;
  const { intervals, savingPct } = row;
  const { low, high } = intervals?.savingPct ?? { low: savingPct, high: savingPct };
  const spread = high - low < 0.1 ? '' : ` (95 % interval ${fixed(low, 1)} to ${fixed(high, 1)})`;
  return `${fixed(savingPct, savingPct < 1 ? 2 : 1)} % of the energy${spread}`;
}

/** Digits after the point that savings are known to. */
export function savingDigits({ estimate }: Pick<ScenarioResult, 'estimate'>): number {
  return estimate === undefined ? 2 : 0;
}

/** Digits after the point of other percentages: errors of profiles touch them less. */
export function percentDigits({ estimate }: Pick<ScenarioResult, 'estimate'>): number {
  return estimate === undefined ? 2 : 1;
}

/** The band of a saving: `17 to 25`. */
export function bandText({ lowPct, highPct }: Pick<LikelySaving, 'lowPct' | 'highPct'>): string {
  return `${whole(lowPct)} to ${whole(highPct)}`;
}

/**
 * Says how a saving was corrected; nothing if it was not.
 * @param parts of the saving as the profile has it.
 */
export function correctionSentences(
  result: ScenarioResult,
  row: PolicyResult,
  parts: string,
): string[] {
  const likely = likelySaving(result, row);
  if (likely === undefined) return [];
  const { lack, isLikeMeasured } = likely;
  const [mean, least, most] = [lack.mean, lack.least, lack.most].map((pct) => fixed(pct, 1));
  const unlike = isLikeMeasured
    ? ''
    : '; that was measured with stragglers 1.05 to 1.2 times slower and without, not for a job like this';
  return [
    `By the profile as it is, and in the table, it is ${whole(row.savingPct)} %${parts}.`,
    `Such profiles were found to save ${mean} points less than measured ones, ${least} to ${most}, which is added${unlike}.`,
  ];
}

/** Without a sign before a zero. */
const whole = (value: number) => fixed(Math.round(value) + 0, 0);
