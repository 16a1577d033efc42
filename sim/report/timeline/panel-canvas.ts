import { entryOf } from '../../../src/groups.js';
import { FORWARD, RECOMPUTE, WEIGHT_GRADIENT } from '../../../src/profile/operation.js';
import type { ActivityLook } from './activity-looks.js';
import { labelColour, levelColour } from './power-colours.js';
import { short, stripesPath, type Rectangle } from './stripes.js';
import { textPx, type LaneLengths } from './timeline-layout.js';

/** All boxes of one look are one path: thousands of boxes, some dozens of elements. */
export interface Shape {
  readonly paint: 'fill' | 'stroke';
  readonly colour: string;
  /** Of areas below stripes. */
  readonly opacity?: number;
  readonly className?: string;
  readonly d: string;
}

/** The number of a microbatch on its box; `y` is the baseline. */
export interface BoxLabel {
  readonly x: number;
  readonly y: number;
  readonly colour: string;
  readonly text: string;
}

/** The drawing of the lanes of a pipeline, from its upper left corner. */
export interface PanelShapes {
  readonly shapes: readonly Shape[];
  readonly labels: readonly BoxLabel[];
}

/** Boxes at least this wide end with a gap. */
const GAP_FROM_PX = 2.5;
const GAP_PX = 0.6;
/** Narrower boxes cannot be seen. */
export const LEAST_PX = 0.02;

/** A few numbers among many boxes tell nothing: they are left out below this part of the boxes. */
const LABELLED_PART = 0.2;

/** The opacity of waiting below its stripes. */
const TINT_OPACITY = 0.28;

/** Collects the boxes of a pipeline by their looks. */
export class PanelCanvas {
  private readonly tints = new Map<string, string[]>();
  private readonly stripes = new Map<string, string[]>();
  private readonly computed = new Map<number, string[]>();
  private readonly others = new Map<string, string[]>();
  private readonly underlines: string[] = [];
  private readonly labels: BoxLabel[] = [];
  private boxes = 0;

  constructor(private readonly layout: LaneLengths & { readonly plotPx: number }) {}

  /** A box that computes. */
  computing(level: number, box: Rectangle): void {
    const [left, right] = this.cut(box);
    const gap = right - left >= GAP_FROM_PX ? GAP_PX : 0;
    this.column(level, { ...box, left, right: right - gap });
  }

  /** A box that computes, without a gap behind it. */
  column(level: number, box: Rectangle): void {
    const [left, right] = this.cut(box);
    const ofLevel = entryOf(this.computed, level, (): string[] => []);
    ofLevel.push(rectangle({ ...box, left, right }));
    this.boxes++;
  }

  /** The number of a box's microbatch, if there is room for it. */
  label(text: string, level: number, box: Rectangle): void {
    const { labelPx } = this.layout;
    const [left, right] = this.cut(box);
    if (right - left < textPx(text, labelPx) + 3 || box.foot - box.top < 0.85 * labelPx) return;
    this.labels.push({
      x: short((left + right - GAP_PX) / 2),
      y: short((box.top + box.foot) / 2 + 0.36 * labelPx),
      colour: labelColour(level).light,
      text,
    });
  }

  /** A box that does not compute, of a lane. */
  activity(look: ActivityLook, from: number, until: number, top: number): void {
    const { boxPx, otherPx } = this.layout;
    const foot = top + boxPx;
    this.area(look, { left: from, right: until, top: look.isWaiting ? top : foot - otherPx, foot });
  }

  /** An area of the look of an activity. */
  area(look: ActivityLook, box: Rectangle): void {
    const [left, right] = this.cut(box);
    const shown = { ...box, left, right };
    const areas = look.stripes === undefined ? this.others : this.tints;
    entryOf(areas, look.colour, (): string[] => []).push(rectangle(shown));
    if (look.stripes === undefined) return;
    entryOf(this.stripes, look.colour, (): string[] => []).push(
      stripesPath(shown, look.stripes, this.layout.stripePx),
    );
  }

  /** The line below a critical box. */
  critical(from: number, until: number, top: number): void {
    const { boxPx, criticalPx } = this.layout;
    const [left, right] = this.cut({ left: from, right: until });
    const y = top + boxPx;
    this.underlines.push(rectangle({ left, right, top: y, foot: y + criticalPx }));
  }

  /** Everything that was collected; the last shape is on top. */
  drawn(): PanelShapes {
    const shapes: Shape[] = [];
    for (const [colour, paths] of this.tints) {
      shapes.push({ paint: 'fill', colour, opacity: TINT_OPACITY, d: paths.join('') });
    }
    for (const [colour, paths] of this.stripes) {
      shapes.push({ paint: 'stroke', colour, d: paths.join('') });
    }
    for (const [colour, paths] of this.others) {
      shapes.push({ paint: 'fill', colour, d: paths.join('') });
    }
    for (const [level, paths] of [...this.computed].sort(([a], [b]) => a - b)) {
      shapes.push({ paint: 'fill', colour: levelColour(level), d: paths.join('') });
    }
    if (this.underlines.length > 0) {
      const d = this.underlines.join('');
      shapes.push({ paint: 'fill', colour: 'currentColor', className: 'critical', d });
    }
    const isReadable = this.labels.length >= LABELLED_PART * this.boxes;
    return { shapes, labels: isReadable ? this.labels : [] };
  }

  /** The part of a box within the plot. */
  private cut({ left, right }: Pick<Rectangle, 'left' | 'right'>): [number, number] {
    return [Math.max(0, left), Math.min(this.layout.plotPx, right)];
  }
}

/** Forwards are low, gradients of weights hang from the lane's top, other boxes are as high as the lane. */
export function boxOfKind(
  kind: number,
  { boxPx, forwardPx }: LaneLengths,
  top: number,
): Pick<Rectangle, 'top' | 'foot'> {
  if (kind === FORWARD || kind === RECOMPUTE) {
    return { top: top + boxPx - forwardPx, foot: top + boxPx };
  }
  return { top, foot: top + (kind === WEIGHT_GRADIENT ? forwardPx : boxPx) };
}

function rectangle({ left, right, top, foot }: Rectangle): string {
  const width = short(right - left);
  return `M${short(left)} ${short(top)}h${width}v${short(foot - top)}h${-width}z`;
}
