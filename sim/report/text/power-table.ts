import { most } from '../../../src/extremes.js';
import type { GridCheck, GridVerdict } from '../../power/figures/grid-verdict.js';
import type { PowerFigures } from '../../power/figures/power-figures.js';
import type { PolicyPower, PoweredResult } from '../../power/figures/run-power.js';
import {
  GRID_MODES,
  RAMP_TIMES_S,
  UTILITY_BAND,
  type FrequencyBand,
} from '../../power/figures/power-scales.js';
import type { HeadingLines } from '../../results/column.js';
import { count, fixed, powerUnit, type PowerUnit } from '../numbers.js';
import type { PolicyColumn } from './policy-columns.js';

/** The title of the table of power over time. */
export const POWER_TITLE = 'Power over time';

/** The table of power over time, a row per policy; empty unless it was asked for. */
export function powerColumns({ power = [] }: PoweredResult): PolicyColumn[] {
  if (power.length === 0) return [];
  const unit = powerUnit(most(power.map(({ figures }) => figures.peakW)));
  const column = (heading: HeadingLines, cell: (figures: PowerFigures) => string) => ({
    heading,
    cells: power.map(({ figures }) => cell(figures)),
  });
  const watts = (heading: HeadingLines, of: (figures: PowerFigures) => number): PolicyColumn =>
    column(heading, (figures) => inUnit(of(figures), unit));
  const over = `power ${unit.name}`;
  return [
    { heading: ['policy', ''], cells: power.map(({ policy }) => policy) },
    watts([over, 'mean'], ({ meanW }) => meanW),
    watts([over, 'P95'], ({ p95W }) => p95W),
    watts([over, 'P99'], ({ p99W }) => p99W),
    watts([over, 'peak'], ({ peakW }) => peakW),
    watts([over, 'swing'], ({ swingW }) => swingW),
    ...RAMP_TIMES_S.map((timeS) =>
      watts([`ramp ${unit.name}/s`, `${timeS} s`], ({ rampsWPerS }) => {
        const { up, down } = rampsWPerS[timeS];
        return Math.max(up.wPerS, down.wPerS);
      }),
    ),
    ...[['gridModes', GRID_MODES] as const, ['utilityBand', UTILITY_BAND] as const].map(
      ([name, band]) =>
        watts([`${unit.name} at Hz`, bandText(band)], (figures) => figures[name].totalW),
    ),
    column(['most at', 'Hz'], ({ gridModes: { largestHz } }) =>
      largestHz === undefined ? '—' : fixed(largestHz, 3),
    ),
  ];
}

/** Sentences on whether policies keep the limits of the grid; none without limits. */
export function gridSentences({ power = [] }: PoweredResult): string[] {
  return power.flatMap(({ policy, grid }) =>
    grid === undefined ? [] : [verdictText(policy, grid)],
  );
}

/** Notes for readers of the table of power over time. */
export function powerNotes({ power = [], scenario: { seeds } }: PoweredResult): string[] {
  if (power.length === 0) return [];
  const [{ figures }] = power as [PolicyPower];
  const { everyS, spectrum } = figures;
  const { reliableToHz } = spectrum;
  const ofSeed = seeds === 1 ? '' : ', first seed';
  const doubt =
    reliableToHz >= UTILITY_BAND.toHz
      ? []
      : [
          `Swings above ${Number(reliableToHz.toPrecision(3))} Hz are not to be believed: profiles know only the mean power of an instruction, and the shortest takes ${milliseconds(1 / (2 * reliableToHz))}.`,
        ];
  return [
    `power over time: all GPUs, means of ${milliseconds(everyS)}${ofSeed}. swing: largest minus least within an iteration. ramp: largest change within that time, over it. at Hz: amplitude of the sine that has the power of all swings in the band.`,
    ...doubt,
  ];
}

function verdictText(policy: string, { checks, isKept }: GridVerdict): string {
  if (!isKept) {
    const broken = checks.filter((check) => !check.isKept);
    return `grid: ${policy} breaks ${broken.length} of ${count(checks.length, 'limit')}: ${broken.map(checkText).join('; ')}.`;
  }
  const closest = checks.reduce((a, b) => (b.abovePct > a.abovePct ? b : a));
  const told = checks.filter((check) => check === closest || !check.isReliable).map(checkText);
  return `grid: ${policy} keeps ${checks.length === 1 ? 'its limit' : `all ${checks.length} limits`}; closest: ${told.join('; ')}.`;
}

/** `peak 1.700 MW at 3.21 s, 6.3 % above 1.600 MW for 4.20 s` */
function checkText(check: GridCheck): string {
  const { limit, allowed, found, abovePct, band, isReliable } = check;
  const unit = powerUnit(Math.max(allowed, found));
  const text = (value: number) =>
    `${inUnit(value, unit)} ${unit.name}${check.unit === 'W' ? '' : '/s'}`;
  const name = band === undefined ? limit : `${bandText(band)} Hz`;
  const far = `${fixed(Math.abs(abovePct), 1)} % ${abovePct > 0 ? 'above' : 'below'} ${text(allowed)}`;
  const doubt = isReliable ? '' : ', as far as is known';
  const long = check.aboveS === undefined ? '' : ` for ${fixed(check.aboveS, 2)} s`;
  return `${name} ${text(found)}${placeText(check)}, ${far}${long}${doubt}`;
}

function placeText({ atS, untilS, overS, largestHz }: GridCheck): string {
  if (largestHz !== undefined) return `, most at ${fixed(largestHz, 3)} Hz`;
  if (atS === undefined) return '';
  const over = overS === undefined ? '' : ` over ${Number(overS.toPrecision(6))} s`;
  return untilS === undefined
    ? ` at ${fixed(atS, 2)} s`
    : `${over}, from ${fixed(atS, 2)} to ${fixed(untilS, 2)} s`;
}

function bandText({ fromHz, toHz }: FrequencyBand): string {
  return `${fromHz}–${toHz}`;
}

function milliseconds(timeS: number): string {
  return `${Number((1e3 * timeS).toPrecision(3))} ms`;
}

function inUnit(powerW: number, { watts, digits }: PowerUnit): string {
  return fixed(powerW / watts, digits);
}
