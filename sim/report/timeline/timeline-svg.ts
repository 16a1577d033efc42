import type { ChartStyle } from '../charts/chart-style.js';
import { escapeXml } from '../escape.js';
import { fixed } from '../numbers.js';
import { placedLegend, type PlacedItem } from './legend-places.js';
import { atRest } from './moment.js';
import type { Shape } from './panel-canvas.js';
import { panelShapes } from './panel-shapes.js';
import { panelTitle } from './panel-titles.js';
import { timeTicks } from './time-ticks.js';
import type { Timeline } from './timeline-data.js';
import {
  plotPlace,
  TIMELINE_STYLE,
  timelineLayout,
  type TimelineLayout,
} from './timeline-layout.js';

/**
 * A timeline as SVG, for paper: one policy above the other at one time scale, a lane per stage, boxes
 * coloured by power, waiting striped, critical instructions underlined. Text takes the colour of the page
 * around it.
 */
export function timelineSvg(timeline: Timeline, style: ChartStyle = TIMELINE_STYLE): string {
  const { policies, pipelines, instructions } = timeline;
  const stages = instructions.length;
  const panels = policies.flatMap((_, policy) =>
    pipelines.map((_, pipeline) => ({ policy, pipeline })),
  );
  const legend = placedLegend(timeline, plotPlace(style, stages).plotPx, style.fontPx);
  const room = { stages, panels: panels.length, legendPx: legend.heightPx };
  const layout = timelineLayout(style, room);
  const panelPx = layout.titlePx + stages * layout.lanePx + layout.gapPx;
  const axisTop = panels.length * panelPx;
  const { widthPx, fontPx, fontFamily } = style;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="timeline" viewBox="0 0 ${widthPx} ${Math.ceil(axisTop + layout.axisPx + legend.heightPx)}" fill="currentColor" font-family="${escapeXml(fontFamily)}" font-size="${fontPx}" role="img">`,
    `<title>${escapeXml(timelineLabel(timeline))}</title>`,
    ...panels.map(({ policy, pipeline }, k) =>
      panelSvg(timeline, { policy, pipeline, layout, top: k * panelPx }),
    ),
    axisSvg(timeline.spanS, layout, axisTop),
    `<g class="legend" transform="translate(${layout.leftPx} ${fixed(axisTop + layout.axisPx, 1)})">`,
    legendSvg(legend.items, fontPx),
    '</g>',
    '</svg>',
  ].join('\n');
}

/** The description of a timeline for those who cannot see it. */
export function timelineLabel(timeline: Timeline): string {
  const titles = timeline.policies.flatMap((_, policy) =>
    timeline.pipelines.map((_, pipeline) => panelTitle(timeline, policy, pipeline)),
  );
  return `Timeline of ${titles.join('; ')}`;
}

interface Panel {
  readonly policy: number;
  readonly pipeline: number;
  readonly layout: TimelineLayout;
  readonly top: number;
}

function panelSvg(timeline: Timeline, { policy, pipeline, layout, top }: Panel): string {
  const { fontPx, leftPx, titlePx, plotPx } = layout;
  const { shapes, labels } = panelShapes(timeline, pipeline, atRest(policy), { layout });
  const title = panelTitle(timeline, policy, pipeline, plotPx / (BOLD_PART * fontPx));
  const lanesTop = fixed(top + titlePx, 1);
  return [
    `<text x="${leftPx}" y="${fixed(top + 1.35 * fontPx, 1)}" font-weight="600">${escapeXml(title)}</text>`,
    `<g class="lane-names" transform="translate(${leftPx} ${lanesTop})" text-anchor="end">`,
    ...laneNames(timeline.instructions.length, layout).map(
      ({ y, text }) => `<text x="${fixed(-0.5 * fontPx, 1)}" y="${y}">${text}</text>`,
    ),
    ...(layout.isWordy ? [] : [stageHeading(timeline.instructions.length, layout)]),
    '</g>',
    `<g class="lanes" transform="translate(${leftPx} ${lanesTop})">`,
    ...shapes.map(shapeSvg),
    '</g>',
    `<g class="labels" transform="translate(${leftPx} ${lanesTop})" font-size="${layout.labelPx}" text-anchor="middle">`,
    ...labels.map(
      ({ x, y, colour, text }) => `<text x="${x}" y="${y}" fill="${colour}">${text}</text>`,
    ),
    '</g>',
  ].join('\n');
}

/** Bold letters take about this part of their size in width. */
export const BOLD_PART = 0.62;

/** The common heading of lanes whose names are numbers alone. */
function stageHeading(stages: number, { fontPx, leftPx, lanePx }: TimelineLayout): string {
  const at = `${fixed(1.1 * fontPx - leftPx, 1)} ${fixed((stages * lanePx) / 2, 1)}`;
  return `<text transform="translate(${at}) rotate(-90)" text-anchor="middle">stage</text>`;
}

/** Names of stages, of as many as there is room for. */
export function laneNames(
  stages: number,
  { fontPx, lanePx, boxPx, isWordy }: TimelineLayout,
): { readonly y: string; readonly text: string }[] {
  const every = Math.ceil((1.05 * fontPx) / lanePx - 1e-9);
  return Array.from({ length: Math.ceil(stages / every) }, (_, k) => {
    const stage = k * every;
    return {
      y: fixed(stage * lanePx + boxPx / 2 + 0.35 * fontPx, 1),
      text: isWordy ? `stage ${stage}` : String(stage),
    };
  });
}

function shapeSvg({ paint, colour, opacity, className, d }: Shape): string {
  const named = className === undefined ? '' : ` class="${className}"`;
  const painted =
    paint === 'fill'
      ? `fill="${colour}"${opacity === undefined ? '' : ` fill-opacity="${opacity}"`}`
      : `fill="none" stroke="${colour}"`;
  return `<path${named} ${painted} d="${d}"/>`;
}

function axisSvg(spanS: number, layout: TimelineLayout, top: number): string {
  const { fontPx, leftPx, plotPx } = layout;
  const tickPx = fixed(0.4 * fontPx, 1);
  const ticks = timeTicks([0, spanS], layout).map(({ timeS, x: xPx }) => {
    const x = fixed(xPx, 1);
    return `<path d="M${x} 0v${tickPx}" stroke="currentColor"/><text x="${x}" y="${fixed(1.4 * fontPx, 1)}" text-anchor="middle">${timeS}</text>`;
  });
  return [
    `<g class="axis" transform="translate(${leftPx} ${fixed(top, 1)})">`,
    `<path d="M0 0h${plotPx}" stroke="currentColor"/>`,
    ...ticks,
    `<text x="${plotPx}" y="${fixed(2.6 * fontPx, 1)}" text-anchor="end">time in the iteration (s)</text>`,
    '</g>',
  ].join('');
}

function legendSvg(items: readonly PlacedItem[], fontPx: number): string {
  return items
    .map(({ x, y, mark, text }) => {
      const textAt = `x="${fixed(mark.widthPx + 0.45 * fontPx, 1)}" y="${fixed(0.85 * fontPx, 1)}"`;
      const drawn = mark.shapes.map(shapeSvg).join('');
      return `<g transform="translate(${fixed(x, 1)} ${fixed(y, 1)})">${drawn}<text ${textAt}>${escapeXml(text)}</text></g>`;
    })
    .join('');
}
