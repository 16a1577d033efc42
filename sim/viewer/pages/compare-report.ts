import type { Comparison } from '../../judge/comparison.js';
import { comparisonChart } from '../../report/charts/comparison-chart.js';
import { chartSvg } from '../../report/charts/chart-svg.js';
import {
  caseCells,
  comparisonRemarks,
  METRIC_HEAD,
  metricCells,
  type ComparisonHeading,
} from '../../report/text/comparison-report.js';
import { htmlPage, type Section } from './page.js';
import { htmlCode, htmlFigure, htmlNotes, htmlTable } from './parts.js';

/** A comparison of planners as a page. */
export function compareReport(
  heading: ComparisonHeading,
  comparison: Comparison,
  { version, command }: { readonly version: string; readonly command: string },
): string {
  const { base, candidate, suite, isTimed } = heading;
  const { verdict, reason, metrics, cases } = comparison;
  const { head, rows } = caseCells(cases, isTimed);
  const figures: Section[] =
    metrics.length === 0
      ? []
      : [
          {
            heading: 'By figure',
            body: [
              htmlTable(METRIC_HEAD, metrics.map(metricCells), 'By figure'),
              htmlFigure(
                chartSvg(comparisonChart(comparison)),
                'A tick is a case; the point is the mean over cases, with its 95 % interval.',
              ),
            ].join('\n'),
          },
        ];
  const lines = comparisonRemarks(heading, comparison).map(({ warning, text }) =>
    warning === undefined ? text : `${warning} ${text}`,
  );
  return htmlPage({
    title: `${candidate} against ${base}: ${verdict}`,
    summary: [
      `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`,
      `${cases.length} cases of the suite ${suite}, both planners simulated at the same times.`,
    ],
    sections: [
      ...figures,
      { heading: 'In words', body: htmlNotes(lines) },
      { heading: 'Every case', body: htmlTable(head, rows, 'Every case') },
      { heading: 'Run it again', body: htmlCode(command) },
    ],
    version,
  });
}
