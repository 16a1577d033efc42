import { escapeXml } from '../../report/escape.js';
import { PAGE_STYLE } from './page-style.js';

/** A part of a report, under a heading of its own. */
export interface Section {
  readonly heading: string;
  /** HTML. */
  readonly body: string;
}

/** A report: everything in one file, nothing fetched. */
export interface Page {
  readonly title: string;
  /** The conclusions for the reader, as sentences. */
  readonly summary: readonly string[];
  readonly sections: readonly Section[];
  /** Version of the program that made it. */
  readonly version: string;
  /** Source of a script for the whole page. */
  readonly script?: string;
}

/** The report as one HTML file that opens from disk. The same report gives the same bytes. */
export function htmlPage({ title, summary, sections, version, script }: Page): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeXml(title)}</title>`,
    `<style>${PAGE_STYLE}</style>`,
    '</head>',
    '<body>',
    '<main>',
    `<h1>${escapeXml(title)}</h1>`,
    ...summary.map((sentence) => `<p class="summary">${escapeXml(sentence)}</p>`),
    ...sections.map(
      ({ heading, body }) => `<section>\n<h2>${escapeXml(heading)}</h2>\n${body}\n</section>`,
    ),
    '</main>',
    `<footer>Made by pipewatt ${escapeXml(version)}.</footer>`,
    ...(script === undefined ? [] : [`<script>${script}</script>`]),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
