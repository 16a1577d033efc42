import { axisX, axisY, frame, gridX, gridY, plot, type Markish } from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { svgText } from './chart-svg.js';
import { textPx, type ChartStyle } from './chart-style.js';
import { fewTicks } from './few-ticks.js';
import { legend, type LegendEntry } from './legend.js';
import {
  gridLayout,
  LEAST_PANEL_EM,
  TITLE_EM,
  type GridLayout,
  type LaidRow,
  type LaidTitle,
} from './panel-layout.js';

/** An axis of panels. */
export interface PanelAxis {
  readonly domain: readonly [number, number];
  /** Round numbers as many as fit, if left out. */
  readonly ticks?: readonly number[];
  readonly label?: (value: number) => string;
}

/** One plot of a grid. */
export interface Panel {
  readonly title?: string;
  readonly x: PanelAxis;
  readonly marks: readonly Markish[];
}

/** Panels side by side that share their vertical axis. */
export interface PanelRow {
  /** Above the panels. */
  readonly heading?: string;
  readonly yTitle: string;
  readonly y: PanelAxis;
  readonly panels: readonly Panel[];
}

/** Small plots with shared axes and one legend above all. */
export interface PanelGrid {
  /** Above the titles of columns. */
  readonly columnsTitle?: string;
  /** Titles of columns, above all rows. */
  readonly columns?: readonly string[];
  readonly rows: readonly PanelRow[];
  readonly xTitle: string;
  readonly legend: readonly LegendEntry[];
}

/** The length of ticks, and the room between a tick and its label. */
const TICK_PX = 5;
const TICK_GAP_PX = 3;
const GRID = { strokeOpacity: 0.12 };
/** The least gap between two labels. */
const LEAST_GAP_EM = 0.35;
/** Most labels of a horizontal axis and of a vertical one. */
const MOST_X_TICKS = 7;
const MOST_Y_TICKS = 5;

/** Draws a grid as SVG: labels stand at its outer panels only, where they do not meet. */
export function panelGridSvg(grid: PanelGrid, style: ChartStyle): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const shown = legend(grid.legend, style);
  const rows = grid.rows.map((row) => ({
    ...row,
    yTicks: yTicksOf(row.y),
  }));
  const layout = gridLayout(rows, {
    ...{
      style,
      columnsTitle: grid.columnsTitle ?? '',
      columns: grid.columns ?? [],
      hasOwnAxes: rows.some(hasOwnAxes),
    },
    legendPx: shown.heightPx,
    hasXTitle: grid.xTitle !== '',
  });
  const svg = plot({
    document,
    ...{ width: style.widthPx, height: layout.heightPx, margin: 0, axis: null },
    style: { fontSize: `${style.fontPx}px`, fontFamily: style.fontFamily },
    marks: [shown.mark],
  });
  const draw = drawer(document);
  rows.forEach((row, r) => {
    const at = layout.rows[r]!;
    svg.append(...headings(row, at, style, draw));
    row.panels.forEach((panel, c) => {
      const below = rows[r + 1]?.panels[c];
      const drawn = drawnPanel(panel, {
        ...{ row, layout, heightPx: at.panelPx, style, document },
        hasXLabels: below === undefined || !isSameAxis(below.x, panel.x),
        hasYLabels: c === 0,
      });
      const x = layout.leftPx + c * (layout.panelPx + layout.gapPx);
      svg.append(draw.group(x, at.topPx, [...drawn.childNodes]));
    });
  });
  svg.append(
    ...titleTexts(layout.columnTitles, style, draw),
    ...axisTitles(grid, layout, style, draw),
  );
  return svgText(svg);
}

/** Ticks and their labels, all with the same digits. */
function labelled({ label }: PanelAxis, values: readonly number[]) {
  const digits = Math.max(0, ...values.map((value) => (String(value).split('.')[1] ?? '').length));
  return { values, label: label ?? ((value: number) => value.toFixed(digits).replace('-', '−')) };
}

/** Round numbers whose labels, an em high, stand apart even beside the lowest panel. */
function yTicksOf(axis: PanelAxis) {
  const [from, until] = axis.domain;
  const haveRoom = ([first = from, second = Infinity]: readonly number[]) =>
    LEAST_PANEL_EM * (second - first) >= until - from;
  return labelled(axis, axis.ticks ?? fewTicks(axis.domain, MOST_Y_TICKS, haveRoom));
}

interface PanelPlace {
  readonly row: { readonly y: PanelAxis; readonly yTicks: ReturnType<typeof labelled> };
  readonly layout: GridLayout;
  readonly heightPx: number;
  readonly style: ChartStyle;
  readonly document: Document;
  readonly hasXLabels: boolean;
  readonly hasYLabels: boolean;
}

/** A panel whose labels hang over its edges. */
function drawnPanel({ x, marks }: Panel, place: PanelPlace): Element {
  const { row, layout, heightPx, style, document, hasXLabels, hasYLabels } = place;
  const { panelPx, gapPx } = layout;
  const { values, label } = ticksThatFit(x, panelPx, gapPx, style);
  const labels = { label: null, tickSize: TICK_PX, tickPadding: TICK_GAP_PX };
  const none = () => '';
  return plot({
    document,
    ...{ width: panelPx, height: heightPx, margin: 0 },
    x: { domain: [...x.domain], axis: null, type: 'linear' },
    y: { domain: [...row.y.domain], axis: null, type: 'linear' },
    marks: [
      ...(x.ticks === undefined ? [gridX(values, GRID)] : []),
      gridY(row.yTicks.values, GRID),
      ...marks,
      frame({ strokeOpacity: 0.5 }),
      axisX(values, { ...labels, tickFormat: hasXLabels ? label : none }),
      axisY(row.yTicks.values, {
        ...labels,
        tickFormat: hasYLabels ? row.yTicks.label : none,
      }),
    ],
  });
}

/**
 * Round numbers whose labels neither meet each other nor those of the next panel. The last one has no
 * label if it would meet the first of the next panel.
 */
function ticksThatFit(axis: PanelAxis, panelPx: number, gapPx: number, style: ChartStyle) {
  if (axis.ticks !== undefined) return labelled(axis, axis.ticks);
  const [from, until] = axis.domain;
  const leastGapPx = LEAST_GAP_EM * style.fontPx;
  const spansOf = (ticks: readonly number[]) => {
    const { values, label } = labelled(axis, ticks);
    return values.map((value) => {
      const middle = ((value - from) / (until - from)) * panelPx;
      const half = textPx(label(value), style) / 2;
      return [middle - half, middle + half] as const;
    });
  };
  const areApart = (ticks: readonly number[]) => {
    const spans = spansOf(ticks);
    return spans.slice(1).every(([low], k) => low - spans[k]![1] >= leastGapPx);
  };
  const { values, label } = labelled(axis, fewTicks(axis.domain, MOST_X_TICKS, areApart));
  const spans = spansOf(values);
  const meetsNext =
    spans.length > 1 && panelPx + gapPx + spans[0]![0] - spans.at(-1)![1] < leastGapPx;
  const hidden = meetsNext ? values.at(-1) : undefined;
  return { values, label: (value: number) => (value === hidden ? '' : label(value)) };
}

/** Whether the panels of a row have different horizontal axes. */
function hasOwnAxes({ panels }: PanelRow): boolean {
  return panels.some(({ x }) => !isSameAxis(x, panels[0]!.x));
}

function isSameAxis(a: PanelAxis, b: PanelAxis): boolean {
  return a.domain[0] === b.domain[0] && a.domain[1] === b.domain[1];
}

type Drawer = ReturnType<typeof drawer>;

/** Makes the elements of a picture. */
function drawer(document: Document) {
  const make = (name: 'g' | 'text', attributes: Readonly<Record<string, string | number>>) => {
    const made = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    return made;
  };
  return {
    group: (x: number, y: number, children: readonly Node[]) => {
      const group = make('g', { transform: `translate(${x},${y})` });
      group.append(...children.filter((child) => child.nodeName.toLowerCase() !== 'style'));
      return group;
    },
    text: (content: string, attributes: Readonly<Record<string, string | number>>) => {
      const text = make('text', attributes);
      text.textContent = content;
      return text;
    },
  };
}

/** The heading of a row and the titles of its panels, above them. */
function headings(row: PanelRow, at: LaidRow, style: ChartStyle, draw: Drawer): Element[] {
  const { heading } = row;
  return [
    ...(heading === undefined
      ? []
      : [
          draw.text(heading, {
            ...{ x: at.headingX, y: at.headingY, 'text-anchor': 'start', 'font-weight': 600 },
          }),
        ]),
    ...titleTexts(at.titles, style, draw),
  ];
}

/** Titles in lines, each with its last line at its foot. */
function titleTexts(titles: readonly LaidTitle[], { fontPx }: ChartStyle, draw: Drawer): Element[] {
  return titles.flatMap(({ lines, x, footY }) =>
    lines.map((line, k) => {
      const y = footY - (lines.length - 1 - k) * TITLE_EM * fontPx;
      return draw.text(line, { x, y, 'text-anchor': 'middle' });
    }),
  );
}

/** One title for each vertical axis that rows share, and one for the horizontal one. */
function axisTitles(
  { rows, xTitle }: PanelGrid,
  layout: GridLayout,
  { fontPx }: ChartStyle,
  draw: Drawer,
): Element[] {
  const titles: Element[] = [];
  for (let from = 0; from < rows.length;) {
    const title = rows[from]!.yTitle;
    let until = from;
    while (rows[until + 1]?.yTitle === title) until++;
    const bottom = layout.rows[until]!;
    const y = (layout.rows[from]!.topPx + bottom.topPx + bottom.panelPx) / 2;
    const transform = `translate(${0.9 * fontPx},${y}) rotate(-90)`;
    titles.push(draw.text(title, { transform, 'text-anchor': 'middle' }));
    from = until + 1;
  }
  if (xTitle === '') return titles;
  const { leftPx, heightPx, plotsPx } = layout;
  const middle = { x: leftPx + plotsPx / 2, y: heightPx - 0.35 * fontPx };
  return [...titles, draw.text(xTitle, { ...middle, 'text-anchor': 'middle' })];
}
