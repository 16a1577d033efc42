import type { TraceReplay } from '../../replay/replay-trace.js';
import type { HeatMap } from '../charts/worker-heat-map.js';
import type { StepTimeBar } from '../charts/step-time-chart.js';
import { fixed } from '../numbers.js';
import type { SlowWorker } from './slow-workers.js';

const MEANING = 'computing, % longer than the mean of all ranks';

/** The place of a worker in words; its rank too, where a stage has several. */
function placeOf({ pipeline, stage, rank }: SlowWorker, hasRanks: boolean): string {
  return `pipeline ${pipeline}, stage ${stage}${hasRanks ? `, rank ${rank}` : ''}`;
}

function hasRanks(workers: readonly SlowWorker[]): boolean {
  return (
    new Set(workers.map(({ pipeline, stage }) => `${pipeline}/${stage}`)).size < workers.length
  );
}

/** A map of who is slow, by stage and pipeline; where a stage has several ranks, each has a column. */
export function workerMap(workers: readonly SlowWorker[]): HeatMap {
  const several = hasRanks(workers);
  const nth = new Map<string, number>();
  const cells = workers.map((worker) => {
    const { pipeline, stage, rank, longerPct, slowdown } = worker;
    const key = `${pipeline}/${stage}`;
    const place = nth.get(key) ?? 0;
    nth.set(key, place + 1);
    const cost = `the job would be ${fixed(slowdown, 3)} times as long as without stragglers if all others were fixed`;
    return {
      ...{ pipeline, stage, place },
      x: several ? `${stage}.${place}` : String(stage),
      y: String(pipeline),
      value: longerPct,
      title: `${placeOf(worker, false)}, rank ${rank}\n${fixed(longerPct, 2)} % longer\n${cost}`,
    };
  });
  const sorted = cells.toSorted(
    (a, b) => a.stage - b.stage || a.place - b.place || a.pipeline - b.pipeline,
  );
  return {
    cells: sorted.map(({ x, y, value, title }) => ({ x, y, value, title })),
    ...{ xLabel: several ? 'stage, and rank of it' : 'stage', yLabel: 'pipeline' },
    meaning: MEANING,
  };
}

/** A map of who is slow when: a row per worker, a column per step. */
export function workerStepMap(workers: readonly SlowWorker[]): HeatMap {
  const several = hasRanks(workers);
  const cells = workers.flatMap((worker) =>
    worker.steps.map(({ step, longerPct }) => ({
      step,
      ...{ x: String(step), y: placeOf(worker, several), value: longerPct },
      title: `${placeOf(worker, true)}\nstep ${step}: ${fixed(longerPct, 2)} % longer`,
    })),
  );
  return { cells, xLabel: 'step', meaning: MEANING };
}

/** Mean step times as bars: recorded, replayed, and what-ifs with what they save. */
export function stepTimeBars(replay: TraceReplay): StepTimeBar[] {
  const measured = (name: string, timeS: number, remark = '') => {
    return { name, timeS, isWhatIf: false, remark };
  };
  const error = (pct: number) => `${fixed(pct, 2)} % off`;
  return [
    measured('recorded', replay.meanRecordedS),
    measured('replayed', replay.meanReplayedS, error(replay.replayedError.meanPct)),
    measured('replayed as published', replay.meanPublishedS, error(replay.publishedError.meanPct)),
    ...replay.whatIfs.map(({ name, stepTimeS, savedPct }) => ({
      name: name.replace(/ \(pipeline.*\)/, ''),
      timeS: stepTimeS,
      isWhatIf: true,
      remark: `saves ${fixed(savedPct, 1)} %`,
    })),
  ];
}
