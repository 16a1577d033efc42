import type { ScaleOptions } from '@observablehq/plot';

/** A range narrower than this part of its values is one value: the rest is rounding. */
const RELATIVE_NOISE = 1e-9;
/** Labels of numbers below this have an exponent. */
const SMALLEST_PLAIN = 1e-6;
/** The number of labels for which the room beside an axis is made. */
const LABELS = 6;

/** A scale of numbers and the room that its labels need. */
export interface NumberScale {
  readonly scale: ScaleOptions;
  readonly label: string;
  /** The number of characters of the widest label. */
  readonly labelChars: number;
}

/** Options of a scale of numbers. */
export interface NumberScaleWish {
  readonly label: string;
  readonly hasZero?: boolean;
  /** Free room at both ends, as a part of the range. */
  readonly margin?: number;
  /** Values closer to zero than this are zero; 1e-30 if left out, less than anything physical. */
  readonly least?: number;
}

/**
 * A scale that holds all values that are numbers; if all are the same, that value is the only label and the
 * title says so.
 */
export function numberScale(
  given: readonly number[],
  { label, hasZero = false, margin = 0, least = 1e-30 }: NumberScaleWish,
): NumberScale {
  const values = given
    .filter((value) => Number.isFinite(value))
    .map((value) => (Math.abs(value) < least ? 0 : value));
  const low = values.reduce((a, b) => Math.min(a, b), values[0] ?? 0);
  const high = values.reduce((a, b) => Math.max(a, b), values[0] ?? 0);
  if (high - low <= RELATIVE_NOISE * Math.max(Math.abs(low), Math.abs(high))) {
    return ofOneValue(low, values.length > 1 ? `${label}; the same everywhere` : label, hasZero);
  }
  const free = margin * (high - low);
  const from = hasZero ? Math.min(0, low - (low < 0 ? free : 0)) : low - free;
  const until = hasZero ? Math.max(0, high + (high > 0 ? free : 0)) : high + free;
  const step = 10 ** Math.floor(Math.log10((until - from) / LABELS));
  const isTiny = step < SMALLEST_PLAIN && Math.max(Math.abs(from), Math.abs(until)) < 1;
  const format = isTiny ? { tickFormat: '.6~g' } : {};
  return {
    scale: { domain: [from, until], label, ...format },
    label,
    labelChars: isTiny ? 8 : widestLabel(from, until, step),
  };
}

function ofOneValue(value: number, label: string, hasZero: boolean): NumberScale {
  const around = value === 0 ? 1 : 0.05 * Math.abs(value);
  const ends = [Math.min(0, value), value === 0 ? 1 : Math.max(0, value)];
  const domain = hasZero ? ends : [value - around, value + around];
  const ticks = hasZero ? [...new Set([0, value])] : [value];
  const tickFormat = '.12~g';
  const labelChars = String(Number(value.toPrecision(12))).length;
  return { scale: { domain, label, ticks, tickFormat }, label, labelChars };
}

function widestLabel(from: number, until: number, step: number): number {
  const digits = Math.min(20, Math.max(0, -Math.log10(step)));
  const text = (value: number) =>
    value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return Math.max(text(from).length, text(until).length);
}
