import type { KeptRun } from '../../run/kept-run.js';
import type { Timeline as TimelineData } from '../../report/timeline/timeline-data.js';
import { Island } from '../island.js';
import { Timeline } from '../timeline/timeline.js';
import { Notes } from './prose.js';

interface TimelineFigureProps {
  readonly timeline: TimelineData;
  readonly kept: KeptRun;
}

/** The timeline of a run before and after planning. */
export function TimelineFigure({ timeline, kept }: TimelineFigureProps) {
  const { scenario } = kept.setting;
  const { index } = kept.policies[0]!.shown;
  const which = scenario.iterations === 1 ? '' : ` Iteration ${index} of ${scenario.iterations}.`;
  const seed = scenario.seeds === 1 ? '' : ` Seed ${scenario.seed}.`;
  const several = timeline.pipelines.some(({ columns }) => columns.length > 0)
    ? ' There are more instructions than pixels: heights are shares of time, colours mean powers.'
    : ' Numbers are microbatches.';
  const caption = `Stages of the slowest pipeline and of another one, at one time scale; striped is waiting, and the more power, the more a colour stands out.${several}${which}${seed}`;
  return (
    <>
      <Island name="timeline" data={{ timeline }}>
        <Timeline timeline={timeline} />
      </Island>
      <Notes notes={[caption]} />
    </>
  );
}
