import type { PolicyPlans } from '../../run/policy-plans.js';
import type { ScenarioResult } from '../../run/run-scenario.js';
import type { RunWatch } from '../../run/seed-run.js';
import type { IterationWatcher } from '../../run/training-run.js';
import type { Scenario } from '../../scenario/scenario-schema.js';
import type { Setting } from '../../scenario/scenario-setting.js';
import { gridVerdict, type GridVerdict } from '../figures/grid-verdict.js';
import { powerFigures, type PowerFigures } from '../figures/power-figures.js';
import { shortestInstructionS, type PoweredResult } from '../figures/run-power.js';
import type { PowerSeries } from '../power-series.js';
import { RunFlattening, type FlattenedRun } from './flattened-run.js';

/** A policy's power over time before and after flattening: figures, and the cost. */
export interface FlattenedPolicy extends Omit<FlattenedRun, 'before' | 'after' | 'longestS'> {
  readonly policy: string;
  readonly before: PowerFigures;
  readonly after: PowerFigures;
  /** The verdict on the scenario's `grid` afterwards; absent without one. */
  readonly grid?: GridVerdict;
}

/** The result of a run, with what flattens its power if the scenario has controls. */
export interface FlattenedResult extends PoweredResult {
  /** A policy each, in the order of the rows. */
  readonly flattened?: readonly FlattenedPolicy[];
}

/** Receives each policy's power as flattened, of the whole job. */
export interface FlattenedSeries {
  addFlattened(policy: string, series: PowerSeries): void;
}

/**
 * Watches the runs of a scenario with controls, and flattens the power of each. Needs memory for the
 * series of one policy.
 */
class FlattenWatch implements RunWatch {
  private readonly known = new Map<string, FlattenedPolicy>();
  private running: Running | undefined;

  constructor(private readonly onFlattened: FlattenedSeries | undefined) {}

  begin(policy: string, setting: Setting, plans: PolicyPlans): IterationWatcher | undefined {
    this.end();
    const { flatten, grid } = setting.scenario;
    if (flatten === undefined) return undefined;
    const run = new RunFlattening(flatten, setting, plans);
    const running: Running = { policy, run, grid, longestS: 0, shortestS: Infinity };
    this.running = running;
    const seen = new WeakSet();
    return (iteration) => {
      const { record } = iteration;
      run.add(iteration);
      running.longestS = Math.max(running.longestS, record.iterationTimeS);
      if (!seen.has(record)) {
        running.shortestS = Math.min(running.shortestS, shortestInstructionS(iteration));
      }
      seen.add(record);
      return true;
    };
  }

  finished<Result extends ScenarioResult>(result: Result): Result & FlattenedResult {
    this.end();
    const flattened = result.policies.flatMap(({ policy }) => this.known.get(policy) ?? []);
    return { ...result, flattened };
  }

  private end(): void {
    if (this.running === undefined) return;
    const { policy, run, grid, longestS, shortestS } = this.running;
    const { before, after, longestS: longestAfterS, ...facts } = run.finish();
    this.onFlattened?.addFlattened(policy, after);
    const figures = powerFigures(after, shortestS, longestAfterS);
    this.known.set(policy, {
      ...{ policy, ...facts },
      before: powerFigures(before, shortestS, longestS),
      after: figures,
      ...(grid !== undefined && { grid: gridVerdict(after, grid, figures) }),
    });
    this.running = undefined;
  }
}

/** A policy's run that is watched. */
interface Running {
  readonly policy: string;
  readonly run: RunFlattening;
  readonly grid: Scenario['grid'];
  /** The longest iteration, and the shortest instruction, without any control. */
  longestS: number;
  shortestS: number;
}

/** The watch of a scenario that has controls; undefined without. @param onFlattened keeps series. */
export function flattenWatch(
  { flatten }: Scenario,
  onFlattened?: FlattenedSeries,
): FlattenWatch | undefined {
  return flatten === undefined ? undefined : new FlattenWatch(onFlattened);
}
