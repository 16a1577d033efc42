import { fixed } from '../numbers.js';
import { between, type Moment } from './moment.js';
import type { PipelineSummary, Timeline } from './timeline-data.js';

/**
 * The title of a pipeline under a policy: name and time, and how much its GPUs wait if there is room.
 * `perseus, pipelines 1 to 63: 46.71 s, waiting 12 % for stages`
 */
export function panelTitle(
  { policies, pipelines, slowest }: Timeline,
  policy: number,
  pipeline: number,
  letters = Infinity,
): string {
  const { name, summaries, isStraggler } = pipelines[pipeline]!;
  const summary = summaries[policy]!;
  const begin = `${policies[policy]!}, ${name}`;
  const time = `${fixed(summary.endS, 2)} s`;
  const timed = `${begin}: ${time}`;
  const slow = isStraggler ? ` (${slowest})` : '';
  const waiting = waitingText(summary, slowest);
  const texts = [`${begin}${slow}: ${time}, ${waiting}`, `${timed}, ${waiting}`, timed];
  return texts.find(({ length }) => length <= letters) ?? begin;
}

/** `waiting 28 % for stages, 17 % for the straggler` */
function waitingText(waits: Waits, slowest: string): string {
  const shown = percents(waits, slowest).map(({ percent, whom }) => `${percent} % for ${whom}`);
  return shown.length === 0 ? HARDLY : `waiting ${shown.join(', ')}`;
}

const HARDLY = 'hardly waiting';

type Waits = Pick<PipelineSummary, 'stageWaitPart' | 'pipelineWaitPart'>;

/** The waiting that is at least half a per cent, and for whom. */
function percents(
  { stageWaitPart, pipelineWaitPart }: Waits,
  slowest: string,
): { readonly percent: string; readonly whom: string }[] {
  return [
    { percent: fixed(100 * stageWaitPart, 0), whom: 'stages' },
    { percent: fixed(100 * pipelineWaitPart, 0), whom: slowest },
  ].filter(({ percent }) => percent !== '0');
}

/**
 * The title of a pipeline at a moment between policies.
 * `pipelines 1 to 63: waiting 22 % for stages, 17 % for the straggler; 391 W per GPU`
 */
export function momentTitle(
  timeline: Timeline,
  pipeline: number,
  moment: Moment,
  letters = Infinity,
): string {
  const { name, isStraggler } = timeline.pipelines[pipeline]!;
  const { slowest } = timeline;
  const { waits, powerText } = momentFigures(timeline, pipeline, moment);
  const waiting = `${name}: ${waitingText(waits, slowest)}`;
  const slow = isStraggler ? ` (${slowest})` : '';
  const power = powerText === '' ? '' : `; ${powerText}`;
  const texts = [`${name}${slow}: ${waitingText(waits, slowest)}${power}`, `${waiting}${power}`];
  return texts.find(({ length }) => length <= letters) ?? waiting;
}

/** The waiting and the power of a pipeline at a moment between policies. */
function momentFigures(
  { pipelines, isWithoutPowers }: Timeline,
  pipeline: number,
  { from, to, part }: Moment,
): { readonly waits: Waits; readonly powerText: string } {
  const { summaries } = pipelines[pipeline]!;
  const [before, after] = [summaries[from]!, summaries[to]!];
  const at = (key: keyof PipelineSummary) => between(before[key], after[key], part);
  return {
    waits: { stageWaitPart: at('stageWaitPart'), pipelineWaitPart: at('pipelineWaitPart') },
    powerText: isWithoutPowers ? '' : `${fixed(at('meanPowerW'), 0)} W per GPU`,
  };
}

/** The numbers of letters that the two lines of a title have room for: the first one is bold. */
export interface LineLetters {
  readonly first: number;
  readonly second: number;
}

/** Whether some pipeline's title, with any waiting, is longer than a line. */
export function needsTwoLines({ pipelines, slowest }: Timeline, letters: number): boolean {
  const most = waitingText({ stageWaitPart: 0.88, pipelineWaitPart: 0.88 }, slowest);
  return pipelines.some(({ name }) => `${name}: ${most}`.length > letters);
}

/**
 * The title of a pipeline at a moment, in two lines where there is little room.
 * `pipelines 1 to 63: 391 W per GPU`, `waits for stages 22 %, straggler 17 %`
 */
export function momentLines(
  timeline: Timeline,
  pipeline: number,
  moment: Moment,
  { first, second }: LineLetters,
): readonly [string, string] {
  const { name, isStraggler } = timeline.pipelines[pipeline]!;
  const { slowest } = timeline;
  const { waits, powerText } = momentFigures(timeline, pipeline, moment);
  const slow = isStraggler ? ` (${slowest})` : '';
  const power = powerText === '' ? '' : `: ${powerText}`;
  const short = percents(waits, slowest.replace(/^the /, ''))
    .map(({ percent, whom }) => `${whom} ${percent} %`)
    .join(', ');
  const total = fixed(100 * (waits.stageWaitPart + waits.pipelineWaitPart), 0);
  return [
    fitting([`${name}${slow}${power}`, `${name}${slow}`, `${name}${power}`, name], first),
    fitting(
      [
        waitingText(waits, slowest),
        short === '' ? HARDLY : `waits for ${short}`,
        `waiting ${total} %`,
      ],
      second,
    ),
  ];
}

/** The first text that fits; if none does, the beginning of the last one. */
function fitting(texts: readonly string[], letters: number): string {
  const last = texts.at(-1)!;
  const most = Math.max(1, Math.floor(letters));
  return texts.find(({ length }) => length <= letters) ?? `${last.slice(0, most - 1).trimEnd()}…`;
}
