import type { PowerRates } from './operator-rates.js';
import { totalTimeS, WORK_KINDS, type Machine, type WorkKind, type WorkTimeS } from './operator-time.js';

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

/** Kinds whose time goes with the clock; memory and links keep theirs. */
const CLOCKED_TIME: Readonly<Record<WorkKind, boolean>> = {
  product: true,
  attention: true,
  memory: false,
  communication: false,
};

/**
 * Switching power over that at the voltage's floor and a clock of 1 MHz: f · V², the voltage straight
 * above a floor.
 */
function switching({ floorMHz, perMHz }: PowerRates['voltage'], clockMHz: number): number {
  return clockMHz * (1 + perMHz * Math.max(0, clockMHz - floorMHz)) ** 2;
}

/** What an activity would draw at a clock that nothing holds down. */
export function unlimitedPowerW(activity: Activity, clockMHz: number, machine: Machine): number {
  const { idleW, activeW, voltage } = machine.rates.power;
  const clocked = CLOCKED_POWER[activity];
  const ratio = switching(voltage, clockMHz) / switching(voltage, machine.highestMHz);
  return idleW + activeW[activity] * (1 - clocked + clocked * ratio);
}

const BISECTIONS = 40;

/** The highest clock at which an activity stays within a limit; the highest one if none does. */
export function heldClockMHz(activity: Activity, limitW: number, machine: Machine): number {
  const { highestMHz } = machine;
  if (unlimitedPowerW(activity, highestMHz, machine) <= limitW) return highestMHz;
  let low = 0;
  let high = highestMHz;
  for (let k = 0; k < BISECTIONS; k++) {
    const middle = (low + high) / 2;
    if (unlimitedPowerW(activity, middle, machine) <= limitW) low = middle;
    else high = middle;
  }
  return low;
}

/** What a GPU takes and draws while it does one kind of work at a clock that was asked for. */
export interface ClockedWork {
  /** Time over that of the rates, which were measured without a clock set. */
  readonly timeRatio: number;
  readonly powerW: number;
}

/** Each kind of work at a clock that was asked for, and below it if the board's limit needs that. */
export type ClockedWorks = Readonly<Record<WorkKind, ClockedWork>>;

/** What each kind of work takes and draws at a clock. */
export function workAtClock(machine: Machine, clockMHz: number): ClockedWorks {
  const of = (kind: WorkKind): ClockedWork => {
    const runsAtMHz = Math.min(clockMHz, heldClockMHz(kind, machine.limitW, machine));
    const measuredAtMHz = heldClockMHz(kind, machine.rates.power.limitW, machine);
    return {
      timeRatio: CLOCKED_TIME[kind] ? measuredAtMHz / runsAtMHz : 1,
      powerW: Math.min(machine.limitW, unlimitedPowerW(kind, runsAtMHz, machine)),
    };
  };
  return {
    product: of('product'),
    attention: of('attention'),
    memory: of('memory'),
    communication: of('communication'),
  };
}

/** What a GPU that waits draws. */
export function waitingPowerW(machine: Machine, clockMHz: number): number {
  return Math.min(machine.limitW, unlimitedPowerW('waiting', clockMHz, machine));
}

/** Seconds of each kind at a clock. */
export function workTimeAt(work: WorkTimeS, works: ClockedWorks): WorkTimeS {
  const of = (kind: WorkKind) => work[kind] * works[kind].timeRatio;
  return {
    product: of('product'),
    attention: of('attention'),
    memory: of('memory'),
    communication: of('communication'),
  };
}

/** Joules of one GPU for work whose times are those at the clock. */
export function workEnergyJ(timesS: WorkTimeS, works: ClockedWorks): number {
  return WORK_KINDS.reduce((sum, kind) => sum + timesS[kind] * works[kind].powerW, 0);
}

/** Time and energy of one GPU for work whose times are those of the rates. */
export function clockedCost(work: WorkTimeS, works: ClockedWorks): { timeS: number; energyJ: number } {
  const timesS = workTimeAt(work, works);
  return { timeS: totalTimeS(timesS), energyJ: workEnergyJ(timesS, works) };
}
