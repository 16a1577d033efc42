import { ON_DARK_SCREENS } from '../../report/dark-style.js';
import { lookStyle } from '../look-style.js';

/**
 * The style sheet of reports: light and dark, wide and narrow, screen and paper.
 *
 * Content too wide for a screen is scrolled; paper cannot be, so there tables take the width of the
 * page, in letters that become smaller with the number of columns, and cells break where they must.
 */
export function pageStyle(): string {
  return `${lookStyle()}${OWN_STYLE}`;
}

const OWN_STYLE = `
:root { color-scheme: light dark; --quiet: #57606a; --line: #d5dae0; --strong-line: #8b949e; --panel: #f6f7f9; --accent: #0067a3; --on-accent: #ffffff; --hatch: rgb(255 255 255 / 55%); }
${ON_DARK_SCREENS} {
  :root { --quiet: #9fa9b3; --line: #30373f; --strong-line: #6e7883; --panel: #1b2026; --accent: #63b9ea; --on-accent: #10151a; --hatch: rgb(20 23 27 / 55%); }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 3rem; max-width: 80rem; color: var(--ink); background: var(--paper); font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.35rem; font-weight: 650; margin: 0 0 .75rem; }
h2 { font-size: 1.1rem; font-weight: 650; }
section { margin-top: 2rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
section > h2 { margin: 0 0 .75rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
.summary { font-size: 1.1rem; max-width: 60rem; }
.quiet, figcaption, footer { font-size: .87rem; }
footer { color: var(--quiet); }
figure { margin: 0 0 1.25rem; }
figcaption h2 { font-size: 1.1rem; color: var(--ink); }
.scroll + figcaption { margin: 6px 0 0; color: var(--quiet); }
p.quiet { margin: .35rem 0; }
.narrow { max-width: 56rem; }
.side-by-side { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 0 28px; }
.picture svg, .chart svg { display: block; max-width: 100%; height: auto; }
@media screen and (max-width: 36rem) { .picture svg { max-width: none; min-width: 34rem; } }
table { font-size: .9rem; }
.scroll table { width: auto; }
th { white-space: pre-line; }
th.text, td.text { text-align: left; }
td.text { white-space: normal; max-width: 60ch; }
pre { margin: 0 0 1rem; background: var(--panel); padding: .75rem 1rem; overflow-x: auto; font-size: .85rem; border-radius: 4px; overflow-wrap: normal; }
code { font-family: ui-monospace, monospace; }
summary { width: fit-content; }
a { color: var(--accent); }
button { font: inherit; font-size: .85rem; padding: .15rem .6rem; color: inherit; background: var(--panel); border: 1px solid var(--strong-line); border-radius: 4px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
footer { margin-top: 3rem; }
@media screen and (max-width: 36rem) { .headline { display: block; } }
@page { margin: 12mm; }
@media print {
  :root { color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  button, .screen-only { display: none; }
  .side-by-side { display: block; }
  .scroll { overflow: visible; }
  .picture svg, .chart svg { min-width: 0; max-width: 100%; }
  .picture svg.timeline, .timeline-scroll svg { width: 100%; min-width: 0; }
  .scroll table { width: 100%; font-size: min(9pt, calc(84pt / var(--columns))); }
  thead { font-size: inherit; }
  th, td { padding: .25em .4em; white-space: normal; overflow-wrap: break-word; }
  th { white-space: pre-line; }
  thead .group { padding-left: .4em; }
  td.text, td:first-child, th[scope='row'] { min-width: 7em; max-width: none; overflow-wrap: anywhere; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  thead { display: table-header-group; }
  tr, figure, svg { break-inside: avoid; }
  h1, h2, h3, summary, figcaption { break-after: avoid; }
}
`;
