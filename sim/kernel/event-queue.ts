/**
 * A priority queue of events ordered by (time, priority, sequence): simultaneous events come out by
 * rising priority, and those of equal priority in the order in which they went in. An event carries
 * one whole number; its meaning is up to the caller.
 *
 * A 4-ary heap on parallel arrays that grow by doubling: push and pop O(log n), no allocation
 * per event.
 */
export class EventQueue {
  private times: Float64Array;
  /** (priority, sequence) folded into one exact number: sequence below 2^44, priority above. */
  private ranks: Float64Array;
  private subjects: Int32Array;
  private count = 0;
  private sequence = 0;

  constructor(capacity = 64) {
    this.times = new Float64Array(capacity);
    this.ranks = new Float64Array(capacity);
    this.subjects = new Int32Array(capacity);
  }

  get size(): number {
    return this.count;
  }

  /** Time of the next event; Infinity if there is none. */
  get nextTimeS(): number {
    return this.count === 0 ? Infinity : this.times[0]!;
  }

  /**
   * @param priority whole, 0 to 255; smaller comes first among simultaneous events.
   * @throws RangeError if the priority is not a whole number from 0 to 255.
   * @param subject the event's number, returned by `pop`.
   */
  push(timeS: number, priority: number, subject: number): void {
    // One test for everything invalid: −1, 256, 0.5 and NaN all differ from their low eight bits.
    if ((priority & 255) !== priority) {
      throw new RangeError(`found priority ${priority}, expected a whole number from 0 to 255`);
    }
    if (this.count === this.times.length) this.grow();
    const { times, ranks, subjects } = this;
    const rank = priority * SEQUENCE_LIMIT + this.sequence++;
    let at = this.count++;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const parentTime = times[parent]!;
      if (parentTime < timeS || (parentTime === timeS && ranks[parent]! < rank)) break;
      times[at] = parentTime;
      ranks[at] = ranks[parent]!;
      subjects[at] = subjects[parent]!;
      at = parent;
    }
    times[at] = timeS;
    ranks[at] = rank;
    subjects[at] = subject;
  }

  /** Removes the next event and returns its subject; read `nextTimeS` first. */
  pop(): number {
    if (this.count === 0) throw new Error('pop from an empty event queue');
    const { times, ranks, subjects } = this;
    const first = subjects[0]!;
    const last = --this.count;
    if (last > 0) this.sink(times[last]!, ranks[last]!, subjects[last]!);
    return first;
  }

  /** Moves an entry to its place, starting from the hole at the top. */
  private sink(timeS: number, rank: number, subject: number): void {
    const { times, ranks, subjects, count } = this;
    let at = 0;
    for (;;) {
      const firstChild = 4 * at + 1;
      if (firstChild >= count) break;
      const end = Math.min(firstChild + 4, count);
      let best = firstChild;
      for (let child = firstChild + 1; child < end; child++) {
        const sooner =
          times[child]! < times[best]! ||
          (times[child] === times[best] && ranks[child]! < ranks[best]!);
        if (sooner) best = child;
      }
      const bestTime = times[best]!;
      if (timeS < bestTime || (timeS === bestTime && rank < ranks[best]!)) break;
      times[at] = bestTime;
      ranks[at] = ranks[best]!;
      subjects[at] = subjects[best]!;
      at = best;
    }
    times[at] = timeS;
    ranks[at] = rank;
    subjects[at] = subject;
  }

  private grow(): void {
    const capacity = 2 * this.times.length;
    const copy = <T extends Float64Array | Int32Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.times = copy(new Float64Array(capacity), this.times);
    this.ranks = copy(new Float64Array(capacity), this.ranks);
    this.subjects = copy(new Int32Array(capacity), this.subjects);
  }
}

/** 2^44 events, each with a priority below 2^8, stay exact in a double's 53 bits. */
const SEQUENCE_LIMIT = 2 ** 44;
