/** A thread that performs requests, one after the other, so that the main thread can cancel them. */
import {
  parentPort,
  receiveMessageOnPort,
  workerData,
  type MessagePort,
} from 'node:worker_threads';
import {
  BrokenPlanError,
  BrokenPlannerError,
  InputError,
  TimeIsOverError,
} from '../../src/errors.js';
import {
  answerLine,
  ANSWERS,
  CANCELLED,
  type ErrorDocument,
  type PlannerAnswer,
  type ThreadCancel,
  type ThreadLine,
  type ThreadTask,
} from './serve-json-messages.js';
import { Methods, type CallContext } from './serve-json-methods.js';

/** The settings of the thread. */
export interface ThreadSettings {
  /** Receives the answers of planners while the thread waits for them. */
  readonly answers: MessagePort;
}

/** Progress is told at most this often. */
const PROGRESS_MS = 100;

const { answers } = workerData as ThreadSettings;
const methods = new Methods();
let questions = 0;
let abort = new AbortController();

parentPort!.on('message', (message: ThreadTask | ThreadCancel) => {
  if ('cancel' in message) abort.abort();
  else void perform(message);
});

async function perform({ request, signals }: ThreadTask): Promise<void> {
  abort = new AbortController();
  const { id, method, params } = request;
  let line: string;
  try {
    const result = await methods.call(method, params as object, contextOf({ request, signals }));
    if (isCancelled(signals)) throw cancelled();
    line = answerLine(id, { result });
  } catch (error) {
    line = answerLine(id, { error: errorDocument(error, signals) });
  }
  send({ line, isLast: true });
}

function contextOf({ request, signals }: ThreadTask): CallContext {
  let toldMs = performance.now();
  return {
    tell: (part) => {
      send({ line: answerLine(request.id, part), isLast: false });
    },
    ask: (planner, problem) => answerOf(planner, problem, { request, signals }),
    onProgress: (done, total, what) => {
      if (isCancelled(signals)) throw cancelled();
      const nowMs = performance.now();
      if (!request.progress || nowMs - toldMs < PROGRESS_MS) return;
      toldMs = nowMs;
      const progress = { done, total, what };
      send({ line: answerLine(request.id, { progress }), isLast: false });
    },
    signal: abort.signal,
  };
}

/** Asks the client for plans, and waits. Planners are synchronous, and the answer comes by the main thread. */
function answerOf(planner: string, problem: object, { request, signals }: ThreadTask): unknown {
  const ask = ++questions;
  send({ line: answerLine(request.id, { ask, planner, problem }), isLast: false, asks: ask });
  for (;;) {
    const seen = Atomics.load(signals, ANSWERS);
    if (isCancelled(signals)) throw cancelled();
    const received = receiveMessageOnPort(answers) as { message: PlannerAnswer } | undefined;
    if (received === undefined) Atomics.wait(signals, ANSWERS, seen);
    else if (received.message.answer === ask) return plansOf(planner, received.message);
  }
}

function plansOf(planner: string, { plans, error }: PlannerAnswer): unknown {
  if (error === undefined) return plans;
  throw new BrokenPlannerError(`planner ${planner} failed: ${error}`);
}

function isCancelled(signals: Int32Array): boolean {
  return Atomics.load(signals, CANCELLED) === 1;
}

function cancelled(): TimeIsOverError {
  return new TimeIsOverError('cancelled');
}

function errorDocument(error: unknown, signals: Int32Array): ErrorDocument {
  if (isCancelled(signals)) return { kind: 'cancelled', message: 'the request was cancelled' };
  if (error instanceof InputError) {
    return { kind: 'input', message: error.message, problems: error.problems };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (error instanceof BrokenPlannerError || error instanceof BrokenPlanError) {
    return { kind: 'planner', message };
  }
  if (error instanceof RangeError && /string length|Array buffer/.test(message)) {
    return { kind: 'memory', message: `the answer is too long: ${message}` };
  }
  const details = process.env['PIPEWATT_DEBUG'] === '1' ? (stack ?? message) : message;
  return { kind: 'bug', message: `pipewatt failed, which is a bug in pipewatt: ${details}` };
}

function send(line: ThreadLine): void {
  parentPort!.postMessage(line);
}
