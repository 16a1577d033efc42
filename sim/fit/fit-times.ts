import { entryOf } from '../../src/groups.js';
import { InputError } from '../../src/errors.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import { nonIncreasing } from './isotonic.js';
import type { MeasuredInstruction, MeasuredJob, MeasuredPlan } from './measured-runs.js';
import { nonNegativeLeastSquares } from '../../src/profile/non-negative-least-squares.js';
import { BACKWARD } from '../../src/profile/operation.js';
import { byKind, type ProfiledKind } from '../../src/profile/stage-profile.js';
import type { ClockTable } from '../hardware/measured-job.js';
import { runPipeline } from '../training/pipeline-run.js';
import { instructionTiming } from '../training/timing.js';
import type { Workload } from '../training/workload.js';

/** Time over clock of every stage and kind: medians at each clock, made monotone. */
export function fitTimeTables(
  job: MeasuredJob,
  dag: ComputationDag,
): Record<ProfiledKind, ClockTable>[] {
  return Array.from({ length: job.stageCount }, (_, stage) =>
    byKind((kind) => timeTable(job, dag, stage, kind)),
  );
}

function timeTable(
  job: MeasuredJob,
  dag: ComputationDag,
  stage: number,
  kind: ProfiledKind,
): ClockTable {
  const all = job.plans.flatMap((plan) =>
    plan.instructions
      .filter((measured) => measured.stage === stage && measured.kind === kind)
      .map((measured) => ({ plan, measured })),
  );
  if (all.length === 0) {
    throw InputError.of({
      source: job.workloadId,
      message: `stage ${stage} has no measured ${kind} instruction; instructions.csv needs one`,
    });
  }
  const usual = all.filter(({ plan, measured }) => !isFirstBackward(dag, plan, measured));
  const sums = new Map<number, { weight: number; weighted: number }>();
  for (const { measured } of usual.length > 0 ? usual : all) {
    const sum = entryOf(sums, measured.frequencyMHz, () => ({ weight: 0, weighted: 0 }));
    sum.weight += measured.count;
    sum.weighted += measured.count * measured.timeS;
  }
  const rising = [...sums].sort(([a], [b]) => a - b);
  const times = rising.map(([, { weight, weighted }]) => ({ value: weighted / weight, weight }));
  return {
    clocksMHz: rising.map(([clock]) => clock),
    values: nonIncreasing(times).map((timeS) => Number(timeS.toPrecision(6))),
  };
}

/** A median over this many values hardly depends on the first one. */
const ENOUGH_OTHERS = 3;

/**
 * Whether a measured time is that of a stage's first backward. The first backward writes gradients
 * that later ones add to, and is shorter: by 0.7 to 4.4 % in the published runs, which often give
 * it a clock of its own. In the tables it would be a dent.
 */
function isFirstBackward(
  dag: ComputationDag,
  { clocksMHz }: MeasuredPlan,
  { stage, kind, frequencyMHz, count }: MeasuredInstruction,
): boolean {
  if (kind !== 'backward' || count >= ENOUGH_OTHERS) return false;
  const first = dag.stageStart[stage]!;
  const place = clocksMHz[stage]!.findIndex((_, k) => dag.kind[first + k] === BACKWARD);
  return clocksMHz[stage]![place] === frequencyMHz;
}

const GAUSS_NEWTON_STEPS = 25;
/**
 * Starting points of the descents: the critical path changes with the transfers, so one is not
 * enough.
 */
const FIRST_TRANSFERS_S = [0.003, 0.03, 0.1];
const FIRST_CONSTANT_S = 0.1;
const PROBE_S = 2e-4;

/** The measured machines are nodes of four GPUs: one link in this many stages joins two nodes. */
const GPUS_PER_NODE = 4;

/** Fitted overheads: the transfer over each link, and the constant after the pipelines. */
export interface FittedOverheads {
  readonly loadingS: number[];
  readonly transferS: number[];
  readonly constantS: number;
}

/**
 * Fits one transfer time per kind of link, inside a node and between nodes, and the constant after
 * each iteration, by Gauss–Newton with non-negative steps on relative iteration times. Iteration
 * times cannot distinguish links of one kind.
 *
 * O(descents · steps · kinds · plans · instructions).
 */
export function fitOverheads(
  job: MeasuredJob,
  dag: ComputationDag,
  workloads: readonly Workload[],
): FittedOverheads {
  const kinds = linkKinds(job);
  const kindCount = Math.max(0, ...kinds.map((kind) => kind + 1));
  const measuredS = job.plans.map((plan) => plan.iterationTimeS);
  const transfersOf = (unknowns: readonly number[]) => kinds.map((kind) => unknowns[kind]!);
  const predict = (unknowns: readonly number[]) => {
    const transferS = transfersOf(unknowns);
    const { loadingS } = job;
    const timing = instructionTiming(dag, { loadingS, transferS, iterationConstantS: 0 });
    return workloads.map(
      (workload) => runPipeline(dag, timing, workload).endS + unknowns[kindCount]!,
    );
  };
  const ends = FIRST_TRANSFERS_S.map((transferS) =>
    descend(
      [...new Array<number>(kindCount).fill(transferS), FIRST_CONSTANT_S],
      predict,
      measuredS,
    ),
  );
  const { unknowns } = ends.reduce((a, b) => (b.cost < a.cost ? b : a));
  const rounded = (timeS: number) => Number(timeS.toFixed(6));
  return {
    loadingS: job.loadingS.map(rounded),
    transferS: transfersOf(unknowns).map(rounded),
    constantS: rounded(unknowns[kindCount]!),
  };
}

/** Per link: 0 inside a node, 1 between nodes; if all links are alike, there is only one kind. */
function linkKinds({ stageCount, gpusPerStage }: MeasuredJob): number[] {
  const stagesPerNode = Math.max(1, Math.floor(GPUS_PER_NODE / gpusPerStage));
  const kinds = Array.from({ length: stageCount - 1 }, (_, link) =>
    (link + 1) % stagesPerNode === 0 ? 1 : 0,
  );
  return kinds.includes(0) ? kinds : kinds.map(() => 0);
}

type Predict = (unknowns: readonly number[]) => number[];

function descend(first: readonly number[], predict: Predict, measuredS: readonly number[]) {
  const costOf = (predicted: readonly number[]) =>
    predicted.reduce((sum, timeS, p) => sum + (timeS / measuredS[p]! - 1) ** 2, 0);
  let unknowns = first;
  let predicted = predict(unknowns);
  let cost = costOf(predicted);
  for (let step = 0; step < GAUSS_NEWTON_STEPS; step++) {
    const target = gaussNewtonTarget(unknowns, predicted, measuredS, predict);
    const next = [1, 0.5, 0.25, 0.1, 0.03]
      .map((share) => unknowns.map((value, k) => value + share * (target[k]! - value)))
      .map((candidate) => ({ candidate, timesS: predict(candidate) }))
      .find(({ timesS }) => costOf(timesS) < cost * (1 - 1e-6));
    if (next === undefined) break;
    unknowns = next.candidate;
    predicted = next.timesS;
    cost = costOf(predicted);
  }
  return { unknowns, cost };
}

function gaussNewtonTarget(
  unknowns: readonly number[],
  predicted: readonly number[],
  measuredS: readonly number[],
  predict: Predict,
): number[] {
  const slopes = unknowns.map((value, k) =>
    predict(unknowns.with(k, value + PROBE_S)).map((timeS, p) => (timeS - predicted[p]!) / PROBE_S),
  );
  const rows = measuredS.map((timeS, p) => slopes.map((slope) => slope[p]! / timeS));
  const right = rows.map(
    (row, p) =>
      (measuredS[p]! - predicted[p]!) / measuredS[p]! +
      row.reduce((sum, value, k) => sum + value * unknowns[k]!, 0),
  );
  return nonNegativeLeastSquares(rows, right, 0);
}
