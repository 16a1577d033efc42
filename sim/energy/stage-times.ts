import { CompensatedSums } from '../../src/compensated-sum.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import {
  INSTRUCTION_PHASES,
  type InstructionPhase,
  type StageActivity,
} from '../training/phases.js';
import type { PipelineRecord } from '../training/pipeline-run.js';
import { BOOKINGS } from './accounts.js';
import { ofLast } from './of-last.js';

const PHASES: readonly InstructionPhase[] = INSTRUCTION_PHASES;

/** Activities until a pipeline's end, in the order of the accounts. */
export const STAGE_ACTIVITIES = Object.keys(BOOKINGS).filter((activity) =>
  PHASES.some((phase) => phase.activity === activity),
) as StageActivity[];

/** The phase that takes the time left by the others, and the number of its activity. */
export const REST_PHASE = PHASES.find(({ timesS }) => timesS === 'the rest')!;
const REST = STAGE_ACTIVITIES.indexOf(REST_PHASE.activity);

/**
 * Times of the GPUs of each stage until their pipeline's end: one array over stages per activity.
 */
export type StageTimes = Readonly<Record<StageActivity, Float64Array>>;

/** Splits every stage's time until `record.endS`; the parts add up to it. O(instructions). */
export function stageTimes(dag: ComputationDag, record: PipelineRecord): StageTimes {
  return stageTimesOf(dag)(record);
}

/**
 * Splits the times of pipelines, one after another. Times that a pipeline shares with the one before
 * it (the same arrays) are not added up again.
 */
export function stageTimesOf(dag: ComputationDag): (record: PipelineRecord) => StageTimes {
  const { stageCount, stageStart } = dag;
  const sums = new CompensatedSums(1);
  const ofStages = (add: (s: number) => void): Float64Array => {
    const timesS = new Float64Array(stageCount);
    for (let s = 0; s < stageCount; s++) {
      sums.clear();
      add(s);
      timesS[s] = sums.value(0);
    }
    return timesS;
  };
  const ofColumns = (...columns: readonly Float64Array[]): Float64Array => {
    const added = columns.filter(isNonzero);
    return ofStages((s) => {
      sums.addRows(0, added, stageStart[s]!, stageStart[s + 1]!);
    });
  };
  const sumsOf = STAGE_ACTIVITIES.map(() => ofLast(ofColumns));
  const negativeOf = ofLast(negative);
  return (record) => {
    const times = STAGE_ACTIVITIES.map((activity, a) => {
      const columns = phaseTimes(record, activity).flatMap(({ wholeS, withoutS }) =>
        withoutS === undefined ? [wholeS] : [wholeS, negativeOf(withoutS)],
      );
      return sumsOf[a]!(...columns);
    });
    times[REST] = ofStages((s) => {
      sums.add(0, record.endS);
      for (let a = 0; a < times.length; a++) if (a !== REST) sums.add(0, -times[a]![s]!);
    });
    return perActivity((a) => times[a]!);
  };
}

/** Whether some value is not zero: a column of zeros adds nothing to a sum. */
export function isNonzero(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) return true;
  return false;
}

function negative(timesS: Float64Array): Float64Array {
  const negativeS = new Float64Array(timesS.length);
  for (let i = 0; i < timesS.length; i++) negativeS[i] = -timesS[i]!;
  return negativeS;
}

/** A value for each activity, in the order of the accounts. */
export function perActivity<T>(valueOf: (a: number) => T): Record<StageActivity, T> {
  const entries = STAGE_ACTIVITIES.map((activity, a) => [activity, valueOf(a)] as const);
  return Object.fromEntries(entries) as Record<StageActivity, T>;
}

/** Times of an activity in each of its phases that has any. */
export function phaseTimes({ executed }: PipelineRecord, activity: StageActivity) {
  return PHASES.flatMap(({ activity: ofPhase, clock, timesS }) => {
    const times = ofPhase === activity && timesS !== 'the rest' ? timesS(executed) : undefined;
    return times === undefined ? [] : [{ clock, ...times }];
  });
}
