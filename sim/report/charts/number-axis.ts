import { niceTicks } from '../timeline/ticks.js';

/** A range narrower than this part of its values is one value: the rest is rounding. */
const RELATIVE_NOISE = 1e-9;
/** Significant digits of labels: enough to distinguish values, too few to show noise. */
const LABEL_DIGITS = 12;

/** An axis of numbers, as a channel of Vega-Lite takes it. */
export interface NumberAxis {
  readonly type: 'quantitative';
  readonly title: string;
  readonly scale: {
    readonly domain: [number, number];
    readonly nice: false;
    readonly zero: false;
    readonly padding?: number;
  };
  readonly axis: { readonly values: number[]; readonly format: string };
}

/** Options of an axis. */
export interface NumberAxisWish {
  readonly title: string;
  readonly hasZero?: boolean;
  /** Approximate number of labels. */
  readonly tickCount?: number;
  /** Free pixels at both ends. */
  readonly padding?: number;
  /** Values closer to zero than this are zero; 1e-30 if left out, less than anything physical. */
  readonly least?: number;
}

/**
 * An axis whose labels are all different, however narrow its range; a single value is the only
 * label, and the title says so.
 */
export function numberAxis(
  given: readonly number[],
  { title, hasZero = false, tickCount = 5, padding, least = 1e-30 }: NumberAxisWish,
): NumberAxis {
  const values = given
    .filter((value) => Number.isFinite(value))
    .map((value) => (Math.abs(value) < least ? 0 : value));
  const low = values.reduce((a, b) => Math.min(a, b), values[0] ?? 0);
  const high = values.reduce((a, b) => Math.max(a, b), values[0] ?? 0);
  const axis = (labels: number[]) => ({ values: labels, format: `.${LABEL_DIGITS}~g` });
  const isOne = high - low <= RELATIVE_NOISE * Math.max(Math.abs(low), Math.abs(high));
  const scale = {
    nice: false,
    zero: false,
    ...(padding === undefined ? {} : { padding }),
  } as const;
  if (isOne) {
    const around = low === 0 ? 1 : 0.05 * Math.abs(low);
    const said = values.length > 1 ? `${title}; the same everywhere` : title;
    const domain: [number, number] = hasZero
      ? [Math.min(0, low), low === 0 ? 1 : Math.max(0, low)]
      : [low - around, low + around];
    return {
      type: 'quantitative',
      title: said,
      scale: { ...scale, domain },
      axis: axis(hasZero ? [...new Set([0, low])] : [low]),
    };
  }
  const from = hasZero ? Math.min(0, low) : low;
  const until = hasZero ? Math.max(0, high) : high;
  return {
    type: 'quantitative',
    title,
    scale: { ...scale, domain: [from, until] },
    axis: axis(niceTicks(from, until, tickCount)),
  };
}
