import type { FrontierPoint } from '../../src/planner/planner.js';
import { perAccount, type Account } from '../energy/accounts.js';
import type { PoweredResult } from '../power/figures/run-power.js';
import { drawnPower, type DrawnPower } from '../report/charts/drawn-power.js';
import { powerPicture } from '../report/charts/power-picture.js';
import { stragglerTime } from '../report/charts/straggler-time.js';
import { amount, fixed } from '../report/numbers.js';
import { bandText, savingDigits } from '../report/text/estimate-sentences.js';
import { policyColumns, type PolicyColumn } from '../report/text/policy-columns.js';
import { gridSentences, powerColumns, powerNotes } from '../report/text/power-table.js';
import {
  bestPolicy,
  conclusion,
  heading,
  notes,
  textsOf,
  type HeadingKind,
} from '../report/text/run-sentences.js';
import { unitColumns } from '../report/text/unit-table.js';
import type { Timeline } from '../report/timeline/timeline-data.js';
import { timelineOf } from '../report/timeline/timeline.js';
import { runFacts, type RunFacts } from './run-facts.js';
import { costSaved } from '../run/cost-saved.js';
import { likelySaving } from '../run/likely-saving.js';
import type { PolicyResult } from '../run/policy-figures.js';
import type { KeptRun } from '../run/kept-run.js';
import type { KeptScenarioResult, ScenarioResult } from '../run/run-scenario.js';

/** Everything that the page shows of a run: plain data, in the command line's sentences and digits. */
export interface ShownRun {
  readonly headline: Headline;
  /** Of synthesized profiles: their likely errors. */
  readonly caveats: readonly string[];
  /** The heading, line by line, and the notes below the table. */
  readonly heading: readonly string[];
  readonly notes: readonly string[];
  readonly policies: readonly string[];
  readonly facts: RunFacts;
  readonly columns: readonly PolicyColumn[];
  /** Tokens and what they cost; empty where it is not known how many there are. */
  readonly unitColumns: readonly PolicyColumn[];
  readonly frontier: ShownFrontier;
  readonly ledgers: readonly ShownLedger[];
  readonly peaks: ShownPeaks;
  readonly timeline: Timeline;
  readonly power: DrawnPower;
  /** Figures of power over time; empty without limits of a grid. */
  readonly powerColumns: readonly PolicyColumn[];
  /** Whether limits of the grid are kept, and notes on power over time. */
  readonly powerSentences: readonly string[];
}

/** The saving in one number, and in words. */
export interface Headline {
  readonly policy: string;
  readonly savedPct: string;
  /** Where the profile was not measured: what it may be, `17 to 25`. */
  readonly savedBand?: string;
  readonly sentences: readonly string[];
}

/** Time and energy of one iteration of one pipeline, by policy. */
export interface ShownFrontier {
  readonly policies: readonly {
    readonly policy: string;
    /** Fastest first. */
    readonly points: readonly FrontierPoint[];
    /** The plan that healthy pipelines run. */
    readonly chosen: FrontierPoint;
  }[];
  /** T': the straggler's time, if there is one. */
  readonly stragglerTimeS: number | undefined;
}

/** A policy's energy by account, of the whole job. */
export interface ShownLedger {
  readonly policy: string;
  readonly accounts: Readonly<Record<Account, number>>;
  readonly totalJ: number;
}

/** Per stage, in microbatches of a stage: activations kept, and inputs kept instead. */
export interface ShownPeaks {
  readonly activations: readonly number[];
  readonly checkpoints: readonly number[];
}

/**
 * Turns a run into the data that the page shows.
 * @param drawn the policy to draw and to tell of; the best one if left out, or if it was not run.
 */
export function shownRun(result: KeptScenarioResult & PoweredResult, drawn?: string): ShownRun {
  const { policies, peaks } = result;
  const best = policies.find(({ policy }) => policy === drawn) ?? bestPolicy(result);
  const pictured = besideHighestClocks(result.kept, best.policy);
  const lines = heading(result);
  return {
    headline: {
      policy: best.policy,
      ...savedTexts(result, best),
      sentences: textsOf(conclusion(result, best)),
    },
    caveats: textsOf(lines.filter(({ kind }) => CAVEATS.has(kind))),
    heading: textsOf(lines.filter(({ kind }) => !CAVEATS.has(kind))),
    // A preview has no bound.
    notes: textsOf(notes(result).filter(({ kind }) => kind !== 'bound' || result.bound)),
    policies: policies.map(({ policy }) => policy),
    facts: runFacts(result),
    columns: [...policyColumns(result).filter(isKnown), ...costColumns(result)],
    unitColumns: unitColumns(result),
    frontier: shownFrontier(result.kept),
    ledgers: policies.map(({ policy, ledger }) => ({
      policy,
      accounts: perAccount((account) => ledger[account]),
      totalJ: ledger.totalJ,
    })),
    peaks: { activations: [...peaks.activations], checkpoints: [...peaks.checkpoints] },
    timeline: timelineOf(pictured),
    power: drawnPower(powerPicture(pictured)),
    powerColumns: powerColumns(result),
    powerSentences: [...gridSentences(result), ...powerNotes(result)],
  };
}

/** The policies that are drawn one against the other: the first one and another. */
function besideHighestClocks(kept: KeptRun, drawn: string): KeptRun {
  const policies = kept.policies.filter(({ policy }, k) => k === 0 || policy === drawn);
  return { ...kept, policies };
}

/** The saving in digits that are known, and its band if it has one. */
function savedTexts(
  result: ScenarioResult,
  best: PolicyResult,
): Pick<Headline, 'savedPct' | 'savedBand'> {
  const likely = likelySaving(result, best);
  return likely === undefined
    ? { savedPct: fixed(best.savingPct, savingDigits(result)) }
    : { savedPct: fixed(likely.predictedPct, 0), savedBand: bandText(likely) };
}

/** The lines of a heading on likely errors of figures, or on a job that does not fit. */
const CAVEATS: ReadonlySet<HeadingKind> = new Set(['memory', 'estimate', 'profile']);

function isKnown({ cells }: PolicyColumn): boolean {
  return cells.some((cell) => cell !== '—');
}

/** The value of savings per day, if the scenario has prices of energy. */
function costColumns(result: ScenarioResult): PolicyColumn[] {
  const { scenario, policies } = result;
  const { prices } = scenario;
  if (prices === undefined) return [];
  const cellsOf = (value: (saved: NonNullable<ReturnType<typeof costSaved>>) => number) =>
    policies.map((row) =>
      row.policy === 'max-frequency' ? '' : amount(value(costSaved(result, row)!)),
    );
  const columns = [
    { unit: 'kWh', cells: cellsOf(({ perDay }) => perDay.energyKWh) },
    ...(prices.perKWh === undefined
      ? []
      : [{ unit: prices.currency, cells: cellsOf(({ perDay }) => perDay.money!) }]),
    ...(prices.carbonGPerKWh === undefined
      ? []
      : [{ unit: 'kg CO2', cells: cellsOf(({ perDay }) => perDay.carbonKg!) }]),
  ];
  return columns.map(({ unit, cells }) => ({ heading: ['saved per day', unit], cells }));
}

function shownFrontier(kept: KeptRun): ShownFrontier {
  const ofPolicies = kept.policies.map(({ policy, frontier, shown }) => {
    const { plannedTimeS, plannedEnergyJ } = shown.plan;
    return {
      policy,
      points: frontier.toReversed(),
      chosen: { timeS: plannedTimeS, energyJ: plannedEnergyJ },
    };
  });
  return { policies: ofPolicies, stragglerTimeS: stragglerTime(kept) };
}
