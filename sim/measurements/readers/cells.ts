import { namedUnit, type UnitKind } from '../../../src/unit-names.js';

/** Spellings of values that a tool could not measure. */
const MISSING =
  /^\[?\s*(n\/?a|not supported|not available|unknown error|unknown|insufficient permissions|gpu is lost|gpu requires reset|no data|nan|none|null|-+|)\s*\]?$/i;

/** Whether a cell says that there is no value. */
export function isMissing(cell: string): boolean {
  return MISSING.test(cell);
}

const NUMBER = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(\S.*)?$/i;

/** A number, and the unit behind it; undefined if the cell is no number. */
export function numberWithUnit(
  cell: string,
): { value: number; unit: string | undefined } | undefined {
  const parts = NUMBER.exec(cell.trim());
  if (parts === null) return undefined;
  return { value: Number(parts[1]), unit: parts[2]?.trim() };
}

/**
 * The number of a cell in the proper unit of its kind: its own unit (`212.34 W`) wins over the
 * column's. NaN if the cell is no number or has a unit of another kind.
 */
export function quantityOf(cell: string, kind: UnitKind, columnFactor: number): number {
  const parts = numberWithUnit(cell);
  if (parts === undefined) return NaN;
  if (parts.unit === undefined) return parts.value * columnFactor;
  const unit = namedUnit(kind, parts.unit);
  return unit === undefined ? NaN : parts.value * unit.factor;
}
