import { lowerHull, staircase } from '../../src/lower-left.js';

/** A speed at which a job can run, and the power of the site that it draws. */
export interface SpeedPoint {
  /** Iterations per time, over those of the job with every instruction at the highest clock. */
  readonly speed: number;
  readonly powerW: number;
}

/** A speed between two neighbouring points: the job alternates between them, iteration by iteration. */
export interface Mix<P extends SpeedPoint> extends SpeedPoint {
  readonly slower: P;
  readonly faster: P;
  /** Of the time, the part spent at the faster point; 0 if the job only runs the slower one. */
  readonly fasterPart: number;
}

/**
 * The least power for every speed of a job: the lower hull of its points, over speed.
 *
 * A planned frontier needs no hull: if E(T) is convex, so is the power P(s) = s · E(1 / s) over the speed
 * s = 1 / T, for it is the perspective of E at T = 1; a constant time and energy after the pipelines have
 * met shift E, and the overhead of nodes adds a constant. Simulated points lie off that by the steps of
 * clocks, and those of power limits by far. A job reaches the hull by alternating between two of its
 * points: time at each adds up to its mean speed and its mean power.
 */
export class SpeedCurve<P extends SpeedPoint> {
  /** Speed and power rise strictly, slopes rise: watts for more speed grow dearer. */
  readonly vertices: readonly P[];

  /** @param points at least one, in any order. */
  constructor(points: readonly P[]) {
    const useful = staircase(
      points,
      ({ speed }) => -speed,
      ({ powerW }) => powerW,
    ).reverse();
    const byPlace = useful.map((point) => ({ x: point.speed, y: point.powerW, point }));
    this.vertices = (lowerHull(byPlace) as typeof byPlace).map(({ point }) => point);
  }

  get slowest(): P {
    return this.vertices[0]!;
  }

  get fastest(): P {
    return this.vertices.at(-1)!;
  }

  /** The cheapest way to run at a speed; at the ends of the curve if it lies beyond. O(vertices). */
  at(speed: number): Mix<P> {
    return this.where('speed', speed);
  }

  /** The fastest way to run within a power; undefined if none does. O(vertices). */
  within(powerW: number): Mix<P> | undefined {
    return powerW < this.slowest.powerW ? undefined : this.where('powerW', powerW);
  }

  /** Both speed and power rise along the curve. */
  private where(of: 'speed' | 'powerW', value: number): Mix<P> {
    const k = this.vertices.findIndex((vertex) => vertex[of] > value);
    if (k < 0) return between(this.fastest, this.fastest, 0);
    if (k === 0) return between(this.slowest, this.slowest, 0);
    const [slower, faster] = [this.vertices[k - 1]!, this.vertices[k]!];
    return between(slower, faster, (value - slower[of]) / (faster[of] - slower[of]));
  }
}

/** A job that spends a part of its time at a faster point and the rest at a slower one. */
export function between<P extends SpeedPoint>(slower: P, faster: P, fasterPart: number): Mix<P> {
  if (fasterPart === 0) return { ...figuresOf(slower), slower, faster: slower, fasterPart };
  if (fasterPart >= 1) return { ...figuresOf(faster), slower: faster, faster, fasterPart: 0 };
  return {
    speed: slower.speed + fasterPart * (faster.speed - slower.speed),
    powerW: slower.powerW + fasterPart * (faster.powerW - slower.powerW),
    ...{ slower, faster, fasterPart },
  };
}

function figuresOf({ speed, powerW }: SpeedPoint): SpeedPoint {
  return { speed, powerW };
}
