import type { ScenarioResult } from '../../run/run-scenario.js';
import type { RunWatch } from '../../run/seed-run.js';
import type { ExecutedIteration, IterationWatcher } from '../../run/training-run.js';
import type { Scenario } from '../../scenario/scenario-schema.js';
import type { Setting } from '../../scenario/scenario-setting.js';
import type { PowerSeries } from '../power-series.js';
import { PowerTrace } from '../trace/power-trace.js';
import { gridVerdict, type GridVerdict } from './grid-verdict.js';
import { powerFigures, type PowerFigures } from './power-figures.js';

/** A policy's power over time: of the whole job, over all iterations of the first seed. */
export interface PolicyPower {
  readonly policy: string;
  readonly figures: PowerFigures;
  /** The verdict on the scenario's `grid`; absent without one. */
  readonly grid?: GridVerdict;
}

/** The result of a run, with power over time if it was asked for. */
export interface PoweredResult extends ScenarioResult {
  /** A policy each, in the order of the rows. */
  readonly power?: readonly PolicyPower[];
}

/** The length of an interval, unless another is asked for. */
const USUAL_EVERY_S = 0.01;

/** Intervals of which figures can be made in 100 MB. */
const MOST_INTERVALS = 2 ** 20;

/**
 * Watches a run and makes the figures of each policy's power over time. Needs memory for the intervals
 * of one policy: a run so long that there would be more than a million is watched in coarser ones.
 */
export class PowerWatch implements RunWatch {
  private readonly known = new Map<string, PolicyPower>();
  private running: PolicyWatch | undefined;

  /** @param everyS the length of an interval. */
  constructor(private readonly everyS = USUAL_EVERY_S) {}

  begin(policy: string, setting: Setting): IterationWatcher {
    this.end();
    const running = new PolicyWatch(policy, setting, this.everyS);
    this.running = running;
    return (iteration) => {
      running.add(iteration);
      return true;
    };
  }

  finished<Result extends ScenarioResult>(result: Result): Result & PoweredResult {
    this.end();
    const power = result.policies.flatMap(({ policy }) => this.known.get(policy) ?? []);
    return { ...result, power };
  }

  private end(): void {
    if (this.running === undefined) return;
    this.known.set(this.running.policy, this.running.power());
    this.running = undefined;
  }
}

/** The watch of a scenario that has limits of a grid; undefined without. */
export function gridWatch({ grid }: Scenario): PowerWatch | undefined {
  return grid === undefined ? undefined : new PowerWatch();
}

/** A watch that is two: an iteration is seen by both, and kept if either keeps it. */
export function bothWatches(
  one: RunWatch | undefined,
  other: RunWatch | undefined,
): RunWatch | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return {
    begin(policy, setting) {
      const watchers = [one.begin(policy, setting), other.begin(policy, setting)];
      return (iteration) => watchers.map((watch) => watch?.(iteration) === true).includes(true);
    },
    finished(result) {
      const seen = one.finished?.(result) ?? result;
      return other.finished?.(seen) ?? seen;
    },
  };
}

/** Watches the run of one policy. */
class PolicyWatch {
  private readonly rows: Float64Array[] = [];
  private trace: { readonly everyS: number; readonly of: PowerTrace } | undefined;
  private longestS = 0;
  private shortestS = Infinity;
  private readonly seen = new Set<object>();

  constructor(
    readonly policy: string,
    private readonly setting: Setting,
    private readonly everyS: number,
  ) {}

  add(iteration: ExecutedIteration): void {
    const { record } = iteration;
    this.trace ??= this.begun(record.iterationTimeS);
    this.trace.of.add(iteration);
    this.longestS = Math.max(this.longestS, record.iterationTimeS);
    if (this.seen.has(record)) return;
    if (this.setting.scenario.jitter === undefined || this.seen.size === 0) this.seen.add(record);
    this.shortestS = Math.min(this.shortestS, shortestInstructionS(iteration));
  }

  /** Ends the run. */
  power(): PolicyPower {
    const [averaged] = this.trace?.of.finish() ?? [];
    const series: PowerSeries = {
      everyS: this.trace?.everyS ?? this.everyS,
      powerW: joined(this.rows),
      durationS: averaged?.durationS ?? 0,
    };
    const figures = powerFigures(series, this.shortestS, this.longestS);
    const { grid } = this.setting.scenario;
    return {
      ...{ policy: this.policy, figures },
      ...(grid !== undefined && { grid: gridVerdict(series, grid, figures) }),
    };
  }

  private begun(iterationS: number) {
    const { gpus, scenario } = this.setting;
    const everyS = coarseEnough(this.everyS, iterationS * scenario.iterations);
    const settings = { gpus, everyS, traced: { per: 'job' } } as const;
    const of = new PowerTrace(settings, (rows) => this.rows.push(rows));
    return { everyS, of };
  }
}

/** Doubles intervals until a run of about this length has few enough. */
function coarseEnough(everyS: number, durationS: number): number {
  const tooMany = durationS / everyS / MOST_INTERVALS;
  return tooMany <= 1 ? everyS : everyS * 2 ** Math.ceil(Math.log2(tooMany));
}

/** The shortest time in which an instruction computes. */
function shortestInstructionS({ record }: ExecutedIteration): number {
  let shortestS = Infinity;
  for (const { executed } of new Set(record.pipelines)) {
    executed.durationS.forEach((timeS, i) => {
      const computingS = timeS - executed.stallS[i]!;
      if (computingS > 0) shortestS = Math.min(shortestS, computingS);
    });
  }
  return shortestS;
}

function joined(rows: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(rows.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const row of rows) {
    all.set(row, at);
    at += row.length;
  }
  return all;
}
