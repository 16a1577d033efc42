import type { TracedRun } from './power-rows.js';

/**
 * The power sensor of GPUs since Ampere, as measured on an H100: `power.draw` is the mean of the last
 * second, and is new every 100 ms.
 */
export const SENSOR = { everyS: 0.1, windowIntervals: 10 } as const;

/** A GPU in the log. */
export interface LoggedGpu {
  readonly index: number;
  /** Its column of the traced power and of the sampled clocks. */
  readonly unit: number;
}

/** The content of a log. */
export interface SmiLog {
  readonly gpus: readonly LoggedGpu[];
  /** Mean power of each interval of the sensor. */
  readonly power: TracedRun;
  /** Clocks at the beginning of each of them. */
  readonly clocks: TracedRun;
  /** The time between lines of one GPU. */
  readonly everyS: number;
  /** The time stamp at a time of the run. */
  readonly stampOf: (timeS: number) => string;
}

/** Sensor intervals that are read at once. */
const BLOCK = 1 << 12;
/** A time this near to the end of an interval is at its end. */
const ROUNDING = 1e-6;

/**
 * A log as `nvidia-smi --query-gpu=timestamp,index,power.draw,clocks.current.sm --format=csv -lms N` writes it, piece by
 * piece. It begins when the sensor has its first value: 100 ms after the run began.
 */
export function* smiLog({ gpus, power, clocks, everyS, stampOf }: SmiLog): Generator<string> {
  yield 'timestamp, index, power.draw [W], clocks.current.sm [MHz]\n';
  const reader = new SensorReader(power, clocks);
  // An interval that the run does not fill never ends for the sensor.
  const whole = Math.floor(power.durationS / SENSOR.everyS + ROUNDING);
  let text = '';
  for (let sample = 0; ; sample++) {
    const timeS = sample * everyS;
    const intervals = Math.floor(timeS / SENSOR.everyS + ROUNDING);
    if (intervals === 0) continue;
    if (intervals > whole || timeS > power.durationS + ROUNDING * everyS) break;
    const timestamp = stampOf(timeS);
    for (const { index, unit } of gpus) {
      const { powerW, clockMHz } = reader.at(intervals, unit);
      text += `${timestamp}, ${index}, ${powerW.toFixed(2)} W, ${Math.round(clockMHz)} MHz\n`;
    }
    if (text.length < 1 << 16) continue;
    yield text;
    text = '';
  }
  yield text;
}

/** Reads what the sensor says, block by block. */
class SensorReader {
  private first = 0;
  private powers = new Float64Array(0);
  private clocksMHz = new Float64Array(0);

  constructor(
    private readonly power: TracedRun,
    private readonly clocks: TracedRun,
  ) {}

  /** The readings after this many intervals, of which none is before the ones of the last call. */
  at(intervals: number, unit: number): { readonly powerW: number; readonly clockMHz: number } {
    const { unitCount } = this.power;
    const fromInterval = Math.max(0, intervals - SENSOR.windowIntervals);
    if ((intervals + 1 - this.first) * unitCount > this.clocksMHz.length) this.load(fromInterval);
    let sumW = 0;
    for (let k = fromInterval; k < intervals; k++) {
      sumW += this.powers[(k - this.first) * unitCount + unit]!;
    }
    const last = Math.min(intervals, this.clocks.rowCount - 1);
    return {
      powerW: sumW / (intervals - fromInterval),
      clockMHz: this.clocksMHz[(last - this.first) * unitCount + unit]!,
    };
  }

  private load(first: number): void {
    this.first = first;
    this.powers = this.power.read(first, BLOCK) as Float64Array<ArrayBuffer>;
    this.clocksMHz = this.clocks.read(first, BLOCK) as Float64Array<ArrayBuffer>;
  }
}
