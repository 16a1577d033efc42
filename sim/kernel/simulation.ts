import { EventQueue } from './event-queue.js';

/** An event's action. It may schedule other events, now or later, never earlier. */
export type EventHandler = (simulation: Simulation, subject: number) => void;

/**
 * The clock and the queue. Knows nothing of GPUs: an event is a time, a priority and a number.
 */
export class Simulation {
  private readonly queue: EventQueue;
  private now = 0;

  constructor(capacity?: number) {
    this.queue = new EventQueue(capacity);
  }

  /** Time of the event being handled. */
  get nowS(): number {
    return this.now;
  }

  /**
   * Schedules an event.
   * @param priority smaller comes first among simultaneous events (0 to 255).
   * @throws Error if the time lies in the past, or is not a finite number.
   */
  at(timeS: number, priority: number, subject: number): void {
    if (!(timeS >= this.now && timeS < Infinity)) {
      throw new Error(`an event at ${timeS} s was scheduled at ${this.now} s`);
    }
    this.queue.push(timeS, priority, subject);
  }

  /** Handles events in order until none is left. @returns the number of events handled. */
  run(handle: EventHandler): number {
    const { queue } = this;
    let events = 0;
    while (queue.size > 0) {
      this.now = queue.nextTimeS;
      handle(this, queue.pop());
      events++;
    }
    return events;
  }
}
