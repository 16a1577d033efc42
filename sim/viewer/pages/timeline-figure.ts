import { FORWARD, INSTRUCTION_KINDS, RECOMPUTE } from '../../../src/profile/operation.js';
import { escapeXml } from '../../report/escape.js';
import { LABEL_COLOURS, LEVELS } from '../../report/timeline/power-colours.js';
import { niceTicks } from '../../report/timeline/ticks.js';
import { LAYOUT, SPAN_UNITS, timelineSvg } from '../../report/timeline/timeline-svg.js';
import type { Timeline, TimelineBox } from '../../report/timeline/timeline.js';
import { installZoom, type ZoomData } from './zoom.js';

/** A timeline that can be enlarged, and whose boxes can be inspected. */
export function timelineFigure(timeline: Timeline, caption: string): string {
  // Numbers and names of kinds cannot contain `</script>`.
  const data = JSON.stringify(zoomData(timeline));
  return [
    '<figure class="zoomable">',
    '<p class="controls"><button type="button" data-zoom="in">Enlarge</button> <button type="button" data-zoom="out">Reduce</button> <button type="button" data-zoom="all">Show all</button> <span class="quiet">or drag, Ctrl + wheel, the keys + − ← → 0</span></p>',
    `<div class="wide" tabindex="0" role="group" aria-label="Timeline; plus and minus enlarge, arrows move, 0 shows all">${timelineSvg(timeline)}</div>`,
    '<p class="hint" role="status"></p>',
    `<script type="application/json">${data}</script>`,
    `<figcaption>${escapeXml(caption)}</figcaption>`,
    '</figure>',
  ].join('\n');
}

/** Source of the script that brings all timelines of a page to life. */
export function zoomScript(): string {
  return `(${installZoom.toString()})(${niceTicks.toString()});`;
}

function zoomData(timeline: Timeline): ZoomData {
  const { spanS, lowestW, highestW, panels } = timeline;
  const unit = SPAN_UNITS / spanS;
  const isLabelled = ({ activity, instruction }: TimelineBox) =>
    activity === 'computing' && instruction !== undefined;
  const numbers = ({ fromS, untilS, powerW, instruction }: TimelineBox) => {
    const { kind, microbatch, clockMHz } = instruction!;
    const from = Math.round(fromS * unit);
    const width = Math.round(untilS * unit) - from;
    return [from, width, kind, microbatch, clockMHz, Math.round(powerW)];
  };
  const plotWidth = LAYOUT.width - LAYOUT.left - LAYOUT.right;
  return {
    spanS,
    spanUnits: SPAN_UNITS,
    labelFills: LABEL_COLOURS.map(({ fromLevel, colour }) => [
      lowestW + ((highestW - lowestW) * (fromLevel - 0.5)) / (LEVELS - 1),
      colour.light,
    ]),
    left: LAYOUT.left,
    plotWidth,
    width: LAYOUT.width,
    laneHeight: LAYOUT.laneHeight,
    boxHeight: LAYOUT.boxHeight,
    forwardHeight: LAYOUT.forwardHeight,
    kinds: INSTRUCTION_KINDS,
    lowKinds: [FORWARD, RECOMPUTE],
    panels: panels.map(({ lanes }) =>
      lanes.map((lane) => lane.filter(isLabelled).flatMap(numbers)),
    ),
  };
}
