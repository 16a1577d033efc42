import type { Worker } from '../../replay/recorded-steps.js';
import type { CourseName } from '../../replay/step-courses.js';
import { THREAD_KINDS, type PlacedOperation } from './replay-places.js';
import type { TraceEvent, TracePlace } from './trace-events.js';
import { processEvents, threadEvents } from './trace-tracks.js';

/** A thread, and the events that name it if this is its first use. */
interface Thread {
  readonly place: TracePlace;
  readonly added: readonly TraceEvent[];
}

/** The threads of a replay's trace, numbered when they are first used. */
export class ReplayThreads {
  private readonly places = new Map<string, TracePlace>();
  private lastId: number;

  constructor(private readonly names: readonly CourseName[]) {
    this.lastId = names.length;
  }

  /** The names of the processes, whose numbers are their places from 1. */
  processes(): TraceEvent[] {
    return this.names.flatMap((name) => processEvents(this.pid(name), name));
  }

  /** The thread of whole steps. */
  steps(course: CourseName): Thread {
    return this.thread(course, 'steps', 0);
  }

  /** The thread of an operation of a worker. */
  of(
    course: CourseName,
    { pipeline, stage, rank }: Worker,
    { thread, lane, worker }: Pick<PlacedOperation, 'thread' | 'lane' | 'worker'>,
  ): Thread {
    const kind = thread === 'computing' ? '' : `, ${thread}`;
    const nth = lane === 0 ? '' : ` ${lane + 1}`;
    const name = `pipeline ${pipeline}, stage ${stage}, rank ${rank}${kind}${nth}`;
    const order = THREAD_KINDS.indexOf(thread);
    return this.thread(
      course,
      name,
      1 + (worker * THREAD_KINDS.length + order) * MOST_LANES + lane,
    );
  }

  private pid(course: CourseName): number {
    return 1 + this.names.indexOf(course);
  }

  private thread(course: CourseName, name: string, sortIndex: number): Thread {
    const key = `${course} ${name}`;
    const known = this.places.get(key);
    if (known !== undefined) return { place: known, added: [] };
    const place = { pid: this.pid(course), tid: ++this.lastId };
    this.places.set(key, place);
    return { place, added: threadEvents(place, name, sortIndex) };
  }
}

/** Lanes of a thread that keep their order. */
const MOST_LANES = 100;
