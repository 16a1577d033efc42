import { interpolateBlues } from 'd3-scale-chromatic';
import type { Colour } from '../looks.js';

/** Number of colours of powers; neighbours remain distinguishable. */
export const LEVELS = 24;

/**
 * Power as a colour: ColorBrewer's Blues, the hue of computing in ledgers, which colour-blind people can
 * tell from the orange and vermilion of waiting. The more power, the more it stands out: it is darker on
 * light paper, also when printed in grey, and lighter on dark paper.
 */
export const POWER_COLOURS: readonly Colour[] = Array.from({ length: LEVELS }, (_, level) => {
  const part = (0.8 * level) / (LEVELS - 1);
  // The ends of the ramp are hard to see on paper of a similar colour.
  return { light: hex(interpolateBlues(0.2 + part)), dark: hex(interpolateBlues(0.94 - part)) };
});

/** The name of a power's colour in pictures. */
export function levelColour(level: number): string {
  return POWER_COLOURS[level]!.light;
}

/** The level of a power's colour between the lowest and the highest power. */
export function powerLevel(powerW: number, lowestW: number, highestW: number): number {
  const part = (powerW - lowestW) / Math.max(highestW - lowestW, Number.MIN_VALUE);
  return Math.min(LEVELS - 1, Math.max(0, Math.round(part * (LEVELS - 1))));
}

/** Black or white, whichever is read more easily on the colours from a level on. */
export const LABEL_COLOURS: readonly { readonly fromLevel: number; readonly colour: Colour }[] = [
  { fromLevel: 0, colour: { light: '#010101', dark: '#fefefe' } },
  { fromLevel: 7, colour: { light: '#000000', dark: '#000000' } },
  { fromLevel: 16, colour: { light: '#fdfdfd', dark: '#020202' } },
];

/** The colour of text on a power's colour. */
export function labelColour(level: number): Colour {
  return LABEL_COLOURS.findLast(({ fromLevel }) => level >= fromLevel)!.colour;
}

/** `rgb(255, 0, 0)` → `#ff0000` */
function hex(rgb: string): string {
  const parts = rgb.match(/\d+/g) ?? [];
  return `#${parts.map((part) => Number(part).toString(16).padStart(2, '0')).join('')}`;
}
