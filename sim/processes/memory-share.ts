import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

/** Part of the machine's memory that is shared out: the rest is the system's and this process's. */
const SHARED_PART = 0.8;
/** A process that does nothing has a tenth of it already. */
export const LEAST_MEMORY_MB = 512;

/**
 * Memory that each of some processes may have by default, in MB, if they run at once: its share of
 * the machine's, and no more than this process has for its heap, by Node's default or NODE_OPTIONS.
 */
export function memoryShareMB(
  processes: number,
  machineMB = machineMemoryMB(),
  mostMB = getHeapStatistics().heap_size_limit / 2 ** 20,
): number {
  const share = Math.floor((SHARED_PART * machineMB) / processes);
  return Math.max(LEAST_MEMORY_MB, Math.min(Math.floor(mostMB), share));
}

/** Of the machine, or of the container that this process is in. */
function machineMemoryMB(): number {
  const limit = process.constrainedMemory();
  const total = totalmem();
  // A container without a limit has none, or one beyond all memory.
  return (limit > 0 && limit < total ? limit : total) / 2 ** 20;
}
