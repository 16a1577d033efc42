import { momentOf } from './moments.js';

/** Forms of cells without a header, and the column that they are taken for. */
const FORMS: readonly (readonly [name: string, form: RegExp])[] = [
  ['uuid', /^(GPU|MIG)-[0-9a-f-]{8,}$/i],
  ['pci.bus_id', /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.\d$/i],
  ['power.draw', /^\d+\.\d+ W$/],
  ['clocks.sm', /^\d+ MHz$/],
  ['utilization.gpu', /^\d+ %$/],
  ['memory.used', /^\d+ MiB$/],
  ['pstate', /^P\d+$/],
  ['name', /^(NVIDIA|Tesla|Quadro|GeForce|RTX|H100|A100)\b/i],
];
/** The same for cells without units, which are less certain. */
const BARE: readonly (readonly [name: string, form: RegExp])[] = [
  ['power.draw', /^\d{1,4}\.\d\d$/],
  ['index', /^\d{1,2}$/],
  ['clocks.sm', /^\d{3,4}$/],
];
/** Columns that must be the only ones of their form. */
const SINGLE = ['timestamp', 'power.draw', 'clocks.sm', 'index'];

/**
 * The columns of a log without a header, guessed from its first line; undefined if it is no log of
 * nvidia-smi, or if two columns could be the same quantity.
 */
export function headlessHeader(line: string): string[] | undefined {
  const cells = line.split(',').map((cell) => cell.trim());
  if (cells.length < 2) return undefined;
  const names = cells.map((cell) => formOf(cell, FORMS) ?? (isStamp(cell) ? 'timestamp' : cell));
  const all = names.map((name, k) => {
    if (name !== cells[k]) return name;
    const bare = formOf(name, BARE);
    // Small numbers elsewhere are temperatures and loads.
    return bare === undefined || (bare === 'index' && k > 1) ? `column ${k + 1}` : bare;
  });
  const isTwice = SINGLE.some((name) => all.filter((other) => other === name).length > 1);
  const isLog =
    all.includes('timestamp') && (all.includes('power.draw') || all.includes('clocks.sm'));
  return isLog && !isTwice ? all : undefined;
}

/** Whether a line is one of a log without a header. */
export function isHeadless(line: string): boolean {
  const cells = line.split(',').map((cell) => cell.trim());
  return cells.length > 1 && cells.some(isStamp);
}

/** nvidia-smi writes dates with slashes and milliseconds. */
function isStamp(cell: string): boolean {
  return /^\d{4}\/\d{2}\/\d{2} /.test(cell) && momentOf(cell) !== undefined;
}

function formOf(cell: string, forms: typeof FORMS): string | undefined {
  return forms.find(([, form]) => form.test(cell))?.[0];
}
