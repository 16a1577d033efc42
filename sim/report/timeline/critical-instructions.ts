import { pathTimes, slack } from '../../../src/pipeline/critical-path.js';
import type { ComputationDag } from '../../../src/pipeline/dag.js';
import type { PipelineRecord } from '../../training/pipeline-run.js';

/** An instruction is critical if it has less slack than this part of the iteration. */
export const CRITICAL_PART = 0.001;

/** Per instruction: 1 if the job's pipelines would meet later if it began later. */
export function criticalInstructions(
  dag: ComputationDag,
  { executed, endS }: PipelineRecord,
  meetS: number,
): Uint8Array {
  const { durationS, clockSwitchS, timing } = executed;
  const { loadingS, receiveS, sendS, outputDelayS } = timing;
  const wholeS = durationS.map((timeS, i) => loadingS[i]! + receiveS[i]! + timeS);
  const isLast = (i: number) => i + 1 === dag.stageStart[dag.stage[i]! + 1]!;
  const ownStage = sendS.map((timeS, i) => timeS + (isLast(i) ? 0 : (clockSwitchS?.[i + 1] ?? 0)));
  const spareS = slack(pathTimes(dag, wholeS, { ownStage, otherStage: outputDelayS }));
  const mostS = CRITICAL_PART * meetS;
  return Uint8Array.from(spareS, (timeS) => (timeS + meetS - endS <= mostS ? 1 : 0));
}
