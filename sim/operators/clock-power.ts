import type { PowerRates } from './operator-rates.js';
import {
  totalTimeS,
  WORK_KINDS,
  type Machine,
  type WorkKind,
  type WorkTimeS,
} from './operator-time.js';

/** What a GPU may do at a time: a kind of work, or waiting for other GPUs. */
export type Activity = WorkKind | 'waiting';

/** Part of the power above idle that goes with clock and voltage; the rest is that of memory and links. */
const CLOCKED_POWER: Readonly<Record<Activity, number>> = {
  product: 1,
  attention: 1,
  memory: 0.5,
  communication: 0.5,
  waiting: 1,
};

/** Switching power at a clock, in any unit: f · V², the voltage straight above a floor. */
export function switching({ floorMHz, perMHz }: PowerRates['voltage'], clockMHz: number): number {
  return clockMHz * (1 + perMHz * Math.max(0, clockMHz - floorMHz)) ** 2;
}

/** What an activity draws at a clock that no limit holds down. */
export function unlimitedPowerW(activity: Activity, clockMHz: number, machine: Machine): number {
  const { idleW, activeW, voltage } = machine.rates.power;
  const clocked = CLOCKED_POWER[activity];
  const ratio = switching(voltage, clockMHz) / switching(voltage, machine.highestMHz);
  return idleW + activeW[activity] * (1 - clocked + clocked * ratio);
}

/** What a GPU that waits draws. */
export function waitingPowerW(machine: Machine, clockMHz: number): number {
  return Math.min(machine.limitW, unlimitedPowerW('waiting', clockMHz, machine));
}

/** Time and energy of one GPU. */
export interface ClockedCost {
  readonly timeS: number;
  readonly energyJ: number;
}

/**
 * What an instruction takes and uses of one GPU at a clock that was asked for. Where that would draw
 * more than the board's limit on average, the clock is as much lower: limits are held over many
 * kernels, and an instruction is made of many.
 *
 * @param work seconds of each kind as the rates have them: measured without a clock set, held by the
 *   limit of the board that was measured.
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
 * The clock that runs where one is asked for and a limit holds another. Boards do not stop at the limit
 * as at a wall: power goes up and down with the kernels, and near the limit the clock is already lowered
 * now and then.
 */
function runningClockMHz(askedMHz: number, heldMHz: number, { rates }: Machine): number {
  const { limitSharpness: n } = rates.power;
  return heldMHz * ((heldMHz / askedMHz) ** n + 1) ** (-1 / n);
}

/** Time and energy at a clock that nothing holds down. */
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

/** Part of a kind's time that goes with the clock: all of what computes. */
function clockedTime(kind: WorkKind, { rates }: Machine): number {
  return kind === 'memory' || kind === 'communication' ? rates.power.clockedTime[kind] : 1;
}

const BISECTIONS = 40;
/** Of the highest clock; a limit that holds nothing below it does not matter. */
const MOST_CLOCKS = 4;

/** The highest clock at which work stays within a limit on average, be it one that the chip has not. */
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
