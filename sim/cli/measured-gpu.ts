import type { KnownPowers } from '../fit/fit-power.js';
import { LIBRARY } from '../disk/catalog-files.js';

/** Names of GPUs in the published workloads, and in the catalog. */
const PUBLISHED_NAMES: Readonly<Record<string, string>> = { a100: 'a100-pcie', a40: 'a40' };

/** Names of workloads begin with their GPU: `A40+gpt3-2.7b+dp1+pp8+tp1`. */
export function gpuOfWorkload(workloadId: string): string {
  return workloadId.split('+')[0]!;
}

/**
 * Powers of a workload's GPU that need not be fitted: waiting, and the board's limit.
 *
 * @param asked the GPU that the user names, from the catalog or a .yaml file; default: that of the
 *   workload's name, if it is a published one.
 * @throws InputError if the named GPU cannot be found.
 */
export function knownPowers(
  workloadId: string,
  asked: string | undefined,
  where: { readonly source: string; readonly field: string },
): KnownPowers {
  const name = asked ?? PUBLISHED_NAMES[gpuOfWorkload(workloadId).toLowerCase()];
  if (name === undefined) return {};
  const gpu = LIBRARY.gpu(name, where);
  return { blockingPowerW: gpu.blockingPowerW.value, powerLimitW: gpu.powerLimitW.value };
}
