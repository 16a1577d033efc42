import { z } from 'zod';

/**
 * The Chrome trace event format as its public definition has it ("Trace Event Format", Google): the
 * parts that traces of runs may use, and no other field.
 */
const number = z.number().refine(Number.isFinite);
const id = z.int().min(1).max(0xffff_ffff);
const args = z.record(z.string(), z.union([z.string(), number]));
const common = { pid: id, tid: id, name: z.string().min(1) };

const slice = z.strictObject({
  ...common,
  ph: z.literal('X'),
  cat: z.string().min(1),
  ts: number.min(0),
  dur: number.positive(),
  args,
});

const counter = z.strictObject({
  ...common,
  ph: z.literal('C'),
  ts: number.min(0),
  args: z
    .record(z.string(), number)
    .refine((series) => Object.keys(series).length === 1, 'a counter has one series'),
});

const instant = z.strictObject({
  ...common,
  ph: z.literal('i'),
  s: z.enum(['g', 'p', 't']),
  cat: z.string().min(1),
  ts: number.min(0),
  args,
});

const flowStart = z.strictObject({
  ...common,
  ph: z.literal('s'),
  id,
  cat: z.string().min(1),
  ts: number.min(0),
});
const flowEnd = z.strictObject({ ...flowStart.shape, ph: z.literal('f'), bp: z.literal('e') });

const named = z.strictObject({
  ...common,
  ph: z.literal('M'),
  name: z.enum(['process_name', 'thread_name']),
  args: z.strictObject({ name: z.string().min(1) }),
});
const labelled = z.strictObject({
  ...common,
  ph: z.literal('M'),
  name: z.literal('process_labels'),
  args: z.strictObject({ labels: z.string().min(1) }),
});
const sorted = z.strictObject({
  ...common,
  ph: z.literal('M'),
  name: z.enum(['process_sort_index', 'thread_sort_index']),
  args: z.strictObject({ sort_index: z.int() }),
});

/** A whole file, in the JSON object format. */
export const traceFile = z.strictObject({
  otherData: args,
  traceEvents: z.array(
    z.union([
      z.discriminatedUnion('ph', [slice, counter, instant, flowStart, flowEnd]),
      z.discriminatedUnion('name', [named, labelled, sorted]),
    ]),
  ),
});

export type TraceFile = z.output<typeof traceFile>;
export type Slice = z.output<typeof slice>;
export type Counter = z.output<typeof counter>;
export type FlowEnd = z.output<typeof flowStart> | z.output<typeof flowEnd>;
export type Instant = z.output<typeof instant>;

/** A trace, loaded as a viewer does: events by process and thread. */
export class LoadedTrace {
  readonly otherData: TraceFile['otherData'];
  readonly slices: Slice[];
  readonly counters: Counter[];
  readonly instants: Instant[];
  /** Ends of arrows, in the order of the file. */
  readonly flowEnds: FlowEnd[];
  private readonly processNames = new Map<number, string>();
  private readonly threadNames = new Map<number, string>();

  /** @throws ZodError when the text is no trace. */
  constructor(text: string) {
    const { otherData, traceEvents } = traceFile.parse(JSON.parse(text));
    this.otherData = otherData;
    this.slices = traceEvents.filter((event) => event.ph === 'X');
    this.counters = traceEvents.filter((event) => event.ph === 'C');
    this.instants = traceEvents.filter((event) => event.ph === 'i');
    this.flowEnds = traceEvents.filter((event) => event.ph === 's' || event.ph === 'f');
    for (const event of traceEvents) {
      if (event.ph !== 'M') continue;
      if (event.name === 'process_name') this.processNames.set(event.pid, event.args.name);
      if (event.name === 'thread_name') this.threadNames.set(event.tid, event.args.name);
    }
  }

  get processes(): string[] {
    return [...this.processNames.values()];
  }

  process({ pid }: { readonly pid: number }): string {
    return this.processNames.get(pid)!;
  }

  thread({ tid }: { readonly tid: number }): string {
    return this.threadNames.get(tid)!;
  }

  /** The number of pipelines that a process represents. */
  pipelinesOf(event: { readonly pid: number }): number {
    const numbers = this.process(event).replace(/^.* pipelines? /, '');
    const inAll = /\((\d+) in all\)/.exec(numbers);
    if (inAll !== null) return Number(inAll[1]);
    return numbers.split(', ').reduce((sum, range) => {
      const [from, until = from] = range.split('–').map(Number);
      return sum + until! - from! + 1;
    }, 0);
  }

  /** Slices of stages, not of whole jobs, of one policy. */
  stageSlices(policy: string): Slice[] {
    return this.slices.filter(
      (slice) => this.isOf(policy, slice) && !this.process(slice).endsWith('whole job'),
    );
  }

  /** Whether an event is of a policy's process. */
  isOf(policy: string, event: { readonly pid: number }): boolean {
    return this.process(event).startsWith(`${policy} · `);
  }
}
