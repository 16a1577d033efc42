import { ProblemList, quoted } from '../../../src/problem-list.js';
import type { MeasuredFile, TimeBase } from '../measured.js';
import type { MeasurementReader } from '../measurement-reader.js';
import { DCGM_WORDS, metricOf, MetricSamples, type Labels } from './metric-samples.js';
import { baseNotes, momentOf, oneBase } from './moments.js';
import { Tally } from './tally.js';

/** `NAME{labels} value timestamp` */
const LINE = /^([A-Za-z_:][\w:]*)\s*(?:\{(.*)\})?\s+(\S+)(?:\s+(\S+))?\s*(?:#.*)?$/;
const LABEL = /([A-Za-z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"/g;

/** Metrics of DCGM as text, as Prometheus scrapes them, each value with its time. */
export const PROMETHEUS_TEXT: MeasurementReader = {
  name: 'metrics of DCGM as Prometheus text (DCGM_FI_DEV_POWER_USAGE{gpu="0"} 212.3 1795741323456)',
  words: [...DCGM_WORDS, 'gauge', 'counter', '#', 'help', 'type'],
  recognises: (text) =>
    /^[ \t]*dcgm_\w+(\{[^\n]*\})?[ \t]+\S/im.test(text) && !/^[^\n]*,dcgm_/i.test(text),
  read: readPrometheusText,
};

/** The labels of a metric: `gpu="0",UUID="GPU-…"`. */
export function labelsOf(text: string): Labels {
  return Object.fromEntries(
    [...text.matchAll(LABEL)].map(([, name, value]) => [name!, value!.replaceAll(/\\(.)/g, '$1')]),
  );
}

function readPrometheusText(text: string, source: string): MeasuredFile {
  const problems = new ProblemList(source);
  const lines = text.trimEnd().split(/\r\n|\n|\r/);
  const scrapes = new Scrapes(problems);
  for (const [k, line] of lines.entries()) scrapes.add(line.trim(), k + 1, k === lines.length - 1);
  const file = scrapes.finish(source);
  problems.throwIfAny();
  return file;
}

/** Longer lines are no metrics. */
const LONGEST_LINE = 10_000;

/** A line that is only a time, as `date +%s.%N` before each scrape prints it. */
const ONLY_TIME = /^#?\s*(\d[\d\-/:.,TZ +]{8,40})$/;

/** Reads scrapes line by line. */
class Scrapes {
  private readonly wrong = new Tally();
  private readonly found: MetricSamples;
  private readonly bases = new Set<TimeBase>();
  private scraped: string | undefined;

  constructor(private readonly problems: ProblemList) {
    this.found = new MetricSamples(problems);
  }

  add(line: string, number: number, isLast: boolean): void {
    const time = ONLY_TIME.exec(line)?.[1];
    if (time !== undefined && momentOf(time) !== undefined) this.scraped = time;
    else if (line !== '' && !line.startsWith('#')) this.metric(line, number, isLast);
  }

  private metric(line: string, number: number, isLast: boolean): void {
    const parts = line.length > LONGEST_LINE ? null : LINE.exec(line);
    if (parts === null) {
      // The last line may be cut off.
      const message = `found ${quoted(line)}, expected NAME{labels} value time`;
      if (!isLast) this.wrong.add('line', number, message);
      return;
    }
    const [, name = '', labels = '', written = '', time = this.scraped] = parts;
    const metric = metricOf(name);
    if (metric === undefined) return;
    const moment = time === undefined ? undefined : momentOf(time);
    const isNone = /^nan$/i.test(written);
    const value = isNone ? NaN : Number(written);
    if (moment === undefined) this.wrong.add('time', number, untimed(time));
    else if (Number.isNaN(value) && !isNone) {
      this.wrong.add('value', number, `found ${quoted(written)}, expected a number`, name);
    } else {
      this.bases.add(moment.base);
      this.found.add(labelsOf(labels), moment.timeS, metric, value, number);
    }
  }

  finish(source: string): MeasuredFile {
    const { problems } = this;
    this.wrong.tell(problems);
    if (this.found.isEmpty && problems.count === 0) {
      problems.add('has no DCGM_FI_DEV_POWER_USAGE, _TOTAL_ENERGY_CONSUMPTION or _SM_CLOCK');
    }
    const base = oneBase(this.bases, problems);
    const { samples, notes } = this.found.finish(base);
    return { source, timeBase: base, spans: [], samples, notes: [...baseNotes(base), ...notes] };
  }
}

function untimed(time: string | undefined): string {
  return time === undefined
    ? 'a value has no time; print the time before each scrape (date +%s.%N), or export a table from Prometheus'
    : `found the time ${quoted(time)}, expected ms since 1970`;
}
