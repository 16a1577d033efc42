import { readFileSync } from 'node:fs';
import { exactSum } from './exact-sum.js';

/** The columns of a table of numbers, by name; NaN where a cell is empty. */
export function columnsOfFile(file: string): Map<string, number[]> {
  const [header = '', ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  const rows = lines.map((line) => line.split(','));
  return new Map(
    header
      .split(',')
      .map((name, at) => [name, rows.map((row) => (row[at] === '' ? NaN : Number(row[at])))]),
  );
}

/** The energy of powers that are held from row to row; rows without a power are left out. */
export function heldEnergyJ(timeS: readonly number[], powerW: readonly number[]): number {
  const rows = powerW.flatMap((value, k) => (Number.isNaN(value) ? [] : [k]));
  return exactSum(
    rows.slice(1).map((row, k) => powerW[rows[k]!]! * (timeS[row]! - timeS[rows[k]!]!)),
  );
}
