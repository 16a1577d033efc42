import { GPU_HOURS_BETWEEN_FAULTS } from '../training/straggler-frequency.js';
import type { ScenarioFaults } from './faults-schema.js';

/** Faults per second of a job with this many GPUs. */
export function faultsPerS(
  { perGpuHour, mtbfGpuHours = GPU_HOURS_BETWEEN_FAULTS }: ScenarioFaults,
  gpus: number,
): number {
  return ((perGpuHour ?? 1 / mtbfGpuHours) * gpus) / 3600;
}
