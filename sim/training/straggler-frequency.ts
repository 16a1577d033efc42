/**
 * Slowdowns from under a minute to ten hours (Falcon, arXiv 2410.12588): the default range of
 * durations.
 */
export const SHORTEST_S = 60;
export const LONGEST_S = 36_000;

/**
 * GPU-hours from one fault to the next: 16,384 GPUs have one every 3 h (Llama 3, arXiv 2407.21783).
 */
export const GPU_HOURS_BETWEEN_FAULTS = 16_384 * 3;

/**
 * Mean time between slowdowns of a pipeline with this many GPUs, if they are as frequent as faults.
 */
export function meanTimeBetweenFaults(gpus: number): number {
  return (GPU_HOURS_BETWEEN_FAULTS * 3600) / gpus;
}
