import { least, most } from '../../../src/extremes.js';
import uPlot from 'uplot';
import { PALETTE, policyLooks, type Look } from '../../report/looks.js';
import { energyUnit } from '../../report/numbers.js';
import type { ShownFrontier } from '../../viewer/shown-run.js';


const HEIGHT = 280;
/** Margin on either side, as a part of the range of values. */
const MARGIN = 0.06;
/** Half the width of a mark. */
const MARK_PX = 6;
const FONT = '12px system-ui, sans-serif';

/** The options of uPlot for drawing a frontier in the colours of an element. */
export function frontierPlot(
  { policies, stragglerTimeS }: ShownFrontier,
  element: HTMLElement,
  isDark: boolean,
): { options: uPlot.Options; data: uPlot.AlignedData } {
  const style = getComputedStyle(element);
  const colourOf = (name: string) => style.getPropertyValue(name).trim();
  const scheme = isDark ? 'dark' : 'light';
  const looks = policyLooks(policies.map(({ policy }) => policy));
  const all = policies.flatMap(({ points, chosen }) => [...points, chosen]);
  const unit = energyUnit(most(all.map(({ energyJ }) => energyJ)));
  const inUnit = (energyJ: number) => energyJ / unit.joules;
  const times = all.map(({ timeS }) => timeS);
  if (stragglerTimeS !== undefined) times.push(stragglerTimeS);
  const axis = axisIn(colourOf('--ink'), colourOf('--line'));
  const options: uPlot.Options = {
    width: Math.max(element.clientWidth, 200),
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: withMargin(times) },
      y: { range: withMargin(all.map(({ energyJ }) => inUnit(energyJ))) },
    },
    axes: [
      { ...axis, label: 'planned iteration time (s)', size: 32 },
      { ...axis, label: `energy per iteration (${unit.name})`, size: 58 },
    ],
    series: [
      {},
      ...policies.map(({ policy }, k) => policySeries(policy, looks[k]!, scheme)),
    ],
    hooks: {
      drawAxes: [
        (plot) => {
          if (stragglerTimeS !== undefined) {
            drawDeadline(plot, stragglerTimeS, PALETTE.vermilion[scheme]);
          }
        },
      ],
      draw: [
        (plot) => {
          policies.forEach(({ chosen }, k) => {
            const at = { x: chosen.timeS, y: inUnit(chosen.energyJ) };
            drawMark(plot, at, looks[k]!, scheme);
          });
        },
      ],
    },
  };
  const tables = policies.map(
    ({ points }): uPlot.AlignedData => [
      points.map(({ timeS }) => timeS),
      points.map(({ energyJ }) => inUnit(energyJ)),
    ],
  );
  return { options, data: uPlot.join(tables) };
}

function axisIn(ink: string, line: string): uPlot.Axis {
  const rule = { stroke: line, width: 1 };
  return { stroke: ink, font: FONT, labelFont: FONT, labelSize: 18, grid: rule, ticks: rule };
}

function policySeries(
  policy: string,
  { colour, dash }: Look,
  scheme: 'light' | 'dark',
): uPlot.Series {
  const line = { stroke: colour[scheme], dash: [...dash], width: 2 };
  return { label: policy, ...line, spanGaps: true, points: { show: false } };
}

function withMargin(values: readonly number[]): [number, number] {
  const [low, high] = [least(values), most(values)];
  const margin = MARGIN * (high - low || Math.abs(high) || 1);
  return [low - margin, high + margin];
}

function drawDeadline(plot: uPlot, timeS: number, colour: string): void {
  const { ctx, bbox } = plot;
  const x = Math.round(plot.valToPos(timeS, 'x', true));
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}

function drawMark(
  plot: uPlot,
  at: { readonly x: number; readonly y: number },
  { shape, colour }: Look,
  scheme: 'light' | 'dark',
): void {
  const { ctx } = plot;
  ctx.save();
  ctx.translate(plot.valToPos(at.x, 'x', true), plot.valToPos(at.y, 'y', true));
  ctx.scale(MARK_PX * devicePixelRatio, MARK_PX * devicePixelRatio);
  const path = new Path2D(shape);
  ctx.lineWidth = 3 / MARK_PX;
  ctx.strokeStyle = PALETTE.paper[scheme];
  ctx.stroke(path);
  ctx.fillStyle = colour[scheme];
  ctx.fill(path);
  ctx.restore();
}
