import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

/**
 * Fraction of the machine's memory that is shared out: the rest is for the system and this process.
 */
const SHARED_PART = 0.8;
/** Even an idle process needs a tenth of this. */
export const LEAST_MEMORY_MB = 512;

/**
 * The default memory limit, in MB, of each of several processes that run at once: its share of the
 * machine's memory, but no more than this process's heap limit (Node's default, or NODE_OPTIONS).
 */
export function memoryShareMB(
  processes: number,
  machineMB = machineMemoryMB(),
  mostMB = getHeapStatistics().heap_size_limit / 2 ** 20,
): number {
  const share = Math.floor((SHARED_PART * machineMB) / processes);
  return Math.max(LEAST_MEMORY_MB, Math.min(Math.floor(mostMB), share));
}

/** Of the machine, or of the container in which this process runs. */
function machineMemoryMB(): number {
  const limit = process.constrainedMemory();
  const total = totalmem();
  // A container without a limit reports none, or one beyond all memory.
  return (limit > 0 && limit < total ? limit : total) / 2 ** 20;
}
