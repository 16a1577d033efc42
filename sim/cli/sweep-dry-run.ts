import { InputError } from '../../src/errors.js';
import { groupBy } from '../../src/groups.js';
import { visibleLine } from '../../src/visible.js';
import { probeRuns, type Probe } from '../sweep/probe.js';
import type { PreparedRun } from '../sweep/run-sweep.js';
import { durationText } from './sweep-progress.js';

/** Runs tried to estimate how long all of them take. */
const PROBED_RUNS = 5;

/** Says how many runs there are, how much they share, and how long they take, by a probe. */
export async function dryRun(
  runs: readonly PreparedRun[],
  { workers, memoryMB }: { readonly workers: number; readonly memoryMB: number },
): Promise<string> {
  if (runs.length === 0) {
    throw InputError.of({ source: 'pipewatt sweep', message: 'has no runs in this shard' });
  }
  const frontiers = groupBy(runs, ({ frontier }) => frontier);
  const every = Math.max(1, Math.floor(runs.length / PROBED_RUNS));
  const probed = runs.filter((_, k) => k % every === 0).slice(0, PROBED_RUNS);
  const pairs = probed.map((run) => {
    const group = frontiers.get(run.frontier)!;
    // Not the last: stragglers that are slow enough need no plan.
    return [run, group[group.length >> 1]!] as const;
  });
  const probes = await probeRuns(pairs, memoryMB);
  const mean = (of: (probe: Probe) => number) =>
    probes.reduce((sum, probe) => sum + of(probe), 0) / probes.length;
  const planningMs = mean((probe) => probe.planningMs);
  const runningMs = mean((probe) => probe.runningMs);
  const errors = new Set(probes.flatMap(({ error }) => error ?? []));
  const totalS = (frontiers.size * planningMs + runs.length * runningMs) / 1e3 / workers;
  return [
    `${runs.length} runs, ${frontiers.size} frontiers to plan`,
    `by a probe of ${probed.length}: ${planningMs.toFixed(0)} ms to plan a frontier, ${runningMs.toFixed(0)} ms for a run on it`,
    ...[...errors].map((error) => `a run of the probe fails: ${visibleLine(error)}`),
    `about ${durationText(totalS)} on ${workers} ${workers === 1 ? 'worker' : 'workers'}`,
    '',
  ].join('\n');
}
