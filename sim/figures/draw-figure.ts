import type { KeptScenarioResult } from '../run/run-scenario.js';
import type { ChartStyle } from '../report/charts/chart-style.js';
import { chartSvg } from '../report/charts/chart-svg.js';
import { clockChart, clockShares } from '../report/charts/clock-chart.js';
import { drawnPower } from '../report/charts/drawn-power.js';
import { frontierChart, frontierPicture } from '../report/charts/frontier-chart.js';
import { ledgerBars, ledgerChart } from '../report/charts/ledger-chart.js';
import { powerChart } from '../report/charts/power-chart.js';
import { powerPicture } from '../report/charts/power-picture.js';
import { extrinsicFigure, frontierFigure, savingFigure } from '../report/charts/figures.js';
import { robustnessFigure } from '../report/charts/robustness-figure.js';
import { sweepChart } from '../report/charts/sweep-chart.js';
import type { ResultColumns } from '../report/sweep/group-results.js';
import { defaultChoice } from '../report/sweep/sweep-choice.js';
import { sweepData } from '../report/sweep/sweep-data.js';
import { timelineSvg } from '../report/timeline/timeline-svg.js';
import { timelineOf } from '../report/timeline/timeline.js';
import type { FIGURES, FigureInput, FigureName } from './figure-names.js';
import { readFrontiers, readReproduced, readRobustness } from './figure-tables.js';

/** Figures that are made of some inputs. */
type FigureOf<I extends FigureInput> = {
  [N in FigureName]: (typeof FIGURES)[N] extends I ? N : never;
}[FigureName];

/** Draws a figure as SVG, as wide as the style. */
type Draw = (style: ChartStyle) => string;

/** An input that is read, and the figure that it makes. */
export interface Drawing {
  /** The policies of the input; undefined if the figure always shows the same. */
  readonly policies?: readonly string[];
  /** @param policies those to draw. */
  readonly drawing: (policies: readonly string[] | undefined) => Draw;
}

type TableFigure = FigureOf<'robustness' | 'reproduced' | 'frontiers'>;

/** Reads the table of each figure. @throws InputError with all problems of the table. */
export const TABLE_FIGURES: Readonly<
  Record<TableFigure, (text: string, source: string) => Drawing>
> = {
  robustness: (text, source) => {
    const rows = readRobustness(text, source);
    return {
      policies: [...new Set(rows.map(({ planner }) => planner))],
      drawing: (policies) => (style) =>
        robustnessFigure(
          policies === undefined
            ? rows
            : policies.flatMap((name) => rows.filter(({ planner }) => planner === name)),
          style,
        ),
    };
  },
  'paper-7': (text, source) => {
    const figures = readReproduced(text, source, 'energy_reduction_pct');
    return { drawing: () => (style) => savingFigure(figures, style) };
  },
  'paper-8': (text, source) => {
    const figures = readReproduced(text, source, 'extrinsic_energy_reduction_pct');
    return { drawing: () => (style) => extrinsicFigure(figures, style) };
  },
  'paper-9': (text, source) => {
    const samples = readFrontiers(text, source);
    return { drawing: () => (style) => frontierFigure(samples, style) };
  },
};

/** @param isShown whether a policy of the run is in the figure; all are if left out. */
type DrawRun = (
  run: KeptScenarioResult,
  style: ChartStyle,
  isShown?: (policy: string) => boolean,
) => string;

/** Draws each figure of a run. */
export const RUN_FIGURES: Readonly<Record<FigureOf<'scenario'>, DrawRun>> = {
  timeline: ({ kept }, style, isShown) => timelineSvg(timelineOf(narrowed(kept, isShown)), style),
  frontier: ({ kept }, style, isShown) =>
    chartSvg(frontierChart(frontierPicture(kept, isShown), style)),
  ledger: (run, style, isShown) => chartSvg(ledgerChart(ledgerBars(narrowed(run, isShown)), style)),
  clocks: ({ kept }, style, isShown) =>
    chartSvg(clockChart(clockShares(narrowed(kept, isShown)), style)),
  power: ({ kept }, style, isShown) =>
    chartSvg(powerChart(drawnPower(powerPicture(narrowed(kept, isShown))), style)),
};

/** A run of some of its policies. */
function narrowed<T extends { readonly policies: readonly { readonly policy: string }[] }>(
  run: T,
  isShown: (policy: string) => boolean = () => true,
): T {
  return { ...run, policies: run.policies.filter(({ policy }) => isShown(policy)) };
}

/** The figure of a sweep that is drawn. */
const SWEEP_METRIC = 'simulated_saving_pct';

/**
 * The savings of a sweep over the fields that varied: lines of all policies, or, of one policy over two fields
 * and more, a heat map. Undefined if nothing varied.
 */
export function sweepFigure(
  columns: ResultColumns,
  fields: readonly string[],
): Drawing | undefined {
  const all = sweepData(columns, fields);
  if (all.axes.length === 0) return undefined;
  // Against itself max-frequency saves nothing.
  const savers = all.policies.filter((policy) => policy !== 'max-frequency');
  const drawing = (asked: readonly string[] | undefined) => {
    const policies = asked ?? savers;
    const isKept = (columns['policy'] ?? []).map((name) => policies.includes(String(name)));
    const kept = Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [name, values.filter((_, k) => isKept[k])]),
    );
    const data = sweepData(kept, fields);
    const kind = policies.length === 1 && data.axes.length > 1 ? 'heat map' : 'lines';
    const choice = defaultChoice(data, { kind, metric: SWEEP_METRIC, policy: policies[0]! })!;
    return (style: ChartStyle) => chartSvg(sweepChart(data, choice, style));
  };
  return savers.length === 0 ? undefined : { policies: all.policies, drawing };
}
