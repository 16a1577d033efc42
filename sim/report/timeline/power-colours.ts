import { interpolateYlOrBr } from 'd3-scale-chromatic';

/** Colours of powers, light to dark, of which neighbours can be told apart. */
export const LEVELS = 24;

/**
 * Power as a colour: ColorBrewer's YlOrBr, which colour-blind people read too, and which is lighter
 * for less also when printed in grey.
 */
export function levelColour(level: number): string {
  return COLOURS[level]!;
}

/** Which colour a power has between the lowest and the highest one. */
export function powerLevel(powerW: number, lowestW: number, highestW: number): number {
  const part = (powerW - lowestW) / Math.max(highestW - lowestW, Number.MIN_VALUE);
  return Math.min(LEVELS - 1, Math.max(0, Math.round(part * (LEVELS - 1))));
}

/** From this level on white text is easier to read than black. */
export const FIRST_DARK_LEVEL = 17;

/** `rgb(255, 0, 0)` → `#ff0000` */
function hex(rgb: string): string {
  const parts = rgb.match(/\d+/g) ?? [];
  return `#${parts.map((part) => Number(part).toString(16).padStart(2, '0')).join('')}`;
}

/** By level. The lightest tenth is hard to see on white. */
const COLOURS = Array.from({ length: LEVELS }, (_, level) =>
  hex(interpolateYlOrBr(0.1 + (0.9 * level) / (LEVELS - 1))),
);
