import type { ReproducedFigure } from '../../paper/reproduced.js';
import {
  reproducedCells,
  remarksOf,
  reproducedHead,
  summaries,
  type TableText,
} from '../../report/text/reproduced-table.js';
import { DataTable } from '../data-table.js';
import type { CommandMaker } from './compare-report.js';
import { Code, Notes, Picture, Section, Summary } from './prose.js';
import { reportPage } from './report-page.js';

/** A table or figure of the paper, and ours. */
export interface ReproducedPart {
  readonly text: TableText;
  readonly figures: readonly ReproducedFigure[];
  /** Figures that the summary counts. */
  readonly counted: readonly ReproducedFigure[];
  readonly picture: string | undefined;
  /** A table without published percentages. */
  readonly table?: {
    readonly head: readonly string[];
    readonly rows: readonly (readonly string[])[];
  };
}

/** Published figures beside ours as a page. */
export function reproducedReport(parts: readonly ReproducedPart[], made: CommandMaker): string {
  const counted = parts.flatMap((part) => part.counted);
  const close = counted.filter((figure) => Math.abs(figure.plannedPct - figure.valuePct) <= 0.5);
  const sentence = `Of ${counted.length} published figures, ${close.length} are met within half a percentage point as planned.`;
  return reportPage({
    title: 'The published figures of Perseus, and ours',
    made,
    children: (
      <>
        <Summary sentences={counted.length === 0 ? [] : [sentence]} />
        {parts.map((part) => (
          <Part part={part} key={part.text.title} />
        ))}
        <Section heading="Run it again">
          <Code text={made.command} />
        </Section>
      </>
    ),
  });
}

function Part({ part: { text, figures, counted, picture, table } }: { part: ReproducedPart }) {
  const { title } = text;
  const summary = counted.length > 0 ? summaries(counted) : [];
  return (
    <Section heading={title}>
      <Notes notes={[...remarksOf(text, figures), ...summary]} />
      {picture !== undefined && <Picture svg={picture} caption={title} />}
      {figures.length > 0 && <Figures figures={figures} title={title} />}
      {table !== undefined && <DataTable head={table.head} rows={table.rows} label={title} />}
    </Section>
  );
}

/** The table of figures; longer ones are folded up. */
function Figures(props: { readonly figures: readonly ReproducedFigure[]; readonly title: string }) {
  const { figures, title } = props;
  const head = reproducedHead(figures);
  const rows = figures.map((figure) => reproducedCells(figure, head.length));
  return (
    <details open={figures.length <= 60}>
      <summary>{figures.length} figures</summary>
      <DataTable head={head} rows={rows} label={title} />
    </details>
  );
}
