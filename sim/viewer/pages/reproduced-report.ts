import type { ReproducedFigure } from '../../paper/reproduced.js';
import {
  reproducedCells,
  remarksOf,
  reproducedHead,
  summaries,
  type TableText,
} from '../../report/text/reproduced-table.js';
import { htmlPage } from './page.js';
import { htmlCode, htmlFigure, htmlNotes, htmlTable } from './parts.js';

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
export function reproducedReport(
  parts: readonly ReproducedPart[],
  { version, command }: { readonly version: string; readonly command: string },
): string {
  const counted = parts.flatMap((part) => part.counted);
  const close = counted.filter((figure) => Math.abs(figure.plannedPct - figure.valuePct) <= 0.5);
  return htmlPage({
    title: 'The published figures of Perseus, and ours',
    summary:
      counted.length === 0
        ? []
        : [
            `Of ${counted.length} published figures, ${close.length} are met within half a percentage point as planned.`,
          ],
    sections: [
      ...parts.map(({ text, figures, counted: ofPart, picture, table }) => ({
        heading: text.title,
        body: [
          htmlNotes([...remarksOf(text, figures), ...(ofPart.length > 0 ? summaries(ofPart) : [])]),
          ...(picture === undefined ? [] : [htmlFigure(picture, text.title)]),
          ...(figures.length === 0 ? [] : [tableOf(figures, text.title)]),
          ...(table === undefined ? [] : [htmlTable(table.head, table.rows, text.title)]),
        ].join('\n'),
      })),
      { heading: 'Run it again', body: htmlCode(command) },
    ],
    version,
  });
}

/** Longer tables are folded up. */
function tableOf(figures: readonly ReproducedFigure[], title: string): string {
  const head = reproducedHead(figures);
  const table = htmlTable(
    head,
    figures.map((figure) => reproducedCells(figure, head.length)),
    title,
  );
  return `<details${figures.length <= 60 ? ' open' : ''}><summary>${figures.length} figures</summary>${table}</details>`;
}
