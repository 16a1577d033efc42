import { interleaved } from '../../src/pipeline/interleaved.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { FORWARD } from '../../src/profile/operation.js';
import { randomStream } from '../../sim/kernel/random-streams.js';
import { runPipeline } from '../../sim/training/pipeline-run.js';
import { instructionTiming, noOverheads } from '../../sim/training/timing.js';
import type { TraceRow } from './traces.js';

/**
 * A trace of one step of one pipeline that the simulator executed, with random durations and
 * transfers that take no time; a receive begins when its stage is free, and ends when there is
 * something to receive.
 */
export function simulatedRows(stages: number, microbatches: number, chunks: number, seed: number) {
  const rounded = Math.ceil(microbatches / stages) * stages;
  const dag = chunks > 1 ? interleaved(stages, rounded, chunks) : oneFOneB(stages, microbatches);
  const n = dag.instructionCount;
  const uniform = randomStream(seed, 'durations');
  const { startS, finishS, endS } = runPipeline(dag, instructionTiming(dag, noOverheads(stages)), {
    durationS: Float64Array.from({ length: n }, () => 0.1 + uniform()),
    stallS: new Float64Array(n),
    powerW: new Float64Array(n),
    clockMHz: new Float64Array(n),
  });
  const rows: TraceRow[] = [];
  const counts = new Map<string, number>();
  const add = (optype: string, i: number, beginS: number, doneS: number) => {
    const stage = dag.stage[i]!;
    const key = `${optype} ${stage}`;
    const seq = counts.get(key) ?? 0;
    counts.set(key, seq + 1);
    const { chunk, modelStage } = dag.operations[dag.operation[i]!]!;
    const part = optype.endsWith('compute')
      ? { mc: chunk, gmc: modelStage, mb_id: dag.microbatch[i]! }
      : { mc: -1, gmc: -1, mb_id: -1 };
    rows.push({
      ...{ dp_rank: 0, stage, rank: stage, step: 0, optype },
      ...{ start_ts: beginS, duration: doneS - beginS, seq_id: seq, ...part },
    });
  };
  for (let i = 0; i < n; i++) {
    const direction = dag.kind[i] === FORWARD ? 'forward' : 'backward';
    if (dag.inputStage[i]! >= 0) {
      const isFirst = i === dag.stageStart[dag.stage[i]!];
      add(`${direction}-recv`, i, isFirst ? 0 : finishS[i - 1]!, startS[i]!);
    }
    add(`${direction}-compute`, i, startS[i]!, finishS[i]!);
    if (dag.outputStage[i]! >= 0) add(`${direction}-send`, i, finishS[i]!, finishS[i]!);
  }
  return { rows, endS };
}
