import type { StageProfile } from '../../src/profile/stage-profile.js';
import { clockedCost } from './clock-power.js';
import type { PowerRates } from './operator-rates.js';
import type { Machine, WorkTimeS } from './operator-time.js';

/** A kind of instruction with time and energy measured at each clock. */
export interface MeasuredWork {
  /** Work of its operators according to the rates. */
  readonly work: WorkTimeS;
  readonly options: StageProfile['stages'][number]['forward'];
}

/** A fit, and its errors relative to the measurements. */
export interface PowerFit {
  readonly power: PowerRates;
  /** Mean absolute error of time, over its median at all clocks. */
  readonly timeError: number;
  readonly powerError: number;
}

const SHARPNESSES = [8, 12, 20];
const CLOCKED_SHARES = [0, 0.5];
/**
 * Starting point of the search: power of products, the voltage's floor (MHz) and slope (1 / MHz).
 */
const FIRST_GUESS = { productOverLimit: 1.2, voltage: [1100, 0.0008] };
const ROUNDS = 40;
/** Relative first step of each number, and the factor by which steps shrink when none helps. */
const FIRST_STEP = 0.1;
const SHRINK = 0.6;

/**
 * Fits power to instructions measured at all clocks: power of products at the highest clock, the
 * voltage's floor and slope, the sharpness of the board's limit, and the share of memory's time
 * that scales with the clock. The rest of `start` is kept. Sums of absolute errors, because
 * measured clocks have outliers. By coordinate descent: O(rounds · instructions · clocks).
 */
export function fitPower(measured: readonly MeasuredWork[], start: Machine): PowerFit {
  const fits = SHARPNESSES.flatMap((limitSharpness) =>
    CLOCKED_SHARES.map((memory) => {
      const { power } = start.rates;
      const clockedTime = { memory, communication: power.clockedTime.communication };
      return descend(measured, start, { ...power, limitSharpness, clockedTime });
    }),
  );
  return fits.reduce((best, fit) => (errorOf(fit) < errorOf(best) ? fit : best));
}

const errorOf = ({ timeError, powerError }: PowerFit) => timeError + powerError;

function descend(measured: readonly MeasuredWork[], start: Machine, power: PowerRates): PowerFit {
  const attention = power.activeW.attention / power.activeW.product;
  const at = ([product, floorMHz, perMHz]: readonly number[]) =>
    evaluate(measured, start, {
      ...power,
      activeW: { ...power.activeW, product: product!, attention: attention * product! },
      voltage: { floorMHz: floorMHz!, perMHz: perMHz! },
    });
  let numbers = [FIRST_GUESS.productOverLimit * start.limitW, ...FIRST_GUESS.voltage];
  let best = at(numbers);
  let step = FIRST_STEP;
  for (let round = 0; round < ROUNDS; round++) {
    const before = best;
    for (let k = 0; k < numbers.length; k++) {
      for (const factor of [1 + step, 1 - step]) {
        const tried = numbers.map((number, j) => (j === k ? number * factor : number));
        const fit = at(tried);
        if (errorOf(fit) >= errorOf(best)) continue;
        best = fit;
        numbers = tried;
        break;
      }
    }
    if (best === before) step *= SHRINK;
  }
  return best;
}

function evaluate(measured: readonly MeasuredWork[], start: Machine, power: PowerRates): PowerFit {
  const machine = { ...start, rates: { ...start.rates, power } };
  const errors = measured.map(({ work, options }) => {
    const found = options.map(({ frequencyMHz, timeS, energyJ }) => {
      const cost = clockedCost(work, machine, frequencyMHz);
      return {
        time: cost.timeS / timeS,
        power: Math.abs((cost.energyJ / cost.timeS / energyJ) * timeS - 1),
      };
    });
    // The speed of kernels is ignored here; only its dependence on the clock counts.
    const scale = median(found.map(({ time }) => time));
    return {
      time: mean(found.map(({ time }) => Math.abs(time / scale - 1))),
      power: mean(found.map((each) => each.power)),
    };
  });
  return {
    power,
    timeError: mean(errors.map(({ time }) => time)),
    powerError: mean(errors.map((each) => each.power)),
  };
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
