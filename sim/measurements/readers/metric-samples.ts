import type { ProblemList } from '../../../src/problem-list.js';
import { entryOf } from '../../../src/groups.js';
import type { MeasuredFile, TimeBase } from '../measured.js';
import { counted } from './tally.js';
import { SampleSeries, type SampleValues } from './sample-series.js';

/** A metric that is read: what it is, and one of its units in the proper one. */
interface Metric {
  readonly key: keyof SampleValues;
  readonly factor: number;
  /** Larger values mean that there is none. */
  readonly blank: number;
}

/** What DCGM returns instead of a value: numbers near the largest of their type. */
const BLANK = 140737488355328;
const BLANK_CLOCK = 2147483632;

/** Metrics of DCGM and of exporters built on it, in lower case. */
const METRICS: Readonly<Record<string, Metric>> = {
  dcgm_fi_dev_power_usage_instant: { key: 'powerW', factor: 1, blank: BLANK },
  dcgm_fi_dev_power_usage: { key: 'powerW', factor: 1, blank: BLANK },
  dcgm_power_usage: { key: 'powerW', factor: 1, blank: BLANK },
  dcgm_fi_dev_total_energy_consumption: { key: 'counterJ', factor: 1e-3, blank: BLANK },
  dcgm_total_energy_consumption: { key: 'counterJ', factor: 1e-3, blank: BLANK },
  dcgm_fi_dev_sm_clock: { key: 'clockMHz', factor: 1, blank: BLANK_CLOCK },
  dcgm_sm_clock: { key: 'clockMHz', factor: 1, blank: BLANK_CLOCK },
};

/** The metric of a name, which exporters may end in `_total`; undefined if it is not read. */
export function metricOf(name: string): Metric | undefined {
  const plain = name
    .trim()
    .toLowerCase()
    .replace(/_total$/, '');
  return Object.hasOwn(METRICS, plain) ? METRICS[plain] : undefined;
}

/** Words by which files of DCGM are recognised. */
export const DCGM_WORDS = [
  'dcgm_fi_dev_power_usage',
  'dcgm_fi_dev_total_energy_consumption',
  'dcgm_fi_dev_sm_clock',
];

/** Labels that tell GPUs apart. */
export type Labels = Readonly<Record<string, string>>;

/** Values of one GPU at one time. */
interface Sample {
  readonly timeS: number;
  readonly line: number;
  readonly values: { powerW?: number; counterJ?: number; clockMHz?: number };
}

/** Joins metrics that come one by one into samples: those of one GPU and time. */
export class MetricSamples {
  private readonly samples = new Map<string, Map<number, Sample>>();
  private readonly hosts = new Set<string>();
  private blanks = 0;

  constructor(private readonly problems: ProblemList) {}

  add(labels: Labels, timeS: number, metric: Metric, value: number, line: number): void {
    if (Number.isNaN(value) || value >= metric.blank) {
      this.blanks++;
      return;
    }
    const host = labels['Hostname'] ?? labels['hostname'] ?? labels['instance'] ?? '';
    const gpu = labels['gpu'] ?? labels['gpu_id'] ?? labels['UUID'] ?? labels['uuid'] ?? '0';
    const instance = labels['GPU_I_ID'];
    const part = instance === undefined || instance === '' ? gpu : `${gpu}.${instance}`;
    this.hosts.add(host);
    const ofGpu = entryOf(this.samples, `${host}\n${part}`, () => new Map<number, Sample>());
    const sample = entryOf(ofGpu, timeS, (): Sample => ({ timeS, line, values: {} }));
    sample.values[metric.key] = value * metric.factor;
  }

  get isEmpty(): boolean {
    return this.samples.size === 0;
  }

  /** The samples of each GPU, named by its host too if there are several. */
  finish(base: TimeBase): Pick<MeasuredFile, 'samples' | 'notes'> {
    const series = new SampleSeries(this.problems, {
      power: 'DCGM_FI_DEV_POWER_USAGE',
      counter: 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION',
      clock: 'DCGM_FI_DEV_SM_CLOCK',
    });
    for (const [key, samples] of this.samples) {
      const [host = '', gpu = ''] = key.split('\n');
      const name = this.hosts.size > 1 ? `${host}/${gpu}` : gpu;
      for (const { timeS, values, line } of samples.values()) series.add(name, timeS, values, line);
    }
    const { samples, notes } = series.finish(base);
    const blank =
      this.blanks === 0 ? [] : [`${counted(this.blanks, 'blank value')} (DCGM had none) left out`];
    return { samples, notes: [...blank, ...notes] };
  }
}
