import test from 'ava';
import { paperSvg } from '../../sim/figures/paper-svg.js';
import { SCREEN_STYLE, type ChartStyle } from '../../sim/report/charts/chart-style.js';
import { chartSvg } from '../../sim/report/charts/chart-svg.js';
import type { Chart } from '../../sim/report/charts/chart.js';
import { sweepChart } from '../../sim/report/charts/sweep-chart.js';
import { sweepFrontier, sweepFrontierChart } from '../../sim/report/charts/sweep-frontier.js';
import { parallelChart } from '../../sim/report/charts/sweep-parallel.js';
import { defaultChoice, type SweepChoice } from '../../sim/report/sweep/sweep-choice.js';
import { sweepData, type SweepData } from '../../sim/report/sweep/sweep-data.js';
import { shippedFont } from '../support/figures.js';
import { labelBoxes, overlapping } from '../support/label-boxes.js';
import { gridOf } from '../support/made-up-sweeps.js';

const font = shippedFont();

function dataOf(fields: Parameters<typeof gridOf>[0]): SweepData {
  let k = 0;
  const { columns, fields: names } = gridOf(fields, () => 10 + ((k++ * 7919) % 101) / 13);
  return sweepData(columns, names);
}

const MICROBATCHES = [4, 8, 12, 16, 24, 32, 48, 64, 96, 128];
const SLOWDOWNS = [1, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3, 1.4, 1.5];
const GPUS = ['gpt3-175b-a100-sxm', 'bloom-176b-a40', 'llama-3-8b'];

/** Sweeps of one field to four, of numbers and of names. */
const SWEEPS: Readonly<Record<string, SweepData>> = {
  'one field': dataOf({ 'stragglers[0].slowdown': SLOWDOWNS }),
  names: dataOf({ 'profile.catalog': GPUS }),
  'two fields': dataOf({
    'pipeline.microbatches': MICROBATCHES,
    'stragglers[0].slowdown': SLOWDOWNS,
  }),
  'large numbers': dataOf({
    'timing.transferS': [0.000123, 0.001234, 0.0123, 0.123],
    'power.jobLimitW': [100_000, 125_000, 150_000, 1_000_000],
  }),
  'names and numbers': dataOf({
    'profile.catalog': GPUS,
    'pipeline.microbatches': MICROBATCHES,
  }),
  'four fields': dataOf({
    'pipeline.microbatches': MICROBATCHES.slice(0, 5),
    'stragglers[0].slowdown': SLOWDOWNS.slice(0, 6),
    pipelines: [2, 4, 8, 16],
    'profile.catalog': GPUS,
  }),
  'many panels': dataOf({
    'pipeline.microbatches': MICROBATCHES,
    'stragglers[0].slowdown': SLOWDOWNS,
    pipelines: [2, 4, 8, 16, 32, 64],
    'pipeline.stages': [2, 3, 4, 5, 6, 8],
  }),
};

/** A column and a page of two, each with small letters, usual ones and large ones. */
const SIZES = [240, 504].flatMap((widthPt) => [6, 8, 10].map((fontPt) => ({ widthPt, fontPt })));

function chosen(data: SweepData, kind: SweepChoice['kind']): SweepChoice | undefined {
  return defaultChoice(data, { kind, metric: 'simulated_saving_pct', policy: 'perseus' });
}

const CHARTS: Readonly<Record<string, (data: SweepData, style: ChartStyle) => Chart | undefined>> =
  {
    lines: (data, style) => sweepChart(data, chosen(data, 'lines')!, style),
    'heat map': (data, style) => {
      const choice = chosen(data, 'heat map');
      return choice && sweepChart(data, choice, style);
    },
    frontier: (data, style) => sweepFrontierChart(sweepFrontier(data), data.policies, style),
    parallel: (data, style) => parallelChart(data, 'perseus', 'simulated_saving_pct', style).chart,
  };

for (const { widthPt, fontPt } of SIZES) {
  const pointsPerPx = fontPt / SCREEN_STYLE.fontPx;
  const style = {
    ...SCREEN_STYLE,
    ...{ widthPx: widthPt / pointsPerPx, leastFontPx: 6 / pointsPerPx, textEm: font.textEm },
  };
  for (const [sweep, data] of Object.entries(SWEEPS)) {
    for (const [kind, draw] of Object.entries(CHARTS)) {
      const chart = draw(data, style);
      if (chart === undefined) continue;
      test(`${kind} of ${sweep} at ${widthPt} pt with letters of ${fontPt} pt has labels that can be read`, (t) => {
        const figure = paperSvg(chartSvg(chart), font.family, pointsPerPx);
        t.is(figure.widthPt.toFixed(2), widthPt.toFixed(2));
        const boxes = labelBoxes(figure.svg, font.textEm);
        t.true(boxes.length > 4, String(boxes.length));
        const problems = [
          ...boxes.filter(({ sizePx }) => sizePx < 5.99).map((box) => ['small', box]),
          ...boxes
            .filter(
              (box) =>
                box.left < -0.01 ||
                box.right > figure.widthPt + 0.01 ||
                box.top < -0.01 ||
                box.bottom > figure.heightPt + 0.01,
            )
            .map((box) => ['outside', box]),
          ...overlapping(boxes),
        ];
        t.deepEqual(problems, []);
      });
    }
  }
}
