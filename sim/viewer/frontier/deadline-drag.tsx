import { useRef } from 'preact/hooks';
import { fixed, type EnergyUnit } from '../../report/numbers.js';
import type { FrontierPoint } from '../../../src/planner/planner.js';
import { leastEnergy, savedPct, type DraggedCurve } from './dragged-curve.js';
import { placeOf, timeNames, type FrontierLayout } from './frontier-layout.js';
import { useDeadline } from './use-deadline.js';

interface DragProps {
  readonly curve: DraggedCurve;
  readonly unit: EnergyUnit;
  readonly layout: FrontierLayout;
}

/** The handle on a frontier: dragged or moved by keys, it says what the plan at its deadline takes. */
export function DeadlineDrag({ curve, unit, layout }: DragProps) {
  const { point, firstS, isMoved, moveTo, onKeyDown, release } = useDeadline(curve);
  const svg = useRef<SVGSVGElement>(null);
  const follow = (event: PointerEvent) => {
    moveTo(layout.timeS(event.clientX - svg.current!.getBoundingClientRect().left));
  };
  const { x, y } = placeOf(layout, point);
  const texts = pointTexts(curve, unit, point);
  const [first, last] = [curve.points[0]!, curve.points.at(-1)!];
  const best = leastEnergy(curve);
  const names = timeNames(layout, layout.x(first.timeS), layout.x(best.timeS));
  return (
    <svg
      ref={svg}
      class="frontier-drag"
      width={layout.widthPx}
      height={layout.heightPx}
      viewBox={`0 0 ${layout.widthPx} ${layout.heightPx}`}
      fill="currentColor"
      font-size="12"
    >
      <TimeMark layout={layout} timeS={first.timeS} {...names.first} />
      <TimeMark layout={layout} timeS={best.timeS} {...names.best} />
      <path class="frontier-guide" d={`M${x} ${layout.footPx}V${y}H${layout.leftPx}`} />
      <g
        class={isMoved ? 'frontier-handle moved' : 'frontier-handle'}
        role="slider"
        tabindex={0}
        aria-label={`Deadline on the frontier of ${curve.policy}`}
        aria-valuemin={firstS}
        aria-valuemax={last.timeS}
        aria-valuenow={point.timeS}
        aria-valuetext={texts.join(', ')}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          follow(event);
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) follow(event);
        }}
        onPointerUp={release}
        onPointerCancel={release}
      >
        <circle class="frontier-grip" cx={x} cy={y} r="22" />
        <circle cx={x} cy={y} r="8.5" />
        <path d={`M${x - 13} ${y}l-5 -4v8zM${x + 13} ${y}l5 -4v8z`} />
      </g>
      <Reading layout={layout} x={x} y={y} texts={texts} />
    </svg>
  );
}

/** `53.210 s`, `761.2 kJ`, `21.3 % less energy than at the highest clocks` */
function pointTexts(curve: DraggedCurve, unit: EnergyUnit, point: FrontierPoint): string[] {
  const saved = savedPct(curve, point);
  const slower = 100 * (point.timeS / curve.points[0]!.timeS - 1);
  return [
    `${fixed(point.timeS, 3)} s${slower < 0.05 ? '' : ` (${fixed(slower, 1)} % slower)`}`,
    `${fixed(point.energyJ / unit.joules, 3)} ${unit.name}`,
    `${fixed(Math.abs(saved), 1)} % ${saved < 0 ? 'more' : 'less'} than max-frequency`,
  ];
}

/** The reading of a point beside it, on the side where there is room. */
function Reading(props: {
  readonly layout: FrontierLayout;
  readonly x: number;
  readonly y: number;
  readonly texts: readonly string[];
}) {
  const { layout, x, y, texts } = props;
  const isRight = x < (layout.leftPx + layout.rightPx) / 2;
  // A frontier falls to the right: above it there is room.
  const top = isRight ? Math.max(layout.topPx + 14, y - 16 * texts.length - 6) : layout.topPx + 34;
  return (
    <g
      class="frontier-reading"
      text-anchor={isRight ? 'start' : 'end'}
      transform={`translate(${x + (isRight ? 14 : -14)} ${top})`}
      aria-hidden="true"
    >
      {texts.map((text, k) => (
        <text key={k} y={16 * k} font-weight={k === 0 ? 600 : undefined}>
          {text}
        </text>
      ))}
    </g>
  );
}

/** A time on the horizontal axis, named above it. */
function TimeMark(props: {
  readonly layout: FrontierLayout;
  readonly timeS: number;
  readonly text: string;
  readonly side: 'start' | 'end';
}) {
  const { layout, timeS, text, side } = props;
  const x = layout.x(timeS);
  return (
    <g class="frontier-time">
      <path d={`M${x} ${layout.footPx}v-7`} />
      <text x={x} y={layout.footPx - 11} text-anchor={side}>
        {text}
      </text>
    </g>
  );
}
