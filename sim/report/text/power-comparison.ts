import type { PowerComparison } from '../../power/compare/power-comparison.js';
import type { PowerFigures } from '../../power/figures/power-figures.js';
import { RAMP_TIMES_S } from '../../power/figures/power-scales.js';
import { plainTable } from './plain-table.js';

/** A figure of a trace. */
interface PowerFigure {
  /** In CSV and JSON, with its unit. */
  readonly key: string;
  readonly title: string;
  readonly of: (figures: PowerFigures) => number;
}

/** The figures of a trace, in the order in which they are shown. */
const FIGURES: readonly PowerFigure[] = [
  { key: 'duration_s', title: 'duration, s', of: ({ durationS }) => durationS },
  { key: 'energy_j', title: 'energy, J', of: ({ energyJ }) => energyJ },
  { key: 'mean_w', title: 'mean, W', of: ({ meanW }) => meanW },
  { key: 'p95_w', title: 'P95, W', of: ({ p95W }) => p95W },
  { key: 'p99_w', title: 'P99, W', of: ({ p99W }) => p99W },
  { key: 'peak_w', title: 'peak, W', of: ({ peakW }) => peakW },
  { key: 'least_w', title: 'least, W', of: ({ leastW }) => leastW },
  { key: 'sd_w', title: 'standard deviation, W', of: ({ sdW }) => sdW },
  ...RAMP_TIMES_S.flatMap((overS): PowerFigure[] => [
    {
      ...{ key: `rise_${overS}s_w_per_s`, title: `steepest rise over ${overS} s, W/s` },
      of: ({ rampsWPerS }) => rampsWPerS[overS].up.wPerS,
    },
    {
      ...{ key: `fall_${overS}s_w_per_s`, title: `steepest fall over ${overS} s, W/s` },
      of: ({ rampsWPerS }) => rampsWPerS[overS].down.wPerS,
    },
  ]),
  {
    key: 'band_0.1_2_hz_w',
    title: 'swing at 0.1 to 2 Hz, W',
    of: ({ gridModes }) => gridModes.totalW,
  },
  {
    key: 'band_0.1_20_hz_w',
    title: 'swing at 0.1 to 20 Hz, W',
    of: ({ utilityBand }) => utilityBand.totalW,
  },
];

/** A row of a comparison: a figure of the trace, of the other one, and the difference. */
export interface PowerRow {
  readonly figure: string;
  readonly trace: number;
  readonly against: number | null;
  /** Of the other one from the trace, percent of the trace; null if that is 0. */
  readonly difference_pct: number | null;
}

/** The figures of a trace, and of another one if there is one. */
export function powerRows(figures: PowerFigures, comparison?: PowerComparison): PowerRow[] {
  return FIGURES.map(({ key, of }) => {
    const trace = of(comparison?.figures ?? figures);
    const against = comparison === undefined ? null : of(comparison.against);
    const differencePct =
      against === null || trace === 0 ? null : (100 * (against - trace)) / Math.abs(trace);
    return { figure: key, trace, against, difference_pct: differencePct };
  });
}

/** Headings of a table of figures. */
export interface PowerHeadings {
  readonly trace: string;
  readonly against?: string | undefined;
}

/** The figures as text, with sentences on the shape if two traces are compared. */
export function powerTable(rows: readonly PowerRow[], headings: PowerHeadings): string {
  const { trace, against } = headings;
  const isCompared = against !== undefined;
  const number = (value: number | null) => (value === null ? '—' : shown(value));
  return plainTable(
    ['', trace, ...(isCompared ? [against, 'difference\n%'] : [])],
    rows.map((row, k) => [
      FIGURES[k]!.title,
      number(row.trace),
      ...(isCompared
        ? [number(row.against), row.difference_pct === null ? '—' : signed(row.difference_pct)]
        : []),
    ]),
  );
}

/** Sentences on differences that do not depend on when a trace begins. */
export function shapeSentences({ shape, figures }: PowerComparison): string[] {
  const { shiftsS, autocorrelationRms, periodS, againstPeriodS, spectrumDistance } = shape;
  const cycle = (lengthS: number | undefined) =>
    lengthS === undefined ? 'none' : `${Number(lengthS.toPrecision(4))} s`;
  return [
    `cycle: ${cycle(periodS)} against ${cycle(againstPeriodS)}`,
    `autocorrelation: ${autocorrelationRms.toFixed(3)} apart (rms, shifts up to ${Number(shiftsS.toPrecision(3))} s; 0 if equal)`,
    `spectrum: ${spectrumDistance.toFixed(3)} apart (up to ${Number(figures.spectrum.reliableToHz.toPrecision(3))} Hz; 0 if equal, 1 against a constant)`,
  ];
}

function shown(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 1000 ? 0 : size >= 100 ? 1 : 2);
}

function signed(pct: number): string {
  const text = pct.toFixed(2);
  return Number(text) === 0 ? '0.00' : pct > 0 ? `+${text}` : text;
}
