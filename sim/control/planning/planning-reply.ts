import { InputError, type Problem } from '../../../src/errors.js';
import { packedClocks, unpackedClocks, type PackedClocks } from './pipeline-clocks.js';
import type { PlannedSchedules } from './planning-request.js';
import { SERVED_SCENARIO } from './served-scenario.js';

/** Schedules as they come from a thread. */
interface PackedSchedules extends Omit<PlannedSchedules, 'healthy' | 'ofStragglers'> {
  readonly healthy: PackedClocks;
  readonly ofStragglers: Readonly<Record<number, PackedClocks>>;
}

/** The answer of a thread or a process that plans. */
export type PlanningReply =
  | {
      readonly planned: PackedSchedules;
      /** Memory that keeping the plans takes. */
      readonly keptMB: number;
    }
  /** The request is wrong. */
  | { readonly problems: readonly Problem[] }
  /** A sentence. */
  | { readonly failed: string };

/** Performs a request, and turns whatever happens into a reply. */
export function replyOf(answer: () => PlannedSchedules): PlanningReply {
  try {
    const { healthy, ofStragglers, ...rest } = answer();
    const planned: PackedSchedules = {
      ...rest,
      healthy: packedClocks(healthy),
      ofStragglers: Object.fromEntries(
        Object.entries(ofStragglers).map(([pipeline, clocks]) => [pipeline, packedClocks(clocks)]),
      ),
    };
    return { planned, keptMB: usedMB() };
  } catch (error) {
    return replyToError(error);
  }
}

/** The reply to a request that threw an error. */
export function replyToError(error: unknown): PlanningReply {
  if (error instanceof InputError) return { problems: error.problems };
  const message = error instanceof Error ? error.message : String(error);
  return { failed: `planning failed: ${message}` };
}

/** The schedules of a reply; throws the error of one that has none. */
export function schedulesOf(reply: PlanningReply): PlannedSchedules {
  if ('problems' in reply) throw new InputError(reply.problems);
  if ('failed' in reply) throw new Error(reply.failed);
  const { healthy, ofStragglers, ...rest } = reply.planned;
  return {
    ...rest,
    healthy: unpackedClocks(healthy),
    ofStragglers: Object.fromEntries(
      Object.entries(ofStragglers).map(([pipeline, clocks]) => [pipeline, unpackedClocks(clocks)]),
    ),
  };
}

/** The buffers of a reply, which a thread hands over without a copy. */
export function buffersOf(reply: PlanningReply): ArrayBuffer[] {
  if (!('planned' in reply)) return [];
  const { healthy, ofStragglers } = reply.planned;
  return [healthy, ...Object.values(ofStragglers)].flatMap((packed) => [
    packed.stageStart.buffer as ArrayBuffer,
    packed.kind.buffer as ArrayBuffer,
    packed.frequencyMHz.buffer as ArrayBuffer,
  ]);
}

/** Memory of this thread, on V8's heap and in buffers. */
export function usedMB(): number {
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

/** The problem of a job whose planning needs too much memory. */
export function outOfMemory(memoryMB: number): InputError {
  return tooMuch(`planning needs more than the ${memoryMB} MB of memory that a job may have`);
}

/** The problem of a job whose planning takes too long. */
export function outOfTime(timeLimitS: number): InputError {
  return tooMuch(`planning takes more than the ${timeLimitS} s that a job may have`);
}

function tooMuch(what: string): InputError {
  return InputError.of({
    source: SERVED_SCENARIO,
    field: 'unitTimeS',
    message: `${what}; choose a longer unit time, fewer microbatches, or a policy without a frontier`,
  });
}
