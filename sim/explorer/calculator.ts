import type { Answer, Precision } from './answer.js';
import type { Choices } from './choices.js';
import type { Report, Wanted } from './messages.js';
import { QuestionLane, type Clock, type Patience, type WorkerLike } from './question-lane.js';

/** Receives the workers' reports on the newest question only. */
export interface CalculatorListener {
  onChoices(choices: Choices): void;
  onProgress(part: number, what: string): void;
  /** A run that is still being planned in finer ticks. */
  onPreview(answer: Answer): void;
  onAnswer(answer: Answer): void;
  onFailure(message: string): void;
}

/** An answer this quick needs no preview: numbers that change twice flicker. */
const PREVIEW_AFTER_MS = 150;
/** Previews are asked for at once, so that pictures follow a slider. */
const PATIENCE: Readonly<Record<Precision, Patience>> = {
  exact: { givenUpAfterMs: 500, slowAfterMs: 300, pauseMs: 80 },
  preview: { givenUpAfterMs: 3000, slowAfterMs: Infinity, pauseMs: 0 },
};

/**
 * Asks two workers: one for the answer, and one for a preview of it in case the answer takes long.
 * Their reports on older questions are dropped.
 */
export class Calculator {
  private readonly exact: QuestionLane;
  private readonly preview: QuestionLane;
  private newest = { id: 0, sinceMs: 0, isAnswered: true };
  private takeBack: () => void = () => undefined;

  constructor(
    makeWorker: () => WorkerLike,
    private readonly listener: CalculatorListener,
    private readonly clock: Clock,
  ) {
    this.exact = new QuestionLane(makeWorker, 'exact', PATIENCE.exact, clock, (report) => {
      this.hear(report);
    });
    this.preview = new QuestionLane(makeWorker, 'preview', PATIENCE.preview, clock, (report) => {
      this.hearPreview(report);
    });
  }

  /** Asks a question; answers to earlier ones are no longer of use. */
  ask(wanted: Wanted): void {
    this.takeBack();
    const id = this.newest.id + 1;
    this.newest = { id, sinceMs: this.clock.nowMs(), isAnswered: false };
    this.exact.ask(id, wanted);
    this.preview.ask(id, wanted);
  }

  private hear(report: Report): void {
    if (report.kind === 'choices') {
      this.listener.onChoices(report.choices);
      return;
    }
    if (report.kind === 'read' || report.id !== this.newest.id) return;
    if (report.kind === 'progress') {
      this.listener.onProgress(report.part, report.what);
      return;
    }
    this.newest.isAnswered = true;
    if (report.kind === 'failed') this.listener.onFailure(report.message);
    else if (report.answer !== undefined) this.listener.onAnswer(report.answer);
  }

  /** Problems are left to the answer: those of a preview may differ. */
  private hearPreview(report: Report): void {
    if (report.kind !== 'answer' || report.id !== this.newest.id) return;
    const { answer } = report;
    if (answer?.kind !== 'run') return;
    const { id, sinceMs } = this.newest;
    const leftMs = sinceMs + PREVIEW_AFTER_MS - this.clock.nowMs();
    this.takeBack = this.clock.after(Math.max(leftMs, 0), () => {
      if (this.newest.id === id && !this.newest.isAnswered) this.listener.onPreview(answer);
    });
  }
}
