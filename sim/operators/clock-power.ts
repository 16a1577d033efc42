import type { PowerRates } from './operator-rates.js';
import {
  totalTimeS,
  WORK_KINDS,
  type Machine,
  type WorkKind,
  type WorkTimeS,
} from './operator-time.js';

/** The activity of a GPU: a kind of work, or waiting for other GPUs. */
export type Activity = WorkKind | 'waiting';

/**
 * Fraction of the power above idle that scales with clock and voltage; the rest belongs to memory
 * and links.
 */
const CLOCKED_POWER: Readonly<Record<Activity, number>> = {
  product: 1,
  attention: 1,
  memory: 0.5,
  communication: 0.5,
  waiting: 1,
};

/** Switching power at a clock, in any unit: f · V², with a voltage that is linear above a floor. */
export function switching({ floorMHz, perMHz }: PowerRates['voltage'], clockMHz: number): number {
  return clockMHz * (1 + perMHz * Math.max(0, clockMHz - floorMHz)) ** 2;
}

/** Power of an activity at a clock, without any limit. */
export function unlimitedPowerW(activity: Activity, clockMHz: number, machine: Machine): number {
  const { idleW, activeW, voltage } = machine.rates.power;
  const clocked = CLOCKED_POWER[activity];
  const ratio = switching(voltage, clockMHz) / switching(voltage, machine.highestMHz);
  return idleW + activeW[activity] * (1 - clocked + clocked * ratio);
}

/** Power of a waiting GPU. */
export function waitingPowerW(machine: Machine, clockMHz: number): number {
  return Math.min(machine.limitW, unlimitedPowerW('waiting', clockMHz, machine));
}

/** Time and energy of one GPU. */
export interface ClockedCost {
  readonly timeS: number;
  readonly energyJ: number;
}

/**
 * Time and energy of an instruction on one GPU at a requested clock. If that would exceed the
 * board's limit on average, the clock is lowered accordingly: limits are enforced over many
 * kernels, and an instruction consists of many.
 *
 * @param work seconds of each kind according to the rates, which were measured without a set
 *   clock, under the limit of the measured board.
 */
export function clockedCost(work: WorkTimeS, machine: Machine, clockMHz: number): ClockedCost {
  if (totalTimeS(work) === 0) return { timeS: 0, energyJ: 0 };
  const { highestMHz, limitW, rates } = machine;
  const running = (askedMHz: number, limit: number) =>
    runningClockMHz(askedMHz, heldClockMHz(work, machine, limit), machine);
  const measuredAtMHz = machine.measuredAtMHz ?? running(highestMHz, rates.power.limitW);
  const { timeS, energyJ } = costAt(work, machine, running(clockMHz, limitW), measuredAtMHz);
  return { timeS, energyJ: Math.min(energyJ, limitW * timeS) };
}

/**
 * The effective clock when one is requested and a limit imposes another. A board's limit is not a
 * sharp one: power varies with the kernels, and near the limit the clock is already lowered at
 * times.
 */
function runningClockMHz(askedMHz: number, heldMHz: number, { rates }: Machine): number {
  const { limitSharpness: n } = rates.power;
  return heldMHz * ((heldMHz / askedMHz) ** n + 1) ** (-1 / n);
}

/** Time and energy at a clock, without any limit. */
function costAt(
  work: WorkTimeS,
  machine: Machine,
  clockMHz: number,
  measuredAtMHz: number,
): ClockedCost {
  let timeS = 0;
  let energyJ = 0;
  for (const kind of WORK_KINDS) {
    const clocked = clockedTime(kind, machine);
    const ofKindS = work[kind] * (1 - clocked + (clocked * measuredAtMHz) / clockMHz);
    timeS += ofKindS;
    energyJ += ofKindS * unlimitedPowerW(kind, clockMHz, machine);
  }
  return { timeS, energyJ };
}

/** Fraction of a kind's time that scales with the clock: all of it for computing. */
function clockedTime(kind: WorkKind, { rates }: Machine): number {
  return kind === 'memory' || kind === 'communication' ? rates.power.clockedTime[kind] : 1;
}

const BISECTIONS = 40;
/** In multiples of the highest clock; a limit that is not reached there has no effect. */
const MOST_CLOCKS = 4;

/**
 * The highest clock at which work stays within a limit on average, even one beyond the chip's
 * range.
 */
function heldClockMHz(work: WorkTimeS, machine: Machine, limitW: number): number {
  const limitJ = limitW * totalTimeS(work);
  const isWithin = (clockMHz: number) =>
    costAt(work, machine, clockMHz, clockMHz).energyJ <= limitJ;
  let low = 1;
  let high = MOST_CLOCKS * machine.highestMHz;
  for (let k = 0; k < BISECTIONS; k++) {
    const middle = (low + high) / 2;
    if (isWithin(middle)) low = middle;
    else high = middle;
  }
  return low;
}
