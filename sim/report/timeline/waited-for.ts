import type { ComputationDag } from '../../../src/pipeline/dag.js';
import type { PipelineRecord } from '../../training/pipeline-run.js';

/**
 * The stage that an instruction waits for: the other stage whose input comes last; −1 if it needs none.
 */
export function stageWaitedFor(
  dag: ComputationDag,
  { finishS, executed }: PipelineRecord,
  instruction: number,
): number {
  const { outputDelayS } = executed.timing;
  let lastS = -Infinity;
  let waitedFor = -1;
  const end = dag.predecessorStart[instruction + 1]!;
  for (let a = dag.predecessorStart[instruction]!; a < end; a++) {
    const p = dag.predecessor[a]!;
    const stage = dag.stage[p]!;
    const readyS = finishS[p]! + outputDelayS[p]!;
    if (stage === dag.stage[instruction] || readyS <= lastS) continue;
    lastS = readyS;
    waitedFor = stage;
  }
  return waitedFor;
}

/** The stage of a pipeline that becomes free last. */
export function lastStage(dag: ComputationDag, { finishS, executed }: PipelineRecord): number {
  let last = 0;
  let lastS = -Infinity;
  for (let s = 0; s < dag.stageCount; s++) {
    const i = dag.stageStart[s + 1]! - 1;
    const freeS = finishS[i]! + executed.timing.sendS[i]!;
    if (freeS <= lastS) continue;
    lastS = freeS;
    last = s;
  }
  return last;
}
