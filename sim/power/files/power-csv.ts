import type { RowBlock } from './power-rows.js';

/**
 * A table of powers as CSV, piece by piece: `t_s`, seconds from 0, and a column for each name. Cells are
 * empty once a column's run is over.
 *
 * @param names of the columns, as they are to be written.
 */
export function* powerCsv(names: readonly string[], blocks: Iterable<RowBlock>): Generator<string> {
  yield `${['t_s', ...names].join(',')}\n`;
  for (const { timeS, powerW } of blocks) {
    let text = '';
    for (let row = 0; row < timeS.length; row++) {
      text += String(timeS[row]!);
      for (const column of powerW) text += `,${powerText(column[row]!)}`;
      text += '\n';
    }
    yield text;
  }
}

/**
 * A power, W, with at least ten digits: each is at most 5e-10 of itself off, and so is their integral, which
 * thereby agrees with the ledger to 1e-9. More digits would make files longer and no simulation truer.
 */
function powerText(powerW: number): string {
  if (Number.isNaN(powerW)) return '';
  const perUnit = powerW < 1 ? 1e12 : powerW < 1e3 ? 1e9 : powerW < 1e6 ? 1e6 : 1e3;
  return String(Math.round(powerW * perUnit) / perUnit);
}
