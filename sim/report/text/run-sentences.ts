import { milliseconds, percent } from '../../../src/units.js';
import { costSaved, type Cost } from '../../run/cost-saved.js';
import { likelySaving } from '../../run/likely-saving.js';
import type { PolicyResult } from '../../run/policy-figures.js';
import type { ScenarioResult } from '../../run/run-scenario.js';
import { comesAndGoes } from '../../scenario/straggler-times.js';
import { gpusPerStage } from '../../scenario/gpus-per-stage.js';
import type { Scenario } from '../../scenario/scenario-schema.js';
import { stragglerModel } from '../../run/stragglers-by-chance.js';
import { amount, count, fixed } from '../numbers.js';
import {
  correctionSentences,
  estimateNotes,
  percentDigits,
  savedPhrase,
  savingDigits,
} from './estimate-sentences.js';
import { refiningSentences } from './refining-sentences.js';
import { memoryLines, memoryUseLines, siteSentences, tokenSentences } from './unit-sentences.js';
import { howItIsSlow, whenItIsSlow } from './straggler-words.js';

/** A sentence about a run, and its subject: readers that leave some out go by that. */
export interface Sentence<Kind extends string> {
  readonly kind: Kind;
  readonly text: string;
}

export type HeadingKind =
  | 'title'
  | 'pipeline'
  | 'stragglers'
  | 'conditions'
  | 'waiting'
  | 'balance'
  | 'activations'
  | 'memory use'
  | 'memory'
  | 'estimate'
  | 'profile'
  | 'unit time';
export type ConclusionKind =
  'saving' | 'parts' | 'worth' | 'site' | 'tokens' | 'bound' | 'refining';
export type NoteKind =
  'plan and sim' | 'energy' | 'regret' | 'bound' | 'overheads' | 'ticks' | 'seeds' | 'pipelines';

function sentences<Kind extends string>(kind: Kind, texts: readonly string[]): Sentence<Kind>[] {
  return texts.map((text) => ({ kind, text }));
}

/** The texts of sentences. */
export function textsOf(all: readonly Sentence<string>[]): string[] {
  return all.map(({ text }) => text);
}

/** The heading, line by line: the job, what goes wrong in it, how good the numbers are. */
export function heading(result: ScenarioResult): Sentence<HeadingKind>[] {
  const { scenario, title, fit, unitTimeS, roundingPct, gpus } = result;
  const { stages, microbatches, schedule, chunks, microbatchGroup } = scenario.pipeline;
  const cut = chunks === 1 ? '' : ` in ${chunks} chunks`;
  const shared = gpusPerStage(scenario) / scenario.tensorParallel;
  const context = shared === 1 ? '' : `, context parallel ${shared}`;
  const groups = microbatchGroup === undefined ? '' : ` in groups of ${microbatchGroup}`;
  return [
    ...sentences('title', [`${scenario.name}: ${title}`]),
    ...sentences('pipeline', [
      `${schedule.toUpperCase()}, ${count(stages, 'stage')}${cut} × ${count(microbatches, 'microbatch', 'es')}${groups}, tensor parallel ${scenario.tensorParallel}${context}, ${count(scenario.pipelines, 'pipeline')}: ${count(gpus, 'GPU')}`,
    ]),
    ...sentences('stragglers', [`stragglers: ${stragglerPhrase(scenario)}`]),
    ...sentences('conditions', conditions(scenario)),
    ...sentences('waiting', waitingSentences(result)),
    ...sentences('balance', balanceLine(result)),
    ...sentences('activations', [activationLine(result)]),
    ...sentences('memory use', memoryUseLines(result)),
    ...sentences('memory', memoryLines(result)),
    ...sentences('estimate', estimateLines(result)),
    ...sentences('profile', profileNotes(result.profileNotes)),
    ...sentences('unit time', [
      `unit time ${fixed(milliseconds(unitTimeS), 3)} ms takes up to ${fixed(roundingPct, 2)} % off an instruction` +
        (fit === undefined
          ? ''
          : `; curves fit to ${fixed(fit.timeRmsPct, 2)} % (time), ${fixed(fit.powerRmsPct, 2)} % (power) rms`),
    ]),
  ];
}

/** The likely errors of a synthesized profile, wherever it is used. */
function estimateLines({ estimate }: Pick<ScenarioResult, 'estimate'>): string[] {
  return estimate === undefined ? [] : estimateNotes(estimate);
}

/** Notes on data left out, converted or guessed when a profile was read, a line each. */
export function profileNotes(notes: readonly string[] = []): string[] {
  return notes.map((note) => `profile: ${note}`);
}

function stragglerPhrase(scenario: Scenario): string {
  const { stragglers, randomStragglers, noticeS } = scenario;
  const listed = stragglers.map(
    (straggler) => `${howItIsSlow(straggler)}${whenItIsSlow(straggler)}`,
  );
  const drawn = randomStragglers === undefined ? [] : [drawnPhrase(scenario)];
  const all = [...listed, ...drawn].join(', ');
  if (all === '') return 'none';
  return noticeS > 0 ? `${all}; noticed after ${noticeS} s` : all;
}

/** The kinds of random stragglers, most frequent first. */
function drawnPhrase(scenario: Scenario): string {
  const { kinds, meanTimeBetweenS } = stragglerModel(scenario)!;
  const offered = Object.entries(kinds)
    .filter(([, weight = 0]) => weight > 0)
    .sort(([, a = 0], [, b = 0]) => b - a)
    .map(([kind]) => kind);
  return `at random (${offered.join(', ')}), on each pipeline every ${Number(meanTimeBetweenS.toPrecision(3))} s on average`;
}

/** Other deviations from a quiet job, a line for each. */
function conditions(scenario: Scenario): string[] {
  const { iterations, seeds, jitter, sequenceLengths, clocks, power, communication } = scenario;
  const { deadlineS } = scenario;
  const limits = [
    ...(deadlineS === undefined ? [] : [`an iteration may take ${fixed(deadlineS, 2)} s`]),
    ...(power.gpuLimitW === undefined ? [] : [`a GPU at most ${power.gpuLimitW} W`]),
    ...(power.jobLimitW === undefined
      ? []
      : [`the job at most ${fixed(power.jobLimitW / 1e3, 1)} kW on average`]),
    ...(clocks.switchS === 0 ? [] : [`clocks change within ${fixed(1e3 * clocks.switchS, 1)} ms`]),
    ...(power.blockingAtHighestClockW === undefined
      ? []
      : [`waiting draws ${power.blockingAtHighestClockW} W at the highest clock`]),
  ];
  const scatter = [
    ...(jitter === undefined ? [] : [`instructions ±${fixed(100 * jitter.instructionSd, 1)} %`]),
    ...(sequenceLengths === undefined
      ? []
      : [`sequences ±${fixed(100 * sequenceLengths.forwardSd, 0)} % forward`]),
    ...(seeds === 1 ? [] : [`${seeds} seeds`]),
  ];
  return [
    ...(iterations === 1 ? [] : [`run: ${iterations} iterations`]),
    ...(communication === undefined ? [] : [communicationLine(communication)]),
    ...(limits.length === 0 ? [] : [`limits: ${limits.join(', ')}`]),
    ...(scatter.length === 0 ? [] : [`scatter: ${scatter.join(', ')}`]),
  ];
}

function communicationLine(communication: NonNullable<Scenario['communication']>): string {
  const { rule, activationMB, gradientMB } = communication;
  return `communication: ${activationMB} MB per microbatch and link (${rule}), ${gradientMB} MB of gradients per GPU`;
}

/** The part of their time for which GPUs wait at the highest clocks, in words. */
function waitingSentences({ policies, scenario, gpus, waitingPowerW }: ScenarioResult): string[] {
  const row = policies.find(({ policy }) => policy === 'max-frequency');
  // Waiting at another power for each clock tells no time.
  if (row === undefined || scenario.power.blockingAtHighestClockW !== undefined) return [];
  const partPct = (energyJ: number) => percent(energyJ / waitingPowerW, gpus * row.simulatedTimeS);
  const { pipelineBlockingJ, stragglerBlockingJ } = row.ledger;
  const ofStagesPct = partPct(pipelineBlockingJ);
  const ofStragglersPct = partPct(stragglerBlockingJ);
  const all = `GPUs at the highest clocks wait ${roughPct(ofStagesPct + ofStragglersPct)} % of the time`;
  return ofStragglersPct < LITTLE_PCT
    ? [`${all} for other stages`]
    : [
        `${all}: ${roughPct(ofStagesPct)} % for other stages, ${roughPct(ofStragglersPct)} % for slower pipelines`,
      ];
}

/** Waiting below this, in percent, is not worth a word. */
const LITTLE_PCT = 0.05;

/** Whole percent, with a digit more if there are few. */
function roughPct(pct: number): string {
  return fixed(pct, pct < 10 ? 1 : 0);
}

function balanceLine({ balance, scenario }: ScenarioResult): string[] {
  if (balance === undefined) return [];
  const { imbalanceRatio, partImbalanceRatio, timeSavedPct, energySavedPct } = balance;
  const ofParts =
    scenario.pipeline.chunks === 1
      ? ''
      : `, slowest part of the model over fastest ${fixed(partImbalanceRatio, 3)}`;
  return [
    `imbalance: slowest stage over fastest ${fixed(imbalanceRatio, 3)}${ofParts}; perfect balance would save max-frequency ${fixed(timeSavedPct, 2)} % of the time, ${fixed(energySavedPct, 2)} % of the energy`,
  ];
}

/** Runs of equal stages are written once: `8 7 6`, `12 × 8`. */
function activationLine({ peaks, bubbleRatio }: ScenarioResult): string {
  const list = (values: Float64Array): string => {
    const texts = Array.from(values, (value) => String(Number(value.toFixed(2))));
    return new Set(texts).size === 1 && texts.length > 1
      ? `${texts[0]!} on each of ${texts.length} stages`
      : texts.join(' ');
  };
  const inputs = peaks.checkpoints.some((held) => held > 0)
    ? `; inputs of ${list(peaks.checkpoints)}`
    : '';
  return `bubble ${fixed(100 * bubbleRatio, 2)} % of computing; activations kept, in microbatches of a stage: ${list(peaks.activations)}${inputs}`;
}

/** The policy that uses the least energy. */
export function bestPolicy({ policies }: ScenarioResult): PolicyResult {
  return policies.reduce((a, b) => (b.simulatedEnergyJ < a.simulatedEnergyJ ? b : a));
}

/** The energy that a policy removes, its value, and what is left. @param best the best one if left out. */
export function conclusion(
  result: ScenarioResult,
  best = bestPolicy(result),
): Sentence<ConclusionKind>[] {
  if (best.policy === 'max-frequency') {
    return [
      ...sentences('saving', [headline(result, best)]),
      ...sentences('tokens', tokenSentences(result, best)),
      ...sentences('refining', refiningSentences(result)),
    ];
  }
  const left =
    best.aboveBoundPct === undefined
      ? []
      : [
          `${best.policy} uses ${fixed(best.aboveBoundPct, percentDigits(result))} % more than the least energy any clocks could use in that time.`,
        ];
  return [
    ...sentences('saving', [headline(result, best)]),
    ...sentences('parts', partsSentences(result, best)),
    ...sentences('worth', worth(result, best)),
    ...sentences('site', siteSentences(result, best)),
    ...sentences('tokens', tokenSentences(result, best)),
    ...sentences('bound', left),
    ...sentences('refining', refiningSentences(result)),
  ];
}

/** The result in one sentence: what a policy saves, by default the best, and what that costs in time. */
export function headline(result: ScenarioResult, best = bestPolicy(result)): string {
  if (best.policy === 'max-frequency') return 'No policy uses less energy than max-frequency.';
  return `${best.policy} saves ${savedPhrase(result, best)} ${timePhrase(result, best)}.`;
}

/** The intrinsic and the extrinsic part of a saving, if there is a straggler. */
function partsSentences(result: ScenarioResult, best: PolicyResult): string[] {
  const { scenario } = result;
  const digits = savingDigits(result);
  const hasStragglers = scenario.stragglers.length > 0 || scenario.randomStragglers !== undefined;
  const parts = `${fixed(best.intrinsicPct, digits)} points by slowing what waits inside the pipelines (intrinsic), ${fixed(best.extrinsicPct, digits)} by slowing pipelines that wait for the straggler (extrinsic)`;
  if (likelySaving(result, best) !== undefined) {
    return correctionSentences(result, best, hasStragglers ? `: ${parts}` : '');
  }
  return hasStragglers ? [`${best.policy} saves ${parts}.`] : [];
}

/** The value of a policy's saving, if the scenario has prices of energy. */
function worth(result: ScenarioResult, best: PolicyResult): string[] {
  const { prices } = result.scenario;
  const saved = costSaved(result, best);
  if (prices === undefined || saved === undefined) return [];
  const phrase = ({ energyKWh, money, carbonKg }: Cost) =>
    [
      `${amount(energyKWh)} kWh`,
      ...(money === undefined ? [] : [`${amount(money)} ${prices.currency}`]),
      ...(carbonKg === undefined ? [] : [`${amount(carbonKg)} kg CO2`]),
    ].join(', ');
  return [
    `${result.estimate === undefined ? 'That' : 'By the table, that'} saves ${phrase(saved.perIteration)} per iteration; per day of such iterations ${phrase(saved.perDay)}.`,
  ];
}

/** Differences of time below this, in percent, are rounding. */
const SAME_TIME_PCT = 0.005;

function timePhrase(result: ScenarioResult, { slowdownPct }: PolicyResult): string {
  const sizePct = Math.abs(slowdownPct);
  if (sizePct < 10 ** -percentDigits(result) / 2) return 'without slowing the job';
  const size = fixed(sizePct, sizePct < 0.1 ? 2 : 1);
  return slowdownPct > 0
    ? `and slows the job by ${size} %`
    : `in iterations that are ${size} % shorter`;
}

/** Notes on the table's columns. */
export function notes(result: ScenarioResult): Sentence<NoteKind>[] {
  const { policies, simulatedPipelines, scenario } = result;
  const what =
    scenario.iterations === 1 ? 'one iteration' : `all ${scenario.iterations} iterations`;
  const isPlanned = policies.some((row) => row.planned !== undefined);
  const mayEndLater = policies.some((row) => row.planned && row.slowdownPct > SAME_TIME_PCT);
  return [
    ...sentences('plan and sim', [
      isPlanned
        ? 'plan: what the cost model promises. sim: what the chosen clocks take and use when simulated.'
        : 'Time and energy are what the chosen clocks take and use when simulated; no closed form covers what goes wrong here.',
    ]),
    ...sentences('energy', [`energy: ${what}, all GPUs. saved, slower: against max-frequency.`]),
    comesAndGoes(scenario) ? REGRET : { kind: 'bound', text: boundNote(result) },
    ...(result.hasOverheads ? [OVERHEADS] : mayEndLater ? [TICKS] : []),
    ...(scenario.seeds > 1 ? [SEEDS] : []),
    ...(simulatedPipelines < scenario.pipelines
      ? sentences('pipelines', [
          `${simulatedPipelines} of ${scenario.pipelines} pipelines simulated; the others are identical to one of them.`,
        ])
      : []),
  ];
}

const REGRET: Sentence<NoteKind> = {
  kind: 'regret',
  text: 'regret: beyond the same policy, had it known at every iteration’s beginning which pipelines would be slow.',
};
const OVERHEADS: Sentence<NoteKind> = {
  kind: 'overheads',
  text: 'Plans know loading and transfers, except those of envpipe.',
};
const TICKS: Sentence<NoteKind> = {
  kind: 'ticks',
  text: 'A plan may end later than max-frequency: planned durations are whole ticks, rounded down, and become the slowest clock that fits them.',
};
const SEEDS: Sentence<NoteKind> = {
  kind: 'seeds',
  text: 'Figures are means over the seeds; intervals are bootstrap intervals of the mean.',
};

function boundNote({ bound, isBoundKnown, approximation }: ScenarioResult): string {
  if (approximation !== undefined && bound === undefined) {
    return 'above bound: — until plans are refined to the end.';
  }
  if (bound === undefined && isBoundKnown) {
    return 'above bound: — because it was left out; without --no-bound it is computed.';
  }
  if (bound === undefined) {
    return 'above bound: — because the bound covers only jobs whose iterations are all the same, at one blocking power.';
  }
  if (bound.method === 'paths') {
    return `above bound: over the least energy any clocks could use in that time, estimated from below: the pipeline is too large for its linear program (prices on critical paths; too low by hardly more than the saving of ${boundTimePct(bound.extraTimePct)} % more time).`;
  }
  return 'above bound: over the least energy any clocks could use in that time (linear program on the hull of the options).';
}

/** Rounded up, so never less than the true value. */
function boundTimePct(extraTimePct: number): string {
  return fixed(Math.max(0.01, Math.ceil(100 * extraTimePct) / 100), 2);
}
