import { setTimeout as sleep } from 'node:timers/promises';
import type { NewRun, SweepStore } from './store.js';

/** The time for which results wait for others: one transaction costs as much as a small run. */
const GATHER_MS = 100;

/** Writes results into a store, those that come at about the same time together. */
export class ResultWriter {
  private waiting: NewRun[] = [];
  /** The write that takes those that wait. */
  private next: Promise<void> | undefined;
  private last = Promise.resolve();

  constructor(private readonly store: SweepStore) {}

  /** Ends when the run is stored. @throws InputError if it, or one before it, cannot be written. */
  add(run: NewRun): Promise<void> {
    this.waiting.push(run);
    return (this.next ??= this.writeSoon());
  }

  /** Ends when all runs are stored. @throws InputError if one cannot be written. */
  async end(): Promise<void> {
    await this.next;
    await this.last;
  }

  private async writeSoon(): Promise<void> {
    await Promise.all([this.last, sleep(GATHER_MS)]);
    const taken = this.waiting;
    this.waiting = [];
    this.next = undefined;
    this.last = this.store.add(taken);
    await this.last;
  }
}
