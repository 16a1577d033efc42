import { escapeXml } from '../escape.js';
import { PALETTE, policyLooks } from '../looks.js';
import { fixed, powerUnit, type PowerUnit } from '../numbers.js';
import { niceTicks } from '../timeline/ticks.js';
import { LAYOUT } from '../timeline/timeline-svg.js';
import type { PowerPanel, PowerPicture } from './power-chart.js';
import { powerColumns, type PowerColumns } from './power-pixels.js';

const TITLE_HEIGHT = 24;
const PLOT_HEIGHT = 150;
const GAP = 12;
const AXIS_HEIGHT = 36;
const PLOT_WIDTH = LAYOUT.width - LAYOUT.left - LAYOUT.right;

/** Free space above the largest power, as a part of it. */
const HEADROOM = 0.06;

/** The scales of all panels. */
interface Scales {
  readonly unit: PowerUnit;
  readonly x: (timeS: number) => string;
  readonly y: (powerW: number) => string;
  readonly ticksW: readonly number[];
}

/**
 * The power of a job before and after planning as SVG, one below the other on the same axes, from zero.
 * Where there are more steps than pixels the line is their mean, and a band reaches from the least to
 * the largest. Text takes the colour of the page around it.
 */
export function powerSvg(picture: PowerPicture): string {
  const { panels, spanS, topW } = picture;
  const panelHeight = TITLE_HEIGHT + PLOT_HEIGHT + GAP;
  const axisTop = panels.length * panelHeight - GAP;
  const looks = policyLooks(panels.map(({ policy }) => policy));
  const scales = scalesOf(spanS, topW);
  const names = panels.map((panel) => titleOf(panel, scales.unit));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="power" viewBox="0 0 ${LAYOUT.width} ${axisTop + AXIS_HEIGHT}" fill="currentColor" font-family="system-ui, sans-serif" font-size="11">`,
    `<title>${escapeXml(`Power of all GPUs over two iterations: ${names.join('; ')}`)}</title>`,
    ...panels.flatMap((panel, k) => [
      `<text x="${LAYOUT.left}" y="${k * panelHeight + 16}" font-weight="600">${escapeXml(names[k]!)}</text>`,
      `<g transform="translate(${LAYOUT.left} ${k * panelHeight + TITLE_HEIGHT})">`,
      ...gridLines(scales),
      ...curve(panel, spanS, scales, looks[k]!.colour.light),
      ...levelLines(panel, scales),
      '</g>',
    ]),
    timeAxis(spanS, axisTop, scales),
    '</svg>',
  ].join('\n');
}

function scalesOf(spanS: number, topW: number): Scales {
  const fullW = (topW > 0 ? topW : 1) * (1 + HEADROOM);
  return {
    unit: powerUnit(topW),
    x: (timeS) => fixed((timeS / spanS) * PLOT_WIDTH, 1),
    y: (powerW) => fixed(PLOT_HEIGHT * (1 - powerW / fullW), 1),
    ticksW: niceTicks(0, fullW, 4),
  };
}

/** `perseus: mean 1.322 MW, peak 1.651 MW, swing 1.111 MW` */
function titleOf({ policy, meanW, peakW, leastW }: PowerPanel, unit: PowerUnit): string {
  const text = (powerW: number) => `${fixed(powerW / unit.watts, unit.digits)} ${unit.name}`;
  return `${policy}: mean ${text(meanW)}, peak ${text(peakW)}, swing ${text(peakW - leastW)}`;
}

function gridLines({ ticksW, unit, y }: Scales): string[] {
  return ticksW.map((powerW) => {
    const label = Number((powerW / unit.watts).toPrecision(6));
    const isFoot = powerW === 0;
    const text = isFoot ? `0 ${unit.name}` : String(label);
    return `<path d="M0 ${y(powerW)}h${PLOT_WIDTH}" stroke="currentColor" stroke-opacity="${isFoot ? 1 : 0.15}"/><text x="-8" y="${y(powerW)}" dy="0.35em" text-anchor="end">${text}</text>`;
  });
}

function curve(panel: PowerPanel, spanS: number, scales: Scales, colour: string): string[] {
  const { x, y } = scales;
  const columns = powerColumns(panel.steps, spanS, PLOT_WIDTH);
  const endS = columns.untilS.at(-1) ?? 0;
  const line = stepPath(columns, columns.meanW, scales);
  const band =
    columns.leastW === undefined
      ? []
      : [
          `<path fill="${colour}" fill-opacity="0.25" d="${bandPath(columns, columns.leastW, columns.mostW!, scales)}"/>`,
        ];
  return [
    `<path fill="${colour}" fill-opacity="0.12" d="M0 ${y(0)}V${line.slice('M0 '.length)}V${y(0)}z"/>`,
    ...band,
    `<path fill="none" stroke="${colour}" stroke-width="1.2" d="${line}"/>`,
    `<path d="M${x(panel.iterationS)} 0V${PLOT_HEIGHT}" stroke="currentColor" stroke-opacity="0.4" stroke-dasharray="2 3"/>`,
    ...(endS < spanS * 0.999
      ? [
          `<path d="M${x(endS)} 0V${PLOT_HEIGHT}" stroke="currentColor" stroke-opacity="0.4" stroke-dasharray="2 3"/>`,
        ]
      : []),
  ];
}

/** A line in steps, from time 0; steps that look the same are one. */
function stepPath({ untilS }: PowerColumns, powerW: Float64Array, { x, y }: Scales): string {
  const heights = Array.from(powerW, y);
  const steps = heights.map((height, k) => {
    const isLevel = height === heights[k + 1];
    return `${height === heights[k - 1] || k === 0 ? '' : `V${height}`}${isLevel ? '' : `H${x(untilS[k]!)}`}`;
  });
  return `M0 ${heights[0] ?? y(0)}${steps.join('')}`;
}

/** The area between two lines in steps. */
function bandPath(
  columns: PowerColumns,
  leastW: Float64Array,
  mostW: Float64Array,
  scales: Scales,
): string {
  const { x, y } = scales;
  const { untilS } = columns;
  const heights = Array.from(leastW, y);
  const back = [...untilS.keys()].reverse().map((k) => {
    const isLevel = k > 0 && heights[k] === heights[k - 1];
    const from = isLevel ? '' : `H${x(untilS[k - 1] ?? 0)}`;
    return `${heights[k] === heights[k + 1] ? '' : `V${heights[k]!}`}${from}`;
  });
  return `${stepPath(columns, mostW, scales)}${back.join('')}z`;
}

function levelLines({ limits }: PowerPanel, { y }: Scales): string[] {
  const colour = PALETTE.vermilion.light;
  return limits.map(
    ({ name, powerW }) =>
      `<path d="M0 ${y(powerW)}h${PLOT_WIDTH}" stroke="${colour}" stroke-dasharray="6 4"/><text x="${PLOT_WIDTH}" y="${y(powerW)}" dy="-4" text-anchor="end" fill="${colour}" stroke="${PALETTE.paper.light}" stroke-width="3" paint-order="stroke">${name}</text>`,
  );
}

function timeAxis(spanS: number, top: number, { x }: Scales): string {
  const ticks = niceTicks(0, spanS, 10).map(
    (timeS) =>
      `<path d="M${x(timeS)} 0v5" stroke="currentColor"/><text x="${x(timeS)}" y="17" text-anchor="middle">${timeS}</text>`,
  );
  return [
    `<g class="time-axis" transform="translate(${LAYOUT.left} ${top})">`,
    ...ticks,
    `<text x="${PLOT_WIDTH}" y="31" text-anchor="end">time (s), two iterations</text>`,
    '</g>',
  ].join('');
}
