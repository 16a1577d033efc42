import type { PlotOptions } from '@observablehq/plot';

/**
 * A chart as data: marks, scales and size of Observable Plot. A page draws it in its own document, `chartSvg`
 * without one.
 */
export type Chart = Omit<PlotOptions, 'document'>;
