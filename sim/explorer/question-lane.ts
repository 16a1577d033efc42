import type { Precision } from './answer.js';
import type { Report, Wanted } from './messages.js';

/** The part of a Worker that is used. */
export type WorkerLike = Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onerror'>;

/** The source of time. */
export interface Clock {
  nowMs(): number;
  /** @returns cancels it. */
  after(delayMs: number, act: () => void): () => void;
}

/** Times that decide which questions are asked, and for how long. */
export interface Patience {
  /** Longest time for a question while another waits. */
  readonly givenUpAfterMs: number;
  /** Once a question took longer than this, the next ones are asked after a pause. */
  readonly slowAfterMs: number;
  /** Time without a newer question before one is asked; it ends the pause. */
  readonly pauseMs: number;
}

/**
 * Asks its own worker one question at a time; of waiting questions, only the newest. A question that
 * takes too long while another waits is given up, and its worker with it. A new worker has nothing
 * planned or compiled and takes some three times as long; so while questions are slow, those that come
 * one after the other, as from a dragged slider, wait until the last of them.
 */
export class QuestionLane {
  private worker: WorkerLike;
  private underWay: { readonly id: number; readonly sinceMs: number } | undefined;
  private waiting:
    { readonly id: number; readonly wanted: Wanted; readonly sinceMs: number } | undefined;
  /** Whether the last question took long. */
  private isSlow = false;
  /** Whether its script failed, and would fail again at once. */
  private isBroken = false;
  private takeBack: () => void = () => undefined;

  /**
   * @param hear receives the worker's reports.
   */
  constructor(
    private readonly makeWorker: () => WorkerLike,
    private readonly precision: Precision,
    private readonly patience: Patience,
    private readonly clock: Clock,
    private readonly hear: (report: Report) => void,
  ) {
    this.worker = this.newWorker();
  }

  ask(id: number, wanted: Wanted): void {
    this.waiting = { id, wanted, sinceMs: this.clock.nowMs() };
    this.takeBack();
    if (this.underWay === undefined) {
      this.askAfterPause();
      return;
    }
    const leftMs = this.underWay.sinceMs + this.patience.givenUpAfterMs - this.clock.nowMs();
    this.takeBack = this.clock.after(Math.max(leftMs, 0), () => {
      this.isSlow = true;
      this.underWay = undefined;
      this.replaceWorker();
      this.askAfterPause();
    });
  }

  /** Asks what waits; while questions are slow, once no newer one has come for a while. */
  private askAfterPause(): void {
    const pauseMs = this.isSlow ? this.patience.pauseMs : 0;
    const leftMs = (this.waiting?.sinceMs ?? 0) + pauseMs - this.clock.nowMs();
    if (leftMs <= 0) {
      this.askNext();
      return;
    }
    this.takeBack = this.clock.after(leftMs, () => {
      this.askNext();
    });
  }

  private askNext(): void {
    this.takeBack();
    this.underWay = undefined;
    if (this.waiting === undefined) return;
    const { id, wanted } = this.waiting;
    this.waiting = undefined;
    if (this.isBroken) this.replaceWorker();
    this.underWay = { id, sinceMs: this.clock.nowMs() };
    this.worker.postMessage({ id, ...wanted, precision: this.precision });
  }

  private next(): void {
    if (this.underWay !== undefined) {
      const tookMs = this.clock.nowMs() - this.underWay.sinceMs;
      this.isSlow = tookMs > this.patience.slowAfterMs;
    }
    this.askNext();
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
      if (data.kind === 'answer' || data.kind === 'failed') this.next();
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
