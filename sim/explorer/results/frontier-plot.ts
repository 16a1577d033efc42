import { least, most } from '../../../src/extremes.js';
import uPlot from 'uplot';
import { energyUnit } from '../../report/numbers.js';
import type { ShownFrontier } from '../shown-run.js';
import { lookOf } from './policy-looks.js';

const HEIGHT = 280;
/** Of the range of values, free on either side. */
const MARGIN = 0.06;
const FONT = '12px system-ui, sans-serif';

/** What uPlot needs to draw a frontier in the colours that an element has. */
export function frontierPlot(
  { policies, stragglerTimeS }: ShownFrontier,
  element: HTMLElement,
): { options: uPlot.Options; data: uPlot.AlignedData } {
  const style = getComputedStyle(element);
  const colourOf = (name: string) => style.getPropertyValue(name).trim();
  const all = policies.flatMap(({ points, chosen }) => [...points, chosen]);
  const unit = energyUnit(most(all.map(({ energyJ }) => energyJ)));
  const inUnit = (energyJ: number) => energyJ / unit.joules;
  const times = all.map(({ timeS }) => timeS);
  if (stragglerTimeS !== undefined) times.push(stragglerTimeS);
  const axis = {
    stroke: colourOf('--ink'),
    font: FONT,
    labelFont: FONT,
    labelSize: 18,
    grid: { stroke: colourOf('--line'), width: 1 },
    ticks: { stroke: colourOf('--line'), width: 1 },
  };
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
      ...policies.map(({ policy }): uPlot.Series => {
        const { colour, dash } = lookOf(policy);
        return {
          label: policy,
          stroke: colourOf(colour),
          dash: [...dash],
          width: 2,
          spanGaps: true,
          points: { show: false },
        };
      }),
    ],
    hooks: {
      drawAxes: [
        (plot) => {
          if (stragglerTimeS !== undefined) {
            drawDeadline(plot, stragglerTimeS, colourOf('--vermilion'));
          }
        },
      ],
      draw: [
        (plot) => {
          for (const { policy, chosen } of policies) {
            const { colour, shape } = lookOf(policy);
            const at = { x: chosen.timeS, y: inUnit(chosen.energyJ) };
            drawMark(plot, at, shape, colourOf(colour), colourOf('--paper'));
          }
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
  shape: string,
  colour: string,
  around: string,
): void {
  const { ctx } = plot;
  ctx.save();
  ctx.translate(plot.valToPos(at.x, 'x', true), plot.valToPos(at.y, 'y', true));
  ctx.scale(devicePixelRatio, devicePixelRatio);
  const path = new Path2D(shape);
  ctx.lineWidth = 3;
  ctx.strokeStyle = around;
  ctx.stroke(path);
  ctx.fillStyle = colour;
  ctx.fill(path);
  ctx.restore();
}
