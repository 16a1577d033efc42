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
    /^\s*dcgm_\w+(\{[^\n]*\})?\s+\S+/im.test(text) && !/^[^\n]*,dcgm_/i.test(text),
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
  const wrong = new Tally();
  const found = new MetricSamples(problems);
  const bases = new Set<TimeBase>();
  const lines = text.split(/\r\n|\n|\r/);
  for (const [k, line] of lines.entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const parts = LINE.exec(line.trim());
    if (parts === null) {
      const isLast = lines.slice(k + 1).every((rest) => rest.trim() === '');
      if (!isLast)
        wrong.add('line', k + 1, `found ${quoted(line.trim())}, expected NAME{labels} value time`);
      continue;
    }
    const [, name, labels = '', value, time] = parts;
    const metric = metricOf(name!);
    if (metric === undefined) continue;
    if (time === undefined) {
      wrong.add(
        'time',
        k + 1,
        'a value has no time; export from Prometheus, or append the time in ms to each line when it is scraped',
      );
      continue;
    }
    const moment = momentOf(time);
    const number = /^nan$/i.test(value!) ? NaN : Number(value);
    if (moment === undefined)
      wrong.add('moment', k + 1, `found the time ${quoted(time)}, expected ms since 1970`);
    else if (Number.isNaN(number) && !/^nan$/i.test(value!)) {
      wrong.add('value', k + 1, `found ${quoted(value!)}, expected a number`, name);
    } else {
      bases.add(moment.base);
      found.add(labelsOf(labels), moment.timeS, metric, number, k + 1);
    }
  }
  wrong.tell(problems);
  if (found.isEmpty && problems.count === 0) {
    problems.add('has no DCGM_FI_DEV_POWER_USAGE, _TOTAL_ENERGY_CONSUMPTION or _SM_CLOCK');
  }
  const base = oneBase(bases, problems);
  const { samples, notes } = found.finish(base);
  problems.throwIfAny();
  return { source, timeBase: base, spans: [], samples, notes: [...baseNotes(base), ...notes] };
}
