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

/** The phase that takes whatever time the others leave, and the number of its activity. */
const REST_PHASE = PHASES.find(({ timesS }) => timesS === 'the rest')!;
const REST = STAGE_ACTIVITIES.indexOf(REST_PHASE.activity);

/** The phase after which a stage is free for its next instruction. */
const LAST_PHASE = PHASES.at(-1)!;

/** What the GPUs of each stage did until their pipeline's end: per activity, an array over stages. */
export type StageTimes = Readonly<Record<StageActivity, Float64Array>>;

/** Splits every stage's time until `record.endS`; the parts add up to it. O(instructions). */
export function stageTimes(dag: ComputationDag, record: PipelineRecord): StageTimes {
  const columns = STAGE_ACTIVITIES.map((activity) => columnsOf(record, activity));
  const times = STAGE_ACTIVITIES.map(() => new Float64Array(dag.stageCount));
  const sums = new CompensatedSums(STAGE_ACTIVITIES.length);
  for (let s = 0; s < dag.stageCount; s++) {
    addStage(sums, columns, dag, s);
    sums.add(REST, record.endS);
    for (let a = 0; a < times.length; a++) if (a !== REST) sums.add(REST, -sums.value(a));
    for (let a = 0; a < times.length; a++) times[a]![s] = sums.value(a);
    sums.clear();
  }
  return perActivity((a) => times[a]!);
}

/** The power of one GPU in a phase: at each instruction, or at all of them; none if it computes. */
export type PhasePowers = (phase: InstructionPhase) => Float64Array | number | undefined;

/**
 * Powers where waiting draws what the clock in force asks for.
 * @param waitingW per instruction, at the clock of the one before it.
 */
export function powersAtClocks(
  { stageCount, stageStart }: ComputationDag,
  waitingW: Float64Array,
  gpus: GpuCounting,
): PhasePowers {
  const own = new Float64Array(waitingW.length);
  for (let s = 0; s < stageCount; s++) {
    const [first, end] = [stageStart[s]!, stageStart[s + 1]!];
    for (let i = first; i < end; i++) own[i] = waitingW[i + 1 < end ? i + 1 : first]!;
  }
  const atClock = { before: waitingW, own };
  return ({ activity, clock }) => {
    const { power } = BOOKINGS[activity];
    return power === 'computing' ? undefined : (idlePowerW(power, gpus) ?? atClock[clock]);
  };
}

/**
 * Σ power × time over all stages until their pipeline's end, per activity, of one GPU of each
 * stage; nothing of what computes. O(instructions).
 */
export function stageEnergies(
  dag: ComputationDag,
  record: PipelineRecord,
  powersW: PhasePowers,
): Record<StageActivity, number> {
  const columns = STAGE_ACTIVITIES.map((activity) => columnsOf(record, activity, powersW));
  const restW = powersW(REST_PHASE)!;
  columns[REST] = [product(restTimes(dag, record), restW)];
  const sums = new CompensatedSums(STAGE_ACTIVITIES.length);
  for (let s = 0; s < dag.stageCount; s++) {
    addStage(sums, columns, dag, s);
    // Iterations follow each other: at its end a stage keeps the clock that is before its first.
    const powerW = typeof restW === 'number' ? restW : restW[dag.stageStart[s]!]!;
    const freeS = LAST_PHASE.untilS(record, dag.stageStart[s + 1]! - 1, NaN);
    sums.add(REST, powerW * (record.endS - freeS));
  }
  return perActivity((a) => sums.value(a));
}

function perActivity<T>(valueOf: (a: number) => T): Record<StageActivity, T> {
  const entries = STAGE_ACTIVITIES.map((activity, a) => [activity, valueOf(a)] as const);
  return Object.fromEntries(entries) as Record<StageActivity, T>;
}

/** Adds a stage's instructions to the sum of each activity. */
function addStage(
  sums: CompensatedSums,
  columns: readonly (readonly Float64Array[])[],
  { stageStart }: ComputationDag,
  stage: number,
): void {
  for (let a = 0; a < columns.length; a++) {
    if (columns[a]!.length === 0) continue;
    sums.addRows(a, columns[a]!, stageStart[stage]!, stageStart[stage + 1]!);
  }
}

/** What is to be added up of an activity, phase by phase: times, or times multiplied by powers. */
function columnsOf(
  { executed }: PipelineRecord,
  activity: StageActivity,
  powersW?: PhasePowers,
): Float64Array[] {
  return PHASES.flatMap((phase) => {
    const { timesS } = phase;
    if (phase.activity !== activity || timesS === 'the rest') return [];
    const times = timesS(executed);
    if (times === undefined) return [];
    const { wholeS, withoutS } = times;
    const columns = withoutS === undefined ? [wholeS] : [wholeS, product(withoutS, -1)];
    if (powersW === undefined) return columns;
    const powers = powersW(phase);
    return powers === undefined ? [] : columns.map((column) => product(column, powers));
  });
}

function product(values: Float64Array, factors: Float64Array | number): Float64Array {
  const products = new Float64Array(values.length);
  if (typeof factors === 'number') {
    for (let i = 0; i < products.length; i++) products[i] = values[i]! * factors;
  } else {
    for (let i = 0; i < products.length; i++) products[i] = values[i]! * factors[i]!;
  }
  return products;
}

/** Per instruction: what the phases before its start leave of the time since its stage was free. */
function restTimes({ stageCount, stageStart }: ComputationDag, record: PipelineRecord) {
  const before = PHASES.flatMap(({ clock, timesS }) => {
    const times = clock === 'before' && timesS !== 'the rest' ? timesS(record.executed) : undefined;
    return times === undefined ? [] : [times.wholeS];
  });
  const restS = record.startS.slice();
  for (let s = 0; s < stageCount; s++) {
    for (let i = stageStart[s]! + 1; i < stageStart[s + 1]!; i++) {
      restS[i]! -= LAST_PHASE.untilS(record, i - 1, NaN);
    }
  }
  for (const timesS of before) for (let i = 0; i < restS.length; i++) restS[i]! -= timesS[i]!;
  return restS;
}
