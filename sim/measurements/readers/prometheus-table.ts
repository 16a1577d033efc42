import { csvRecords, type CsvRecord } from '../../../src/profile/csv-records.js';
import { InputError } from '../../../src/errors.js';
import { ProblemList, quoted } from '../../../src/problem-list.js';
import type { MeasuredFile, TimeBase } from '../measured.js';
import type { MeasurementReader } from '../measurement-reader.js';
import { isMissing, numberWithUnit } from './cells.js';
import { DCGM_WORDS, metricOf, MetricSamples, type Labels } from './metric-samples.js';
import { baseNotes, momentOf, oneBase } from './moments.js';
import { labelsOf } from './prometheus-text.js';
import { Tally } from './tally.js';

/**
 * Tables exported from Prometheus or Grafana: a column for each metric and columns of labels; a
 * column for each series (`DCGM_FI_DEV_POWER_USAGE{gpu="0"}`); or a row for each value, with the
 * metric's name in a column.
 */
export const PROMETHEUS_TABLE: MeasurementReader = {
  name: 'a table of DCGM’s metrics, exported from Prometheus or Grafana (timestamp, gpu, DCGM_FI_DEV_POWER_USAGE, …)',
  words: [...DCGM_WORDS, 'timestamp', 'gpu', 'instance', 'uuid', 'time', 'value'],
  recognises: (text) => {
    const [first = '', second = ''] = text.trimStart().split(/\r\n|\n|\r/);
    const isTable = first.includes(',') || first.includes(';') || first.includes('\t');
    const names = /(^|[,;\t"])\s*dcgm_/i;
    return (
      isTable &&
      /time/i.test(first) &&
      (names.test(first) || (/value/i.test(first) && names.test(second)))
    );
  },
  read: readPrometheusTable,
};

/** A column that holds values of one metric. */
interface MetricColumn {
  readonly at: number;
  readonly header: string;
  readonly metric: NonNullable<ReturnType<typeof metricOf>>;
  readonly labels: Labels;
}

const NAME_COLUMNS = ['__name__', 'metric', 'name', 'field', '_field'];

function readPrometheusTable(text: string, source: string): MeasuredFile {
  const problems = new ProblemList(source);
  const { header, records } = csvRecords(text, problems);
  if (header === undefined) throw InputError.of({ source, message: 'the file is empty' });
  const { cells } = header;
  const lower = cells.map((cell) => cell.toLowerCase());
  const timeAt = lower.findIndex((name) => /^(time|timestamp|_time|date)\b/.test(name));
  if (timeAt < 0) problems.add('is missing', { line: header.line, field: 'column "timestamp"' });
  const columns = cells.flatMap((cell, at): MetricColumn[] => {
    const [, name = '', labels = ''] = /^([\w:]+)\s*(?:\{(.*)\})?$/s.exec(cell) ?? [];
    const metric = metricOf(name);
    return metric === undefined ? [] : [{ at, header: cell, metric, labels: labelsOf(labels) }];
  });
  const valueAt = lower.findIndex((name) => /^_?value$/.test(name));
  const nameAt = lower.findIndex((name) => NAME_COLUMNS.includes(name));
  if (columns.length === 0 && (valueAt < 0 || nameAt < 0)) {
    problems.add(`found ${cells.map(quoted).join(', ')}, but no column of a metric of DCGM`, {
      line: header.line,
    });
  }
  problems.throwIfAny();
  const labelled = cells.map((cell, at) => ({ name: cell, at }));
  const rows = new TableRows(timeAt, labelled, problems);
  for (const record of records) {
    if (columns.length > 0) rows.addWide(record, columns);
    else rows.addLong(record, nameAt, valueAt);
  }
  return rows.finish(source);
}

/** Reads rows in either layout. */
class TableRows {
  private readonly found: MetricSamples;
  private readonly wrong = new Tally();
  private readonly bases = new Set<TimeBase>();

  constructor(
    private readonly timeAt: number,
    private readonly labelled: readonly { readonly name: string; readonly at: number }[],
    private readonly problems: ProblemList,
  ) {
    this.found = new MetricSamples(problems);
  }

  addWide(record: CsvRecord, columns: readonly MetricColumn[]): void {
    const timeS = this.timeOf(record);
    if (timeS === undefined) return;
    for (const { at, header, metric, labels } of columns) {
      this.addValue(record, at, header, metric, { ...this.labelsOf(record), ...labels }, timeS);
    }
  }

  addLong(record: CsvRecord, nameAt: number, valueAt: number): void {
    const [, name = '', labels = ''] =
      /^([\w:]+)\s*(?:\{(.*)\})?$/s.exec(record.cells[nameAt] ?? '') ?? [];
    const metric = metricOf(name);
    const timeS = metric === undefined ? undefined : this.timeOf(record);
    if (metric === undefined || timeS === undefined) return;
    const all = { ...this.labelsOf(record), ...labelsOf(labels) };
    this.addValue(record, valueAt, 'value', metric, all, timeS);
  }

  private labelsOf({ cells }: CsvRecord): Labels {
    return Object.fromEntries(this.labelled.map(({ name, at }) => [name, cells[at] ?? '']));
  }

  private timeOf({ line, cells }: CsvRecord): number | undefined {
    const written = cells[this.timeAt] ?? '';
    const moment = momentOf(written);
    if (moment === undefined) {
      this.wrong.add(
        'time',
        line,
        `found ${quoted(written)}, expected a time`,
        'column "timestamp"',
      );
      return undefined;
    }
    this.bases.add(moment.base);
    return moment.timeS;
  }

  private addValue(
    { line, cells }: CsvRecord,
    at: number,
    header: string,
    metric: MetricColumn['metric'],
    labels: Labels,
    timeS: number,
  ): void {
    const cell = cells[at] ?? '';
    if (isMissing(cell)) return;
    const value = numberWithUnit(cell)?.value;
    if (value === undefined) {
      this.wrong.add(
        header,
        line,
        `found ${quoted(cell)}, expected a number`,
        `column "${header}"`,
      );
    } else this.found.add(labels, timeS, metric, value, line);
  }

  finish(source: string): MeasuredFile {
    const { problems } = this;
    this.wrong.tell(problems);
    if (this.found.isEmpty && problems.count === 0)
      problems.add('has no values of power, energy or clock');
    const base = oneBase(this.bases, problems);
    const { samples, notes } = this.found.finish(base);
    problems.throwIfAny();
    return { source, timeBase: base, spans: [], samples, notes: [...baseNotes(base), ...notes] };
  }
}
