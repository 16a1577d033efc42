import { ProblemList } from '../../../src/problem-list.js';
import type { MeasuredFile } from '../measured.js';
import type { MeasurementReader, ReadingHints } from '../measurement-reader.js';
import { TimerLog, type TimerValue } from './timer-log.js';
import { instructionOf } from './instruction-names.js';
import { SpanList } from './span-list.js';

/** Logs of Megatron-LM and DeepSpeed with their timers. */
export const MEGATRON_TIMERS: MeasurementReader = {
  name: 'a log of Megatron-LM or DeepSpeed with timers (forward-compute, backward-compute, in ms)',
  words: [
    'forward-compute',
    'backward-compute',
    'iteration',
    'elapsed',
    'ranks',
    '(ms)',
    'rank',
    'global',
    'batch',
    'size',
  ],
  recognises: (text) =>
    /time(s)? across ranks \(ms\)/.test(text) ||
    /time \(ms\)\s*\|/.test(text) ||
    /^[ \t]*(\S+[ \t]+)?(forward|backward)-compute[ \t]*\.*[ \t]*:/m.test(text) ||
    /elapsed.time.per.iteration.*\|/.test(text),
  read: readMegatronTimers,
};

/**
 * Reads the times of forward and backward of each rank and step. Timers add up over the
 * microbatches of an iteration, so their times are divided by their number.
 */
function readMegatronTimers(text: string, source: string, hints: ReadingHints = {}): MeasuredFile {
  const problems = new ProblemList(source);
  const log = new TimerLog();
  for (const [k, line] of text.split(/\r\n|\n|\r/).entries()) log.add(line, k + 1);
  const of = usable(log.values);
  if (of.length === 0) {
    problems.add(
      'has no times of forward-compute and backward-compute; run Megatron with --timing-log-level 2 --timing-log-option all',
    );
  }
  problems.throwIfAny();
  const { job } = log;
  const microbatches = hints.microbatches ?? job.microbatches;
  const sums = of.some(({ isSingle }) => !isSingle);
  if (sums && microbatches === undefined) {
    problems.add(
      'its times are sums over the microbatches of an iteration, and the log does not say how many there are; give their number (--microbatches)',
      { line: of[0]!.line },
    );
  }
  const stages = hints.stages ?? job.stages;
  const all = of.find(({ rank }) => rank === 'all');
  if (all !== undefined && stages !== 1) {
    problems.add(
      `its times are of all ranks at once${stages === undefined ? '' : `, of ${stages} stages`}, so they tell nothing about a stage; run Megatron with --timing-log-option all`,
      { line: all.line },
    );
  }
  problems.throwIfAny();
  const gpus = hints.gpus ?? job.gpus ?? log.gpus;
  const spans = new SpanList(source, problems, { ...hints, stages, gpus });
  for (const { line, name, ms, rank, iteration, isSingle } of of) {
    const timeS = ms / 1000 / (isSingle ? 1 : microbatches!);
    const at = { rank: rank === 'all' ? '0' : rank };
    const { kind } = instructionOf(name)!;
    spans.add({ kind, timeS, iteration }, at, { line, time: name });
  }
  const found = spans.finish();
  problems.throwIfAny();
  const notes = [
    ...(sums
      ? [
          `times are divided by ${microbatches!} microbatches${hints.microbatches === undefined ? ', as the log says' : ''}`,
        ]
      : []),
    ...(all === undefined ? [] : ['of (min, max) over ranks, max is taken: the slowest rank']),
    ...(log.interval > 1 ? [`times are means over ${log.interval} iterations (log_interval)`] : []),
    ...found.notes,
  ];
  return { source, timeBase: 'unknown', spans: found.spans, samples: [], notes };
}

/** Times of instructions; those of single microbatches are better than sums, if there are some. */
function usable(values: readonly TimerValue[]): TimerValue[] {
  const named = values.filter(({ name }) => {
    const kind = instructionOf(name)?.kind;
    return kind !== undefined && kind !== 'load';
  });
  const single = named.filter(({ isSingle }) => isSingle);
  return single.length > 0 ? single : named;
}
