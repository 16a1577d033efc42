import type { ChipError, SavingError } from './leave-chip-out.js';

/** Errors of chips that were left out, in words. */
export function leaveOutSentences(errors: readonly ChipError[]): string[] {
  const savings = errors.flatMap((error) => error.savings);
  const alone = errors.flatMap((error) => error.savingsAlone);
  return [
    ...errors.map(fitSentence),
    ...errors.map(profileSentence),
    ...savings.map(savingSentence),
    ...summary('savings', savings),
    ...alone.map(savingSentence),
    ...summary('savings without a straggler', alone),
  ];
}

/** Errors of savings, corrected and as their profiles have them. */
function summary(what: string, savings: readonly SavingError[]): string[] {
  const off = savings.map(({ predictedPct, measuredPct }) => predictedPct - measuredPct);
  const worst = off.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a));
  const inside = savings.filter(isInBand).length;
  const uncorrected = savings.map(
    ({ uncorrectedPct, measuredPct }) => uncorrectedPct - measuredPct,
  );
  return [
    `${what}: ${savings.length} measured, off by ${points(meanAbsolute(off))} points on average, ${points(worst)} at worst; ` +
      `mean of signed errors ${points(mean(off))}; ${inside} within their bands`,
    `${what} by the profiles as they are, uncorrected: off by ${points(meanAbsolute(uncorrected))} points on average`,
  ];
}

/** The saving of a profile that was not measured, with the digits that are known. */
export function savingBand({
  predictedPct,
  lowPct,
  highPct,
}: Pick<SavingError, 'predictedPct' | 'lowPct' | 'highPct'>): string {
  return `saves ${predictedPct.toFixed(0)} %, ${lowPct.toFixed(0)} to ${highPct.toFixed(0)}`;
}

function isInBand({ measuredPct, lowPct, highPct }: SavingError): boolean {
  return measuredPct >= lowPct && measuredPct <= highPct;
}

function fitSentence({ chip, fit: { power, timeError, powerError } }: ChipError): string {
  const { activeW, voltage, limitSharpness, clockedTime } = power;
  return (
    `${chip}, fitted: product ${activeW.product.toFixed(0)} W, voltage from ${voltage.floorMHz.toFixed(0)} MHz ` +
    `${(1000 * voltage.perMHz).toFixed(3)} per GHz, sharpness ${limitSharpness}, clocked share of memory ${clockedTime.memory}; ` +
    `slowdown off by ${(100 * timeError).toFixed(1)} %, power by ${(100 * powerError).toFixed(1)} %`
  );
}

function profileSentence({ chip, timePct, slowdownPct, powerPct }: ChipError): string {
  return (
    `${chip}, left out: time at the highest clock off by ${timePct.toFixed(1)} %, ` +
    `time at other clocks over that by ${slowdownPct.toFixed(1)} %, power by ${powerPct.toFixed(1)} %`
  );
}

function savingSentence(error: SavingError): string {
  const straggler = error.slowdown === 1 ? 'no straggler' : `straggler ${error.slowdown}`;
  return `${error.case}, ${straggler}, left out: ${savingBand(error)}; measured ${error.measuredPct.toFixed(1)} %`;
}

const points = (value: number) => value.toFixed(1);
const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const meanAbsolute = (values: readonly number[]) => mean(values.map(Math.abs));
