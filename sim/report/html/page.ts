import { escapeXml } from '../escape.js';

/** A part of a report, under a heading of its own. */
export interface Section {
  readonly heading: string;
  /** HTML. */
  readonly body: string;
}

/** A report: everything in one file, nothing fetched. */
export interface Page {
  readonly title: string;
  /** What the reader should take away, as sentences. */
  readonly summary: readonly string[];
  readonly sections: readonly Section[];
  /** Which program made it. */
  readonly version: string;
  /** Source of a script for the whole page. */
  readonly script?: string;
}

/** Light and dark, wide and narrow, screen and paper. */
const STYLE = `
:root { color-scheme: light dark; --ink: #1a1d21; --quiet: #5b636d; --rule: #d8dde3; --paper: #fff; --box: #f5f7f9; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e7eb; --quiet: #9aa4af; --rule: #343b44; --paper: #14171b; --box: #1d2127; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 3rem; max-width: 80rem; color: var(--ink); background: var(--paper); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--rule); }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
.summary { font-size: 1.1rem; max-width: 60rem; }
.quiet, figcaption, footer { color: var(--quiet); font-size: .87rem; }
figure { margin: 0 0 1.25rem; overflow-x: auto; }
figure svg { max-width: 100%; height: auto; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
th, td { padding: .3rem .7rem; text-align: right; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th { vertical-align: bottom; font-weight: 600; white-space: pre-line; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
pre { background: var(--box); padding: .75rem 1rem; overflow-x: auto; font-size: .85rem; border-radius: 4px; }
code { font-family: ui-monospace, monospace; }
ul { padding-left: 1.2rem; }
button { font: inherit; font-size: .85rem; padding: .15rem .6rem; color: inherit; background: var(--box); border: 1px solid var(--rule); border-radius: 4px; }
.zoomable svg { max-width: none; width: 100%; min-width: 60rem; cursor: grab; touch-action: pan-y; }
.zoomable:focus-visible, button:focus-visible { outline: 2px solid #0072b2; outline-offset: 2px; }
.hint { min-height: 1.4em; }
footer { margin-top: 3rem; }
@media print { button, .hint { display: none; } }
`;

/** The report as one HTML file that opens from disk. The same report, the same bytes. */
export function htmlPage({ title, summary, sections, version, script }: Page): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeXml(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    `<h1>${escapeXml(title)}</h1>`,
    ...summary.map((sentence) => `<p class="summary">${escapeXml(sentence)}</p>`),
    ...sections.map(
      ({ heading, body }) => `<section>\n<h2>${escapeXml(heading)}</h2>\n${body}\n</section>`,
    ),
    `<footer>Made by pipewatt ${escapeXml(version)}.</footer>`,
    ...(script === undefined ? [] : [`<script>${script}</script>`]),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
