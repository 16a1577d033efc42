import * as z from 'zod';
import { InputError } from '../../src/errors.js';
import { ProblemGathering } from '../../src/problem-list.js';
import type { FrontierPoint, Planner, PlannerModule } from '../../src/planner/planner.js';
import { checkedPlanner } from '../judge/check-plan.js';
import { LIBRARY } from '../disk/catalog-files.js';
import { isPlanner, plannerOfModule } from '../plugins/planner-source.js';
import { estimateNotes } from '../report/text/estimate-sentences.js';
import { profileNotes } from '../report/text/run-sentences.js';
import { memoryLines } from '../report/text/unit-sentences.js';
import type { ResultRow } from '../results/columns.js';
import { bothWatches, gridWatch } from '../power/figures/run-power.js';
import { flattenWatch, type FlattenedResult } from '../power/flatten/flatten-watch.js';
import { poweredRows } from '../results/power-columns.js';
import { energyBound } from '../run/energy-bound.js';
import { FOR_PICTURES, type KeptRun } from '../run/kept-run.js';
import type { PlanCache } from '../run/plan-cache.js';
import {
  runScenario as simulateScenario,
  type ProgressListener,
  type ScenarioResult,
} from '../run/run-scenario.js';
import type { RunWatch } from '../run/seed-run.js';
import { loadScenarioObject, type LoadedScenario } from '../scenario/scenario.js';
import { checkedOptions, functionField } from './checked-options.js';
import { ledgerRows, type LedgerRow } from './ledger.js';
import { shownPlan, type Plan } from './plan.js';
import { SCENARIO, type Scenario, type ScenarioInput } from './scenarios.js';
import { timelineSegments, type TimelineSegment } from './timeline.js';

/**
 * Options of `runScenario`.
 *
 * @example
 * ```ts
 * import { readScenario, runScenario, type RunOptions } from 'pipewatt';
 *
 * const options: RunOptions = { bound: false };
 * const run = await runScenario(await readScenario('scenario.yaml'), options);
 * console.log(run.rows[0]?.bound_energy_j); // null
 * ```
 */
export interface RunOptions {
  /** Your own planners (`pipewatt/planner`), compared after the scenario's policies. */
  readonly planners?: readonly PlannerModule[] | undefined;
  /** Whether the least energy possible is computed, which takes time; default: true. */
  readonly bound?: boolean | undefined;
  /** Whether one iteration is kept, instruction by instruction; default: false. */
  readonly timeline?: boolean | undefined;
  /** Receives the current step, and the part of the whole that is done. */
  readonly onProgress?: ((done: number, total: number, what: string) => void) | undefined;
}

/**
 * The results of a scenario under each policy. Plain data.
 *
 * @example
 * ```ts
 * import { readScenario, runScenario, type Run } from 'pipewatt';
 *
 * const run: Run = await runScenario(await readScenario('scenario.yaml'));
 * const row = run.rows.find(({ policy }) => policy === 'perseus');
 * console.log(row?.simulated_saving_pct?.toFixed(1)); // 9.5
 * console.log(run.plans['perseus']?.frequencyMHz.length); // 16
 * ```
 */
export interface Run {
  /** Model and GPUs. */
  readonly title: string;
  /** The scenario with its defaults. */
  readonly scenario: Scenario;
  /** GPUs of the whole job. */
  readonly gpus: number;
  /** A row for each policy, in order: the columns of `pipewatt run --format csv` (docs/commands.md). */
  readonly rows: readonly ResultRow[];
  /** By policy: the plan of healthy pipelines, in the iteration of the timeline. */
  readonly plans: Readonly<Record<string, Plan>>;
  /**
   * By policy: its plans for one pipeline, s and J of an iteration, slowest first; at most 400 points,
   * both ends included. A policy that makes one plan has one point.
   */
  readonly frontiers: Readonly<Record<string, readonly FrontierPoint[]>>;
  /** The energy, by account. */
  readonly ledger: readonly LedgerRow[];
  /** Notes for readers of the figures, as sentences: estimates, guesses, lack of memory. */
  readonly notes: readonly string[];
}

/**
 * A run with one iteration kept: the first with a known straggler, else the first with any, else the
 * first.
 *
 * @example
 * ```ts
 * import { readScenario, runScenario, type RunWithTimeline } from 'pipewatt';
 *
 * const scenario = await readScenario('scenario.yaml');
 * const run: RunWithTimeline = await runScenario(scenario, { timeline: true });
 * const energyJ = run.timeline
 *   .filter(({ policy }) => policy === 'perseus')
 *   .reduce((sum, one) => sum + one.powerW * (one.untilS - one.fromS) * one.pipelines, 0);
 * const row = run.rows.find(({ policy }) => policy === 'perseus')!;
 * const gpusPerStage = run.scenario.tensorParallel;
 * console.log(((gpusPerStage * energyJ) / row.simulated_energy_j!).toFixed(9)); // 1.000000000
 * ```
 */
export interface RunWithTimeline extends Run {
  /** The iteration under each policy, pipeline by pipeline and stage by stage. */
  readonly timeline: readonly TimelineSegment[];
}

/**
 * Runs a scenario: plans with each of its policies, simulates the job at the clocks that they chose,
 * and books the energy. The same scenario gives the same figures, to the last bit.
 *
 * @param scenario read by `readScenario`, or an object.
 * @throws InputError with every problem of the scenario, its profile and the options.
 * @throws Error named `BrokenPlanError` if your planner returns an invalid plan; errors that it throws
 *   itself are passed on. It runs in this process: `pipewatt run --planner` gives it one of its own.
 *
 * @example
 * ```ts
 * import { runScenario } from 'pipewatt';
 *
 * const run = await runScenario({
 *   name: 'ten lines',
 *   profile: { catalog: 'gpt3-175b-a100-sxm' },
 *   pipeline: { stages: 8, microbatches: 12 },
 * });
 * for (const { policy, simulated_time_s, simulated_saving_pct } of run.rows) {
 *   console.log(policy, simulated_time_s?.toFixed(2), simulated_saving_pct?.toFixed(1));
 * }
 * // max-frequency 28.37 0.0
 * // zeus-global 28.37 0.0
 * // perseus 28.37 15.3
 * ```
 */
export function runScenario(
  scenario: ScenarioInput,
  options: RunOptions & { readonly timeline: true },
): Promise<RunWithTimeline>;
export function runScenario(scenario: ScenarioInput, options?: RunOptions): Promise<Run>;
export async function runScenario(
  scenario: ScenarioInput,
  options: RunOptions = {},
): Promise<Run | RunWithTimeline> {
  const { asked, loaded, more } = checkedRun(scenario, options);
  const { bound: wantsBound, onProgress } = asked;
  const result = await simulated(loaded, { more, wantsBound, onProgress });
  return shownRun(result, asked.timeline);
}

/** A result with everything that rows, pictures and reports show. */
export interface SimulatedRun extends FlattenedResult {
  readonly kept: KeptRun;
}

/** The wishes for a run, checked. */
export interface RunWishes {
  /** Planners besides those of the scenario's policies. */
  readonly more: readonly Planner[];
  readonly wantsBound: boolean;
  readonly onProgress?: ProgressListener | undefined;
  /** Frontiers of earlier runs. */
  readonly cache?: PlanCache | undefined;
  /** Sees every iteration, besides the limits of a grid and the controls of power. */
  readonly watch?: RunWatch | undefined;
}

/** Runs a scenario that was read, with one iteration kept for pictures. */
export async function simulated(
  { scenario, profile }: LoadedScenario,
  { more, wantsBound, onProgress, cache, watch }: RunWishes,
): Promise<SimulatedRun> {
  return simulateScenario(scenario, profile, {
    more,
    keep: { ...FOR_PICTURES, others: true },
    watch: bothWatches(bothWatches(watch, gridWatch(scenario)), flattenWatch(scenario)),
    ...(cache && { cache }),
    ...(wantsBound && { findBound: energyBound }),
    ...(onProgress && { onProgress }),
  });
}

/** The public part of a run. */
export function shownRun(result: SimulatedRun, hasTimeline: boolean): Run | RunWithTimeline {
  const { title, scenario, gpus, dag, unitTimeS, kept } = result;
  const run: Run = {
    ...{ title, scenario, gpus },
    rows: poweredRows(result) as ResultRow[],
    plans: Object.fromEntries(
      kept.policies.map(({ policy, shown }) => [
        policy,
        shownPlan(policy, shown.plan, dag, unitTimeS),
      ]),
    ),
    frontiers: Object.fromEntries(kept.policies.map(({ policy, frontier }) => [policy, frontier])),
    ledger: result.policies.flatMap(({ policy, ledger }) => ledgerRows(policy, ledger, dag)),
    notes: notesOf(result),
  };
  return hasTimeline ? { ...run, timeline: timelineSegments(kept) } : run;
}

const optionsSchema = z.strictObject({
  planners: z
    .array(z.custom<PlannerModule>(isPlanner, { error: 'a planner: { name, plan(problem) }' }))
    .default([]),
  bound: z.boolean().default(true),
  timeline: z.boolean().default(false),
  onProgress: functionField<NonNullable<RunOptions['onProgress']>>().optional(),
});

/** @throws InputError with every problem of the scenario and the options. */
function checkedRun(scenario: ScenarioInput, options: RunOptions) {
  const gathering = new ProblemGathering();
  const asked = gathering.attempt(() => checkedOptions(optionsSchema, options, 'runScenario'));
  const loaded = gathering.attempt(() => loadScenarioObject(scenario, SCENARIO, LIBRARY));
  const more = gathering.attempt(() =>
    ownPlanners(asked?.planners ?? [], loaded?.scenario.policies ?? []),
  );
  gathering.throwIfAny();
  return { asked: asked!, loaded: loaded!, more: more! };
}

/**
 * Planners of a caller's own.
 * @param source name of the call, for messages.
 * @throws InputError if two planners have the same name, which identifies their results.
 */
export function ownPlanners(
  planners: readonly PlannerModule[],
  policies: readonly string[],
  source = 'runScenario',
): Planner[] {
  const problems = planners.flatMap(({ name }, k) => {
    const before = [...policies, ...planners.slice(0, k).map((one) => one.name)];
    const message = `found "${name}", the name of another policy; expected a unique name`;
    return before.includes(name) ? [{ source, field: `planners.${k}.name`, message }] : [];
  });
  if (problems.length > 0) throw new InputError(problems);
  return planners.map((planner, k) => {
    const where = { source, field: `planners.${k}.interfaceVersion` };
    return checkedPlanner(plannerOfModule(planner, where));
  });
}

function notesOf(result: ScenarioResult): string[] {
  const { estimate, profileNotes: read } = result;
  return [
    ...memoryLines(result),
    ...(estimate === undefined ? [] : estimateNotes(estimate)),
    ...profileNotes(read),
  ];
}
