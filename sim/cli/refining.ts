import { TimeIsOverError } from '../../src/errors.js';
import { namedUnit } from '../../src/unit-names.js';
import { frontierSize, MANY_VISITS } from '../../src/planner/perseus/frontier-size.js';
import { runTable } from '../report/text/run-table.js';
import { HARDER, type Round } from '../run/refined-runs.js';
import { needsNoFrontier } from '../run/approximation.js';
import { PlanCache } from '../run/plan-cache.js';
import { runScenario, type RunOptions, type ScenarioResult } from '../run/run-scenario.js';
import { sharedSetting } from '../run/shared-setting.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { ScenarioProfile } from '../scenario/scenario-setting.js';
import type { OptionReader } from './options.js';
import type { run as declared } from './run-options.js';
import type { Terminal } from './terminal.js';
import { isInterruptible, roundsUntil } from './threaded-rounds.js';

/** The patience of a reader with refinement. */
export interface Patience {
  /** Points of saving that need not be found. */
  readonly withinPct: number | undefined;
  readonly budgetS: number | undefined;
}

/** Options that end refinement early. */
const REFINING = ['--within', '--budget'] as const;

/** The reader's patience; undefined if neither option was given. Complains of a wrong time. */
export function patienceOf(options: OptionReader<typeof declared>): Patience | undefined {
  const withinPct = options.get('--within');
  const budget = options.get('--budget');
  if (withinPct === undefined && budget === undefined) return undefined;
  const budgetS = budget === undefined ? undefined : secondsOf(budget);
  if (budget !== undefined && budgetS === undefined) {
    options.complain('--budget', `found "${budget}", expected a time such as 30s, 2min or 1h`);
  }
  for (const other of ['--control'] as const) {
    if (options.get(other) === undefined) continue;
    for (const flag of REFINING.filter((each) => options.get(each) !== undefined)) {
      options.complain(flag, `cannot be used with ${other}, whose plans are made elsewhere`);
    }
  }
  return { withinPct, budgetS };
}

/** A day and more is no limit. */
const LONGEST_S = 1e6;
/** Short names that headers of tables do not have. */
const SHORT_UNITS = new Map([
  ['m', 60],
  ['h', 3600],
]);

/** A time as people write it: `30s`, `2 min`, `90` (seconds). Undefined for other texts. */
export function secondsOf(text: string): number | undefined {
  const [, amount = '', unit = ''] = /^\s*([0-9.]+)\s*([a-zµμ]*)\s*$/i.exec(text) ?? [];
  if (amount === '') return undefined;
  const factor = unit === '' ? 1 : (SHORT_UNITS.get(unit) ?? namedUnit('s', unit)?.factor);
  const timeS = Number(amount) * (factor ?? NaN);
  return timeS > 0 && timeS <= LONGEST_S ? timeS : undefined;
}

/** Where whole frontiers take minutes, refinement ends unless it is asked to go on. */
const LONG_FRONTIER: Patience = { withinPct: 0.1, budgetS: undefined };

const LONG_ADVICE =
  `the whole frontier takes minutes; plans are made for this job's deadlines alone, ` +
  `until refining can add at most ${LONG_FRONTIER.withinPct} points (--within chooses)`;

/** Visits of a frontier that take a second. */
const ONE_SECOND = 4e6;
/** An impatient reader's rounds may take as long as the frontier; a watching one's a part of that. */
const WATCHED_PART = 1 / 8;

/** A run that its reader has ended, or that is finished. */
export interface EndedRun {
  readonly result: ScenarioResult;
  /** Whether Ctrl-C ended it. */
  readonly isInterrupted: boolean;
}

/**
 * Runs a scenario until its reader has enough. Who watches sees the first table at once, and by how
 * much refining can still change it; in the end the result is the last one. Ctrl-C has the last one
 * as it is.
 *
 * @param asked the reader's patience; undefined to run to the end, or until `LONG_FRONTIER` is met
 *   where that takes minutes.
 */
export async function runUntilEnough(
  scenario: Scenario,
  source: ScenarioProfile,
  options: RunOptions,
  {
    patience: asked,
    terminal,
  }: { readonly patience: Patience | undefined; readonly terminal: Terminal },
): Promise<EndedRun> {
  const cache = options.cache ?? new PlanCache();
  const { visits } = frontierSize(sharedSetting(cache, scenario, source).setting.problem);
  const isShown = terminal.isWatched && visits > ONE_SECOND;
  const isLong = visits > MANY_VISITS && options.live === undefined && needsNoFrontier(scenario);
  const patience = asked ?? (isLong ? LONG_FRONTIER : undefined);
  if (patience === undefined && !isShown) {
    const result = await runScenario(scenario, source, { ...options, cache });
    return { result, isInterrupted: false };
  }
  if (asked === undefined && isLong) options.onAdvice?.(LONG_ADVICE);
  const refining = new Refining(patience, isShown ? terminal : undefined);
  const rounds = roundsUntil(
    scenario,
    source,
    {
      ...options,
      mostOfFrontier: patience === undefined ? WATCHED_PART : 1,
      onProgress: (...progress) => {
        options.onProgress?.(...progress);
        refining.throwIfOver();
      },
    },
    refining.interrupted,
  );
  return isInterruptible(options) ? refining.lastOrInterrupted(rounds) : refining.lastOf(rounds);
}

/** The rounds of a run, as far as its reader wants them. */
class Refining {
  private readonly startMs = Date.now();
  private readonly interruption = new AbortController();
  private last: ScenarioResult | undefined;

  /** @param watched the terminal of who sees every round. */
  constructor(
    private readonly patience: Patience | undefined,
    private readonly watched: Terminal | undefined,
  ) {}

  /** Aborted by Ctrl-C. */
  get interrupted(): AbortSignal {
    return this.interruption.signal;
  }

  /** @throws TimeIsOverError if the reader waits no longer, and has a table. */
  throwIfOver(): void {
    if (this.last !== undefined && this.isOver()) throw new TimeIsOverError();
  }

  /** The result of the last round that the reader waits for. */
  async lastOf(rounds: AsyncGenerator<Round, void>): Promise<EndedRun> {
    try {
      await this.refine(rounds);
    } catch (error) {
      if (!(error instanceof TimeIsOverError || this.interrupted.aborted)) throw error;
    }
    return { result: this.last!, isInterrupted: this.interrupted.aborted };
  }

  /** The same, or that of the last round before Ctrl-C. */
  async lastOrInterrupted(rounds: AsyncGenerator<Round, void>): Promise<EndedRun> {
    const onInterrupt = () => {
      if (this.last === undefined) {
        // Without a table yet, this is a Ctrl-C like any other.
        process.removeListener('SIGINT', onInterrupt);
        process.kill(process.pid, 'SIGINT');
      }
      this.interruption.abort();
    };
    process.once('SIGINT', onInterrupt);
    try {
      return await this.lastOf(rounds);
    } finally {
      process.removeListener('SIGINT', onInterrupt);
    }
  }

  private async refine(rounds: AsyncGenerator<Round, void>): Promise<void> {
    // Without a limit, the bound of energy is wanted too, which comes last.
    const enoughPct = this.patience === undefined ? -1 : (this.patience.withinPct ?? 0);
    let roundMs = this.startMs;
    for await (const { result, isLast, isBeforeLast, isBeforeExact } of rounds) {
      const isFirst = this.last === undefined;
      this.last = result;
      if (isLast) return;
      this.watched?.err(isFirst ? `${runTable(result)}\n` : `${changeLine(result)}\n`);
      const { mayChangePct = Infinity, leftOut } = result.approximation!;
      // The bound is of planned savings; exact plans, where they are cheap, settle simulated ones too.
      const isEnough = mayChangePct <= enoughPct && leftOut.length === 0 && !isBeforeExact;
      const nextS = isBeforeLast ? 0 : (HARDER * (Date.now() - roundMs)) / 1e3;
      if (isEnough || this.isOver(nextS)) return;
      roundMs = Date.now();
    }
  }

  private isOver(aheadS = 0): boolean {
    const pastS = (Date.now() - this.startMs) / 1e3;
    return pastS + aheadS >= (this.patience?.budgetS ?? Infinity);
  }
}

/** The savings of a round, for those who watch. */
function changeLine({ policies, approximation }: ScenarioResult): string {
  const savings = policies
    .filter(({ policy }) => approximation!.policies.includes(policy))
    .map(({ policy, savingPct }) => `${policy} ${savingPct.toFixed(2)} %`);
  const { mayChangePct } = approximation!;
  const more = mayChangePct === undefined ? '' : `, at most ${mayChangePct.toFixed(3)} points more`;
  return `refined: ${savings.join(', ')} of the energy${more}`;
}
