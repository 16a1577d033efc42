import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { memoryShareMB } from '../processes/memory-share.js';
import {
  answerLine,
  ANSWERS,
  CANCELLED,
  type ErrorDocument,
  type MethodRequest,
  type PlannerAnswer,
  type RequestId,
  type ThreadLine,
  type ThreadTask,
} from './serve-json-messages.js';
import type { Parsed } from './serve-json-parse.js';
import type { ThreadSettings } from './serve-json-thread.js';

/** A request that is waiting, and the length of its line. */
interface Waiting {
  readonly request: MethodRequest;
  readonly bytes: number;
}

/** The request that the thread works on. */
interface Running extends Waiting {
  readonly task: ThreadTask;
  /** The question that a planner has not answered yet. */
  asks: number | undefined;
  /** Whether a part of its answer was sent: it cannot be begun again. */
  hasTold: boolean;
}

/** A cancelled request that goes on for longer is ended with its thread, and what that had kept. */
const PATIENCE_MS = 500;

/** Bytes of waiting requests above which no more are read. */
const MOST_WAITING_BYTES = 64 * 2 ** 20;

/** Performs requests in their order, in a thread that is replaced when it dies. */
export class RequestQueue {
  private readonly waiting: Waiting[] = [];
  private waitingBytes = 0;
  private running: Running | undefined;
  private thread: Worker | undefined;
  private answers: MessagePort | undefined;
  /** Requests that the thread has performed: memory that it lacks may be taken by what it keeps. */
  private performed = 0;
  private hasEnded = false;
  private finish: () => void = () => undefined;
  /** Resolves when the input has ended and everything is answered, or when it is stopped. */
  readonly finished = new Promise<void>((resolve) => (this.finish = resolve));

  /** @param out takes a line for the client. */
  constructor(private readonly out: (line: string) => void) {
    this.begin();
  }

  /** Whether there is room for more requests. While a planner is asked, its answer must be read. */
  get hasRoom(): boolean {
    return this.waitingBytes < MOST_WAITING_BYTES || this.running?.asks !== undefined;
  }

  /** Takes a line of the client. @param bytes its length. */
  receive(parsed: Parsed, bytes: number): void {
    switch (parsed.kind) {
      case 'nothing':
        return;
      case 'refused':
        this.refuse(parsed);
        return;
      case 'answer':
        this.answered(parsed.answer);
        return;
      case 'request':
        this.accept(parsed.request, bytes);
    }
  }

  /** The input has ended: what was asked is answered. */
  end(): void {
    this.hasEnded = true;
    const { asks } = this.running ?? {};
    if (asks !== undefined) this.answered({ answer: asks, error: 'the input has ended' });
    this.next();
  }

  /** Ends at once; requests without an answer learn of it. */
  stop(): void {
    const left = [...(this.running === undefined ? [] : [this.running]), ...this.waiting];
    this.running = undefined;
    this.waiting.length = 0;
    for (const { request } of left) {
      this.fail(request.id, { kind: 'stopped', message: 'pipewatt was stopped' });
    }
    this.hasEnded = true;
    this.next();
  }

  /** Refuses a line. A planner's answer that cannot be read is none, and nothing waits for another. */
  private refuse({ id, message, answers }: Extract<Parsed, { kind: 'refused' }>): void {
    this.fail(id, { kind: 'request', message });
    if (answers !== undefined) this.answered({ answer: answers, error: message });
  }

  private accept(request: MethodRequest, bytes: number): void {
    const { id, method } = request;
    if (this.isKnown(id)) {
      const message = `found the id ${JSON.stringify(id)}, which a request without an answer has`;
      this.fail(null, { kind: 'request', message });
    } else if (method === 'cancel') {
      const { id: which } = request.params as { readonly id?: unknown };
      this.out(answerLine(id, { result: { cancelled: this.cancel(which) } }));
    } else {
      this.waiting.push({ request, bytes });
      this.waitingBytes += bytes;
      this.next();
    }
  }

  private isKnown(id: RequestId): boolean {
    return this.running?.request.id === id || this.waiting.some((one) => one.request.id === id);
  }

  /** Cancels a request. @returns whether there was one. */
  private cancel(id: unknown): boolean {
    const at = this.waiting.findIndex(({ request }) => request.id === id);
    if (at >= 0) {
      const [{ request, bytes }] = this.waiting.splice(at, 1) as [Waiting];
      this.waitingBytes -= bytes;
      this.fail(request.id, CANCELLED_ERROR);
      return true;
    }
    const { running } = this;
    if (running === undefined || running.request.id !== id) return false;
    Atomics.store(running.task.signals, CANCELLED, 1);
    this.wake();
    this.thread?.postMessage({ cancel: true });
    setTimeout(() => {
      if (this.running !== running) return;
      this.running = undefined;
      this.fail(running.request.id, CANCELLED_ERROR);
      this.begin();
      this.next();
    }, PATIENCE_MS).unref();
    return true;
  }

  /** Hands the answer of a planner to the thread; one to another question is not needed any more. */
  private answered(answer: PlannerAnswer): void {
    const { running } = this;
    if (running === undefined || running.asks !== answer.answer) return;
    running.asks = undefined;
    this.answers!.postMessage(answer);
    this.wake();
  }

  private wake(): void {
    const { signals } = this.running!.task;
    Atomics.add(signals, ANSWERS, 1);
    Atomics.notify(signals, ANSWERS);
  }

  /** Begins the next request, if there is one and the thread is free. */
  private next(): void {
    if (this.running !== undefined) return;
    const waiting = this.waiting.shift();
    if (waiting !== undefined) {
      this.waitingBytes -= waiting.bytes;
      this.perform(waiting);
    } else if (this.hasEnded) {
      void this.thread?.terminate();
      this.thread = undefined;
      this.finish();
    }
  }

  private perform(waiting: Waiting): void {
    const signals = new Int32Array(new SharedArrayBuffer(8));
    const task: ThreadTask = { request: waiting.request, signals };
    this.running = { ...waiting, task, asks: undefined, hasTold: false };
    this.thread!.postMessage(task);
  }

  /** Begins a new thread instead of the one that there was. */
  private begin(): void {
    void this.thread?.terminate();
    const { port1, port2 } = new MessageChannel();
    const settings: ThreadSettings = { answers: port2 };
    const thread = new Worker(new URL('./serve-json-thread.js', import.meta.url), {
      workerData: settings,
      transferList: [port2],
      resourceLimits: { maxOldGenerationSizeMb: memoryShareMB(1) },
    });
    port1.unref();
    this.answers = port1;
    this.thread = thread;
    this.performed = 0;
    thread.on('message', (line: ThreadLine) => {
      if (this.thread === thread) this.receiveLine(line);
    });
    thread.on('error', (error: NodeJS.ErrnoException) => {
      if (this.thread === thread) this.died(error);
    });
  }

  private receiveLine({ line, isLast, asks }: ThreadLine): void {
    const { running } = this;
    if (running === undefined) return;
    this.out(line);
    running.hasTold = true;
    running.asks = asks;
    if (asks !== undefined && this.hasEnded) {
      this.answered({ answer: asks, error: 'the input has ended' });
    }
    if (!isLast) return;
    this.running = undefined;
    this.performed++;
    this.next();
  }

  /** Replaces the thread. A request that lacked the memory taken by what was kept is begun again. */
  private died({ code, message }: NodeJS.ErrnoException): void {
    const { running, performed } = this;
    this.running = undefined;
    this.begin();
    const isMemory = code === 'ERR_WORKER_OUT_OF_MEMORY';
    if (running !== undefined && isMemory && performed > 0 && !running.hasTold) {
      this.perform(running);
      return;
    }
    if (running !== undefined) {
      this.fail(
        running.request.id,
        isMemory
          ? { kind: 'memory', message: `the request needed more than ${memoryShareMB(1)} MB` }
          : { kind: 'bug', message: `pipewatt failed, which is a bug in pipewatt: ${message}` },
      );
    }
    this.next();
  }

  private fail(id: RequestId | null, error: ErrorDocument): void {
    this.out(answerLine(id, { error }));
  }
}

const CANCELLED_ERROR: ErrorDocument = {
  kind: 'cancelled',
  message: 'the request was cancelled',
};
