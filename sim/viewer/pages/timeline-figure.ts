import { timelineSvg } from '../../report/timeline/timeline-svg.js';
import type { Timeline } from '../../report/timeline/timeline-data.js';
import { htmlFigure } from './parts.js';

/** A timeline of both policies, one above the other. */
export function timelineFigure(timeline: Timeline, caption: string): string {
  return htmlFigure(timelineSvg(timeline), caption);
}
