import { axisX, axisY, barX, gridX, pointer, ruleX, text, tip } from '@observablehq/plot';
import { most } from '../../../src/extremes.js';
import { PALETTE } from '../looks.js';
import { fixed } from '../numbers.js';
import type { Chart } from './chart.js';
import { framed, SCREEN_STYLE, type ChartStyle } from './chart-style.js';
import { numberScale } from './number-scale.js';

/** A mean time of steps: as they were, or as they would be. */
export interface StepTimeBar {
  readonly name: string;
  readonly timeS: number;
  readonly isWhatIf: boolean;
  /** A remark beside the time. */
  readonly remark: string;
}

/** The width of a name above its bar rather than beside it, as a part of the chart's. */
const BESIDE_PART = 0.4;

/** Mean times of a step as bars: what was measured and replayed, and below it the what-ifs. */
export function stepTimeChart(
  bars: readonly StepTimeBar[],
  style: ChartStyle = SCREEN_STYLE,
): Chart {
  const { fontPx, widthPx } = style;
  const names = bars.map(({ name }) => name);
  const longest = most(names.map(({ length }) => length));
  const isBeside = 0.56 * longest * fontPx <= BESIDE_PART * widthPx;
  const rows = bars.map((bar) => ({
    ...bar,
    shown: bar.remark === '' ? secondsText(bar.timeS) : `${secondsText(bar.timeS)}, ${bar.remark}`,
  }));
  const x = numberScale(
    bars.map(({ timeS }) => timeS),
    { label: 'mean time of a step (s)', hasZero: true },
  );
  const above = isBeside ? 0 : 1.3 * fontPx;
  return {
    ...framed(style, {
      heightPx: (2 * fontPx + above) * bars.length + 5 * fontPx,
      leftChars: isBeside ? longest : 1,
      rightChars: most(rows.map(({ shown }) => shown.length)) + 1,
    }),
    x: x.scale,
    y: { domain: names, label: null, padding: 0.2, axis: null },
    marks: [
      gridX(),
      axisX(),
      ...(isBeside
        ? [axisY({ tickSize: 0 })]
        : [text(rows, { x: 0, y: 'name', text: 'name', textAnchor: 'start', dx: 3, dy: -fontPx })]),
      barX(rows, {
        ...{ x: 'timeS', y: 'name', insetTop: above },
        fill: ({ isWhatIf }: StepTimeBar) => (isWhatIf ? PALETTE.sky.light : PALETTE.blue.light),
      }),
      ruleX([0]),
      text(rows, {
        ...{ x: 'timeS', y: 'name', text: 'shown', textAnchor: 'start', dx: 5, dy: above / 2 },
      }),
      tip(
        rows,
        pointer({ x: 'timeS', y: 'name', title: ({ name, shown }) => `${name}\n${shown}` }),
      ),
    ],
  };
}

function secondsText(timeS: number): string {
  return `${fixed(timeS, timeS < 10 ? 3 : 2)} s`;
}
