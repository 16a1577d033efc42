/** The inputs that figures are made of. */
export const FIGURE_INPUTS = {
  scenario: 'a scenario',
  robustness: 'robustness.csv, written by pipewatt robustness',
  sweep: 'the results of a sweep (.duckdb)',
  reproduced: 'figure7.csv or figure8.csv, written by pipewatt reproduce',
  frontiers: 'figure9.csv, written by pipewatt reproduce',
} as const;

export type FigureInput = keyof typeof FIGURE_INPUTS;

/** Every figure, and the input that it is made of. */
export const FIGURES = {
  timeline: 'scenario',
  frontier: 'scenario',
  ledger: 'scenario',
  clocks: 'scenario',
  power: 'scenario',
  robustness: 'robustness',
  sweep: 'sweep',
  'paper-7': 'reproduced',
  'paper-8': 'reproduced',
  'paper-9': 'frontiers',
} as const satisfies Readonly<Record<string, FigureInput>>;

export type FigureName = keyof typeof FIGURES;

export const FIGURE_NAMES = Object.keys(FIGURES) as FigureName[];

/** The formats of figures, by the endings of files. */
export const FIGURE_FORMATS = ['pdf', 'svg', 'png'] as const;

export type FigureFormat = (typeof FIGURE_FORMATS)[number];
