import { most } from '../../../src/extremes.js';
import { kilowattHours } from '../../../src/units.js';
import type { Flattening } from '../../scenario/smoothing-schema.js';
import type { Setting } from '../../scenario/scenario-setting.js';
import type { BookedIteration } from './staggered.js';
import type { GpuControls, SmoothingSettings } from './gpu-course.js';
import type { StorageSettings } from './storage.js';

/** The grid delivers the job's mean over this time, unless something else is asked for. */
const USUAL_MEAN_S = 10;

/** Highest power of one GPU at any clock of the profile: the maximum of a floor, by default. */
function highestPowerW({ profile }: Pick<Setting, 'profile'>): number {
  const options = profile.stages.flatMap(({ forward, backward }) => [...forward, ...backward]);
  return most(options.map(({ energyJ, timeS }) => energyJ / timeS));
}

/**
 * The controls of each GPU; undefined if the scenario has none.
 * @param iteration one of the run: ballast is a part of its mean power of computing.
 */
export function gpuControls(
  { ballast, smoothing }: Flattening,
  setting: Pick<Setting, 'profile' | 'gpus'>,
  iteration: BookedIteration,
  everyS: number,
): GpuControls | undefined {
  if (ballast === undefined && smoothing === undefined) return undefined;
  return {
    stepS: everyS / 2,
    ...(smoothing && { smoothing: smoothingSettings(smoothing, setting) }),
    ...(ballast && {
      ballast: {
        levelW: (ballast.levelPct / 100) * meanComputingW(iteration, setting.gpus.gpusPerStage),
        delayS: ballast.delayS,
      },
    }),
  };
}

function smoothingSettings(
  smoothing: NonNullable<Flattening['smoothing']>,
  setting: Pick<Setting, 'profile'>,
): SmoothingSettings {
  const { floorPct = 0, maximumW = highestPowerW(setting), rampDownHysteresisMs } = smoothing;
  return {
    floorW: (floorPct / 100) * maximumW,
    rampUpWPerS: smoothing.rampUpWPerS ?? Infinity,
    rampDownWPerS: smoothing.rampDownWPerS ?? Infinity,
    hysteresisS: (rampDownHysteresisMs ?? Infinity) / 1e3,
  };
}

/** Mean power of one GPU of the job while it computes. */
function meanComputingW({ record, ledger }: BookedIteration, gpusPerStage: number): number {
  let timeS = 0;
  for (const { executed } of record.pipelines) {
    const { durationS, stallS } = executed;
    for (let i = 0; i < durationS.length; i++) timeS += durationS[i]! - stallS[i]!;
  }
  return timeS === 0 ? 0 : ledger.totalComputeJ / (gpusPerStage * timeS);
}

/** The storage of a scenario. */
export function storageSettings(storage: NonNullable<Flattening['storage']>): StorageSettings {
  const { levelW, meanOverS = USUAL_MEAN_S } = storage;
  return {
    capacityJ: storage.capacityKWh / kilowattHours(1),
    powerW: 1e3 * storage.powerKW,
    roundTripEfficiency: storage.roundTripEfficiency,
    startShare: storage.startPct / 100,
    target: levelW === undefined ? { meanOverS } : { levelW },
    rampUpWPerS: storage.rampUpWPerS,
    rampDownWPerS: storage.rampDownWPerS,
  };
}
