import { InputError, type Problem } from '../../src/errors.js';
import { ProblemGathering } from '../../src/problem-list.js';
import type { PlanCache } from '../run/plan-cache.js';
import { scenarioFacts, type ScenarioFacts } from '../run/scenario-facts.js';
import { sharedSetting } from '../run/shared-setting.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { ScenarioProfile } from '../scenario/scenario-setting.js';
import type { SignalFile, Signals } from '../scenario/signals-schema.js';
import { resting } from './course.js';
import { answered, FLEX_TIERS, type EventAnswer } from './events.js';
import { horizonOf, type Horizon } from './horizon.js';
import { siteW, surroundingsOf } from '../run/surroundings.js';
import { jobPoints } from './job-points.js';
import { objectiveOf, type NamedObjective } from './objective.js';
import { readSignal, type Signal } from './read-signal.js';
import { SIGNAL_NAMES, type SignalName } from './signal-kinds.js';
import { spanText, type Span } from './span.js';
import {
  allPoints,
  allStrategies,
  choicesAt,
  mostIterations,
  withinCaps,
  type Priced,
  type ScheduledJob,
  type Strategies,
} from './strategies.js';
import { zoneClock, type ZoneClock } from './zone-clock.js';

/** A job's hours until its date, and what they cost in other ways. */
export interface Schedule {
  readonly facts: ScenarioFacts;
  readonly signals: Signals;
  readonly horizon: Horizon;
  readonly job: ScheduledJob;
  readonly tokensPerIteration: number | undefined;
  readonly objective: NamedObjective;
  /** Of prices. */
  readonly currency: string;
  /** Ways to do the work, without requests of the grid. */
  readonly strategies: Strategies;
  /** Answers to the requests, by flexibility; none without requests. */
  readonly answers: readonly EventAnswer[];
  /** The job's course: along its frontier, or its answer to the requests. */
  readonly chosen: Priced;
  /** Sentences on how files were read. */
  readonly notes: readonly string[];
}

/** The contents of a file of the user's. */
interface FileText {
  readonly text: string;
  readonly source: string;
  readonly note?: string;
}

/** Reads a file that a scenario names. @throws InputError if it cannot be read. */
export type SignalFileReader = (path: string, field: string) => FileText;

/** The inputs of a schedule. */
export interface ScheduleInputs {
  readonly signals: Signals;
  readonly files: readonly Signal[];
  readonly horizon: Horizon;
  readonly objective: NamedObjective;
  readonly notes: readonly string[];
}

/**
 * Reads the files of a scenario's section `signals`.
 * @param askedBy the scenario, for messages.
 * @throws InputError with the problems of all of them.
 */
export function scheduleInputs(
  { signals, prices }: Scenario,
  askedBy: string,
  read: SignalFileReader,
): ScheduleInputs {
  if (signals === undefined) {
    throw InputError.of({
      source: askedBy,
      field: 'signals',
      message:
        'is missing, expected the work to be done and its date, such as signals: {price: prices.csv, work: {iterations: 10000}, hours: 48}',
    });
  }
  const clock = clockOf(signals, askedBy);
  const gathering = new ProblemGathering();
  const notes: string[] = [];
  const files = SIGNAL_NAMES.flatMap((name) => {
    const wish = signals[name];
    if (wish === undefined) return [];
    const signal = gathering.attempt(() => fileOf(name, wish, read, clock, notes));
    return signal === undefined ? [] : [signal];
  });
  gathering.throwIfAny();
  const constant = {
    pricePerMWh: prices?.perKWh === undefined ? undefined : 1000 * prices.perKWh,
    carbonGPerKWh: prices?.carbonGPerKWh,
  };
  const horizon = horizonOf(signals, files, constant, clock, askedBy);
  const objective = objectiveOf(signals, horizon, askedBy);
  return { signals, files, horizon, objective, notes };
}

function clockOf({ zone }: Signals, askedBy: string): ZoneClock {
  const clock = zoneClock(zone);
  if (clock !== undefined) return clock;
  throw InputError.of({
    source: askedBy,
    field: 'signals.zone',
    message: `found ${JSON.stringify(zone)}, expected a zone such as UTC, Europe/Berlin or America/Los_Angeles`,
  });
}

function fileOf(
  name: SignalName,
  wish: SignalFile,
  read: SignalFileReader,
  clock: ZoneClock,
  notes: string[],
): Signal {
  const asked = typeof wish === 'string' ? { csv: wish } : wish;
  const field = typeof wish === 'string' ? `signals.${name}` : `signals.${name}.csv`;
  const { text, source, note } = read(asked.csv, field);
  const signal = readSignal(name, text, source, asked, clock);
  notes.push(...(note === undefined ? [] : [note]), ...signal.notes);
  return signal;
}

/**
 * Schedules the job of a scenario: plans and simulates it at every pace, and chooses one for each
 * interval.
 *
 * @throws InputError if the work cannot be done in time, or no pace is within a limit.
 */
export function schedule(
  scenario: Scenario,
  profile: ScenarioProfile,
  inputs: ScheduleInputs,
  cache: PlanCache,
  onProgress?: (part: number) => void,
): Schedule {
  const { signals, files, horizon, objective, notes } = inputs;
  const shared = sharedSetting(cache, scenario, profile);
  const { setting } = shared;
  const facts = scenarioFacts(shared);
  const tokens = tokensOf(facts);
  const work = workOf(signals, tokens, setting.askedBy);
  const { gpus } = facts;
  const surroundings = surroundingsOf(scenario);
  const points = jobPoints(setting, gpus, cache, onProgress);
  const waitingW = gpus * (signals.pausedW ?? setting.gpus.blockingPowerW);
  const idleW = siteW(surroundings, gpus, waitingW);
  const { saveS, restartS, releasedW } = signals.checkpoint;
  const job: ScheduledJob = {
    ...{ points, work, mayPause: signals.mayPause },
    pause: resting('paused', idleW, waitingW),
    after: signals.whenDone === 'idle' ? resting('done', idleW, waitingW) : resting('done', 0, 0),
    switched: {
      off: resting('off', gpus * releasedW * surroundings.pue, gpus * releasedW),
      switching: resting('switching', idleW, waitingW),
      ...{ saveS, restartS },
    },
  };
  checkFeasible(job, horizon, signals, setting.askedBy);
  const strategies = allStrategies(job, horizon, objective.ofJoule);
  const plain = strategies['frontier-by-signals'];
  const tiers = [...new Set([...FLEX_TIERS, signals.flexPct])].sort((a, b) => a - b);
  const cutPct = signals.events.map((event) => event.cutPct);
  const answers =
    cutPct.length === 0
      ? []
      : tiers.map((flexPct) =>
          answered(job, horizon, objective.ofJoule, plain.course, { cutPct }, flexPct),
        );
  return {
    ...{ facts, signals, horizon, job, objective, strategies, answers, notes },
    tokensPerIteration: tokens,
    currency:
      files.find(({ name }) => name === 'price')?.currency ?? scenario.prices?.currency ?? 'USD',
    chosen: answers.find(({ flexPct }) => flexPct === signals.flexPct) ?? plain,
  };
}

function tokensOf({ scenario, job }: ScenarioFacts): number | undefined {
  if (job === undefined) return undefined;
  const { sequences, sequence } = job.microbatch;
  return scenario.pipelines * scenario.pipeline.microbatches * sequences * sequence;
}

function workOf({ work }: Signals, tokens: number | undefined, askedBy: string): number {
  if ('iterations' in work) return work.iterations;
  if (tokens !== undefined) return work.tokens / tokens;
  throw InputError.of({
    source: askedBy,
    field: 'signals.work.tokens',
    message:
      'needs to know the tokens of an iteration: say in job which model, and how many sequences a microbatch has; or give the work in iterations',
  });
}

/** Most spans that a message names. */
const MOST_TOLD = 5;

/** @throws InputError if a limit is below all that the job can draw, or the work does not fit. */
function checkFeasible(
  job: ScheduledJob,
  horizon: Horizon,
  { work, mayPause }: Signals,
  askedBy: string,
): void {
  const choices = choicesAt(job, allPoints(job.points));
  const choicesOf = withinCaps(horizon, choices);
  const tooLow = joined(horizon.intervals.filter((_, k) => choicesOf(k).length === 0));
  if (tooLow.length > 0) {
    const leastW = Math.min(...choices.map(({ powerW }) => powerW));
    const advice =
      mayPause || job.pause.powerW >= leastW ? '' : ', or allow it to wait: signals.mayPause: true';
    throw new InputError([
      ...tooLow.slice(0, MOST_TOLD).map((span): Problem => ({
        source: askedBy,
        field: 'signals.cap',
        message: `allows ${Math.min(...span.capsW)} W from ${spanText(horizon, span)}, but the job draws at least ${Math.ceil(leastW)} W; allow that${advice}`,
      })),
      ...(tooLow.length > MOST_TOLD
        ? [
            {
              source: askedBy,
              field: 'signals.cap',
              message: `… and ${tooLow.length - MOST_TOLD} more times`,
            },
          ]
        : []),
    ]);
  }
  const most = mostIterations(job, horizon);
  if (job.work <= most * (1 + 1e-12)) return;
  const part = Math.floor((1000 * most) / job.work) / 10;
  const inTokens = 'tokens' in work;
  const found = inTokens ? `${work.tokens} tokens` : `${work.iterations} iterations`;
  const possible = inTokens
    ? `${((most / job.work) * work.tokens).toPrecision(6)} tokens`
    : `${Math.floor(most)} iterations`;
  const time = spanText(horizon, { fromS: 0, untilS: horizon.durationS });
  throw InputError.of({
    source: askedBy,
    field: `signals.work.${inTokens ? 'tokens' : 'iterations'}`,
    message: `found ${found}, but at most ${possible} (${part} %) can be done from ${time}; allow more time, ask for less, or raise limits`,
  });
}

/** Intervals that follow each other, as one span each. */
function joined(intervals: Horizon['intervals']): (Span & { readonly capsW: readonly number[] })[] {
  const spans: (Span & { readonly capsW: readonly number[] })[] = [];
  for (const { fromS, untilS, capW } of intervals) {
    const last = spans.at(-1);
    if (last?.untilS === fromS) {
      spans[spans.length - 1] = { fromS: last.fromS, untilS, capsW: [...last.capsW, capW] };
    } else spans.push({ fromS, untilS, capsW: [capW] });
  }
  return spans;
}
