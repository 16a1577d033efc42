import { textPx, type ChartStyle } from './chart-style.js';

/** A title in lines around a middle. */
export interface LaidTitle {
  readonly x: number;
  readonly lines: readonly string[];
  /** The line on which the last one stands. */
  readonly footY: number;
}

/** The place of a row of panels. */
export interface LaidRow {
  readonly topPx: number;
  readonly panelPx: number;
  readonly headingX: number;
  readonly headingY: number;
  readonly titles: readonly LaidTitle[];
}

/** The places of a grid's panels. */
export interface GridLayout {
  readonly heightPx: number;
  readonly leftPx: number;
  /** The width of each panel, of the gap between two, and of all. */
  readonly panelPx: number;
  readonly gapPx: number;
  readonly plotsPx: number;
  readonly columnTitles: readonly LaidTitle[];
  readonly rows: readonly LaidRow[];
}

interface Row {
  readonly heading?: string;
  readonly yTicks: {
    readonly values: readonly number[];
    readonly label: (value: number) => string;
  };
  readonly panels: readonly { readonly title?: string }[];
}

interface Given {
  /** Whether panels side by side have different horizontal axes, whose labels meet more easily. */
  readonly hasOwnAxes: boolean;
  readonly columnsTitle: string;
  readonly columns: readonly string[];
  readonly style: ChartStyle;
  readonly legendPx: number;
  readonly hasXTitle: boolean;
}

/** Ems of a line of titles. */
export const TITLE_EM = 1.1;
/** Ems: a heading, labels below a panel, the axis title, the gap between panels. */
const HEADING_EM = 1.5;
const LABELS_EM = 0.95;
/** Ticks, and the room between them and their labels. */
const TICKS_PX = 9;
const AXIS_TITLE_EM = 1.5;
const GAP_EM = 1;
const OWN_GAP_EM = 1.6;
/** Between rows, above what stands over the next. */
const ROW_GAP_EM = 0.9;
/** Height of a panel as a part of its width, and its least in ems. */
const ASPECT = 0.72;
export const LEAST_PANEL_EM = 4;
const MOST_PANEL_EM = 18;
/** Between a title and its panel. */
const FOOT_EM = 0.4;
/** Right of the last panel, for half a label. */
const RIGHT_EM = 0.8;

/** Lays a grid out in the width of a style, and in its height if it has one. */
export function gridLayout(rows: readonly Row[], given: Given): GridLayout {
  const { style, columnsTitle, columns, legendPx, hasXTitle } = given;
  const em = style.fontPx;
  const widths = widthsOf(rows, style, given.hasOwnAxes ? OWN_GAP_EM : GAP_EM);
  const { leftPx, plotsPx, panelPx, gapPx } = widths;
  const titleAt = (title: string, c: number, footY: number): LaidTitle => ({
    x: leftPx + c * (panelPx + gapPx) + panelPx / 2,
    lines: wrapped(title, panelPx + gapPx / 2, style),
    footY,
  });
  const overColumns = {
    ...{ x: leftPx + plotsPx / 2, lines: wrapped(columnsTitle, plotsPx, style) },
    footY: legendPx + 0.9 * em,
  };
  const columnsPx =
    titlesPx([overColumns], em) +
    titlesPx(
      columns.map((title, c) => titleAt(title, c, 0)),
      em,
    );
  const overPx = rows.map(
    ({ heading, panels }) =>
      (heading === undefined ? 0 : HEADING_EM * em) +
      titlesPx(
        panels.map(({ title = '' }, c) => titleAt(title, c, 0)),
        em,
      ) +
      FOOT_EM * em,
  );
  const belowPx = TICKS_PX + (LABELS_EM + (hasXTitle ? AXIS_TITLE_EM : 0)) * em;
  const gapsPx = (rows.length - 1) * ROW_GAP_EM * em;
  const fixedPx = legendPx + columnsPx + sum(overPx) + gapsPx + belowPx;
  const heightOfPanel = Math.max(
    LEAST_PANEL_EM * em,
    style.heightPx === undefined
      ? Math.min(ASPECT * panelPx, MOST_PANEL_EM * em)
      : (style.heightPx - fixedPx) / rows.length,
  );
  let y = legendPx + columnsPx;
  const laid = rows.map(({ panels }, r): LaidRow => {
    const headingY = y + em;
    const topPx = y + overPx[r]!;
    y = topPx + heightOfPanel + ROW_GAP_EM * em;
    const titles = panels.map(({ title = '' }, c) => titleAt(title, c, topPx - FOOT_EM * em));
    return { topPx, panelPx: heightOfPanel, headingX: leftPx, headingY, titles };
  });
  const footY = legendPx + columnsPx - 0.2 * em;
  return {
    ...widths,
    heightPx: Math.max(Math.ceil(fixedPx + rows.length * heightOfPanel), style.heightPx ?? 0),
    columnTitles: [overColumns, ...columns.map((title, c) => titleAt(title, c, footY))],
    rows: laid,
  };
}

/** The widths of a grid: what is left of the axis is as wide as its widest label. */
function widthsOf(rows: readonly Row[], style: ChartStyle, gapEm: number) {
  const em = style.fontPx;
  const labelPx = Math.max(
    ...rows.flatMap(({ yTicks }) => yTicks.values.map((v) => textPx(yTicks.label(v), style))),
  );
  const leftPx = Math.ceil(1.5 * em + labelPx + TICKS_PX);
  const gapPx = gapEm * em;
  const columns = Math.max(...rows.map(({ panels }) => panels.length));
  const plotsPx = style.widthPx - leftPx - RIGHT_EM * em;
  return { leftPx, gapPx, plotsPx, panelPx: (plotsPx - (columns - 1) * gapPx) / columns };
}

/** The height of the tallest of some titles. */
function titlesPx(titles: readonly LaidTitle[], em: number): number {
  return TITLE_EM * em * Math.max(0, ...titles.map(({ lines }) => lines.length));
}

/** A text in lines no wider than this, broken at spaces; a longer word stays whole. */
function wrapped(text: string, widthPx: number, style: ChartStyle): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ').filter((each) => each !== '')) {
    const last = lines.at(-1);
    if (last !== undefined && textPx(`${last} ${word}`, style) <= widthPx) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
