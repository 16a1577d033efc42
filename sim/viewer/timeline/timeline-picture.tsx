import type { RefObject } from 'preact';
import { useMemo } from 'preact/hooks';
import { fixed } from '../../report/numbers.js';
import type { BoxPlace } from '../../report/timeline/box-at.js';
import type { Moment } from '../../report/timeline/moment.js';
import type { Shape } from '../../report/timeline/panel-canvas.js';
import { panelShapes } from '../../report/timeline/panel-shapes.js';
import { momentLines, momentTitle } from '../../report/timeline/panel-titles.js';
import { timeTicks } from '../../report/timeline/time-ticks.js';
import type { Timeline } from '../../report/timeline/timeline-data.js';
import { textPx } from '../../report/timeline/timeline-layout.js';
import { BOLD_PART, laneNames, timelineLabel } from '../../report/timeline/timeline-svg.js';
import { boxRectangle, type PictureRows, type Shown } from './picture-rows.js';

/** More numbers on boxes than this are left out: drawing them takes longer than a frame. */
const MOST_LABELS = 1500;

/** A timeline at a moment: a panel per pipeline, the time axis, the legend. */
export function TimelinePicture(
  props: Shown & {
    readonly svgRef: RefObject<SVGSVGElement | null>;
    readonly timeline: Timeline;
    readonly rows: PictureRows;
    readonly told: BoxPlace | undefined;
    readonly onPointerMove: (event: PointerEvent) => void;
    readonly onPointerLeave: () => void;
  },
) {
  const { svgRef, timeline, rows, told, moment, window, onPointerMove, onPointerLeave } = props;
  const { layout, heightPx } = rows;
  const label = useMemo(() => timelineLabel(timeline), [timeline]);
  return (
    <svg
      ref={svgRef}
      class="timeline"
      viewBox={`0 0 ${layout.widthPx} ${heightPx}`}
      width={layout.widthPx}
      height={heightPx}
      fill="currentColor"
      font-size={layout.fontPx}
      role="img"
      aria-label={label}
      {...{ onPointerMove, onPointerLeave }}
    >
      {timeline.pipelines.map((_, pipeline) => (
        <Panel key={pipeline} {...{ timeline, pipeline, rows, moment, window }} />
      ))}
      {told !== undefined && <Frame {...{ timeline, rows, told, moment, window }} />}
      <Axis {...{ timeline, rows, window }} />
      <Legend rows={rows} />
    </svg>
  );
}

function Panel(
  props: Shown & {
    readonly timeline: Timeline;
    readonly pipeline: number;
    readonly rows: PictureRows;
  },
) {
  const { timeline, pipeline, rows, moment, window } = props;
  const { layout, panelPx, stages } = rows;
  const { fontPx, leftPx, titlePx, labelPx } = layout;
  const drawn = useMemo(
    () => panelShapes(timeline, pipeline, moment, { window, layout }),
    [timeline, pipeline, moment, window, layout],
  );
  const labels = drawn.labels.length > MOST_LABELS ? [] : drawn.labels;
  return (
    <g transform={`translate(${leftPx} ${fixed(pipeline * panelPx, 1)})`}>
      <Title {...{ timeline, pipeline, rows, moment }} />
      <g transform={`translate(0 ${titlePx})`}>
        <g text-anchor="end">
          {laneNames(stages, layout).map(({ y, text }) => (
            <text key={text} x={-0.5 * fontPx} y={y}>
              {text}
            </text>
          ))}
        </g>
        <g class="lanes">
          {drawn.shapes.map((shape) => (
            <Path key={keyOf(shape)} shape={shape} />
          ))}
        </g>
        <g class="labels" font-size={labelPx} text-anchor="middle">
          {labels.map(({ x, y, colour, text }, k) => (
            <text key={k} x={x} y={y} fill={colour}>
              {text}
            </text>
          ))}
        </g>
      </g>
    </g>
  );
}

/** The title of a panel, in two lines where one is too short. */
function Title(props: {
  readonly timeline: Timeline;
  readonly pipeline: number;
  readonly rows: PictureRows;
  readonly moment: Moment;
}) {
  const { timeline, pipeline, rows, moment } = props;
  const { layout, twoLines } = rows;
  const { fontPx, plotPx } = layout;
  const [title, waiting] =
    twoLines === undefined
      ? [momentTitle(timeline, pipeline, moment, plotPx / (BOLD_PART * fontPx))]
      : momentLines(timeline, pipeline, moment, twoLines);
  return (
    <>
      <text y={fixed(1.35 * fontPx, 1)} font-weight="600">
        {title}
      </text>
      {waiting !== undefined && <text y={fixed(2.6 * fontPx, 1)}>{waiting}</text>}
    </>
  );
}

function keyOf({ paint, colour, opacity }: Shape): string {
  return `${paint} ${colour} ${opacity ?? ''}`;
}

function Path({ shape }: { readonly shape: Shape }) {
  const { paint, colour, opacity, className, d } = shape;
  return paint === 'fill' ? (
    <path class={className} fill={colour} fill-opacity={opacity} d={d} />
  ) : (
    <path class={className} fill="none" stroke={colour} d={d} />
  );
}

/** A frame around the box that is told of. */
function Frame(
  props: Shown & {
    readonly timeline: Timeline;
    readonly rows: PictureRows;
    readonly told: BoxPlace;
  },
) {
  const { timeline, rows, told, moment, window } = props;
  const { x, y, widthPx, heightPx } = boxRectangle(timeline, rows, { moment, window }, told);
  return (
    <rect
      class="timeline-frame"
      {...{ x, y, width: Math.max(widthPx, 1), height: heightPx }}
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
    />
  );
}

function Axis({
  timeline,
  rows,
  window,
}: Pick<Shown, 'window'> & { readonly timeline: Timeline; readonly rows: PictureRows }) {
  const { fontPx, leftPx, plotPx, widthPx } = rows.layout;
  const { spanS } = timeline;
  const ticks = timeTicks([window.from * spanS, window.until * spanS], rows.layout);
  // The number of a tick at the right edge stays within the picture.
  const rightPx = widthPx - leftPx;
  return (
    <g class="axis" transform={`translate(${leftPx} ${fixed(rows.axisTopPx, 1)})`}>
      <path d={`M0 0h${plotPx}`} stroke="currentColor" />
      {ticks.map(({ timeS, x }) => (
        <g key={timeS} transform={`translate(${fixed(x, 1)} 0)`}>
          <path d="M0 0v5" stroke="currentColor" />
          <text
            x={fixed(Math.min(0, rightPx - x - textPx(String(timeS), fontPx) / 2), 1)}
            y={fixed(1.4 * fontPx, 1)}
            text-anchor="middle"
          >
            {timeS}
          </text>
        </g>
      ))}
      <text x={plotPx} y={fixed(2.6 * fontPx, 1)} text-anchor="end">
        time in the iteration (s)
      </text>
    </g>
  );
}

function Legend({ rows }: { readonly rows: PictureRows }) {
  const { fontPx, leftPx } = rows.layout;
  return (
    <g class="legend" transform={`translate(${leftPx} ${fixed(rows.legendTopPx, 1)})`}>
      {rows.legend.map(({ x, y, mark, text }) => (
        <g key={text} transform={`translate(${fixed(x, 1)} ${fixed(y, 1)})`}>
          {mark.shapes.map((shape, k) => (
            <Path key={k} shape={shape} />
          ))}
          <text x={mark.widthPx + 0.45 * fontPx} y={0.85 * fontPx}>
            {text}
          </text>
        </g>
      ))}
    </g>
  );
}
