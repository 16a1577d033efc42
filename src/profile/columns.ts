import { headerName, namedUnit, type UnitKind } from '../unit-names.js';

/** A column that a table should have. */
export interface ColumnSpec {
  /** Its name, in lower case. */
  readonly name: string;
  /** Names it may have if its header also states the unit. */
  readonly alias?: readonly string[];
  readonly unit?: UnitKind;
}

/** The position of a column, and the conversion of its numbers to the proper unit. */
export interface PlacedColumn {
  readonly at: number;
  /** As written in the header. */
  readonly header: string;
  /** Of the header's unit. */
  readonly factor: number;
  /** The unit in the header, if it is not the proper one. */
  readonly otherUnit?: string;
}

/**
 * Finds a column by its exact name in any case, or by its name and a unit (`time_ms`, `Energy
 * (kJ)`, `freq_ghz`).
 * @returns every column that could be meant, those with the exact name first.
 */
export function findColumns(header: readonly string[], spec: ColumnSpec): PlacedColumn[] {
  const { name, unit, alias = [] } = spec;
  const exact = header.flatMap((text, at) =>
    text.toLowerCase() === name ? [{ at, header: text, factor: 1 }] : [],
  );
  if (exact.length > 0 || unit === undefined) return exact;
  return header.flatMap((text, at): PlacedColumn[] => {
    const { base, unit: said } = headerName(text);
    if (said === undefined || !(base === name || alias.includes(base))) return [];
    const found = namedUnit(unit, said);
    if (found === undefined) return [];
    const { factor } = found;
    return [{ at, header: text, factor, ...(factor === 1 ? {} : { otherUnit: found.name }) }];
  });
}

/** A sentence on the conversion of a column in another unit. */
export function conversionNote(
  { header, otherUnit }: PlacedColumn,
  { name, unit }: ColumnSpec,
): string | undefined {
  return otherUnit === undefined || unit === undefined
    ? undefined
    : `column "${header}" is read as ${name} in ${otherUnit} and converted to ${unit}`;
}
