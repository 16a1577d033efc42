import { headerName, namedUnit, type UnitKind } from '../unit-names.js';

/** A column that a table should have. */
export interface ColumnSpec {
  /** Its name, in lower case. */
  readonly name: string;
  /** What it may be called if its header says the unit too. */
  readonly alias?: readonly string[];
  readonly unit?: UnitKind;
}

/** Where a column is, and how its numbers become the proper unit. */
export interface PlacedColumn {
  readonly at: number;
  /** As the header has it. */
  readonly header: string;
  /** Of the header's unit. */
  readonly factor: number;
  /** What the header says, if that is not the proper unit. */
  readonly otherUnit?: string;
}

/**
 * Finds a column: by its very name, whatever the case, or by its name and a unit (`time_ms`,
 * `Energy (kJ)`, `freq_ghz`).
 * @returns every column that could be meant, those of the very name first.
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

/** What was done with a column in another unit, as a sentence. */
export function conversionNote(
  { header, otherUnit }: PlacedColumn,
  { name, unit }: ColumnSpec,
): string | undefined {
  return otherUnit === undefined || unit === undefined
    ? undefined
    : `column "${header}" is read as ${name} in ${otherUnit} and converted to ${unit}`;
}
