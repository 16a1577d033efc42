import { findLatestEnds, startAfterOthers, type ArcLags } from '../../pipeline/arc-lags.js';
import type { ComputationDag } from '../../pipeline/dag.js';

/** Sums of the same times along different paths differ in the last bits. */
const ROUNDING = 1e-12;

/**
 * A choice of clocks that meets a deadline: the wanted one, with a faster clock wherever there is
 * too little time left for the rest. The deadline must leave enough for the fastest clocks.
 * O(instructions + arcs).
 *
 * @param choices indexed by `dag.operation[i]`, fastest first.
 */
export function keptChoice(
  dag: ComputationDag,
  lags: ArcLags,
  choices: readonly { readonly timeS: Float64Array }[],
  wanted: Int32Array,
  deadlineS: number,
): Int32Array {
  const timeS = Float64Array.from(dag.operation, (op) => choices[op]!.timeS[0]!);
  const latestEndS = new Float64Array(dag.instructionCount);
  findLatestEnds(dag, lags, timeS, deadlineS, latestEndS);
  const tolerance = deadlineS * ROUNDING;
  const startS = new Float64Array(dag.instructionCount);
  const kept = wanted.slice();
  for (const i of dag.topologicalOrder) {
    const times = choices[dag.operation[i]!]!.timeS;
    const start = startAfterOthers(dag, lags, i, startS, timeS);
    while (kept[i]! > 0 && start + times[kept[i]!]! > latestEndS[i]! + tolerance) kept[i]!--;
    startS[i] = start;
    timeS[i] = times[kept[i]!]!;
  }
  return kept;
}
