import type { ScenarioResult } from '../../run/run-scenario.js';
import { briefColumns } from './brief-columns.js';
import { plainTable } from './plain-table.js';
import { headingTexts, policyColumns, type PolicyColumn } from './policy-columns.js';
import { gridSentences, powerColumns, powerNotes } from './power-table.js';
import { unitColumns } from './unit-table.js';
import {
  conclusion,
  heading,
  headline,
  notes,
  textsOf,
  type HeadingKind,
} from './run-sentences.js';
import { estimateInBrief } from './estimate-sentences.js';
import { wrapped } from './wrapped.js';
import type { FlattenedResult } from '../../power/flatten/flatten-watch.js';
import { flattenLines, flattenNotes, flattenSentences } from './flatten-table.js';

/** The choices of a reader of a run. */
export interface RunTableOptions {
  /** The same job at the highest clocks, without its stragglers. */
  readonly reference?: ScenarioResult | undefined;
  /** Whether all figures are shown, and explained. */
  readonly isExplained?: boolean;
}

/** Lines about the job that only an explanation has. */
const DETAILS: ReadonlySet<HeadingKind> = new Set([
  ...(['activations', 'memory use', 'estimate', 'unit time'] as const),
]);

/**
 * The energy bloat removed: the result in a sentence on the first line, the job, a table, and the
 * sentences needed to trust it; then all figures and the meaning of each, if they are to be explained.
 * At most 80 columns.
 */
export function runTable(result: FlattenedResult, options: RunTableOptions = {}): string {
  const { reference, isExplained = false } = options;
  const { estimate } = result;
  const job = heading(result).filter(({ kind }) => !DETAILS.has(kind));
  const told = conclusion(result).filter(({ kind }) => kind !== 'saving');
  const sentences = [...textsOf(told), ...gridSentences(result), ...flattenSentences(result)];
  return [
    ...wrapped(headline(result)),
    '',
    ...[...textsOf(job), ...(estimate === undefined ? [] : [estimateInBrief(estimate)])].flatMap(
      (line) => wrapped(line),
    ),
    '',
    ...tableLines(briefColumns([{ result, reference }])),
    ...tableLines(unitColumns(result)),
    ...tableLines(powerColumns(result)),
    ...flattenLines(result),
    ...sentences.flatMap((sentence) => wrapped(sentence)),
    ...(sentences.length === 0 ? [] : ['']),
    ...(isExplained ? explanation(result) : [MORE]),
    '',
  ].join('\n');
}

const MORE = '--explain shows all figures, and says how they are meant.';

function explanation(result: FlattenedResult): string[] {
  const details = heading(result).filter(({ kind }) => DETAILS.has(kind));
  const meanings = [...textsOf(notes(result)), ...powerNotes(result), ...flattenNotes(result)];
  return [
    'All figures:',
    '',
    ...tableLines(policyColumns(result)),
    ...textsOf(details).flatMap((line) => wrapped(line)),
    '',
    'How they are meant:',
    '',
    ...meanings.flatMap((note) => wrapped(note, '  ')),
  ];
}

function tableLines(columns: readonly PolicyColumn[]): string[] {
  if (columns.length === 0) return [];
  const rows = columns[0]!.cells.map((_, k) => columns.map(({ cells }) => cells[k]!));
  return [plainTable(headingTexts(columns), rows), ''];
}
