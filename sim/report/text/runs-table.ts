import type { FlattenedResult } from '../../power/flatten/flatten-watch.js';
import type { ScenarioResult } from '../../run/run-scenario.js';
import { differences, type Difference } from '../../scenario/differences.js';
import { plainTable } from './plain-table.js';
import { briefColumns } from './brief-columns.js';
import { headingTexts } from './policy-columns.js';
import { headline, heading, textsOf, type HeadingKind } from './run-sentences.js';
import { runTable } from './run-table.js';
import { wrapped } from './wrapped.js';

/** A run beside others. */
export interface NamedRun {
  /** Told apart from the others. */
  readonly name: string;
  readonly result: FlattenedResult;
  /** The same job at the highest clocks, without its stragglers. */
  readonly reference: ScenarioResult | undefined;
}

/** Caveats that every run has, however short its report is. */
const CAVEATS: ReadonlySet<HeadingKind> = new Set(['memory', 'profile']);

/** The most differences that are listed. */
const MOST_DIFFERENCES = 20;

/**
 * Several runs in one table: the result of each in a sentence, what differs between the scenarios, and
 * the rows of each. At most 80 columns.
 */
export function runsTable(runs: readonly NamedRun[], isExplained = false): string {
  const columns = briefColumns(runs);
  const rows = columns[0]!.cells.map((_, k) => columns.map(({ cells }) => cells[k]!));
  const caveats = runs.flatMap(({ name, result }) =>
    textsOf(heading(result).filter(({ kind }) => CAVEATS.has(kind))).map(
      (text) => `${name}: ${text}`,
    ),
  );
  return [
    ...runs.flatMap(({ name, result }) => wrapped(`${name}: ${headline(result)}`)),
    '',
    ...differenceLines(runs),
    '',
    plainTable(headingTexts(columns), rows, 2),
    '',
    ...caveats.flatMap((text) => wrapped(text)),
    ...(caveats.length === 0 ? [] : ['']),
    ...(isExplained
      ? runs.map(({ result, reference }) => runTable(result, { reference, isExplained }))
      : ['--explain shows all figures of each, and says how they are meant.', '']),
  ].join('\n');
}

function differenceLines(runs: readonly NamedRun[]): string[] {
  const found = differences(runs.map(({ result }) => result.scenario));
  if (found.length === 0) return ['The scenarios are the same but for their names.'];
  const shown = found.slice(0, MOST_DIFFERENCES);
  const more = found.length - shown.length;
  return [
    'They differ in:',
    ...shown.flatMap((difference) => wrapped(differenceText(difference), '  ')),
    ...(more === 0 ? [] : [`  and ${more} other fields`]),
  ];
}

function differenceText({ field, values }: Difference): string {
  const told = values.map((value) =>
    value === undefined
      ? '—'
      : Array.isArray(value)
        ? value.join(', ')
        : typeof value === 'string'
          ? value
          : JSON.stringify(value),
  );
  return `${field}: ${told.join(' | ')}`;
}
