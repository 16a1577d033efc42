import { BrokenStepError } from '../../src/errors.js';
import { entryOf } from '../../src/groups.js';
import { DIRECTIONS } from './operation-kinds.js';
import type { RecordedStep, Worker } from './recorded-steps.js';
import type { Trace } from './trace.js';

/**
 * @throws BrokenStepError if a step lacks operations that other steps have, or is impossible.
 */
export type Inspection = (step: RecordedStep) => void;

/** The most findings that are named. */
const NAMED = 3;

/**
 * Compares steps with each other: every rank, and every kind of operation on it, that occurs in
 * more than half of all steps must occur in each. O(operations).
 */
export function inspectionOf(trace: Trace, steps: readonly RecordedStep[]): Inspection {
  const counts = new Map<number, Map<number, number>>();
  for (const step of steps) {
    for (const worker of step.workers) {
      const ofRank = entryOf(counts, worker.rank, () => new Map<number, number>());
      for (const kind of kindsOf(trace, step, worker)) {
        ofRank.set(kind, (ofRank.get(kind) ?? 0) + 1);
      }
    }
  }
  const usual = new Map<number, number[]>();
  for (const [rank, ofRank] of counts) {
    const kinds = [...ofRank].filter(([, count]) => 2 * count > steps.length).map(([k]) => k);
    if (kinds.length > 0) usual.set(rank, kinds);
  }
  return (step) => {
    const findings = [...lacking(trace, step, usual), ...inconsistent(trace, step)];
    if (findings.length === 0) return;
    const more = findings.length > NAMED ? [`and ${findings.length - NAMED} more`] : [];
    throw new BrokenStepError([...findings.slice(0, NAMED), ...more].join(', '));
  };
}

function kindsOf(trace: Trace, { operation }: RecordedStep, { first, end }: Worker): Set<number> {
  return new Set(Array.from(operation.subarray(first, end), (i) => trace.kind[i]!));
}

function lacking(
  trace: Trace,
  step: RecordedStep,
  usual: ReadonlyMap<number, readonly number[]>,
): string[] {
  const workers = new Map(step.workers.map((worker) => [worker.rank, worker]));
  return [...usual].flatMap(([rank, kinds]) => {
    const worker = workers.get(rank);
    if (worker === undefined) return [`rank ${rank} is missing`];
    const found = kindsOf(trace, step, worker);
    const missing = kinds.filter((kind) => !found.has(kind)).map((kind) => trace.kinds[kind]!);
    const [first, ...more] = missing;
    if (first === undefined) return [];
    const others = more.length === 0 ? '' : ` and ${more.length} more kinds of operation`;
    return [`rank ${rank} lacks ${first}${others}`];
  });
}

/** Contradictions within a step: repeated operations, forwards without backwards, uneven ranks. */
function inconsistent(trace: Trace, step: RecordedStep): string[] {
  const findings: string[] = [];
  const ranks = new Map<string, number>();
  for (const worker of step.workers) {
    const key = `stage ${worker.stage} of pipeline ${worker.pipeline}`;
    ranks.set(key, (ranks.get(key) ?? 0) + 1);
    findings.push(...ofWorker(trace, step, worker));
  }
  const most = Math.max(...ranks.values());
  for (const [key, count] of ranks) {
    if (count < most) findings.push(`${key} has ${count} of ${most} ranks`);
  }
  return findings;
}

function ofWorker(trace: Trace, { operation }: RecordedStep, worker: Worker): string[] {
  const findings: string[] = [];
  const seen = new Set<string>();
  const computed = new Map<number, [number, number]>();
  const [forward, backward] = DIRECTIONS.map((d) => trace.kinds.indexOf(`${d}-compute`));
  for (const i of operation.subarray(worker.first, worker.end)) {
    const kind = trace.kind[i]!;
    const name = `${trace.kinds[kind]!} ${trace.sequence[i]!}`;
    if (seen.has(name)) findings.push(`rank ${worker.rank} has ${name} twice`);
    seen.add(name);
    if (kind !== forward && kind !== backward) continue;
    entryOf(computed, trace.modelStage[i]!, (): [number, number] => [0, 0])[
      kind === forward ? 0 : 1
    ]++;
  }
  if (computed.size === 0) findings.push(`rank ${worker.rank} computes nothing`);
  for (const [forwards, backwards] of computed.values()) {
    if (forwards === backwards) continue;
    findings.push(
      `rank ${worker.rank} has ${forwards} forward-compute but ${backwards} backward-compute`,
    );
  }
  return findings;
}
