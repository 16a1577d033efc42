import type { Comparison } from '../../judge/comparison.js';
import {
  caseCells,
  comparisonRemarks,
  METRIC_HEAD,
  metricCells,
  type ComparisonHeading,
} from '../../report/text/comparison-report.js';
import { DataChart } from '../data-chart.js';
import { DataTable } from '../data-table.js';
import { Code, Notes, Section, Summary } from './prose.js';
import { reportPage, type ReportMaker } from './report-page.js';

/** The program and the command that make a report. */
export interface CommandMaker extends ReportMaker {
  readonly command: string;
}

/** A comparison of planners as a page. */
export function compareReport(
  heading: ComparisonHeading,
  comparison: Comparison,
  made: CommandMaker,
): string {
  const { base, candidate, suite, isTimed } = heading;
  const { verdict, reason, metrics, cases } = comparison;
  const { head, rows } = caseCells(cases, isTimed);
  const lines = comparisonRemarks(heading, comparison).map(({ warning, text }) =>
    warning === undefined ? text : `${warning} ${text}`,
  );
  const summary = [
    `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`,
    `${cases.length} cases of the suite ${suite}, both planners simulated at the same times.`,
  ];
  return reportPage({
    title: `${candidate} against ${base}: ${verdict}`,
    made,
    children: (
      <>
        <Summary sentences={summary} />
        {metrics.length > 0 && (
          <Section heading="By figure">
            <DataChart kind="comparison" data={comparison} label={CAPTION} />
            <Notes notes={[CAPTION]} />
            <DataTable head={METRIC_HEAD} rows={metrics.map(metricCells)} label="By figure" />
          </Section>
        )}
        <Section heading="In words">
          <Notes notes={lines} />
        </Section>
        <Section heading="Every case">
          <DataTable head={head} rows={rows} label="Every case" />
        </Section>
        <Section heading="Run it again">
          <Code text={made.command} />
        </Section>
      </>
    ),
  });
}

const CAPTION = 'A tick is a case; the point is the mean over cases, with its 95 % interval.';
