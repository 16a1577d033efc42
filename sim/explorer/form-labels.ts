import { formatProblem, type Problem } from '../../src/errors.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import { sliderStraggler } from './edits.js';
import { scenarioFileName } from './what-if.js';

/** A problem of a what-if, as the page words it. */
export interface ShownProblem {
  /** The problem and its place: the form's label if there is a control. */
  readonly text: string;
  /** The control beside which it is shown too, and its text there. */
  readonly beside?: { readonly label: string; readonly text: string };
}

/** The label of the control for an entry of a list; undefined if it has none. */
type LabelOf = (scenario: Scenario, position: number) => string | undefined;

/** Labels of controls, by their field of a scenario. */
const LABELS: readonly (readonly [field: RegExp, label: string | LabelOf])[] = [
  [/^profile\.model$/, 'Model'],
  [/^profile\.gpu$/, 'GPU'],
  [/^profile\.microbatch$/, 'Sequences per microbatch'],
  [/^(?:profile\.blockingPowerW|power\.blockingW)$/, 'Power of a GPU that waits'],
  [/^pipeline\.stages$/, 'Stages'],
  [/^pipeline\.microbatches$/, 'Microbatches'],
  [/^pipeline\.schedule$/, 'Schedule'],
  [/^pipeline\.chunks$/, 'Chunks of the model per stage'],
  [/^tensorParallel$/, 'Tensor parallel'],
  [/^pipelines$/, 'Pipelines'],
  [/^stragglers\[(\d+)\](?:\.slowdown)?$/, stragglerLabel],
  [/^jitter(?:\.\w+)?$/, 'Jitter, of what was measured'],
  [/^imbalance\.layers\.head$/, 'Work of the head, in layers'],
  [/^deadlineS$/, 'Time an iteration may take'],
  [/^seed$/, 'Seed of the random numbers'],
  [/^imbalance\.factors\[(\d+)\]$/, stageLabel],
  [/^prices\.perKWh$/, 'Price of energy'],
  [/^prices\.currency$/, 'Currency'],
  [/^prices\.carbonGPerKWh$/, 'Carbon intensity'],
];

/** The label of the slider for the work of a stage of the model. */
export function stageLabel({ pipeline }: Scenario, stage: number): string {
  return `${pipeline.chunks === 1 ? 'Stage' : 'Chunk'} ${stage}`;
}

/** The label of the slider for stragglers, which controls only one of them. */
function stragglerLabel(scenario: Scenario, position: number): string | undefined {
  const shown = sliderStraggler(scenario);
  const isShown = shown !== undefined && scenario.stragglers[position] === shown;
  return isShown ? 'Straggler slowdown' : undefined;
}

/** The label of the control for a field such as `pipeline.stages`; undefined if there is none. */
function labelOf(scenario: Scenario, field: string): string | undefined {
  for (const [pattern, label] of LABELS) {
    const found = pattern.exec(field);
    if (found === null) continue;
    return typeof label === 'string' ? label : label(scenario, Number(found[1]));
  }
  return undefined;
}

/** Longest problem that is readable. */
const LONGEST = 400;

/**
 * A problem in the page's words: the page made the scenario's file, which the user has never seen, so
 * its problems name a control, or else a field.
 */
export function shownProblem(problem: Problem, scenario: Scenario): ShownProblem {
  const { source, field, message } = problem;
  if (source !== scenarioFileName(scenario)) return { text: readable(formatProblem(problem)) };
  const said = message.replace(/^found NaN, /, 'found no number, ');
  if (field === undefined) return { text: readable(said) };
  const label = labelOf(scenario, field);
  if (label === undefined) return { text: readable(`${field}: ${said}`) };
  return { text: readable(`${label}: ${said}`), beside: { label, text: readable(said) } };
}

/** A text cut to a readable length. */
export function readable(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
