import { CompensatedSums } from '../../src/compensated-sum.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import {
  INSTRUCTION_PHASES,
  type InstructionPhase,
  type StageActivity,
} from '../training/phases.js';
import type { PipelineRecord } from '../training/pipeline-run.js';
import { BOOKINGS } from './accounts.js';
import { idlePowerW, type GpuCounting } from './gpu-powers.js';

const PHASES: readonly InstructionPhase[] = INSTRUCTION_PHASES;

/** Activities until a pipeline's end, in the order of the accounts. */
export const STAGE_ACTIVITIES = Object.keys(BOOKINGS).filter((activity) =>
  PHASES.some((phase) => phase.activity === activity),
) as StageActivity[];

/** The phase that takes the time left by the others, and the number of its activity. */
const REST_PHASE = PHASES.find(({ timesS }) => timesS === 'the rest')!;
const REST = STAGE_ACTIVITIES.indexOf(REST_PHASE.activity);

/**
 * Times of the GPUs of each stage until their pipeline's end: one array over stages per activity.
 */
export type StageTimes = Readonly<Record<StageActivity, Float64Array>>;

/** Splits every stage's time until `record.endS`; the parts add up to it. O(instructions). */
export function stageTimes(dag: ComputationDag, record: PipelineRecord): StageTimes {
  const columns = STAGE_ACTIVITIES.map((activity) =>
    phaseTimes(record, activity).flatMap(({ wholeS, withoutS }) =>
      withoutS === undefined ? [wholeS] : [wholeS, negative(withoutS)],
    ),
  );
  const times = STAGE_ACTIVITIES.map(() => new Float64Array(dag.stageCount));
  const sums = new CompensatedSums(STAGE_ACTIVITIES.length);
  for (let s = 0; s < dag.stageCount; s++) {
    for (let a = 0; a < columns.length; a++) {
      sums.addRows(a, columns[a]!, dag.stageStart[s]!, dag.stageStart[s + 1]!);
    }
    sums.add(REST, record.endS);
    for (let a = 0; a < times.length; a++) if (a !== REST) sums.add(REST, -sums.value(a));
    for (let a = 0; a < times.length; a++) times[a]![s] = sums.value(a);
    sums.clear();
  }
  return perActivity((a) => times[a]!);
}

/**
 * Σ power × time over all stages until their pipeline's end, per activity, for one GPU of each
 * stage, with waiting power that depends on the clock in force; excludes computing.
 * O(instructions).
 *
 * @param waitingW per instruction, at the clock of the one before it.
 */
export function stageEnergies(
  dag: ComputationDag,
  record: PipelineRecord,
  waitingW: Float64Array,
  gpus: GpuCounting,
): Record<StageActivity, number> {
  const { stageCount, stageStart } = dag;
  const clocksW = { before: waitingW, own: ownClock(dag, waitingW) };
  const columns = STAGE_ACTIVITIES.map((activity) => {
    const { power } = BOOKINGS[activity];
    if (power === 'computing') return [];
    const powersW = (clock: InstructionPhase['clock']) => idlePowerW(power, gpus) ?? clocksW[clock];
    return activity === REST_PHASE.activity
      ? [{ timesS: restTimes(dag, record), powersW: clocksW[REST_PHASE.clock] }]
      : phaseTimes(record, activity).map(({ clock, wholeS }) => {
          return { timesS: wholeS, powersW: powersW(clock) };
        });
  });
  const products = columns.map((ofActivity) =>
    ofActivity.map(() => new Float64Array(longestStage(dag))),
  );
  const sums = new CompensatedSums(STAGE_ACTIVITIES.length);
  for (let s = 0; s < stageCount; s++) {
    const [first, end] = [stageStart[s]!, stageStart[s + 1]!];
    for (let a = 0; a < columns.length; a++) {
      columns[a]!.forEach((column, c) => {
        multiply(column, first, end, products[a]![c]!);
      });
      sums.addRows(a, products[a]!, 0, end - first);
    }
    // Iterations follow each other: at its end a stage keeps the clock that precedes its first
    // instruction.
    const freeS = record.finishS[end - 1]! + record.executed.timing.sendS[end - 1]!;
    sums.add(REST, waitingW[first]! * (record.endS - freeS));
  }
  return perActivity((a) => sums.value(a));
}

/** Per instruction: power of a GPU that waits at the instruction's own clock. */
function ownClock({ stageCount, stageStart }: ComputationDag, waitingW: Float64Array) {
  const ownW = new Float64Array(waitingW.length);
  for (let s = 0; s < stageCount; s++) {
    const [first, end] = [stageStart[s]!, stageStart[s + 1]!];
    for (let i = first; i < end; i++) ownW[i] = waitingW[i + 1 < end ? i + 1 : first]!;
  }
  return ownW;
}

interface PoweredTimes {
  readonly timesS: Float64Array;
  /** Per instruction, or at all of them. */
  readonly powersW: Float64Array | number;
}

/** Power × time of the instructions from `first` up to, not including, `end`. */
function multiply(
  { timesS, powersW }: PoweredTimes,
  first: number,
  end: number,
  productsJ: Float64Array,
): void {
  if (typeof powersW === 'number') {
    for (let i = first; i < end; i++) productsJ[i - first] = powersW * timesS[i]!;
  } else {
    for (let i = first; i < end; i++) productsJ[i - first] = powersW[i]! * timesS[i]!;
  }
}

function negative(timesS: Float64Array): Float64Array {
  const negativeS = new Float64Array(timesS.length);
  for (let i = 0; i < timesS.length; i++) negativeS[i] = -timesS[i]!;
  return negativeS;
}

function longestStage({ stageCount, stageStart }: ComputationDag): number {
  let longest = 0;
  for (let s = 0; s < stageCount; s++) {
    longest = Math.max(longest, stageStart[s + 1]! - stageStart[s]!);
  }
  return longest;
}

function perActivity<T>(valueOf: (a: number) => T): Record<StageActivity, T> {
  const entries = STAGE_ACTIVITIES.map((activity, a) => [activity, valueOf(a)] as const);
  return Object.fromEntries(entries) as Record<StageActivity, T>;
}

/** Times of an activity in each of its phases with a nonzero length. */
function phaseTimes({ executed }: PipelineRecord, activity: StageActivity) {
  return PHASES.flatMap(({ activity: ofPhase, clock, timesS }) => {
    const times = ofPhase === activity && timesS !== 'the rest' ? timesS(executed) : undefined;
    return times === undefined ? [] : [{ clock, ...times }];
  });
}

/** Per instruction: the time since its stage became free, minus the phases before its start. */
function restTimes({ stageCount, stageStart }: ComputationDag, record: PipelineRecord) {
  const before = PHASES.flatMap(({ clock, timesS }) => {
    const times = clock === 'before' && timesS !== 'the rest' ? timesS(record.executed) : undefined;
    return times === undefined ? [] : [times.wholeS];
  });
  const { finishS } = record;
  const { sendS } = record.executed.timing;
  const restS = record.startS.slice();
  for (let s = 0; s < stageCount; s++) {
    for (let i = stageStart[s]! + 1; i < stageStart[s + 1]!; i++) {
      restS[i]! -= finishS[i - 1]! + sendS[i - 1]!;
    }
  }
  for (const timesS of before) for (let i = 0; i < restS.length; i++) restS[i]! -= timesS[i]!;
  return restS;
}
