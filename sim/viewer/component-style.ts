/**
 * The style sheet of the components that the page and the reports share. It is a layer, so that either can
 * change it for its own sake.
 */
export const COMPONENT_STYLE = `@layer viewer {
figure { margin: 0; min-width: 0; }
figcaption { margin-bottom: 6px; }
figure h2, figure p { margin: 0; }
.quiet { color: var(--quiet); }
.chart svg { display: block; overflow: visible; --plot-background: var(--paper); }
.mark { vertical-align: -1px; overflow: visible; }
.headline { display: flex; gap: 8px 24px; align-items: center; }
.saved { flex: none; display: grid; margin: 0; line-height: 1.15; }
.saved b { font-size: 38px; font-weight: 600; letter-spacing: -0.01em; }
.sentences { max-width: 72ch; }
.sentences p { margin: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.scroll table { width: 100%; }
th, td { padding: 3px 10px; text-align: right; white-space: nowrap; font-weight: 400; overflow-wrap: normal; }
th[scope='row'], tr:first-child > th:first-child, td:first-child { padding-left: 0; text-align: left; }
tbody tr > * { border-top: 1px solid var(--line); }
thead { color: var(--quiet); font-size: 12px; vertical-align: bottom; }
tbody th[scope='row'] { font-weight: 500; }
thead .group { padding-left: 22px; }
thead .group[colspan]:not([colspan='1']) { text-align: center; }
table.small { margin-top: 8px; font-size: 12px; }
table.small thead th { white-space: normal; max-width: 9em; }
.swatch { display: inline-block; width: 12px; height: 12px; vertical-align: -1px; }
.timeline-scroll svg { display: block; width: 100%; min-width: 820px; height: auto; }
.peaks { display: flex; flex-wrap: wrap; gap: 8px; margin: 0; padding: 0; list-style: none; font-size: 12px; }
.peaks li { display: grid; flex: 0 1 64px; justify-items: center; white-space: nowrap; }
.peaks .column { display: flex; align-items: flex-end; width: 100%; height: 48px; }
.peaks .column span { width: 100%; background: var(--sky); }
.caveats { margin: 0; padding: 8px 12px 8px 28px; border-left: 4px solid var(--orange); background: var(--panel); font-size: 13px; }
form.choices { display: flex; flex-wrap: wrap; gap: 4px 16px; margin-bottom: 12px; font-size: 13px; }
form.choices fieldset { display: flex; flex-wrap: wrap; gap: 4px 16px; width: 100%; min-width: 0; margin: 0; padding: 4px 8px 8px; border: 1px solid var(--line); }
form.choices select { font: inherit; max-width: 14em; }
.fine-print ul { padding-left: 16px; color: var(--quiet); font-size: 12px; }
}
`;
