import {
  frontierChart,
  type FrontierPicture,
  type PinnedPlan,
} from '../../report/charts/frontier-chart.js';
import type { Chart } from '../../report/charts/chart.js';
import { SCREEN_STYLE, textPx } from '../../report/charts/chart-style.js';
import type { EnergyUnit } from '../../report/numbers.js';
import type { FrontierPoint } from '../../../src/planner/planner.js';
import type { ShownFrontier } from '../shown-run.js';

/** Pixels of a chart of energy over time. */
export interface FrontierLayout {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly leftPx: number;
  readonly rightPx: number;
  readonly topPx: number;
  readonly footPx: number;
  readonly x: (timeS: number) => number;
  readonly y: (energyJ: number) => number;
  /** The time at a pixel. */
  readonly timeS: (x: number) => number;
}

/** The part of the scale of energy below the curve: room for the names of T min and T*. */
const ROOM_BELOW = 0.1;
/** The same with the name of a pinned plan between them. */
const ROOM_WITH_PINNED = 0.17;

/** The chart of a frontier. @param pinned a plan to compare with. */
export function frontierFigure(
  { policies, stragglerTimeS }: ShownFrontier,
  widthPx: number,
  pinned?: PinnedPlan,
): Chart {
  const picture: FrontierPicture = {
    lines: policies.flatMap(({ policy, points }) =>
      points.length < 2 ? [] : points.map((point) => ({ policy, ...point })),
    ),
    plans: policies.map(({ policy, chosen }) => ({ policy, plan: 'chosen', ...chosen })),
    deadlineS: stragglerTimeS,
    ...(pinned === undefined ? {} : { pinned }),
  };
  const chart = frontierChart(picture, { ...SCREEN_STYLE, widthPx, heightPx: 320 });
  const [low, high] = domainOf(chart.y);
  const room = pinned === undefined ? ROOM_BELOW : ROOM_WITH_PINNED;
  return { ...chart, y: { ...chart.y, domain: [low - room * (high - low), high] } };
}

/** The places of a chart's times and energies: linear scales between its margins. */
export function frontierLayout(chart: Chart, unit: EnergyUnit): FrontierLayout {
  const {
    width = 0,
    height = 0,
    marginLeft = 0,
    marginRight = 0,
    marginTop = 0,
    marginBottom = 0,
  } = chart;
  const [rightPx, footPx] = [width - marginRight, height - marginBottom];
  const [fromS, untilS] = domainOf(chart.x);
  const [low, high] = domainOf(chart.y);
  const perS = (rightPx - marginLeft) / (untilS - fromS);
  const perUnit = (footPx - marginTop) / (high - low);
  return {
    ...{ widthPx: width, heightPx: height, leftPx: marginLeft, rightPx, topPx: marginTop, footPx },
    x: (timeS) => marginLeft + (timeS - fromS) * perS,
    y: (energyJ) => footPx - (energyJ / unit.joules - low) * perUnit,
    timeS: (x) => fromS + (x - marginLeft) / perS,
  };
}

/** The name of a time on the axis, and the end of it that is at the time. */
interface TimeName {
  readonly text: string;
  readonly side: 'start' | 'end';
}

const FASTEST = 'T min';
const BEST = 'T*, least energy';

/**
 * The names of T min and T*, on the sides where they neither meet nor leave the picture; where there is room on
 * neither side, T* is named by its letter.
 */
export function timeNames(
  { leftPx, widthPx }: Pick<FrontierLayout, 'leftPx' | 'widthPx'>,
  firstX: number,
  bestX: number,
): { readonly first: TimeName; readonly best: TimeName } {
  const [firstPx, bestPx] = [FASTEST, BEST].map((text) => textPx(text, SCREEN_STYLE) + NAME_GAP_PX);
  const isBefore = bestX - firstX < firstPx! + bestPx! && firstX - firstPx! >= leftPx;
  const first = { text: FASTEST, side: isBefore ? 'end' : 'start' } as const;
  const freeX = firstX + (isBefore ? NAME_GAP_PX : firstPx!);
  if (bestX - bestPx! >= freeX) return { first, best: { text: BEST, side: 'end' } };
  const text = bestX + bestPx! <= widthPx ? BEST : 'T*';
  return { first, best: { text: bestX >= freeX ? text : '', side: 'start' } };
}

/** Between two names. */
const NAME_GAP_PX = 6;

function domainOf(scale: Chart['x']): [number, number] {
  const { domain } = scale as { readonly domain: readonly [number, number] };
  return [domain[0], domain[1]];
}

/** The place of a point. */
export function placeOf(
  { x, y }: FrontierLayout,
  { timeS, energyJ }: FrontierPoint,
): { readonly x: number; readonly y: number } {
  return { x: x(timeS), y: y(energyJ) };
}
