/**
 * The style sheet of timelines. Colours are those of the page around them: `--ink`, `--paper`, `--accent`,
 * `--quiet`.
 */
export const TIMELINE_STYLE_SHEET = `
.timeline-view svg { display: block; max-width: none; min-width: 0; }
.timeline-still { overflow-x: auto; }
.timeline-still svg { width: 100%; height: auto; }
@media screen { .timeline-still svg { min-width: 52rem; } }
@media print { .timeline-still { overflow: visible; } }
.timeline-controls { display: flex; flex-wrap: wrap; gap: 6px 20px; align-items: center; justify-content: space-between; margin-bottom: 4px; }
.timeline-policies { display: flex; flex: 0 1 auto; flex-wrap: wrap; gap: 6px 10px; align-items: center; margin: 0; padding: 0; border: 0; background: none; border-radius: 0; min-width: 0; }
.timeline-policies legend { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.timeline-policies label { position: relative; padding: 3px 12px; border: 1px solid var(--quiet); border-radius: 999px; cursor: pointer; white-space: nowrap; }
.timeline-policies label.chosen { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); font-weight: 600; }
.timeline-policies label:has(:focus-visible) { outline: 2px solid var(--accent); outline-offset: 2px; }
.timeline-policies input[type='radio'] { position: absolute; opacity: 0; inset: 0; margin: 0; cursor: pointer; }
.timeline-policies input[type='range'] { flex: 1 1 50px; width: 50px; max-width: 130px; margin: 0; accent-color: var(--accent); }
.timeline-zoom { display: flex; gap: 4px; }
.timeline-zoom button { min-width: 2em; padding: 2px 9px; }
@media (max-width: 600px) { .timeline-zoom { display: none; } .timeline-policies label { padding: 2px 9px; } }
.timeline-plot { position: relative; }
.timeline-plot svg { cursor: grab; touch-action: pan-y; user-select: none; }
.timeline-plot svg:active { cursor: grabbing; }
.timeline-frame { pointer-events: none; }
.timeline-tip { position: absolute; z-index: 4; display: grid; padding: 5px 9px; border: 1px solid var(--quiet); border-radius: 5px; background: var(--paper); color: var(--ink); font-size: 12px; line-height: 1.4; white-space: nowrap; pointer-events: none; box-shadow: 0 2px 8px rgb(0 0 0 / 18%); }
`;
