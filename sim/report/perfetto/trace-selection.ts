import { entryOf } from '../../../src/groups.js';
import { lastPassing } from '../../../src/last-passing.js';
import { most } from '../../../src/extremes.js';
import { stageSegments } from '../../energy/power-segments.js';
import type { KeptPolicy, KeptRun } from '../../run/kept-run.js';
import type { ExecutedIteration } from '../../run/training-run.js';
import type { JobRecord } from '../../training/job.js';
import type { PipelineRecord } from '../../training/pipeline-run.js';

/** The parts of a policy's run to write to a trace. */
export interface SelectedPolicy {
  readonly kept: KeptPolicy;
  readonly iterations: readonly ExecutedIteration[];
  /** Pipelines to write; identical ones are written once. */
  readonly groups: readonly (readonly number[])[];
}

/** The parts of a run to write to a trace. */
export interface TraceSelection {
  readonly policies: readonly SelectedPolicy[];
  /** Sentences on what is not written. */
  readonly leftOut: readonly string[];
}

/**
 * Chooses the parts of a run for a trace of limited size. If the whole run is too large, identical
 * pipelines are written once; then fewer iterations, the same for all policies; then fewer
 * pipelines, stragglers first. Each policy has at least one pipeline's first iteration.
 *
 * O(distinct iterations · (pipelines + instructions of distinct pipelines) + iterations).
 *
 * @throws RangeError if the run was not kept for a trace.
 */
export function selectForTrace(run: KeptRun, mostSlices: number): TraceSelection {
  if (run.policies.some(({ iterations }) => iterations.length === 0)) {
    throw new RangeError('the run was kept for pictures alone; keep it for a trace');
  }
  const pipelines = Array.from({ length: run.setting.scenario.pipelines }, (_, p) => p);
  const count = sliceCounter(run);
  const whole = run.policies.map((kept) => ({
    kept,
    iterations: kept.iterations,
    groups: pipelines.map((p) => [p]),
  }));
  const slices = whole.reduce((sum, policy) => sum + count(policy), 0);
  const chosen = slices <= mostSlices ? whole : fewer(whole, count, mostSlices);
  return { policies: chosen, leftOut: leftOutOf(run, chosen, mostSlices) };
}

/** Slices of some of a policy's iterations and pipelines. */
type SliceCounter = (policy: SelectedPolicy) => number;

function sliceCounter({ setting: { gpus } }: KeptRun): SliceCounter {
  const ofPipeline = new Map<PipelineRecord, number>();
  const slices = ({ job, record }: ExecutedIteration, pipeline: PipelineRecord): number => {
    let sum = ofPipeline.get(pipeline);
    if (sum === undefined) {
      sum = 0;
      for (let stage = 0; stage < job.dag.stageCount; stage++) {
        sum += stageSegments({ ...job, record, gpus }, pipeline, stage).length;
      }
      ofPipeline.set(pipeline, sum);
    }
    return sum;
  };
  return ({ iterations, groups }) => {
    const ofIteration = new Map<JobRecord, number>();
    let sum = 0;
    for (const iteration of iterations) {
      const { record } = iteration;
      const known = ofIteration.get(record);
      const found =
        known ?? groups.reduce((n, [p]) => n + slices(iteration, record.pipelines[p!]!), 0);
      ofIteration.set(record, found);
      sum += found;
    }
    return sum;
  };
}

function fewer(
  whole: readonly SelectedPolicy[],
  count: SliceCounter,
  mostSlices: number,
): SelectedPolicy[] {
  const first = (iterationCount: number) =>
    whole.map(({ kept, iterations: all }) => {
      const iterations = all.slice(0, iterationCount);
      return { kept, iterations, groups: alikePipelines(iterations) };
    });
  const slicesOf = (policies: readonly SelectedPolicy[]) =>
    policies.reduce((sum, policy) => sum + count(policy), 0);
  const longest = most(whole.map(({ iterations }) => iterations.length));
  const chosen = first(lastPassing(1, longest, (n) => slicesOf(first(n)) <= mostSlices));
  return slicesOf(chosen) <= mostSlices
    ? chosen
    : chosen.map((policy) => fewerPipelines(policy, count, mostSlices / whole.length));
}

/** Groups pipelines that are identical in these iterations: those that always share a record. */
function alikePipelines(iterations: readonly ExecutedIteration[]): number[][] {
  const records = new Set(iterations.map(({ record }) => record));
  let kinds = iterations[0]!.record.pipelines.map(() => 0);
  for (const { pipelines } of records) {
    const found = new Map<PipelineRecord, Map<number, number>>();
    let kindCount = 0;
    kinds = kinds.map((kind, p) => {
      const ofRecord = entryOf(found, pipelines[p]!, () => new Map<number, number>());
      return entryOf(ofRecord, kind, () => kindCount++);
    });
  }
  const groups: number[][] = [];
  kinds.forEach((kind, p) => (groups[kind] ??= []).push(p));
  return groups;
}

function fewerPipelines(
  policy: SelectedPolicy,
  count: SliceCounter,
  mostSlices: number,
): SelectedPolicy {
  const slow = new Set(policy.iterations.flatMap(({ present }) => present.map((s) => s.pipeline)));
  const isSlow = (group: readonly number[]) => group.some((p) => slow.has(p));
  const { groups: all } = policy;
  let left = mostSlices;
  const groups = [...all.filter(isSlow), ...all.filter((group) => !isSlow(group))].filter(
    (group, k) => {
      left -= count({ ...policy, groups: [group] });
      return k === 0 || left >= 0;
    },
  );
  return { ...policy, groups: groups.sort(([a], [b]) => a! - b!) };
}

function leftOutOf(
  { setting: { scenario } }: KeptRun,
  policies: readonly SelectedPolicy[],
  mostSlices: number,
): string[] {
  const limit = `at most ${mostSlices} slices`;
  return policies.flatMap(({ kept, iterations, groups }) => {
    const { policy } = kept;
    const written = groups.reduce((sum, group) => sum + group.length, 0);
    const once = groups.filter((group) => group.length > 1);
    return [
      ...once.map(
        (group) => `${policy}: ${pipelineNames(group)} are identical and written once (${limit})`,
      ),
      ...(iterations.length < scenario.iterations
        ? [
            `${policy}: only the first ${iterations.length} of ${scenario.iterations} iterations are written (${iterations.length < kept.iterations.length ? limit : 'more are not kept in memory'})`,
          ]
        : []),
      ...(written < scenario.pipelines
        ? [
            `${policy}: only ${written} of ${scenario.pipelines} pipelines are written (${limit}); the job's power is that of all`,
          ]
        : []),
    ];
  });
}

/** Most ranges of neighbouring pipelines listed. */
const LISTED_RANGES = 4;

/** `pipeline 3`, `pipelines 0, 2–63`; of many ranges the first ones, and the number of pipelines. */
export function pipelineNames(pipelines: readonly number[]): string {
  if (pipelines.length === 1) return `pipeline ${pipelines[0]!}`;
  const ranges: [number, number][] = [];
  for (const p of pipelines) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === p - 1) last[1] = p;
    else ranges.push([p, p]);
  }
  const listed = ranges
    .slice(0, LISTED_RANGES)
    .map(([from, until]) => (from === until ? `${from}` : `${from}–${until}`))
    .join(', ');
  return ranges.length <= LISTED_RANGES
    ? `pipelines ${listed}`
    : `pipelines ${listed}, … (${pipelines.length} in all)`;
}
