/** Points per unit. */
const UNITS: Readonly<Record<string, number>> = { in: 72, cm: 72 / 2.54, mm: 72 / 25.4, pt: 1 };

/** Bounds of a figure's width and height, points: half an inch, and the long side of A0. */
export const LEAST_PT = 36;
export const MOST_PT = 3370;

/** A length on paper; undefined if it is none. @example paperLengthPt('3.33in') // 239.76 */
export function paperLengthPt(text: string): number | undefined {
  const [, number, unit = ''] = /^\s*(\d+(?:\.\d*)?|\.\d+)\s*([a-z]+)\s*$/i.exec(text) ?? [];
  const factor = Object.hasOwn(UNITS, unit.toLowerCase()) ? UNITS[unit.toLowerCase()] : undefined;
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}

/** The lengths that are understood and allowed, in words. */
export const PAPER_LENGTHS = `a length from ${LEAST_PT}pt to ${MOST_PT}pt in in, cm, mm or pt, such as 3.33in`;
