import { basename } from 'node:path';
import { comparedPower, type PowerComparison } from '../power/compare/power-comparison.js';
import { powerFigures } from '../power/figures/power-figures.js';
import {
  powerRows,
  powerTable,
  shapeSentences,
  type PowerRow,
} from '../report/text/power-comparison.js';
import { wrapped } from '../report/text/wrapped.js';
import { CommandFiles } from './command-files.js';
import type { Call } from './declare.js';
import { printed } from './formats.js';
import { OptionReader } from './options.js';
import type { power as declared } from './power-options.js';
import { readPowerTrace, type PowerTraceFile } from './power-traces.js';
import { secondsOf } from './refining.js';
import { tell } from './terminal.js';
import { VERSION } from './version.js';

/** `pipewatt power TRACE [--against TRACE]`: figures of power over time. */
export async function powerCommand(call: Call<typeof declared>): Promise<void> {
  const { terminal } = call;
  const [path] = call.args;
  const options = new OptionReader(call);
  const format = options.get('--format');
  const output = options.get('--output');
  const column = options.get('--column');
  const otherPath = options.get('--against');
  const otherColumn = options.get('--against-column') ?? (otherPath && column);
  const everyS = intervalOf(options);
  if (otherPath === undefined && options.get('--against-column') !== undefined) {
    options.complain(
      '--against-column',
      'is of use only with --against; add it, or leave this out',
    );
  }
  const files = new CommandFiles(call);
  files.writes('--output', output);
  files.reads(path);
  if (otherPath !== undefined) files.reads(otherPath);
  const gathering = options.gathered();
  files.checkOutputs(gathering);
  const trace = await gathering.attemptAsync(() => readPowerTrace(path, column, everyS));
  const other =
    otherPath === undefined
      ? undefined
      : await gathering.attemptAsync(() => readPowerTrace(otherPath, otherColumn, everyS));
  gathering.throwIfAny();
  const comparison = other && comparedPower(trace!.series, other.series);
  const rows = powerRows(comparison?.figures ?? powerFigures(trace!.series), comparison);
  const contents = {
    table: () => tableOf(rows, trace!, other, comparison),
    json: () => documentOf(rows, trace!, other, comparison),
    csv: () => rows.map((row) => ({ ...row })),
  };
  files.deliver(await printed(format, contents), output);
  const both = other === undefined ? [trace!] : [trace!, other];
  tell(
    both.flatMap(({ source, notes }) => notes.map((note) => `${source}: ${note}`)),
    terminal,
  );
}

function intervalOf(options: OptionReader<typeof declared>): number | undefined {
  const text = options.get('--every');
  if (text === undefined) return undefined;
  const timeS = secondsOf(text);
  if (timeS === undefined) {
    options.complain('--every', `found "${text}", expected a time such as 10ms, 1s or 5min`);
  }
  return timeS;
}

function tableOf(
  rows: readonly PowerRow[],
  trace: PowerTraceFile,
  other: PowerTraceFile | undefined,
  comparison: PowerComparison | undefined,
): string {
  const traces = other === undefined ? [trace] : [trace, other];
  const everyS = comparison?.figures.everyS ?? trace.series.everyS;
  const names = { trace: basename(trace.source), against: other && basename(other.source) };
  return [
    ...traces.flatMap((each) => wrapped(describe(each))),
    `means of ${Number(everyS.toPrecision(6))} s`,
    '',
    powerTable(rows, names),
    '',
    ...[
      ...(comparison === undefined ? [] : shapeSentences(comparison)),
      ...traces.flatMap(counterSentence),
    ].flatMap((sentence) => wrapped(sentence)),
    '',
  ].join('\n');
}

function describe({ source, name, parts, sampledEveryS }: PowerTraceFile): string {
  const sum = parts === 1 ? '' : `, the sum of ${parts}`;
  return `${source}: ${name}${sum}, sampled every ${sampledEveryS} s`;
}

/** The energy counter beside the integral of the powers. */
function counterSentence({ source, counterJ, series }: PowerTraceFile): string[] {
  if (counterJ === undefined) return [];
  const { energyJ } = powerFigures(series);
  const offPct = (100 * (energyJ - counterJ)) / counterJ;
  return [
    `${source}: the energy counter rises by ${counterJ.toFixed(0)} J; the integral of the powers is ${offPct.toFixed(2)} % off`,
  ];
}

function documentOf(
  rows: readonly PowerRow[],
  trace: PowerTraceFile,
  other: PowerTraceFile | undefined,
  comparison: PowerComparison | undefined,
): object {
  const about = ({
    source,
    name,
    parts,
    sampledEveryS,
    gaps,
    counterJ,
    notes,
  }: PowerTraceFile) => ({
    ...{ source, name, parts, sampledEveryS, gaps, counterJ: counterJ ?? null, notes },
  });
  return {
    pipewatt: VERSION,
    trace: about(trace),
    against: other === undefined ? null : about(other),
    figures: rows,
    shape: comparison === undefined ? null : shapeOf(comparison),
  };
}

function shapeOf({ shape }: PowerComparison): object {
  const { periodS, againstPeriodS } = shape;
  return { ...shape, periodS: periodS ?? null, againstPeriodS: againstPeriodS ?? null };
}
