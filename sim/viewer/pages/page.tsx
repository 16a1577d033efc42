import { Summary } from './prose.js';
import { reportPage } from './report-page.js';

/** A part of a report, under a heading of its own. */
export interface Section {
  readonly heading: string;
  /** HTML. */
  readonly body: string;
}

/** A report of parts that are HTML already. */
export interface Page {
  readonly title: string;
  /** The conclusions for the reader, as sentences. */
  readonly summary: readonly string[];
  readonly sections: readonly Section[];
  /** Version of the program that made it. */
  readonly version: string;
}

/** The report as one HTML file that opens from disk. The same report gives the same bytes. */
export function htmlPage({ title, summary, sections, version }: Page): string {
  const children = (
    <>
      <Summary sentences={summary} />
      {sections.map(({ heading, body }) => (
        <section key={heading}>
          <h2>{heading}</h2>
          <div dangerouslySetInnerHTML={{ __html: body }} />
        </section>
      ))}
    </>
  );
  return reportPage({ title, made: { version }, children });
}
