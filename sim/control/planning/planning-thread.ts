/** A thread that plans one job, request by request, and keeps its frontier. */
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { KeptPlans, type PlanningMeans } from './kept-plans.js';
import { buffersOf, outOfMemory, replyOf, usedMB } from './planning-reply.js';
import type { PlanningRequest } from './planning-request.js';

/** The settings of a planning thread. */
export interface ThreadSettings {
  /** On V8's heap and in buffers, which V8 does not limit. */
  readonly memoryMB: number;
}

/** Niceness of planning beside the server, and of long planning beside short planning. */
const NICE = 5;
const NICER = 15;
/** A request that takes longer is a long one. */
const LONG_MS = 1000;
/** Reports of progress from one look at the memory to the next. */
const REPORTS_PER_LOOK = 16;

const { memoryMB } = workerData as ThreadSettings;
const kept = new KeptPlans();

beNice(NICE);
parentPort!.on('message', (request: PlanningRequest) => {
  const reply = replyOf(() => kept.answer(request, watched()));
  parentPort!.postMessage(reply, buffersOf(reply));
});

/** Ends planning that needs too much memory, and makes way for short planning. */
function watched(): PlanningMeans {
  const beginMS = performance.now();
  let isLong = false;
  let reports = 0;
  const onLong = () => {
    isLong = true;
    beNice(NICER);
  };
  const onProgress = () => {
    if (!isLong && performance.now() - beginMS > LONG_MS) onLong();
    if (reports++ % REPORTS_PER_LOOK === 0 && usedMB() > memoryMB) throw outOfMemory(memoryMB);
  };
  return { onProgress, onLong };
}

/** Lowers the priority of this thread. Elsewhere than on Linux, priorities are those of processes. */
function beNice(by: number): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, by);
  } catch {
    // Not allowed in some containers; then all threads are equal.
  }
}
