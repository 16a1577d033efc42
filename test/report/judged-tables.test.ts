import test from 'ava';
import { DISTURBANCES, type Disturbance, type RobustnessRow } from '../../sim/judge/robustness.js';
import { comparisonText, metricCells } from '../../sim/report/text/comparison-report.js';
import { robustnessMarkdown, robustnessText } from '../../sim/report/text/robustness-report.js';
import { madeUpVerdict } from '../support/made-up-reports.js';

const words = (text: string) => text.replace(/\s+/g, ' ');
const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

test('a verdict fits a terminal, comes first, and has every figure', (t) => {
  const { heading, comparison } = madeUpVerdict();
  const broken = { ...comparison.cases[0]!, verdict: 'broken', broken: 'it is late' } as const;
  const text = comparisonText(heading, { ...comparison, cases: [...comparison.cases, broken] });
  t.true(text.startsWith('./dist/a-planner-of-ones-own.js against perseus: better\n'), text);
  t.true(widest(text) <= 80, text);
  for (const metric of comparison.metrics) {
    for (const cell of metricCells(metric)) t.true(words(text).includes(cell), cell);
  }
  t.regex(words(text), /broken in "0: interleaved, .* 24 clocks": it is late/);
});

/** Every point of the curves of some planners, all different. */
function curves(planners: readonly string[]): RobustnessRow[] {
  return planners.flatMap((planner, p) =>
    Object.entries(DISTURBANCES).flatMap(([disturbance, levels], d) =>
      levels.flatMap((levelPct) =>
        [1, 1.2].map((slowdown): RobustnessRow => {
          const savingPct = 10 + p + d / 10 + levelPct / 100 + slowdown / 1000;
          return {
            ...{ planner, disturbance: disturbance as Disturbance, levelPct, slowdown, savingPct },
            interval: { low: savingPct - 1, high: savingPct + 1 },
            ...{ informedSavingPct: savingPct + 2, slowerPct: 0.5 },
            survivesPct: levelPct === 0 ? undefined : 90 - levelPct,
          };
        }),
      ),
    ),
  );
}

test('what survives of a saving fits a terminal, and is the same in Markdown', (t) => {
  const planners = ['perseus', './dist/a-planner-of-ones-own-with-a-long-name.js'];
  const rows = curves(planners);
  const world = { jobs: ['one job', 'another'], seeds: 8 };
  const text = robustnessText(rows, world);
  t.true(widest(text) <= 80, text);
  const markdown = robustnessMarkdown(rows, world);
  for (const of of [text, markdown]) {
    for (const planner of planners) t.true(of.includes(planner), planner);
    t.regex(words(of), /one job; another\. Disturbances drawn with 8 seeds/);
  }
  const figures = markdown
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.includes('---') && !line.includes('what is'))
    .flatMap((line) => line.slice(2, -2).split(' | '));
  t.is(figures.length, planners.length * 8 * 9);
  for (const figure of figures) t.true(words(text).includes(words(figure)), figure);
});
