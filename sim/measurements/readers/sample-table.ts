import { kindOfFile } from '../../../src/file-kinds.js';
import { ProblemList } from '../../../src/problem-list.js';
import type { MeasuredFile, TimeBase } from '../measured.js';
import type { MeasurementReader } from '../measurement-reader.js';
import { baseNotes, oneBase } from './moments.js';
import { placeOf } from './places.js';
import { SampleSeries } from './sample-series.js';
import { hasColumn, headerNames, Table, type TableColumn } from './table.js';

const COLUMNS = {
  time: {
    names: ['time', 'timestamp', 'epoch', 'datetime', 'date', 'ts', 'unix_time'],
    unit: 's',
    required: true,
  },
  gpu: { names: ['gpu', 'gpu_index', 'gpu_id', 'index', 'device', 'rank', 'uuid', 'gpu_uuid'] },
  power: { names: ['power', 'power_draw', 'power_usage', 'instant_power', 'gpu_power'], unit: 'W' },
  energy: {
    names: ['energy', 'total_energy', 'energy_counter', 'energy_consumption', 'counter'],
    unit: 'J',
  },
  clock: {
    names: ['clock', 'sm_clock', 'frequency', 'freq', 'clock_sm', 'clocks_sm', 'gpu_clock'],
    unit: 'MHz',
  },
} as const satisfies Readonly<Record<string, TableColumn>>;

/** Columns of one GPU each, as Zeus' PowerMonitor writes them: `gpu0`, `power1`, `gpu2_power`. */
const OF_GPU = /^(?:gpu|power|gpu_?power_?)_?(\d{1,4})(?:_power)?(?:[_ ([]*m?w[)\]]?)?$/;

/**
 * Tables of samples: `time,power`, as Zeus' PowerMonitor writes them, or with the energy counter
 * and the clock, as `examples/measure_pipeline.py` does.
 */
export const SAMPLE_TABLE: MeasurementReader = {
  name: 'a table of samples (time, power, and perhaps energy, clock, gpu), such as of Zeus’ PowerMonitor',
  words: ['time', 'power', 'power_w', 'energy_j', 'clock_mhz', 'sm_clock'],
  recognises: (text) => {
    const names = headerNames(text);
    const has = (key: keyof typeof COLUMNS) => hasColumn(names, COLUMNS[key]);
    const kind = kindOfFile(
      new TextEncoder().encode(text.trimStart().split(/\r|\n/, 1)[0]!.slice(0, 4096)),
    );
    return (
      // Frontiers have times and energies too.
      (kind === undefined || kind === 'smi-log') &&
      has('time') &&
      // Dots are nvidia-smi's.
      !names.some((name) => /^(power|clocks|utilization)\./.test(name)) &&
      !names.includes('stage') &&
      !names.includes('instruction') &&
      (has('power') || has('energy') || names.some((name) => OF_GPU.test(name)))
    );
  },
  read: readSampleTable,
};

function readSampleTable(text: string, source: string): MeasuredFile {
  const problems = new ProblemList(source);
  const wide = headerNames(text).flatMap((name) => {
    const gpu = OF_GPU.exec(name)?.[1];
    return gpu === undefined ? [] : [{ gpu, name }];
  });
  const byGpu = Object.fromEntries(
    wide.map(({ gpu, name }) => [`gpu ${gpu}`, { names: [name], unit: 'W' }]),
  );
  const table = new Table<string>(text, { ...COLUMNS, ...byGpu }, problems);
  const columns = wide.map(({ name }) => name).join(', ');
  const series = new SampleSeries(problems, {
    power: table.header('power') ?? columns,
    counter: table.header('energy'),
    clock: table.header('clock'),
  });
  const bases = new Set<TimeBase>();
  const ownGpu = String(placeOf(source).rank ?? 0);
  for (const row of table.rows) {
    const moment = table.moment(row, 'time');
    if (moment === undefined) continue;
    bases.add(moment.base);
    const clockMHz = table.number(row, 'clock');
    for (const { gpu } of wide) {
      const powerW = table.number(row, `gpu ${gpu}`);
      series.add(gpu, moment.timeS, { powerW, clockMHz }, row.line);
    }
    if (wide.length > 0) continue;
    const values = {
      powerW: table.number(row, 'power'),
      counterJ: table.number(row, 'energy'),
      clockMHz,
    };
    series.add(table.text(row, 'gpu') || ownGpu, moment.timeS, values, row.line);
  }
  table.finish();
  const base = oneBase(bases, problems);
  const { samples, notes } = series.finish(base);
  problems.throwIfAny();
  const all = [...baseNotes(base), ...table.left.notes(), ...notes];
  return { source, timeBase: base, spans: [], samples, notes: all };
}
