import { entryOf } from '../../../src/groups.js';
import { FORWARD, RECOMPUTE } from '../../../src/profile/operation.js';
import { escapeXml } from '../escape.js';
import { fixed } from '../numbers.js';
import { PALETTE } from '../looks.js';
import { labelColour, levelColour, LEVELS, powerLevel } from './power-colours.js';
import { niceTicks } from './ticks.js';
import { CRITICAL_PART, type Timeline, type TimelineBox, type TimelinePanel } from './timeline.js';

/** Pixels; times within a lane are in parts of the span. */
export const LAYOUT = {
  width: 1200,
  left: 64,
  right: 12,
  titleHeight: 24,
  laneHeight: 17,
  boxHeight: 14,
  forwardHeight: 9,
  otherHeight: 5,
  waitingHeight: 3,
  criticalHeight: 2,
  axisHeight: 34,
  legendHeight: 30,
} as const;

/** The span in whole numbers: a picture can be enlarged this much without visible steps. */
export const SPAN_UNITS = 100_000;

/** Colours that colour-blind people can distinguish from those of powers. */
const CRITICAL_COLOUR = PALETTE.blue.light;
const OTHER_COLOUR = PALETTE.grey.light;

/** Boxes at least this wide are separated by a gap, and are labelled. */
const GAP_PX = 3;
const LABEL_PX = 15;

const plotWidth = LAYOUT.width - LAYOUT.left - LAYOUT.right;

/**
 * A timeline as SVG: a lane per stage, boxes coloured by power, forwards lower than backwards,
 * critical instructions underlined. Text takes the colour of the page around it. The lanes of a panel
 * are a separate `svg` whose view box spans `SPAN_UNITS`, so that a page can enlarge a part.
 */
export function timelineSvg(timeline: Timeline): string {
  const { panels, spanS } = timeline;
  const tops = panelTops(panels);
  const axisTop = tops.at(-1)!;
  const height = axisTop + LAYOUT.axisHeight + LAYOUT.legendHeight;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="timeline" viewBox="0 0 ${LAYOUT.width} ${height}" data-span="${spanS}" fill="currentColor" font-family="system-ui, sans-serif" font-size="11" role="img">`,
    `<title>${escapeXml(`Timeline of ${panels.map(({ title }) => title).join('; ')}`)}</title>`,
    ...panels.map((panel, k) => panelSvg(timeline, panel, tops[k]!)),
    axisSvg(spanS, axisTop),
    legendSvg(timeline, axisTop + LAYOUT.axisHeight),
    '</svg>',
  ].join('\n');
}

/** The top of each panel, and the bottom of the last one. */
function panelTops(panels: readonly TimelinePanel[]): number[] {
  const tops = [0];
  for (const { lanes } of panels) {
    tops.push(tops.at(-1)! + LAYOUT.titleHeight + lanes.length * LAYOUT.laneHeight + 6);
  }
  return tops;
}

function panelSvg(timeline: Timeline, panel: TimelinePanel, top: number): string {
  const { lanes, title } = panel;
  const lanesTop = top + LAYOUT.titleHeight;
  const height = lanes.length * LAYOUT.laneHeight;
  const names = lanes.map((_, s) => {
    const y = lanesTop + s * LAYOUT.laneHeight + LAYOUT.boxHeight - 3;
    return `<text x="${LAYOUT.left - 8}" y="${y}" text-anchor="end">stage ${s}</text>`;
  });
  return [
    `<text x="${LAYOUT.left}" y="${top + 16}" font-weight="600">${escapeXml(title)}</text>`,
    ...names,
    `<svg class="lanes" x="${LAYOUT.left}" y="${lanesTop}" width="${plotWidth}" height="${height}" viewBox="0 0 ${SPAN_UNITS} ${height}" preserveAspectRatio="none">`,
    ...lanePaths(timeline, panel),
    '</svg>',
    `<g class="labels" transform="translate(${LAYOUT.left} ${lanesTop})" font-size="8" text-anchor="middle">`,
    ...labels(timeline, panel),
    '</g>',
  ].join('\n');
}

/** All boxes of one colour are one path: thousands of boxes, two dozen elements. */
function lanePaths(timeline: Timeline, { lanes, isAggregated }: TimelinePanel): string[] {
  const byColour = new Map<string, string[]>();
  const critical: string[] = [];
  const unit = SPAN_UNITS / timeline.spanS;
  let boxes = 0;
  lanes.forEach((lane, s) => {
    for (const box of lane) {
      const { height, colour } = look(timeline, box);
      const [x, right] = [Math.round(box.fromS * unit), Math.round(box.untilS * unit)];
      const foot = s * LAYOUT.laneHeight + LAYOUT.boxHeight;
      const y = height === LAYOUT.waitingHeight ? foot - LAYOUT.boxHeight / 2 - 1 : foot - height;
      if (right <= x) continue;
      const path = rectangle(x, y, right - x, height);
      entryOf(byColour, colour, (): string[] => []).push(path);
      if (box.isCritical) critical.push(rectangle(x, foot, right - x, LAYOUT.criticalHeight));
      boxes++;
    }
  });
  const widthPx = (plotWidth * lanes.length) / Math.max(boxes, 1);
  const gap =
    isAggregated || widthPx < GAP_PX
      ? ''
      : ` stroke="${PALETTE.paper.light}" stroke-width="0.6" vector-effect="non-scaling-stroke"`;
  return [
    ...[...byColour].map(
      ([colour, paths]) => `<path fill="${colour}"${gap} d="${paths.join('')}"/>`,
    ),
    ...(critical.length > 0
      ? [`<path class="critical" fill="${CRITICAL_COLOUR}" d="${critical.join('')}"/>`]
      : []),
  ];
}

function rectangle(x: number, y: number, width: number, height: number): string {
  return `M${x} ${y}h${width}v${height}h-${width}z`;
}

/** The height and colour of a box. */
function look(timeline: Timeline, box: TimelineBox): { height: number; colour: string } {
  const { activity, powerW, instruction } = box;
  const colour = levelColour(powerLevel(powerW, timeline.lowestW, timeline.highestW));
  switch (activity) {
    case 'computing': {
      const isForward = instruction?.kind === FORWARD || instruction?.kind === RECOMPUTE;
      return { height: isForward ? LAYOUT.forwardHeight : LAYOUT.boxHeight, colour };
    }
    case 'several':
      return { height: LAYOUT.boxHeight, colour };
    case 'waiting for a stage':
    case 'waiting for a pipeline':
      return { height: LAYOUT.waitingHeight, colour };
    default:
      return { height: LAYOUT.otherHeight, colour: OTHER_COLOUR };
  }
}

/** Microbatches of boxes that are wide enough. */
function labels(timeline: Timeline, { lanes }: TimelinePanel): string[] {
  const pxPerS = plotWidth / timeline.spanS;
  return lanes.flatMap((lane, s) =>
    lane.flatMap((box) => {
      const { instruction, activity, fromS, untilS, powerW } = box;
      const isWide = (untilS - fromS) * pxPerS >= LABEL_PX;
      if (instruction === undefined || activity !== 'computing' || !isWide) return [];
      const { height } = look(timeline, box);
      const x = fixed(((fromS + untilS) / 2) * pxPerS, 1);
      const y = fixed(s * LAYOUT.laneHeight + LAYOUT.boxHeight - height / 2 + 2.8, 1);
      const level = powerLevel(powerW, timeline.lowestW, timeline.highestW);
      const fill = labelColour(level).light;
      return [`<text x="${x}" y="${y}" fill="${fill}">${instruction.microbatch}</text>`];
    }),
  );
}

function axisSvg(spanS: number, top: number): string {
  const ticks = niceTicks(0, spanS, 10).map((timeS) => {
    const x = fixed((timeS / spanS) * plotWidth, 1);
    return `<path d="M${x} 0v5" stroke="currentColor"/><text x="${x}" y="17" text-anchor="middle">${timeS}</text>`;
  });
  return [
    `<g class="axis" transform="translate(${LAYOUT.left} ${top})">`,
    `<path d="M0 0h${plotWidth}" stroke="currentColor"/>`,
    ...ticks,
    `<text x="${plotWidth}" y="30" text-anchor="end">time in the iteration (s)</text>`,
    '</g>',
  ].join('');
}

function legendSvg({ lowestW, highestW, panels }: Timeline, top: number): string {
  const swatch = 5;
  const ramp = Array.from(
    { length: LEVELS },
    (_, level) =>
      `<rect x="${level * swatch}" y="0" width="${swatch}" height="10" fill="${levelColour(level)}"/>`,
  );
  const rampWidth = LEVELS * swatch;
  const critical = [
    bar(LAYOUT.criticalHeight, CRITICAL_COLOUR),
    `critical: less than ${100 * CRITICAL_PART} % to spare`,
  ] as const;
  const kinds = [
    [bar(LAYOUT.forwardHeight, levelColour(LEVELS - 6)), 'forward'],
    [bar(LAYOUT.boxHeight, levelColour(LEVELS - 6)), 'backward'],
    [bar(LAYOUT.waitingHeight, levelColour(0), 4), 'waiting'],
    [bar(LAYOUT.otherHeight, OTHER_COLOUR), 'loading, transfers, stalls, optimizer'],
  ] as const;
  const isAggregated = panels.some((panel) => panel.isAggregated);
  const shown = isAggregated ? [critical] : [...kinds, critical];
  let x = rampWidth + 150;
  const marks = shown.map(([mark, text]) => {
    const item = `<g transform="translate(${x} 0)">${mark}<text x="20" y="10">${text}</text></g>`;
    x += 40 + 5.6 * text.length;
    return item;
  });
  return [
    `<g class="legend" transform="translate(${LAYOUT.left} ${top})">`,
    ...ramp,
    `<text x="${rampWidth + 8}" y="10">${fixed(lowestW, 0)} to ${fixed(highestW, 0)} W per GPU</text>`,
    ...marks,
    '</g>',
  ].join('');
}

function bar(height: number, colour: string, raised = 0): string {
  return `<rect x="0" y="${LAYOUT.boxHeight - 2 - height - raised}" width="15" height="${height}" fill="${colour}"/>`;
}
