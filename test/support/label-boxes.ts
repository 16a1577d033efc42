import { parseHTML } from 'linkedom';

/** The box of a label on a picture, in its units. */
export interface LabelBox {
  readonly text: string;
  readonly sizePx: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A matrix: x' = a·x + c·y + e, y' = b·x + d·y + f. */
type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

const NONE: Matrix = [1, 0, 0, 1, 0, 0];
/** Parts of an em above and below the line that letters stand on. */
const ABOVE = 0.66;
const BELOW = 0.16;

interface Inherited {
  readonly matrix: Matrix;
  readonly sizePx: number;
  readonly anchor: string;
  readonly fill: string;
  readonly stroke: string;
  readonly strokeWidth: number;
}

/** The boxes of all labels of an SVG. @param textEm the width of a text as a part of its size. */
export function labelBoxes(svg: string, textEm: (text: string) => number): LabelBox[] {
  const boxes: LabelBox[] = [];
  walk(svg, (element, own) => {
    // Halos are drawn as letters of their own, below the letters.
    const isLetters = element.tagName.toLowerCase() === 'text' && own.fill !== 'none';
    if (isLetters) boxes.push(...boxesOf(element, own, textEm));
  });
  return boxes;
}

/** The widths of all lines of an SVG. */
export function lineWidths(svg: string): number[] {
  const widths: number[] = [];
  walk(svg, (element, { matrix, stroke, strokeWidth }) => {
    const isShape = /^(path|line|rect|circle|polyline)$/i.test(element.tagName);
    if (isShape && stroke !== 'none') widths.push(strokeWidth * Math.hypot(matrix[0], matrix[1]));
  });
  return widths;
}

/** Calls for each element that is drawn. */
function walk(svg: string, see: (element: Element, own: Inherited) => void): void {
  const { document } = parseHTML(`<!doctype html><html><body>${svg}</body></html>`);
  const visit = (element: Element, above: Inherited) => {
    if (['defs', 'style', 'title', 'clippath'].includes(element.tagName.toLowerCase())) return;
    const own = inherited(element, above);
    see(element, own);
    if (element.tagName.toLowerCase() === 'text') return;
    for (const child of element.children) visit(child, own);
  };
  const picture = document.querySelector('svg')!;
  const [, , widthPx] = picture.getAttribute('viewBox')!.split(' ').map(Number);
  const scale = Number(picture.getAttribute('width')) / widthPx!;
  const matrix: Matrix = [scale, 0, 0, scale, 0, 0];
  const outside = {
    ...{
      matrix,
      sizePx: 16,
      anchor: 'start',
      fill: 'currentColor',
      stroke: 'none',
      strokeWidth: 1,
    },
  };
  visit(picture, outside);
}

/** Two labels that overlap, if there are any. */
export function overlapping(boxes: readonly LabelBox[]): [LabelBox, LabelBox][] {
  return boxes.flatMap((a, k) =>
    boxes
      .slice(k + 1)
      .filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
      .map((b): [LabelBox, LabelBox] => [a, b]),
  );
}

function inherited(element: Element, above: Inherited): Inherited {
  const { matrix, sizePx, anchor, fill, stroke, strokeWidth } = above;
  const style = element.getAttribute('style') ?? '';
  const size = /font-size:\s*([\d.]+)px/.exec(style)?.[1] ?? element.getAttribute('font-size');
  return {
    matrix: product(matrix, matrixOf(element.getAttribute('transform') ?? '')),
    sizePx: size === null ? sizePx : parseFloat(size) * (size.endsWith('em') ? sizePx : 1),
    anchor: element.getAttribute('text-anchor') ?? anchor,
    fill: element.getAttribute('fill') ?? fill,
    stroke: element.getAttribute('stroke') ?? stroke,
    strokeWidth: Number(element.getAttribute('stroke-width') ?? strokeWidth),
  };
}

/** A box for each line: a text is one, or one for each tspan. */
function boxesOf(element: Element, style: Inherited, textEm: (text: string) => number): LabelBox[] {
  const length = (of: Element, name: string, otherwise: number) => {
    const text = of.getAttribute(name);
    if (text === null) return otherwise;
    return parseFloat(text) * (text.endsWith('em') ? style.sizePx : 1);
  };
  const x = length(element, 'x', 0);
  let y = length(element, 'y', 0) + length(element, 'dy', 0);
  const parts = element.children.length === 0 ? [element] : [...element.children];
  return parts.flatMap((part) => {
    const own = part === element ? style : inherited(part, style);
    if (part !== element) y = length(part, 'y', y) + length(part, 'dy', 0);
    const text = part.textContent.trim();
    if (text === '') return [];
    const width = textEm(text) * own.sizePx;
    const left =
      length(part, 'x', x) -
      (own.anchor === 'middle' ? width / 2 : own.anchor === 'end' ? width : 0);
    const corners = [left, left + width].flatMap((cornerX) =>
      [y - ABOVE * own.sizePx, y + BELOW * own.sizePx].map((cornerY) =>
        applied(own.matrix, cornerX, cornerY),
      ),
    );
    const [xs, ys] = [corners.map((corner) => corner[0]), corners.map((corner) => corner[1])];
    const [a, b] = own.matrix;
    return {
      ...{ text, sizePx: own.sizePx * Math.hypot(a, b) },
      ...{ left: Math.min(...xs), right: Math.max(...xs) },
      ...{ top: Math.min(...ys), bottom: Math.max(...ys) },
    };
  });
}

function matrixOf(transform: string): Matrix {
  let matrix = NONE;
  for (const [, name, list] of transform.matchAll(/(\w+)\(([^)]*)\)/g)) {
    const [p = 0, q] = list!.split(/[\s,]+/).map(Number);
    const angle = (p * Math.PI) / 180;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    if (name === 'translate') matrix = product(matrix, [1, 0, 0, 1, p, q ?? 0]);
    else if (name === 'scale') matrix = product(matrix, [p, 0, 0, q ?? p, 0, 0]);
    else if (name === 'rotate') matrix = product(matrix, [cos, sin, -sin, cos, 0, 0]);
    else throw new Error(`unknown transform ${name!}`);
  }
  return matrix;
}

function product(m: Matrix, n: Matrix): Matrix {
  return [
    m[0] * n[0] + m[2] * n[1],
    m[1] * n[0] + m[3] * n[1],
    m[0] * n[2] + m[2] * n[3],
    m[1] * n[2] + m[3] * n[3],
    m[0] * n[4] + m[2] * n[5] + m[4],
    m[1] * n[4] + m[3] * n[5] + m[5],
  ];
}

function applied([a, b, c, d, e, f]: Matrix, x: number, y: number): readonly [number, number] {
  return [a * x + c * y + e, b * x + d * y + f];
}
