import type { Answer } from './answer.js';
import type { Choices } from './choices.js';
import type { Report } from './messages.js';
import type { WhatIfFiles } from './what-if.js';

/** Told of what the worker tells, of the newest question only. */
export interface CalculatorListener {
  onChoices(choices: Choices): void;
  onProgress(part: number, what: string): void;
  onAnswer(answer: Answer): void;
  onFailure(message: string): void;
}

/** The part of a Worker that is used. */
export type WorkerLike = Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onerror'>;

/** A question that takes longer is given up when a newer one comes, and its worker with it. */
const PATIENCE_MS = 2000;

/**
 * Asks the worker one question at a time, of those that wait only the newest. What it answers to
 * older ones is dropped.
 */
export class Calculator {
  private worker: WorkerLike;
  private lastId = 0;
  private underWay: { readonly id: number; readonly sinceMs: number } | undefined;
  private waiting: WhatIfFiles | undefined;

  /** @param nowMs a clock. */
  constructor(
    private readonly makeWorker: () => WorkerLike,
    private readonly listener: CalculatorListener,
    private readonly nowMs: () => number,
  ) {
    this.worker = this.newWorker();
  }

  /** Asks; the answer to what was asked before is of no use any more. */
  ask(files: WhatIfFiles): void {
    this.waiting = files;
    if (this.underWay !== undefined && this.nowMs() - this.underWay.sinceMs > PATIENCE_MS) {
      this.worker.terminate();
      this.worker = this.newWorker();
      this.underWay = undefined;
    }
    this.askNext();
  }

  private askNext(): void {
    if (this.underWay !== undefined || this.waiting === undefined) return;
    this.lastId++;
    this.underWay = { id: this.lastId, sinceMs: this.nowMs() };
    this.worker.postMessage({ id: this.lastId, files: this.waiting });
    this.waiting = undefined;
  }

  private newWorker(): WorkerLike {
    const worker = this.makeWorker();
    worker.onmessage = ({ data }: MessageEvent<Report>) => {
      if (worker === this.worker) this.hear(data);
    };
    worker.onerror = (event) => {
      this.underWay = undefined;
      this.listener.onFailure(event.message);
    };
    return worker;
  }

  private hear(report: Report): void {
    if (report.kind === 'choices') {
      this.listener.onChoices(report.choices);
      return;
    }
    if (report.id !== this.underWay?.id) return;
    const isNewest = this.waiting === undefined;
    if (report.kind === 'progress') {
      if (isNewest) this.listener.onProgress(report.part, report.what);
      return;
    }
    this.underWay = undefined;
    this.askNext();
    if (!isNewest) return;
    if (report.kind === 'answer') this.listener.onAnswer(report.answer);
    else this.listener.onFailure(report.message);
  }
}
