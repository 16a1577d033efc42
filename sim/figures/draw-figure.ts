import type { KeptScenarioResult } from '../run/run-scenario.js';
import type { ChartStyle } from '../report/charts/chart-style.js';
import { extrinsicFigure, frontierFigure, savingFigure } from '../report/charts/figures.js';
import { robustnessFigure } from '../report/charts/robustness-figure.js';
import type { FIGURES, FigureName } from './figure-names.js';
import { readFrontiers, readReproduced, readRobustness } from './figure-tables.js';

/** Names of figures that are made of a table. */
type TableFigure = {
  [N in FigureName]: (typeof FIGURES)[N] extends 'scenario' | 'sweep' ? never : N;
}[FigureName];

/** Draws in a style, and only these policies if they are given. */
type Draw = (style: ChartStyle, policies: readonly string[] | undefined) => string;

/** Reads the table of each figure, and draws it. @throws InputError if the table is wrong. */
export const TABLE_FIGURES: Readonly<Record<TableFigure, (text: string, source: string) => Drawable>> = {
  robustness: (text, source) => {
    const rows = readRobustness(text, source);
    return {
      policies: namesOf(rows.map(({ planner }) => planner)),
      draw: (style, policies) => robustnessFigure(rows.filter(({ planner }) => policies?.includes(planner) ?? true), style),
    };
  },
  'paper-7': (text, source) => {
    const figures = readReproduced(text, source, 'energy_reduction_pct');
    return { policies: undefined, draw: (style) => savingFigure(figures, style) };
  },
  'paper-8': (text, source) => {
    const figures = readReproduced(text, source, 'extrinsic_energy_reduction_pct');
    return { policies: undefined, draw: (style) => extrinsicFigure(figures, style) };
  },
  'paper-9': (text, source) => {
    const samples = readFrontiers(text, source);
    return { policies: undefined, draw: (style) => frontierFigure(samples, style) };
  },
};

/** A figure whose input is read. */
export interface Drawable {
  /** Policies that it can be narrowed to; undefined if it cannot. */
  readonly policies: readonly string[] | undefined;
  readonly draw: Draw;
}
