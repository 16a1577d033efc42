import { COLUMNS, type ResultColumn } from '../../results/columns.js';
import { SEED } from '../../sweep/sweep-axes.js';
import {
  fieldChart,
  fieldEffects,
  tradeOffChart,
  type FieldEffect,
} from '../../report/charts/sweep-chart.js';
import { vegaSvg } from '../../report/charts/vega-svg.js';
import { escapeXml } from '../../report/escape.js';
import { count, fixed } from '../../report/numbers.js';
import {
  designColumns,
  groupResults,
  type ResultColumns,
} from '../../report/sweep/group-results.js';
import { htmlPage, type Section } from './page.js';
import { htmlCode, htmlFigure, htmlNotes, htmlTable } from './parts.js';

/** A finished sweep. */
export interface FinishedSweep {
  readonly name: string;
  readonly version: string;
  readonly commit: string;
  /** The table `results`: a row per run and policy. */
  readonly columns: ResultColumns;
  /** Columns that the sweep varied. */
  readonly fields: readonly string[];
  readonly runs: number;
  readonly failures: readonly { readonly run: number; readonly error: string }[];
  /** The sweep's file and the files that it names, as read. */
  readonly files: readonly { readonly name: string; readonly text: string }[];
}

/** Most failed runs listed. */
const MOST_FAILURES = 20;

/** A sweep as a page: savings by policy and by varied field, the trade-off, failures. */
export async function sweepReport(sweep: FinishedSweep): Promise<string> {
  const { name, columns, runs, failures, version } = sweep;
  const hasRows = (columns['policy'] ?? []).some((policy) => policy !== null);
  const sections: Section[] = [
    ...(hasRows
      ? [
          { heading: 'By policy', body: policySection(sweep) },
          ...(await fieldSections(sweep)),
          { heading: 'Saved against slower', body: await tradeOffSection(columns) },
        ]
      : []),
    ...(failures.length > 0 ? [{ heading: 'Failed runs', body: failureSection(failures) }] : []),
    { heading: 'Run it again', body: againSection(sweep) },
  ];
  return htmlPage({
    title: `${name}: ${count(runs, 'run')}`,
    summary: [...(hasRows ? bestSentence(columns) : []), failureSentence(failures.length)],
    sections,
    version,
  });
}

function bestSentence(columns: ResultColumns): string[] {
  const groups = groupResults(columns, ['policy'], ['simulated_saving_pct'], []);
  const best = groups.reduce((a, b) => (b.mean > a.mean ? b : a));
  if (best.group[0] === 'max-frequency') return ['No policy saves energy on average.'];
  return [
    `${String(best.group[0])} saves ${fixed(best.mean, 2)} % of the energy on average, between ${fixed(best.lowest, 2)} % and ${fixed(best.highest, 2)} %.`,
  ];
}

function failureSentence(failed: number): string {
  return failed === 0 ? 'No run failed.' : `${count(failed, 'run')} failed.`;
}

const METRICS = [
  'simulated_saving_pct',
  'slowdown_pct',
  'intrinsic_pct',
  'extrinsic_pct',
] as const satisfies readonly ResultColumn[];

function policySection({ columns, fields }: FinishedSweep): string {
  const design = designColumns(fields);
  const tables = METRICS.map((metric) => {
    const { unit, shown } = COLUMNS[metric];
    const heading = `${shown.heading} ${unit}`;
    // Means have one digit more than their values.
    const text = (value: number) => fixed(value, shown.digits + 1);
    const groups = groupResults(columns, ['policy'], [metric], design);
    // Over designs chosen by the user, an interval has no meaning.
    const hasIntervals = groups.some(({ halfWidth }) => halfWidth !== null);
    const rows = groups.map((row) => [
      String(row.group[0]),
      String(row.count),
      text(row.mean),
      ...(hasIntervals ? [row.halfWidth === null ? '—' : text(row.halfWidth)] : []),
      ...[row.median, row.lowest, row.highest].map(text),
    ]);
    const interval = hasIntervals ? ['± 95 %'] : [];
    const head = ['policy', 'runs', 'mean', ...interval, 'median', 'lowest', 'highest'];
    return `<h3>${heading}</h3>\n${htmlTable(head, rows, heading)}`;
  });
  return tables.join('\n');
}

async function fieldSections({ columns, fields }: FinishedSweep): Promise<Section[]> {
  const varied = fields.filter((field) => field !== SEED && columns[field] !== undefined);
  const effects = fieldEffects(columns, varied);
  if (effects.length === 0) return [];
  const hasIntervals = effects.some(({ interval }) => interval !== undefined);
  const rows = effects.map(({ field, value, policy, meanPct, interval }) => [
    ...[field, value, policy, fixed(meanPct, 3)],
    ...(hasIntervals ? [intervalText(interval)] : []),
  ]);
  const head = ['field', 'value', 'policy', 'energy saved %'];
  const caption = `Mean saving at each value of a field, over everything else that varied${hasIntervals ? ', with 95 % intervals of the mean over seeds' : ''}.`;
  const wholeHead = hasIntervals ? [...head, '95 % interval'] : head;
  const table = htmlTable(wholeHead, rows, 'By what varied');
  const body = [
    htmlFigure(await vegaSvg(fieldChart(effects)), caption),
    `<details><summary>The same as a table</summary>${table}</details>`,
  ].join('\n');
  return [{ heading: 'By what varied', body }];
}

function intervalText(interval: FieldEffect['interval']): string {
  if (interval === undefined) return '—';
  return `${fixed(interval.lowPct, 3)} … ${fixed(interval.highPct, 3)}`;
}

async function tradeOffSection(columns: ResultColumns): Promise<string> {
  return htmlFigure(
    await vegaSvg(tradeOffChart(columns)),
    'A point is a policy in a run; up is more saved, right is slower.',
  );
}

function failureSection(failures: FinishedSweep['failures']): string {
  const rows = failures.slice(0, MOST_FAILURES).map(({ run, error }) => [String(run), error]);
  const more = failures.length - rows.length;
  return [
    htmlTable(['run', 'error'], rows, 'Failed runs'),
    ...(more > 0 ? [htmlNotes([`… and ${more} more`])] : []),
  ].join('\n');
}

function againSection({ files, commit }: FinishedSweep): string {
  const [sweep] = files;
  return [
    htmlNotes([
      `Commit ${commit}. The same files, seeds and version give the same numbers on any number of workers.`,
    ]),
    htmlCode(`npx pipewatt sweep ${sweep!.name}`),
    ...files.map(({ name, text }) => `<h3>${escapeXml(name)}</h3>\n${htmlCode(text)}`),
  ].join('\n');
}
