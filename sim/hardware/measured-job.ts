import { parse } from 'yaml';
import { z } from 'zod';
import { extremes } from '../../src/extremes.js';
import { clockGrid } from '../../src/profile/device-curve.js';
import { byKind, PROFILED_KINDS, type StageProfile } from '../../src/profile/stage-profile.js';
import { printEntry } from './catalog-yaml.js';
import type { OperationPhysics } from './operation-physics.js';

/**
 * A training job as fitted to its executed plans: time and power of its stages at each clock, and
 * its overheads besides computing. The catalog's entries of measured jobs.
 */

/**
 * Values between clocks lie on a straight line over `x` (see the fields); outside the clocks, the
 * value at the nearest end holds.
 */
const tableSchema = z.strictObject({
  clocksMHz: z.array(z.number().positive()).min(1),
  values: z.array(z.number().positive()).min(1),
});

const measuredJobSchema = z.strictObject({
  name: z.string().min(1),
  workloadId: z.string().min(1),
  gpu: z.string().min(1),
  source: z.string().min(1),
  units: z.strictObject({ clock: z.literal('MHz'), time: z.literal('s'), power: z.literal('W') }),
  microbatches: z.int().positive(),
  pipelines: z.int().positive(),
  gpusPerStage: z.int().positive(),
  /** Of one GPU that waits. */
  blockingPowerW: z.number().positive(),
  /** Of one GPU while gradients are added up and the optimizer steps; waiting power if left out. */
  synchronisationPowerW: z.number().positive().optional(),
  overheads: z.strictObject({
    loadingS: z.array(z.number().min(0)),
    transferS: z.array(z.number().min(0)),
    iterationConstantS: z.number().min(0),
    synchronisationS: z.number().min(0).optional(),
  }),
  /** Time over clock by kind (linear in 1 / clock), power over clock (linear in the clock). */
  stages: z
    .array(z.strictObject({ forward: tableSchema, backward: tableSchema, power: tableSchema }))
    .min(1),
  fit: z.strictObject({
    plans: z.int().positive(),
    timeMeanPct: z.number(),
    timeWorstPct: z.number(),
    energyMeanPct: z.number(),
    energyWorstPct: z.number(),
    energyAtMeasuredTimeMeanPct: z.number(),
  }),
  /** The time model does not hold: the job waits for its network. */
  networkBound: z.boolean(),
});

export type MeasuredJobModel = z.infer<typeof measuredJobSchema>;
export type ClockTable = z.infer<typeof tableSchema>;

/** Reads an entry. @throws Error if it is invalid: entries are part of the program. */
export function parseMeasuredJob(text: string): MeasuredJobModel {
  return measuredJobSchema.parse(parse(text));
}

/** Writes an entry as YAML. Equal entries give equal bytes. */
export function printMeasuredJob(model: MeasuredJobModel): string {
  return printEntry(model);
}

/**
 * Below its lowest clock, a table continues with its slope up to a clock this many times higher.
 */
const SLOPE_RANGE = 1.1;

/** Time at a clock: linear in 1 / clock, also below the lowest clock. */
export function timeAtClock({ clocksMHz, values }: ClockTable, frequencyMHz: number): number {
  const lowest = clocksMHz[0]!;
  if (frequencyMHz >= lowest) {
    return interpolate(clocksMHz, values, frequencyMHz, (clock) => 1 / clock);
  }
  // A table of one clock has no slope; all of its time may depend on the clock.
  const far = clocksMHz.findIndex((clock) => clock >= SLOPE_RANGE * lowest);
  const other = far < 0 ? clocksMHz.length - 1 : far;
  const slope =
    other === 0
      ? values[0]! * lowest
      : (values[0]! - values[other]!) / (1 / lowest - 1 / clocksMHz[other]!);
  return values[0]! + Math.min(slope, values[0]! * lowest) * (1 / frequencyMHz - 1 / lowest);
}

/** Power at a clock: linear in the clock; outside the table, the value at the nearest end. */
export function powerAtClock({ clocksMHz, values }: ClockTable, frequencyMHz: number): number {
  return interpolate(clocksMHz, values, frequencyMHz, (clock) => clock);
}

function interpolate(
  clocks: readonly number[],
  values: readonly number[],
  clock: number,
  scale: (clock: number) => number,
): number {
  const last = clocks.length - 1;
  if (clock <= clocks[0]!) return values[0]!;
  if (clock >= clocks[last]!) return values[last]!;
  let k = 1;
  while (clocks[k]! < clock) k++;
  const [left, right] = [scale(clocks[k - 1]!), scale(clocks[k]!)];
  const share = (scale(clock) - left) / (right - left);
  return values[k - 1]! + share * (values[k]! - values[k - 1]!);
}

/** Physics of every operation of a measured job, indexed as `dag.operation`. */
export function measuredPhysics(model: Pick<MeasuredJobModel, 'stages'>): OperationPhysics[] {
  return model.stages.flatMap((stage) => {
    const tables = byKind((kind) => stage[kind]);
    return PROFILED_KINDS.map((kind): OperationPhysics => {
      const { clocksMHz } = tables[kind];
      return {
        timeS: (frequencyMHz) => timeAtClock(tables[kind], frequencyMHz),
        powerW: (frequencyMHz) => powerAtClock(stage.power, frequencyMHz),
        clockAtMost: (limitMHz) => Math.max(limitMHz, clocksMHz[0]!),
        lowestMHz: clocksMHz[0]!,
        highestMHz: clocksMHz.at(-1)!,
      };
    });
  });
}

/** A sentence on the clocks of a plan that the fit has not seen; undefined if there are none. */
export function extrapolationWarning(
  model: MeasuredJobModel,
  clocksMHz: readonly ArrayLike<number>[],
): string | undefined {
  const found = model.stages.flatMap((stage, s) => {
    const seen = stage.power.clocksMHz;
    const asked = Array.from(clocksMHz[s]!);
    const { least: low, most: high } = extremes(asked);
    return low < seen[0]! || high > seen.at(-1)!
      ? [`stage ${s} asks for ${low}–${high} MHz, fitted were ${seen[0]!}–${seen.at(-1)!} MHz`]
      : [];
  });
  return found.length === 0 ? undefined : `extrapolated: ${found.join('; ')}`;
}

/**
 * The profile of a measured job's GPUs at every clock of a grid, for planning: from the lowest to
 * the highest clock that the stage ran. Power at lower clocks is unknown; the executed plans left
 * them out because they saved nothing.
 */
export function measuredProfile(model: MeasuredJobModel, clockStepMHz = 15): StageProfile {
  return {
    source: `catalog entry ${model.name}`,
    origin: 'fitted',
    stages: model.stages.map((stage) => {
      const clocksMHz = [...stage.forward.clocksMHz, ...stage.backward.clocksMHz];
      const [lowestMHz, highestMHz] = [Math.min(...clocksMHz), Math.max(...clocksMHz)];
      const clocks = clockGrid(lowestMHz, highestMHz, clockStepMHz).reverse();
      return byKind((kind) =>
        clocks.map((frequencyMHz) => {
          const timeS = timeAtClock(stage[kind], frequencyMHz);
          return { frequencyMHz, timeS, energyJ: powerAtClock(stage.power, frequencyMHz) * timeS };
        }),
      );
    }),
  };
}
