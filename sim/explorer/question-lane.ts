import type { Precision } from './answer.js';
import type { Report } from './messages.js';
import type { WhatIfFiles } from './what-if.js';

/** The part of a Worker that is used. */
export type WorkerLike = Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onerror'>;

/** The source of time. */
export interface Clock {
  nowMs(): number;
  /** @returns cancels it. */
  after(delayMs: number, act: () => void): () => void;
}

/**
 * Asks its own worker one question at a time; of waiting questions, only the newest. A question that
 * takes too long while another waits is given up, and its worker with it.
 */
export class QuestionLane {
  private worker: WorkerLike;
  private underWay: { readonly id: number; readonly sinceMs: number } | undefined;
  private waiting: { readonly id: number; readonly files: WhatIfFiles } | undefined;
  /** Whether its script failed, and would fail again at once. */
  private isBroken = false;
  private takeBack: () => void = () => undefined;

  /**
   * @param patienceMs longest time for a question while another waits.
   * @param hear receives the worker's reports.
   */
  constructor(
    private readonly makeWorker: () => WorkerLike,
    private readonly precision: Precision,
    private readonly patienceMs: number,
    private readonly clock: Clock,
    private readonly hear: (report: Report) => void,
  ) {
    this.worker = this.newWorker();
  }

  ask(id: number, files: WhatIfFiles): void {
    this.waiting = { id, files };
    if (this.underWay === undefined) {
      this.askNext();
      return;
    }
    this.takeBack();
    const leftMs = this.underWay.sinceMs + this.patienceMs - this.clock.nowMs();
    this.takeBack = this.clock.after(Math.max(leftMs, 0), () => {
      this.replaceWorker();
      this.askNext();
    });
  }

  private askNext(): void {
    this.takeBack();
    this.underWay = undefined;
    if (this.waiting === undefined) return;
    const { id, files } = this.waiting;
    this.waiting = undefined;
    if (this.isBroken) this.replaceWorker();
    this.underWay = { id, sinceMs: this.clock.nowMs() };
    this.worker.postMessage({ id, files, precision: this.precision });
  }

  private replaceWorker(): void {
    this.worker.terminate();
    this.isBroken = false;
    this.worker = this.newWorker();
  }

  private newWorker(): WorkerLike {
    const worker = this.makeWorker();
    worker.onmessage = ({ data }: MessageEvent<Report>) => {
      if (worker !== this.worker) return;
      if (data.kind === 'answer' || data.kind === 'failed') this.askNext();
      this.hear(data);
    };
    worker.onerror = ({ message }) => {
      if (worker !== this.worker) return;
      const { id = 0 } = this.underWay ?? {};
      this.isBroken = true;
      this.underWay = undefined;
      this.hear({ kind: 'failed', id, message });
    };
    return worker;
  }
}
