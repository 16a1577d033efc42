import { visibleLine } from '../../../src/visible.js';
import type { ReplayedEnergy } from '../../replay/replay-energy.js';
import type { TraceReplay } from '../../replay/replay-trace.js';
import { replayHeadline } from '../../report/replay/replay-sentences.js';
import { stepTimeBars, workerMap, workerStepMap } from '../../report/replay/replay-pictures.js';
import type { SlowWorker } from '../../report/replay/slow-workers.js';
import { fixed } from '../../report/numbers.js';
import {
  energyCells,
  replayNotes,
  replaySize,
  stepTimeCells,
  whatIfCells,
  type TableCells,
} from '../../report/text/replay-table.js';
import type { Timeline as TimelineData } from '../../report/timeline/timeline-data.js';
import { DataChart } from '../data-chart.js';
import { DataTable } from '../data-table.js';
import { Island } from '../island.js';
import { Timeline } from '../timeline/timeline.js';
import type { CommandMaker } from './compare-report.js';
import { Code, Notes, Section } from './prose.js';
import { reportPage } from './report-page.js';

/** A replay, and what is drawn of it. */
export interface ReportedReplay {
  /** The trace's name, without its folder. */
  readonly name: string;
  readonly replay: TraceReplay;
  readonly energy: ReplayedEnergy | undefined;
  readonly workers: readonly SlowWorker[];
  readonly timeline: TimelineData;
}

/** A replay as a page: who is slow and what that costs in words, then pictures, tables and notes. */
export function replayReport(reported: ReportedReplay, made: CommandMaker): string {
  const { replay, energy, workers } = reported;
  const headline = replayHeadline(replay, workers, energy);
  return reportPage({
    title: `Replay of ${visibleLine(reported.name)}`,
    made,
    children: (
      <>
        <div class="headline">
          <p class="saved">
            <b>{headline.lostPct} %</b> <span>of the GPU-hours are lost to stragglers</span>
          </p>
          <div class="sentences">
            {headline.sentences.map((sentence) => (
              <p key={sentence}>{sentence}</p>
            ))}
          </div>
        </div>
        <Pictures {...reported} />
        <Tables {...reported} />
        <Section heading="How to read it">
          <Notes notes={[`${replaySize(replay)}.`, ...replayNotes(replay, energy)]} />
        </Section>
        <Section heading="Run it again">
          <Code text={made.command} />
        </Section>
      </>
    ),
  });
}

function Pictures({ replay, workers, timeline }: ReportedReplay) {
  return (
    <>
      <Section heading={`One step: ${timeline.policies[0]!}`}>
        <Island name="timeline" data={{ timeline }}>
          <Timeline timeline={timeline} />
        </Island>
        <Notes notes={[timelineCaption(timeline)]} />
      </Section>
      <div class="side-by-side">
        <Section heading="Who is slow">
          <DataChart kind="workers" data={workerMap(workers)} label={WHO} />
          <Notes notes={[WHO_NOTE]} />
        </Section>
        <Section heading="What if">
          <DataChart
            kind="stepTimes"
            data={stepTimeBars(replay)}
            label="Mean step times: recorded, replayed, and what-ifs"
          />
        </Section>
      </div>
      {replay.steps.length > 1 && (
        <Section heading="Who is slow when">
          <DataChart kind="workerSteps" data={workerStepMap(workers)} label={WHEN} />
        </Section>
      )}
    </>
  );
}

const WHO = 'Heat map: computing time of each stage of each pipeline against the mean of all';
const WHEN = 'Heat map: computing time of each rank in each step against the mean of all';
const WHO_NOTE =
  'The computing of a rank in all steps, compared with the same operations at the mean time of their kind. A stage that is slow in every pipeline has more to do; one that is slow in a single pipeline has a straggler.';

function timelineCaption({ pipelines, isWithoutPowers }: TimelineData): string {
  const which =
    new Set(pipelines.map(({ name }) => name.replace(/^.*, /, ''))).size > 1
      ? 'The pipeline that computed last in this step, and the one that was done first'
      : 'The pipeline that computed last in this step';
  const colours = isWithoutPowers
    ? 'With --catalog or --profile it also shows planned clocks.'
    : 'The more power, the more a colour stands out.';
  return `${which}, at one time scale; of each stage, the rank with the longest operation. Striped is waiting; stalled is a rank that waits for nothing in the trace, such as a late host. ${colours}`;
}

function Tables({ replay, energy, workers }: ReportedReplay) {
  return (
    <>
      <Section heading="Step times, and errors of the replay">
        <Cells cells={stepTimeCells(replay)} label="Step times" />
        <Cells cells={whatIfCells(replay)} label="What if" />
      </Section>
      {energy !== undefined && (
        <Section heading={`Energy on ${energy.gpu}`}>
          <Cells cells={energyCells(energy.policies)} label="Energy" />
        </Section>
      )}
      <Section heading="Every rank">
        <Cells cells={workerCells(workers)} label="Every rank" />
      </Section>
      <Section heading="Every step">
        <Cells cells={stepCells(replay)} label="Every step" />
      </Section>
    </>
  );
}

function Cells({ cells, label }: { readonly cells: TableCells; readonly label: string }) {
  return <DataTable {...cells} label={label} />;
}

/** Workers of a large job: those that compute longest. */
const MOST_ROWS = 64;

function workerCells(workers: readonly SlowWorker[]): TableCells {
  const rows = workers
    .toSorted((a, b) => b.longerPct - a.longerPct || a.rank - b.rank)
    .slice(0, MOST_ROWS)
    .map(({ rank, pipeline, stage, longerPct, slowdown }) => [
      ...[rank, pipeline, stage].map(String),
      fixed(longerPct, 2),
      fixed(slowdown, 4),
    ]);
  const head = [
    'rank',
    'pipeline',
    'stage',
    'computes longer\n%',
    'slowdown if all\nothers were fixed',
  ];
  return { head, rows };
}

function stepCells({ steps }: TraceReplay): TableCells {
  const rows = steps.map(({ step, recordedS, replayedS, publishedS, idealS }) => [
    String(step),
    ...[recordedS, replayedS].map((timeS) => fixed(timeS, 4)),
    fixed(100 * (replayedS / recordedS - 1), 2),
    ...[publishedS, idealS].map((timeS) => fixed(timeS, 4)),
    fixed(publishedS / idealS, 3),
  ]);
  const head = [
    'step',
    'recorded\ns',
    'replayed\ns',
    'error\n%',
    'as published\ns',
    'no stragglers\ns',
    'slowdown',
  ];
  return { head, rows };
}
