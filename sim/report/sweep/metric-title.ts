import { COLUMNS, type ResultColumn } from '../../results/columns.js';

/**
 * `energy saved (%)`, or the column's name if no table shows it.
 * @param prefix of the unit, such as a power of ten.
 */
export function metricTitle(metric: string, prefix = ''): string {
  const column = Object.hasOwn(COLUMNS, metric) ? COLUMNS[metric as ResultColumn] : undefined;
  const heading = column !== undefined && 'shown' in column ? column.shown.heading : metric;
  const unit = [prefix, column?.unit ?? ''].filter((part) => part !== '').join(' ');
  return unit === '' ? heading : `${heading} (${unit})`;
}

/** Whether a figure compares with max-frequency, of which it then says nothing. */
export function isComparison(metric: string): boolean {
  const column = Object.hasOwn(COLUMNS, metric) ? COLUMNS[metric as ResultColumn] : undefined;
  return column !== undefined && 'shown' in column && 'isComparison' in column.shown;
}
