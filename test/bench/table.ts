import { linearRegression, linearRegressionLine, medianSorted, rSquared } from 'simple-statistics';
import type { Series, Single } from './cases.js';
import { MOST_S, type Measured } from './measure.js';
import type { Cost } from './measurements.js';

/** The power of x with which y grows: y ∝ x^exponent, by least squares of the logarithms. */
export interface Growth {
  readonly exponent: number;
  /** Part of the variance that the power explains, 0 to 1. */
  readonly explained: number;
}

/** Fits a power law. Two points at least, all positive. */
export function growth(points: readonly (readonly [x: number, y: number])[]): Growth {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)]);
  const line = linearRegression(logs);
  return { exponent: line.m, explained: rSquared(logs, linearRegressionLine(line)) };
}

/** A table in Markdown; all columns but the first are figures. */
export function markdown(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = headings.map((_, k) => (k === 0 ? '---' : '---:'));
  return [headings, rule, ...rows].map(line).join('\n');
}

/** `12.3 s` or `1.23 ms`, three digits. */
export function shownTime(timeS: number): string {
  const [value, unit] = timeS >= 1 ? [timeS, 's'] : [1e3 * timeS, 'ms'];
  return `${value.toPrecision(3)} ${unit}`;
}

/** How cost grows: a row for each series. */
export function growthTable(measured: readonly (readonly [Series, readonly Measured[]])[]): string {
  const rows = measured.map(([{ title, over, values }, figures]) => {
    const { exponent, explained } = growth(values.map((x, k) => [x, figures[k]!.now.cpuS]));
    return [
      title,
      over === 'unitTimeMs' ? 'tick' : over,
      values.join(', '),
      figures.map(({ now }) => shownTime(now.cpuS)).join(', '),
      exponent.toFixed(2),
      explained.toFixed(3),
    ];
  });
  const headings = ['cost of', 'grows with', 'values', 'processor time', 'exponent', 'r²'];
  return markdown(headings, rows);
}

/** Figures by themselves, with their rates. */
export function singlesTable(measured: readonly (readonly [Single, Measured])[]): string {
  const rows = measured.map(([{ title, rate }, { now }]) => [
    title,
    shownTime(now.cpuS),
    rate === undefined ? '' : `${shownRate(now.count / now[rate.by])} ${rate.of}/s`,
  ]);
  return markdown(['figure', 'processor time', 'rate'], rows);
}

/** Three digits, without an exponent: `2880`. */
export function threeDigits(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function shownRate(perS: number): string {
  return perS >= 1e6 ? `${(perS / 1e6).toPrecision(3)} million` : threeDigits(perS);
}

function withoutBefore(now: Cost, isBeforeTooSlow: boolean): string[] {
  if (!isBeforeTooSlow) return ['—', shownTime(now.cpuS), '—'];
  return [`> ${MOST_S} s`, shownTime(now.cpuS), `< ${(now.cpuS / MOST_S).toFixed(3)}`];
}

/** Every figure beside the version before. */
export function ratioTable(measured: readonly (readonly [title: string, Measured])[]): string {
  const rows = measured.map(([title, { now, before, isBeforeTooSlow, ratios }]) =>
    before === undefined
      ? [title, ...withoutBefore(now, isBeforeTooSlow), '']
      : [
          title,
          shownTime(before.cpuS),
          shownTime(now.cpuS),
          medianSorted([...ratios]).toFixed(2),
          `${ratios[0]!.toFixed(2)}–${ratios.at(-1)!.toFixed(2)}`,
        ],
  );
  return markdown(['figure', 'before', 'now', 'now / before', 'least–greatest'], rows);
}
