import { csvRecords, decimalMark } from '../../../src/profile/csv-records.js';
import { expectation, isPlausible } from '../../../src/plausible.js';
import { QUANTITIES, type Quantity } from '../../../src/quantities.js';
import { ProblemList, quoted, quotedList } from '../../../src/problem-list.js';
import { headerName, namedUnit } from '../../../src/unit-names.js';
import type { GpuSamples, MeasuredFile, TimeBase } from '../measured.js';
import { oneBase } from './moments.js';
import { Table, type TableColumn } from './table.js';
import { Tally } from './tally.js';

/** Names of the column of time, without its unit. */
const TIMES = new Set([
  ...['t', 'time', 'timestamp', 'ts', 'epoch', 'date', 'datetime', 'seconds', 'elapsed', 'offset'],
]);

/** Power of anything: from a GPU that sleeps to a site. */
const ANY_POWER: Quantity = { ...QUANTITIES.jobPowerW, least: 0, usual: [1, 1e9] };

/** A column of powers or of an energy counter. */
interface ValueColumn {
  readonly name: string;
  readonly at: number;
  /** Of the unit in its header. */
  readonly factor: number;
}

interface Columns {
  readonly time: ValueColumn;
  readonly powers: readonly ValueColumn[];
  readonly counter: ValueColumn | undefined;
}

/**
 * Reads a table of powers over time: a column of times (`t_s`, `timestamp`; the first one, if none is
 * called so), and a column for each signal, such as of OpenG2G, Vessim, `run --power` or a script around
 * NVML. Signals are named after their columns.
 *
 * @throws InputError with every problem of the file.
 */
export function readPowerTable(text: string, source: string): MeasuredFile {
  const problems = new ProblemList(source);
  const plain = withPoints(text, problems);
  const { header } = csvRecords(plain, problems);
  if (header === undefined) problems.add('the file is empty; expected a table of powers over time');
  problems.throwIfAny();
  const notes: string[] = [];
  const columns = columnsOf(header!.cells, problems, notes);
  problems.throwIfAny();
  const spec = ({ name }: ValueColumn, unit: 'W' | 'J'): [string, TableColumn] => [
    name,
    { names: [name.toLowerCase()], unit },
  ];
  const specs = Object.fromEntries([
    [columns.time.name, { names: [columns.time.name.toLowerCase()] }],
    ...columns.powers.map((column) => spec(column, 'W')),
    ...(columns.counter === undefined ? [] : [spec(columns.counter, 'J')]),
  ]);
  const table = new Table<string>(plain, specs, problems);
  const { samples, base } = samplesOf(table, columns, problems);
  problems.throwIfAny();
  return {
    ...{ source, timeBase: base, spans: [], samples },
    notes: [...notes, ...table.left.notes()],
  };
}

/** Numbers with a decimal point, where a table separated by something else than commas has commas. */
function withPoints(text: string, problems: ProblemList): string {
  const { separator, records } = csvRecords(text, problems);
  if (separator === ',') return text;
  const mark = decimalMark(records.slice(0, 1000).flatMap(({ cells }) => cells));
  return mark === ',' || mark === 'ambiguous' ? text.replaceAll(/(\d),(\d)/g, '$1.$2') : text;
}

function columnsOf(header: readonly string[], problems: ProblemList, notes: string[]): Columns {
  const parsed = header.map((name, at) => ({ name, at, ...headerName(name) }));
  const isTime = ({ base, name }: (typeof parsed)[number]) =>
    TIMES.has(base) || TIMES.has(name.toLowerCase());
  const timeColumn = parsed.find(isTime) ?? parsed[0]!;
  const timeUnit = namedUnit('s', timeColumn.unit ?? 's') ?? { factor: 1 };
  const others = parsed.filter((column) => column !== timeColumn);
  const withUnit = (kind: 'W' | 'J') =>
    others.flatMap(({ name, at, unit }): ValueColumn[] => {
      const found = unit === undefined ? undefined : namedUnit(kind, unit);
      return found === undefined ? [] : [{ name, at, factor: found.factor }];
    });
  const named = withUnit('W');
  const called = others
    .filter(({ name, at }) => /power|watt/i.test(name) && named.every((column) => column.at !== at))
    .map(({ name, at }) => ({ name, at, factor: 1 }));
  const counters = withUnit('J');
  const rest = others.map(({ name, at }) => ({ name, at, factor: 1 }));
  const powers = named.length + called.length > 0 ? [...named, ...called] : rest;
  if (powers.length === 0) {
    problems.add(
      `found ${quotedList(header)}, expected a column of times and one or more of powers, such as t_s,power_W`,
      { line: 1 },
    );
  } else if (powers === rest) {
    notes.push(
      `no column names a unit; ${powers.map(({ name }) => quoted(name)).join(', ')} are read as W`,
    );
  }
  const time = { name: timeColumn.name, at: timeColumn.at, factor: timeUnit.factor };
  return { time, powers, counter: counters.length === 1 ? counters[0] : undefined };
}

function samplesOf(
  table: Table<string>,
  { time, powers, counter }: Columns,
  problems: ProblemList,
): { readonly samples: GpuSamples[]; readonly base: TimeBase } {
  const timesS: number[] = [];
  const bases = new Set<TimeBase>();
  const powerW = powers.map((): number[] => []);
  const counterJ: number[] = [];
  const wrong = new Tally();
  for (const row of table.rows) {
    const moment = table.moment(row, time.name);
    if (moment === undefined) continue;
    bases.add(moment.base);
    timesS.push(moment.timeS * (moment.base === 'unknown' ? time.factor : 1));
    powers.forEach(({ name, factor }, k) => {
      const value = table.number(row, name) * factor;
      powerW[k]!.push(value);
      if (Number.isNaN(value) || isPlausible(ANY_POWER, value)) return;
      const message = `found ${quoted(table.text(row, name))}, expected ${expectation(ANY_POWER, value)}`;
      wrong.add(name, row.line, message, `column "${name}"`);
    });
    if (counter !== undefined) counterJ.push(table.number(row, counter.name) * counter.factor);
  }
  wrong.tell(problems);
  table.finish();
  const base = oneBase(bases, problems);
  const timeS = Float64Array.from(timesS);
  const samples = powers.map(({ name }, k) => ({
    ...{ gpu: name, timeBase: base, timeS, powerW: Float64Array.from(powerW[k]!) },
    ...(counter !== undefined && { counterJ: Float64Array.from(counterJ) }),
  }));
  return { samples, base };
}
