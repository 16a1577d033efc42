import type { PowerSteps } from '../../sim/power/power-series.js';
import { exactSum } from './exact-sum.js';

/** The energy of steps, exactly. */
export function stepsEnergyJ({ untilS, powerW }: PowerSteps): number {
  return exactSum([...powerW].map((stepW, k) => stepW * (untilS[k]! - (untilS[k - 1] ?? 0))));
}

/** @throws Error if a figure is further from the expected one than a part of it. */
export function closeTo(found: number, expected: number, part: number): void {
  if (Math.abs(found - expected) <= part * Math.max(Math.abs(expected), 1e-9)) return;
  throw new Error(`found ${found}, expected ${expected} within ${part}`);
}
