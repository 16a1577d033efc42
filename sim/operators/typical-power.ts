import { switching } from './clock-power.js';
import type { PowerRates } from './operator-rates.js';
import type { Machine } from './operator-time.js';

/**
 * The properties that chips share: voltage as a function of the clock, and the power of products
 * where the voltage stops falling, as a fraction of the board's usual limit.
 */
export interface PowerLaw {
  readonly voltage: PowerRates['voltage'];
  readonly highestMHz: number;
  /**
   * Power of products at the floor's clock, relative to the usual limit of boards with this chip.
   */
  readonly powerAtFloor: number;
  /** Power of attention above idle, relative to that of products at the same clock. */
  readonly attention: number;
  readonly limitSharpness: number;
  readonly clockedTime: PowerRates['clockedTime'];
}

/** The law of a chip with measured power. @param usualLimitW of boards with it. */
export function powerLaw(
  { idleW, activeW, voltage, limitSharpness, clockedTime }: PowerRates,
  highestMHz: number,
  usualLimitW: number,
): PowerLaw {
  const atFloor = switching(voltage, voltage.floorMHz) / switching(voltage, highestMHz);
  return {
    voltage,
    highestMHz,
    powerAtFloor: (idleW + activeW.product * atFloor) / usualLimitW,
    attention: activeW.attention / activeW.product,
    limitSharpness,
    clockedTime,
  };
}

/** The published data of a chip and its board. */
export interface ChipFacts {
  readonly peakFlops: number;
  readonly peakAtMHz: number;
  readonly memoryBandwidth: number;
  /** Streaming multiprocessors. */
  readonly processors: number;
  readonly lowestMHz: number;
  readonly highestMHz: number;
  readonly usualLimitW: number;
  readonly idleW: number;
  readonly waitingW: number;
}

/** Joules to move a byte, as on H100: a kernel that moves 3,350 GB/s draws 480 W above idle. */
const JOULES_PER_BYTE = 480 / 3350e9;
/** Power of collectives above that of waiting, relative to the usual limit; assumed. */
const COMMUNICATION = 0.1;

/**
 * Ways in which clocks of two chips correspond: equal in MHz, or equal relative to the highest
 * clock. It is not known which holds; real chips lie between the two.
 */
export const CLOCK_FORMS = ['absolute', 'relative'] as const;

export type ClockForm = (typeof CLOCK_FORMS)[number];

/** Power of a chip by the law of another one. */
function powerByLaw(law: PowerLaw, chip: ChipFacts, form: ClockForm): PowerRates {
  const { highestMHz, usualLimitW, idleW, waitingW, memoryBandwidth } = chip;
  const stretch = form === 'absolute' ? 1 : highestMHz / law.highestMHz;
  const floorMHz = law.voltage.floorMHz * stretch;
  const voltage = { floorMHz, perMHz: law.voltage.perMHz / stretch };
  const product =
    ((law.powerAtFloor * usualLimitW - idleW) * switching(voltage, highestMHz)) /
    switching(voltage, floorMHz);
  return {
    limitW: usualLimitW,
    idleW,
    activeW: {
      product,
      attention: law.attention * product,
      memory: JOULES_PER_BYTE * memoryBandwidth,
      communication: waitingW - idleW + COMMUNICATION * usualLimitW,
      waiting: waitingW - idleW,
    },
    voltage,
    clockedTime: law.clockedTime,
    limitSharpness: law.limitSharpness,
    source: 'by the law of another chip',
  };
}

/** A GPU with measured kernels. */
export interface KernelDonor {
  readonly machine: Machine;
  /** The clock at which its rates were measured. */
  readonly heldMHz: number;
  readonly processors: number;
}

/**
 * A GPU of which only the published data are known: its kernels reach the same fractions of the
 * peak as another GPU's, at the same fraction of the peak's clock; its power follows a law.
 */
export function machineByLaw(
  chip: ChipFacts,
  donor: KernelDonor,
  law: PowerLaw,
  form: ClockForm,
): Machine {
  const { rates } = donor.machine;
  const { unaligned } = rates.product;
  // Products with odd rows do not use the tensor cores' full width: they scale with the processors.
  const share = operationsPerClock(donor.machine, donor) / operationsPerClock(chip, chip);
  return {
    name: `a chip by the law of ${donor.machine.name}`,
    rates: {
      ...rates,
      power: powerByLaw(law, chip, form),
      product: {
        ...rates.product,
        ...(unaligned === undefined
          ? {}
          : {
              unaligned: {
                forward: unaligned.forward * share,
                backward: unaligned.backward * share,
              },
            }),
      },
    },
    peakFlops: chip.peakFlops,
    peakAtMHz: chip.peakAtMHz,
    memoryBandwidth: chip.memoryBandwidth,
    lowestMHz: chip.lowestMHz,
    highestMHz: chip.highestMHz,
    limitW: chip.usualLimitW,
    measuredAtMHz: (donor.heldMHz / donor.machine.peakAtMHz) * chip.peakAtMHz,
  };
}

/** Floating-point operations of a processor per clock, at the peak. */
const operationsPerClock = (
  { peakFlops, peakAtMHz }: Pick<Machine, 'peakFlops' | 'peakAtMHz'>,
  { processors }: { readonly processors: number },
) => peakFlops / (peakAtMHz * 1e6) / processors;
