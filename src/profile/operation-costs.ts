import { lastPassing } from '../last-passing.js';
import { InputError, type Problem } from '../errors.js';
import { extremes, most } from '../extremes.js';
import { ticksFromSeconds } from '../units.js';
import { costTable, type CostModelName } from './cost-model.js';
import { usefulOptions } from './pareto.js';
import { operationOptions, type Derivation, type Operation } from './operation.js';
import {
  PROFILED_KINDS,
  type ExecutionOption,
  type OptionOrigin,
  type StageProfile,
} from './stage-profile.js';

/** An execution option with its time also in whole ticks. */
export interface QuantisedOption extends ExecutionOption {
  readonly durationTicks: number;
}

/**
 * The planner's view of one operation (one kind of instruction on one stage), per GPU. Durations
 * are whole ticks between `minTicks` (fastest useful clock) and `maxTicks` (slowest).
 */
export interface OperationCosts extends Operation {
  /** Origin of its options; default: measured. */
  readonly origin?: OptionOrigin;
  /** Every clock of the profile, highest first. */
  readonly allOptions: readonly QuantisedOption[];
  /** The clocks worth running at (Pareto-optimal), fastest first, durations strictly rising. */
  readonly options: readonly QuantisedOption[];
  readonly minTicks: number;
  readonly maxTicks: number;
  /**
   * Effective energy c(d) = energy(d) − P_blocking · d, for d = minTicks … maxTicks:
   * `costJ[d − minTicks]`. Convex and non-increasing.
   */
  readonly costJ: Float64Array;
}

/** Settings for turning a profile into operation costs. */
export interface CostOptions {
  /** Length of a tick. */
  readonly unitTimeS: number;
  /** Power of one GPU that waits. */
  readonly blockingPowerW: number;
  readonly costModel?: CostModelName;
  /** Rules that derive the kinds that are not profiled from those that are. */
  readonly derivation?: Derivation;
  /** Origin of the options; default: measured. */
  readonly origin?: OptionOrigin;
}

/**
 * Costs of a pipeline's operations.
 *
 * @param profile with one stage per model stage.
 * @throws InputError if an instruction is shorter than a tick.
 */
export function profileCosts(
  profile: StageProfile,
  operations: readonly Operation[],
  options: CostOptions,
): OperationCosts[] {
  const measured = measuredOptions(profile, operations, options.derivation);
  checkTimes(measured.flat(), options.unitTimeS, { source: profile.source, field: 'unit time' });
  const { origin = 'measured' } = profile;
  return operations.map((operation, k) =>
    operationCosts(operation, measured[k]!, { origin, ...options }),
  );
}

/** The options of each operation, in exact times. */
export function measuredOptions(
  profile: StageProfile,
  operations: readonly Operation[],
  derivation?: Derivation,
): (readonly ExecutionOption[])[] {
  const recomputes = operations.some(({ kind }) => kind === 'recompute');
  return operations.map((operation) =>
    operationOptions(profile, operation, derivation, recomputes),
  );
}

/**
 * No profile is measured more finely than this, and finer cost tables would not fit into memory.
 */
const MOST_TICKS = 1e6;

/**
 * Rejects unit times that make an instruction shorter than a tick, and thus free, or give it too
 * many ticks for memory.
 *
 * @param where the source of the unit time, for the message.
 * @throws InputError if the unit time is longer than an instruction of the profile, or shorter
 *   than a millionth of one.
 */
export function checkUnitTime(
  profile: StageProfile,
  unitTimeS: number,
  where: Pick<Problem, 'source' | 'field'> = { source: profile.source, field: 'unit time' },
): void {
  checkTimes(profileOptions(profile), unitTimeS, where);
}

function checkTimes(
  options: readonly ExecutionOption[],
  unitTimeS: number,
  where: Pick<Problem, 'source' | 'field'>,
): void {
  const { least: shortestS, most: longestS } = extremes(options.map((option) => option.timeS));
  if (fitsTimes(unitTimeS, shortestS, longestS)) return;
  const isTooCoarse = ticksFromSeconds(shortestS, unitTimeS) < 1;
  const isMilliseconds = unitTimeS >= 0.1 && fitsTimes(unitTimeS / 1e3, shortestS, longestS);
  if (longestS / shortestS > MOST_TICKS) {
    throw InputError.of({
      ...where,
      message: `found ${unitTimeS} s, but instructions take from ${shortestS} to ${longestS} s, which no unit time suits: expected at most a million times the shortest`,
    });
  }
  throw InputError.of({
    ...where,
    message: isTooCoarse
      ? `found ${unitTimeS} s, but the shortest instruction takes ${shortestS} s; choose at most that, better a hundredth of it${isMilliseconds ? `; that looks like ms: write ${unitTimeS / 1e3} (s)` : ''}`
      : `found ${unitTimeS} s, but the longest instruction takes ${longestS} s; choose at least a millionth of that`,
  });
}

/** Whether each instruction is at least one tick long, and none has too many. */
function fitsTimes(unitTimeS: number, shortestS: number, longestS: number): boolean {
  return ticksFromSeconds(shortestS, unitTimeS) >= 1 && longestS / unitTimeS <= MOST_TICKS;
}

function profileOptions(profile: StageProfile): ExecutionOption[] {
  return profile.stages.flatMap((stage) => PROFILED_KINDS.flatMap((kind) => stage[kind]));
}

function profileTimes(profile: StageProfile): number[] {
  return profileOptions(profile).map((option) => option.timeS);
}

/** Two to five times coarser and finer unit times, for profiles that no readable one suits. */
const OTHER_UNIT_TIMES_S = [1e-9, 1e-8, 1e-7, 2e-7, 5e-7, 2e-6, 5e-6];
/** Least ticks in the shortest instruction, if the longest leaves room. */
const FEWEST_TICKS = 10;
/** Frontiers of instructions with this many ticks are planned in seconds. */
const QUICK_TICKS = 1e5;

/** Round unit times, for readability. */
const UNIT_TIMES_S = [1e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 0.1, 1];
/** The default unit time is at most these fractions of the shortest instruction: … */
const LARGEST_ROUNDING = { ofExactTimes: 1e-3, atMost: 1e-2 };
/** … and this part of the error that its times have anyway. */
const PART_OF_ERROR = 0.1;

/**
 * The default unit time: rounding down to it takes at most 0.1 % off any instruction, or a tenth of the
 * error that the profile's times have anyway, up to 1 %. If that gives the longest instruction too many
 * ticks, the finest unit time that suits both.
 *
 * @param largestRounding a fraction other than that.
 * @param operations the planned operations, if they differ from the profiled ones: parts of
 *   backwards.
 */
export function defaultUnitTime(
  profile: StageProfile,
  largestRounding = roundingOf(profile),
  operations: readonly ExecutionOption[] = [],
): number {
  const profiled = extremes(profileTimes(profile));
  const all = extremes([profiled.least, profiled.most, ...operations.map(({ timeS }) => timeS)]);
  const fits = (unitS: number) => fitsTimes(unitS, all.least, all.most);
  const usual = UNIT_TIMES_S.filter((unitS) => unitS <= profiled.least * largestRounding).at(-1);
  const chosen = usual ?? UNIT_TIMES_S[0]!;
  const isFine = usual !== undefined || chosen * FEWEST_TICKS <= all.least;
  if (isFine && fits(chosen)) return chosen;
  const others = [...UNIT_TIMES_S, ...OTHER_UNIT_TIMES_S].filter(fits).sort((a, b) => a - b);
  const isQuick = (unitS: number) =>
    all.most / unitS <= QUICK_TICKS && all.least / unitS >= FEWEST_TICKS;
  return others.find(isQuick) ?? others[0] ?? chosen;
}

/** The part of an instruction that a default unit time may round off. */
function roundingOf({ timeErrorPct = 0 }: StageProfile): number {
  const { ofExactTimes, atMost } = LARGEST_ROUNDING;
  return Math.min(Math.max(ofExactTimes, (PART_OF_ERROR * timeErrorPct) / 100), atMost);
}

/**
 * The most that rounding down to a unit time takes off any instruction of the profile, in percent.
 */
export function largestRoundingPct(profile: StageProfile, unitTimeS: number): number {
  const losses = profileTimes(profile).map(
    (timeS) => 1 - (ticksFromSeconds(timeS, unitTimeS) * unitTimeS) / timeS,
  );
  return 100 * most(losses);
}

/**
 * From measured options to a cost curve over whole ticks (Perseus, SOSP '24, section 4.1, and the
 * reference planner): Pareto filter; quantise, keeping the option with the largest energy among
 * those with equal quantised times; subtract the blocking energy of that time; fit the cost model.
 */
export function operationCosts(
  operation: Operation,
  measured: readonly ExecutionOption[],
  { unitTimeS, blockingPowerW, costModel = 'exponential', origin = 'measured' }: CostOptions,
): OperationCosts {
  const allOptions = measured.map((option) => ({
    ...option,
    durationTicks: ticksFromSeconds(option.timeS, unitTimeS),
  }));
  const options = oneOptionPerTick(usefulOptions(allOptions, origin));
  const tickPowerJ = blockingPowerW * unitTimeS;
  const points = options.map((option) => ({
    ticks: option.durationTicks,
    costJ: option.energyJ - tickPowerJ * option.durationTicks,
  }));
  const minTicks = options[0]!.durationTicks;
  const maxTicks = options.at(-1)!.durationTicks;
  return {
    ...operation,
    origin,
    allOptions,
    options,
    minTicks,
    maxTicks,
    costJ: costTable(costModel, points, minTicks, maxTicks),
  };
}

/**
 * Rounding down to a tick merges options; the one with the largest energy has the true time that is
 * closest to the rounded one. Fastest first.
 */
function oneOptionPerTick(options: readonly QuantisedOption[]): QuantisedOption[] {
  const byTick = new Map<number, QuantisedOption>();
  for (const option of options) {
    const kept = byTick.get(option.durationTicks);
    if (kept === undefined || option.energyJ > kept.energyJ) {
      byTick.set(option.durationTicks, option);
    }
  }
  return [...byTick.values()].sort((a, b) => a.durationTicks - b.durationTicks);
}

/**
 * The clock for a planned duration: the slowest useful clock with a quantised time that does not
 * exceed it, or the fastest clock. O(log options).
 */
export function clockFor(operation: OperationCosts, durationTicks: number): QuantisedOption {
  const { options } = operation;
  const isFastEnough = (k: number) => options[k]!.durationTicks <= durationTicks;
  return options[lastPassing(0, options.length - 1, isFastEnough)]!;
}

/** The clock of a job without a planner: the highest one of the profile. */
export function highestClock(operation: OperationCosts): QuantisedOption {
  return operation.allOptions.reduce((a, b) => (b.frequencyMHz > a.frequencyMHz ? b : a));
}
