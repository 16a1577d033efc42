import { readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { POLICY_NAMES } from '../../src/planner/policy-names.js';
import { RUN_FIGURES, TABLE_FIGURES } from '../../sim/figures/draw-figure.js';
import { paperSvg } from '../../sim/figures/paper-svg.js';
import { SCREEN_STYLE, type ChartStyle } from '../../sim/report/charts/chart-style.js';
import { FOR_PICTURES } from '../../sim/run/kept-run.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import { projectFile } from '../support/files.js';
import { shippedFont } from '../support/figures.js';
import { profileOf, scenarioOf } from '../support/made-up.js';
import { labelBoxes, lineWidths, overlapping } from '../support/label-boxes.js';

const font = shippedFont();

/** Figures of tables, and the tables that are committed. */
const TABLES = {
  robustness: 'robustness.csv',
  'paper-7': 'figure7.csv',
  'paper-8': 'figure8.csv',
  'paper-9': 'figure9.csv',
} as const;

/** Seven policies under a straggler: more lines, bars and panels than papers have. */
const RUN = runScenario(
  scenarioOf({
    pipeline: { stages: 4, microbatches: 8 },
    pipelines: 3,
    stragglers: [{ pipeline: 0, slowdown: 1.2, cause: 'stall' }],
    timing: { loadingS: 0.01, transferS: 0.004, iterationConstantS: 0.2 },
    policies: [...POLICY_NAMES],
  }),
  profileOf([0.1, 0.13, 0.11, 0.12]),
  { keep: FOR_PICTURES },
);

/** A column, a page of two, and letters that are large for a column. */
const SIZES = [
  { widthPt: 240, fontPt: 8 },
  { widthPt: 504, fontPt: 8 },
  { widthPt: 240, fontPt: 10 },
  { widthPt: 240, fontPt: 6, heightPt: 300 },
];

type Draw = (style: ChartStyle) => string;

function checkReadable(t: ExecutionContext, draw: Draw, size: (typeof SIZES)[number]): void {
  const { widthPt: widthAsked, heightPt: heightAsked, fontPt } = size;
  const pointsPerPx = fontPt / SCREEN_STYLE.fontPx;
  const style = {
    ...{
      ...SCREEN_STYLE,
      widthPx: widthAsked / pointsPerPx,
      leastFontPx: 6 / pointsPerPx,
      textEm: font.textEm,
    },
    ...(heightAsked !== undefined && { heightPx: heightAsked / pointsPerPx }),
  };
  const { svg, widthPt, heightPt } = paperSvg(draw(style), font.family, pointsPerPx);
  t.is(widthPt.toFixed(2), widthAsked.toFixed(2));
  if (heightAsked !== undefined) t.true(heightPt >= heightAsked);
  const boxes = labelBoxes(svg, font.textEm);
  t.true(boxes.length > 6, String(boxes.length));
  for (const box of boxes) {
    t.true(box.sizePx >= 5.99, JSON.stringify(box));
    t.true(box.left >= -0.01 && box.right <= widthPt + 0.01, JSON.stringify(box));
    t.true(box.top >= -0.01 && box.bottom <= heightPt + 0.01, JSON.stringify(box));
  }
  t.deepEqual(overlapping(boxes), []);
  t.deepEqual(
    lineWidths(svg).filter((width) => width < 0.499),
    [],
  );
}

for (const size of SIZES) {
  const title = `at ${size.widthPt} pt with letters of ${size.fontPt} pt has labels that can be read`;
  for (const [name, table] of Object.entries(TABLES)) {
    test(`${name} ${title}`, (t) => {
      const text = readFileSync(projectFile(`results/${table}`), 'utf8');
      const { drawing } = TABLE_FIGURES[name as keyof typeof TABLES](text, table);
      checkReadable(t, drawing(undefined), size);
    });
  }
  for (const [name, draw] of Object.entries(RUN_FIGURES)) {
    test(`${name} ${title}`, async (t) => {
      const run = await RUN;
      checkReadable(t, (style) => draw(run, style), size);
    });
  }
}
