import { renderToString } from 'preact-render-to-string';
import { DataTable } from '../data-table.js';
import { Code, Notes, Picture } from './prose.js';

/** A table as HTML. @param name the name that screen readers say. */
export function htmlTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  name: string,
): string {
  return renderToString(<DataTable head={head} rows={rows} label={name} />);
}

/** A picture as HTML, with a description in words, also for readers who cannot see it. */
export function htmlFigure(svg: string, caption: string): string {
  return renderToString(<Picture svg={svg} caption={caption} />);
}

/** Paragraphs in muted type, as HTML. */
export function htmlNotes(notes: readonly string[]): string {
  return renderToString(<Notes notes={notes} />);
}

/** A file or a command, as it is typed, as HTML. */
export function htmlCode(text: string): string {
  return renderToString(<Code text={text} />);
}
