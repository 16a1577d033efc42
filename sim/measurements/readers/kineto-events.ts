/** A complete event of a trace, in µs. */
export interface TraceEvent {
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly cat?: unknown;
  readonly pid?: unknown;
  readonly tid?: unknown;
  readonly args?: unknown;
}

/** An annotation of the traced program, on the host or on a stream of the GPU. */
export interface Annotation {
  readonly name: string;
  readonly startS: number;
  readonly endS: number;
  /** Process and thread on the host, GPU and stream on the GPU. */
  readonly track: string;
}

/** The category of an event, in lower case. */
export function categoryOf({ cat }: TraceEvent): string {
  return typeof cat === 'string' ? cat.toLowerCase() : '';
}

/** An argument of an event that is a number. */
export function numberArgument({ args }: TraceEvent, name: string): number | undefined {
  if (typeof args !== 'object' || args === null) return undefined;
  const value = (args as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'number' ? value : undefined;
}

export function trackOf({ pid, tid }: TraceEvent): string {
  return `${String(pid)} ${String(tid)}`;
}

/** Categories of annotations on the host; older profilers have them among the operators. */
const ON_HOST = [['user_annotation'], ['cpu_op', 'operator', 'function']];

/** Annotations of both sides, in the trace's order. */
export function annotationsOf(events: readonly TraceEvent[]): {
  readonly host: readonly Annotation[];
  readonly gpu: readonly Annotation[];
} {
  const of = (categories: readonly string[]) =>
    events.filter((event) => categories.includes(categoryOf(event))).map(annotationOf);
  const host = ON_HOST.map(of).find((found) => found.length > 0) ?? [];
  return { host, gpu: of(['gpu_user_annotation']) };
}

function annotationOf(event: TraceEvent): Annotation {
  const { name, ts, dur } = event;
  return { name, startS: ts / 1e6, endS: (ts + dur) / 1e6, track: trackOf(event) };
}
