/** Power and number of the GPUs that a ledger counts. */
export interface GpuCounting {
  /** Power of one waiting GPU, for workloads without the power at each clock. */
  readonly blockingPowerW: number;
  /** Power of one GPU that sends or receives; waiting power if left out. */
  readonly communicationPowerW?: number;
  /**
   * Power of one GPU while gradients are added up and the optimizer steps, for as long as the
   * timing says; communication power if left out.
   */
  readonly synchronisationPowerW?: number | undefined;
  /** GPUs of one stage (tensor-parallel degree). */
  readonly gpusPerStage: number;
}

/** Activities of a GPU that does not compute. */
export type IdlePower = 'waiting' | 'communicating' | 'synchronising';

/** Power of one GPU that does not compute; undefined if it equals waiting power. */
export function idlePowerW(
  power: IdlePower,
  {
    communicationPowerW,
    synchronisationPowerW = communicationPowerW,
  }: Pick<GpuCounting, 'communicationPowerW' | 'synchronisationPowerW'>,
): number | undefined {
  const powers: Record<IdlePower, number | undefined> = {
    waiting: undefined,
    communicating: communicationPowerW,
    synchronising: synchronisationPowerW,
  };
  return powers[power];
}

/** Power of all GPUs of a pipeline, each of which draws the same. */
export function pipelinePowerW(
  { stageCount }: { readonly stageCount: number },
  { gpusPerStage }: Pick<GpuCounting, 'gpusPerStage'>,
  powerW: number,
): number {
  return gpusPerStage * stageCount * powerW;
}
