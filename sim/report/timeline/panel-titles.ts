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
function waitingText(
  { stageWaitPart, pipelineWaitPart }: Pick<PipelineSummary, 'stageWaitPart' | 'pipelineWaitPart'>,
  slowest: string,
): string {
  const waits = [
    [stageWaitPart, 'stages'],
    [pipelineWaitPart, slowest],
  ] as const;
  const shown = waits
    .map(([part, whom]) => [fixed(100 * part, 0), whom] as const)
    .filter(([percent]) => percent !== '0')
    .map(([percent, whom]) => `${percent} % for ${whom}`);
  return shown.length === 0 ? 'hardly waiting' : `waiting ${shown.join(', ')}`;
}

/**
 * The title of a pipeline at a moment between policies.
 * `pipelines 1 to 63: waiting 22 % for stages, 17 % for the straggler; 391 W per GPU`
 */
export function momentTitle(
  { pipelines, slowest, isWithoutPowers }: Timeline,
  pipeline: number,
  { from, to, part }: Moment,
  letters = Infinity,
): string {
  const { name, summaries, isStraggler } = pipelines[pipeline]!;
  const [before, after] = [summaries[from]!, summaries[to]!];
  const at = (key: keyof PipelineSummary) => between(before[key], after[key], part);
  const waits = { stageWaitPart: at('stageWaitPart'), pipelineWaitPart: at('pipelineWaitPart') };
  const waiting = `${name}: ${waitingText(waits, slowest)}`;
  const slow = isStraggler ? ` (${slowest})` : '';
  const power = isWithoutPowers ? '' : `; ${fixed(at('meanPowerW'), 0)} W per GPU`;
  const texts = [`${name}${slow}: ${waitingText(waits, slowest)}${power}`, `${waiting}${power}`];
  return texts.find(({ length }) => length <= letters) ?? waiting;
}
