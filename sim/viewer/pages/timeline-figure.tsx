import type { KeptRun } from '../../run/kept-run.js';
import { timelineSvg } from '../../report/timeline/timeline-svg.js';
import type { Timeline } from '../../report/timeline/timeline-data.js';
import { Picture } from './prose.js';

interface TimelineFigureProps {
  readonly timeline: Timeline;
  readonly kept: KeptRun;
}

/** The timeline of a run before and after planning, one above the other. */
export function TimelineFigure({ timeline, kept }: TimelineFigureProps) {
  const { scenario } = kept.setting;
  const { index } = kept.policies[0]!.shown;
  const which = scenario.iterations === 1 ? '' : ` Iteration ${index} of ${scenario.iterations}.`;
  const seed = scenario.seeds === 1 ? '' : ` Seed ${scenario.seed}.`;
  const several = timeline.pipelines.some(({ columns }) => columns.length > 0)
    ? ' There are more instructions than pixels: heights are shares of time, colours mean powers.'
    : ' Numbers are microbatches.';
  const caption = `Stages of the slowest pipeline and of another one, before planning above and after it below, at one time scale; the more power, the more a colour stands out.${several}${which}${seed}`;
  return <Picture svg={timelineSvg(timeline)} caption={caption} />;
}
