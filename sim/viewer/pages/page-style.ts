import { darkPictureStyle, ON_DARK_SCREENS } from '../../report/dark-style.js';
import { PALETTE } from '../../report/looks.js';

const { paper, ink } = PALETTE;

/**
 * The style sheet of reports: light and dark, wide and narrow, screen and paper.
 *
 * Content too wide for a screen is scrolled; paper cannot be, so there tables take the width of the
 * page, in letters that become smaller with the number of columns, and cells break where they must.
 */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: ${ink.light}; --quiet: #57606a; --rule: #d5dae0; --paper: ${paper.light}; --box: #f6f7f9; --accent: #0067a3; }
${ON_DARK_SCREENS} {
  :root { --ink: ${ink.dark}; --quiet: #9fa9b3; --rule: #343b44; --paper: ${paper.dark}; --box: #1d2127; --accent: #63b9ea; }
}
${darkPictureStyle()}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 3rem; max-width: 80rem; color: var(--ink); background: var(--paper); font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--rule); }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
.summary { font-size: 1.1rem; max-width: 60rem; }
.quiet, figcaption, footer { color: var(--quiet); font-size: .87rem; }
figure { margin: 0 0 1.25rem; }
figure svg { display: block; max-width: 100%; height: auto; }
@media screen and (max-width: 36rem) { figure svg { max-width: none; width: 34rem; } }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
th, td { padding: .3rem .7rem; text-align: right; border-bottom: 1px solid var(--rule); white-space: nowrap; overflow-wrap: normal; }
th { vertical-align: bottom; font-weight: 600; white-space: pre-line; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
th.text, td.text { text-align: left; }
td.text { white-space: normal; max-width: 60ch; }
pre { background: var(--box); padding: .75rem 1rem; overflow-x: auto; font-size: .85rem; border-radius: 4px; overflow-wrap: normal; }
code { font-family: ui-monospace, monospace; }
ul { padding-left: 1.2rem; }
summary { width: fit-content; }
button { font: inherit; font-size: .85rem; padding: .15rem .6rem; color: inherit; background: var(--box); border: 1px solid var(--quiet); border-radius: 4px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.zoomable svg.timeline { max-width: none; width: 100%; min-width: 60rem; cursor: grab; touch-action: pan-y; }
.hint { min-height: 1.4em; }
footer { margin-top: 3rem; }
@page { margin: 12mm; }
@media print {
  :root { color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  .controls, .hint { display: none; }
  .wide { overflow: visible; }
  figure svg, .zoomable svg.timeline { width: auto; min-width: 0; max-width: 100%; }
  .zoomable svg.timeline { width: 100%; }
  table { width: 100%; font-size: min(9pt, calc(84pt / var(--columns))); }
  th, td { padding: .25em .4em; white-space: normal; overflow-wrap: break-word; }
  th { white-space: pre-line; }
  td.text, td:first-child { min-width: 7em; max-width: none; overflow-wrap: anywhere; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  thead { display: table-header-group; }
  tr, figure, svg { break-inside: avoid; }
  h1, h2, h3, summary { break-after: avoid; }
  h2 { margin-top: 1.5rem; }
}
`;
