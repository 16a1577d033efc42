import { InputError } from '../../../src/errors.js';
import { ProblemList } from '../../../src/problem-list.js';
import type { MeasuredFile, TimeBase } from '../measured.js';
import type { MeasurementReader, ReadingHints } from '../measurement-reader.js';
import { instructionOf, iterationOf, type NamedInstruction } from './instruction-names.js';
import { annotationsOf, type Annotation, type TraceEvent } from './kineto-events.js';
import { GpuSide } from './kineto-kernels.js';
import { baseNotes } from './moments.js';
import { placeOf } from './places.js';
import { SpanList } from './span-list.js';
import { counted } from './tally.js';
import { Iterations, withoutEnclosing } from './windows.js';

/** Traces of PyTorch's profiler (Kineto), one file a rank. */
export const KINETO: MeasurementReader = {
  name: 'a trace of PyTorch’s profiler (traceEvents with annotations around forward and backward)',
  words: [
    'traceevents',
    'user_annotation',
    'gpu_user_annotation',
    'distributedinfo',
    'deviceproperties',
    'schemaversion',
    'cpu_op',
  ],
  recognises: (text) =>
    (/^\s*\{/.test(text)
      ? /"traceEvents"\s*:|"schemaVersion"\s*:/.test(text)
      : /^\s*\[\s*\{/.test(text) && /"ph"\s*:\s*"[XM]"/.test(text)) &&
    /"(distributedInfo|deviceProperties|baseTimeNanoseconds|schemaVersion|cupti_version)"\s*:|"(user_annotation|cpu_op|cuda_runtime|gpu_user_annotation)"|ProfilerStep/.test(
      text,
    ),
  read: readKineto,
};

/** Times that count from 1970 in µs are larger than this. */
const SINCE_1970_US = 1e15;

/** The parts of a trace that are used. */
interface Trace {
  readonly events: readonly TraceEvent[];
  readonly rank: number | undefined;
  readonly gpus: number | undefined;
  readonly base: TimeBase;
  /** To be added to times. */
  readonly originS: number;
}

/**
 * Reads annotations named like instructions. The duration is that of the kernels launched within
 * an annotation, from the first to the last that is not communication; without kernels, that of the
 * annotation on the GPU, else on the host.
 */
function readKineto(text: string, source: string, hints: ReadingHints = {}): MeasuredFile {
  const problems = new ProblemList(source);
  const trace = traceOf(text, source);
  const { host, gpu } = annotationsOf(trace.events);
  const isNamed = ({ name }: Annotation) => instructionOf(name) !== undefined;
  const named = host.filter(isNamed);
  const onGpu = gpu.filter(isNamed);
  const kernels = new GpuSide(trace.events, onGpu);
  const iterations = new Iterations();
  for (const { name, startS, endS } of host) {
    const number = iterationOf(name);
    if (number !== undefined) iterations.add(startS, endS, number);
  }
  const keyOf = ({ name }: Annotation) => kindKey(instructionOf(name)!);
  const windows = withoutEnclosing(named.length > 0 ? named : kernels.ownStreams(), keyOf);
  const ownRank = trace.rank ?? placeOf(source).rank;
  const spans = new SpanList(source, problems, { ...hints, gpus: hints.gpus ?? trace.gpus });
  const sides = { kernels: 0, annotation: 0, host: 0 };
  let outside = 0;
  for (const window of windows) {
    const iteration = iterations.numberAt((window.startS + window.endS) / 2);
    if (iteration === undefined) {
      outside++;
      continue;
    }
    const { kind, stage, iteration: inName } = instructionOf(window.name)!;
    const { startS, endS, side } =
      named.length > 0 ? kernels.of(window) : { ...window, side: 'annotation' as const };
    sides[side]++;
    const number = inName ?? (iteration < 0 ? undefined : iteration);
    const span = { kind, timeS: endS - startS, startS: trace.originS + startS, iteration: number };
    const rank = ownRank === undefined ? undefined : String(ownRank);
    spans.add(span, { stage, rank }, { field: `"${window.name}" at ${window.startS} s` });
  }
  if (windows.length === 0) problems.add(noneFound(host, outside));
  const found = windows.length === 0 ? { spans: [], notes: [] } : spans.finish();
  problems.throwIfAny();
  const notes = [
    ...baseNotes(trace.base),
    ...sideNotes(sides),
    ...(outside > 0
      ? [`${counted(outside, 'instruction')} outside of all steps of the profiler left out`]
      : []),
    ...found.notes,
  ];
  return { source, timeBase: trace.base, spans: found.spans, samples: [], notes };
}

function kindKey({ kind, stage }: NamedInstruction): string {
  return `${kind} ${stage}`;
}

function noneFound(host: readonly Annotation[], outside: number): string {
  const names = [...new Set(host.map(({ name }) => name))]
    .slice(0, 5)
    .map((name) => JSON.stringify(name.slice(0, 40)));
  const has =
    names.length === 0 ? 'has no annotations' : `has annotations such as ${names.join(', ')}`;
  return `${has}, but none named like an instruction${outside > 0 ? ' within a step' : ''}; wrap forward and backward in torch.profiler.record_function("forward") and ("backward")`;
}

function sideNotes({
  kernels,
  annotation,
  host,
}: Readonly<Record<'kernels' | 'annotation' | 'host', number>>): string[] {
  return [
    ...(kernels > 0
      ? [
          `${counted(kernels, 'duration')}: from the first to the last kernel on the GPU, communication (nccl) at either end left out`,
        ]
      : []),
    ...(annotation > 0 ? [`${counted(annotation, 'duration')}: of the annotation on the GPU`] : []),
    ...(host > 0
      ? [
          `${counted(host, 'duration')}: of the annotation on the host, as no kernel belongs to it; right only if the device was synchronised at both ends`,
        ]
      : []),
  ];
}

function traceOf(text: string, source: string): Trace {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    const message = `is not readable as JSON: ${(error as Error).message}; was the trace written to its end?`;
    throw InputError.of({ source, message });
  }
  // Older profilers write the list of events alone.
  const whole = Array.isArray(document) ? { traceEvents: document as unknown[] } : document;
  const { traceEvents, distributedInfo, baseTimeNanoseconds } = fieldsOf(whole);
  if (!Array.isArray(traceEvents)) {
    throw InputError.of({ source, field: 'traceEvents', message: 'is missing, or is no list' });
  }
  const events = traceEvents.filter(isEvent);
  const info = fieldsOf(distributedInfo);
  const isAbsolute = events.some(({ ts }) => ts >= SINCE_1970_US);
  const baseNs =
    typeof baseTimeNanoseconds === 'number' && baseTimeNanoseconds > 0 ? baseTimeNanoseconds : 0;
  return {
    events,
    rank: wholeNumber(info['rank']),
    gpus: wholeNumber(info['world_size']),
    base: isAbsolute || baseNs > 0 ? 'epoch' : 'unknown',
    originS: isAbsolute ? 0 : baseNs / 1e9,
  };
}

/** The fields of an object; none of anything else. */
function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}

function wholeNumber(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}

/** Complete events with a time and a duration; others are not needed. */
function isEvent(event: unknown): event is TraceEvent {
  if (typeof event !== 'object' || event === null) return false;
  const { ph, ts, dur, name } = event as Readonly<Record<string, unknown>>;
  return (
    ph === 'X' &&
    Number.isFinite(ts) &&
    Number.isFinite(dur) &&
    (dur as number) >= 0 &&
    typeof name === 'string'
  );
}
