import { nearestName } from '../nearest-name.js';
import { quoted } from '../problem-list.js';
import { PROFILED_KINDS, type ProfiledKind } from './stage-profile.js';

/** A number as people and pandas write it: not hexadecimal, not empty. */
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The number in a cell; NaN if it holds none. */
export function toNumber(cell: string): number {
  return DECIMAL.test(cell) ? Number(cell) : NaN;
}

/** The kind that a cell names, in any case; undefined if it names none. */
export function instructionKind(cell: string): ProfiledKind | undefined {
  return PROFILED_KINDS.find((name) => name === cell.toLowerCase());
}

/** Other spellings of the two kinds. */
const ABBREVIATIONS: Readonly<Record<ProfiledKind, readonly string[]>> = {
  forward: ['f', 'fw', 'fwd', 'fp'],
  backward: ['b', 'bw', 'bwd', 'bp'],
};

/** Other work of a stage (`load`, `optimizer`), not a misspelling. */
export function isOtherInstruction(cell: string): boolean {
  return cell !== '' && !DECIMAL.test(cell) && probablyMeant(cell) === undefined;
}

function probablyMeant(cell: string): ProfiledKind | undefined {
  const short = PROFILED_KINDS.find((kind) => ABBREVIATIONS[kind].includes(cell.toLowerCase()));
  if (short !== undefined) return short;
  const near = PROFILED_KINDS.find((kind) => nearestName(cell, [kind]) === kind);
  // `backward_input` and `send_forward` are other instructions, not misspellings.
  const isLonger = near !== undefined && cell.length > near.length + 2;
  return isLonger ? undefined : near;
}

/** A sentence on a cell that names no instruction, with the likely one. */
export function unknownInstruction(cell: string): string {
  const meant = probablyMeant(cell);
  const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
  return `found ${quoted(cell)}, expected ${PROFILED_KINDS.join(' or ')}${hint}`;
}
