/**
 * The part of the Chrome trace event format that pipewatt writes (D. Sinclair, N. Duca, "Trace Event
 * Format"). Perfetto (ui.perfetto.dev) and chrome://tracing read it.
 */
export type TraceEvent = SliceEvent | CounterEvent | InstantEvent | FlowEvent | MetadataEvent;

/** The thread of a process that an event belongs to. */
export interface TracePlace {
  readonly pid: number;
  /** Unique among the threads of all processes: some viewers name threads by it alone. */
  readonly tid: number;
}

/** Details of an event, shown when it is chosen; units in the names. */
export type TraceArgs = Readonly<Record<string, string | number>>;

/** An event with a duration. Slices of one thread do not overlap. */
export interface SliceEvent extends TracePlace {
  readonly ph: 'X';
  readonly name: string;
  readonly cat: string;
  /** Beginning and length in microseconds. */
  readonly ts: number;
  readonly dur: number;
  readonly args: TraceArgs;
}

/** A value that holds from a time on. A counter belongs to a process, by its name. */
export interface CounterEvent extends TracePlace {
  readonly ph: 'C';
  readonly name: string;
  readonly ts: number;
  /** One value; its key is its unit. */
  readonly args: Readonly<Record<string, number>>;
}

/** A mark on a thread. */
export interface InstantEvent extends TracePlace {
  readonly ph: 'i';
  readonly s: 't';
  readonly name: string;
  readonly cat: string;
  readonly ts: number;
  readonly args: TraceArgs;
}

/**
 * An end of an arrow between slices, which share its id, name and category. It belongs to the slice of its
 * thread in which its time lies; the end does not come before the beginning.
 */
export interface FlowEvent extends TracePlace {
  readonly ph: 's' | 'f';
  /** The end's: the slice around its time, not the next one. */
  readonly bp?: 'e';
  readonly id: number;
  readonly name: string;
  readonly cat: string;
  readonly ts: number;
}

/** The name of a process or a thread, or its place in the order. */
export type MetadataEvent = TracePlace & { readonly ph: 'M' } & (
    | {
        readonly name: 'process_name' | 'thread_name';
        readonly args: { readonly name: string };
      }
    | { readonly name: 'process_labels'; readonly args: { readonly labels: string } }
    | {
        readonly name: 'process_sort_index' | 'thread_sort_index';
        readonly args: { readonly sort_index: number };
      }
  );

/**
 * Ticks of a trace per microsecond. A power of two, so that times and lengths are exact in floating
 * point, and slices that touch still touch when a viewer adds or cuts off digits (Perfetto keeps whole
 * nanoseconds, and drops slices that overlap by one); a tick is about a nanosecond.
 */
const TICKS_PER_US = 1024;

/** The tick nearest to a time. */
export function traceTick(timeS: number): number {
  return Math.round(timeS * 1e6 * TICKS_PER_US);
}

/** Ticks in the format's microseconds; exact. */
export function traceMicroseconds(ticks: number): number {
  return ticks / TICKS_PER_US;
}

/** Approximate length of pieces of text. */
const PIECE_CHARACTERS = 1 << 16;

/**
 * A trace as JSON, piece by piece: one event per line.
 * @param otherData the trace's subject, shown by viewers.
 */
export function* traceText(events: Iterable<TraceEvent>, otherData: TraceArgs): Iterable<string> {
  let piece = `{"otherData":${JSON.stringify(otherData)},"traceEvents":[`;
  let separator = '\n';
  for (const event of events) {
    piece += separator + JSON.stringify(event);
    separator = ',\n';
    if (piece.length >= PIECE_CHARACTERS) {
      yield piece;
      piece = '';
    }
  }
  yield `${piece}\n]}\n`;
}
