/** The style sheet of frontiers on which a deadline is dragged. */
export const FRONTIER_STYLE_SHEET = `
.frontier { position: relative; }
.frontier-drag { position: absolute; top: 0; left: 0; overflow: visible; pointer-events: none; }
.frontier-handle { pointer-events: auto; cursor: ew-resize; touch-action: none; fill: var(--accent); outline: none; }
.frontier-handle circle:not(.frontier-grip) { fill: var(--paper); stroke: var(--accent); stroke-width: 3; }
.frontier-handle.moved circle:not(.frontier-grip) { fill: var(--accent); }
.frontier-handle .frontier-grip { fill: transparent; stroke: none; }
.frontier-handle:focus-visible .frontier-grip { stroke: var(--accent); stroke-width: 2; }
.frontier-guide { fill: none; stroke: var(--accent); stroke-dasharray: 3 3; }
.frontier-time path { stroke: currentColor; }
.frontier-time text, .frontier-reading text { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }
@media print { .frontier-handle { display: none; } }
`;
