import { entryOf } from '../../../src/groups.js';
import type { ComputationDag } from '../../../src/pipeline/dag.js';
import type { FrequencyPlan } from '../../../src/planner/planner.js';
import { INSTRUCTION_KINDS } from '../../../src/profile/operation.js';
import type { ClockEntry, PipelineClocks } from '../../plans/clock-lists.js';

/** Instructions and clocks of a pipeline as typed arrays, which threads hand over without a copy. */
export interface PackedClocks {
  /** First instruction of each stage, and the end of the last one. */
  readonly stageStart: Int32Array;
  /** Index into `INSTRUCTION_KINDS`, or `UNNAMED`. */
  readonly kind: Uint8Array;
  readonly frequencyMHz: Float64Array;
}

/** An entry without a kind. */
const UNNAMED = 255;

/** The clocks of a plan: each stage's instructions in execution order. */
export function pipelineClocks({ frequencyMHz }: FrequencyPlan, dag: ComputationDag) {
  return unpackedClocks({ stageStart: dag.stageStart, kind: dag.kind, frequencyMHz });
}

/** Packs the clocks of a pipeline. O(instructions). */
export function packedClocks(clocks: PipelineClocks): PackedClocks {
  const all = clocks.flat();
  const stageStart = new Int32Array(clocks.length + 1);
  clocks.forEach((stage, s) => {
    stageStart[s + 1] = stageStart[s]! + stage.length;
  });
  return {
    stageStart,
    kind: Uint8Array.from(all, ({ kind }) =>
      kind === undefined ? UNNAMED : INSTRUCTION_KINDS.indexOf(kind),
    ),
    frequencyMHz: Float64Array.from(all, (entry) => entry.frequencyMHz),
  };
}

/** The inverse of `packedClocks`; equal entries are one object. */
export function unpackedClocks({ stageStart, kind, frequencyMHz }: PackedClocks): PipelineClocks {
  const ofKind = new Map<number, Map<number, ClockEntry>>();
  const entryAt = (i: number): ClockEntry => {
    const known = entryOf(ofKind, kind[i]!, () => new Map<number, ClockEntry>());
    const mhz = frequencyMHz[i]!;
    return entryOf(known, mhz, () => ({ kind: INSTRUCTION_KINDS[kind[i]!], frequencyMHz: mhz }));
  };
  return Array.from({ length: stageStart.length - 1 }, (_, s) =>
    Array.from({ length: stageStart[s + 1]! - stageStart[s]! }, (_unused, k) =>
      entryAt(stageStart[s]! + k),
    ),
  );
}
