import { entryOf } from '../../src/groups.js';
import { least, most } from '../../src/extremes.js';
import { parse } from 'yaml';
import { z } from 'zod';
import { InputError, type Problem } from '../../src/errors.js';
import { jsonProblems } from '../../src/json-problems.js';
import type { QuantityName } from '../../src/quantities.js';
import {
  clockGrid,
  fitStageCurves,
  profileFromCurves,
  type StageCurves,
} from '../../src/profile/device-curve.js';
import {
  PROFILED_KINDS,
  type ExecutionOption,
  type StageProfile,
} from '../../src/profile/stage-profile.js';
import { quantityField } from './quantity-schema.js';
import { printEntry } from './catalog-yaml.js';

/**
 * The catalog of fitted curves: time and power of a model's stages on a GPU, each number with its
 * source, so that scenarios need nothing from outside the project.
 */

const isSorted = (values: readonly number[]) =>
  values.every((v, k) => k === 0 || v >= values[k - 1]!);
const isRising = (values: readonly number[]) =>
  isSorted(values) && new Set(values).size === values.length;

const splineSchema = (values: QuantityName) =>
  z
    .strictObject({
      knots: z.array(quantityField('clockMHz')).min(2).refine(isRising, { error: 'rising clocks' }),
      coefficients: z.array(quantityField(values)).min(4),
    })
    .refine(({ knots, coefficients }) => coefficients.length === knots.length + 2, {
      path: ['coefficients'],
      error: 'two more coefficients than knots',
    });

const curveSchema = z.strictObject({
  time: splineSchema('instructionTimeS').refine(
    ({ coefficients }) => isSorted(coefficients.toReversed()),
    {
      path: ['coefficients'],
      error: 'coefficients that never rise: no clock is slower than a lower one',
    },
  ),
  power: splineSchema('computingPowerW').refine(({ coefficients }) => isSorted(coefficients), {
    path: ['coefficients'],
    error: 'coefficients that never fall: no clock draws less than a lower one',
  }),
  fit: z.strictObject({
    measuredClocks: z.int().positive(),
    lowestMHz: z.number().positive(),
    highestMHz: z.number().positive(),
    timeRmsPct: z.number(),
    timeWorstPct: z.number(),
    timeWorstAtMHz: z.number(),
    powerRmsPct: z.number(),
    powerWorstPct: z.number(),
    powerWorstAtMHz: z.number(),
    timeAtHighestPct: z.number(),
    energyAtHighestPct: z.number(),
  }),
});

const entrySchema = z.strictObject({
  name: z.string().min(1),
  model: z.string().min(1),
  gpu: z.string().min(1),
  /** The source of the measurements. */
  source: z.string().min(1),
  units: z.strictObject({
    frequency: z.literal('MHz'),
    time: z.literal('s'),
    power: z.literal('W'),
  }),
  clocks: z
    .strictObject({
      lowestMHz: quantityField('clockMHz'),
      highestMHz: quantityField('clockMHz'),
      stepMHz: quantityField('clockStepMHz'),
    })
    .refine(({ lowestMHz, highestMHz }) => lowestMHz <= highestMHz, {
      path: ['lowestMHz'],
      error: 'at most highestMHz',
    }),
  blockingPowerW: quantityField('waitingPowerW'),
  /** The ratio of the real operation's time to the profiled one's. */
  scale: quantityField('scale'),
  /** Features of the measurements that the curves lack. */
  notes: z.array(z.string().min(1)),
  stages: z.array(z.strictObject({ forward: curveSchema, backward: curveSchema })).min(1),
});

export type CatalogEntry = z.infer<typeof entrySchema>;

/** Facts that `fit` cannot see in a profile. */
export interface CatalogMetadata {
  readonly name: string;
  readonly model: string;
  readonly gpu: string;
  readonly source: string;
  readonly clockStepMHz: number;
  readonly blockingPowerW: number;
  readonly scale: number;
}

/** Fits a profile's curves and describes them. */
export function catalogEntry(profile: StageProfile, metadata: CatalogMetadata): CatalogEntry {
  const stages = fitStageCurves(profile);
  const fits = stages.flatMap((stage) => [stage.forward.fit, stage.backward.fit]);
  return {
    name: metadata.name,
    model: metadata.model,
    gpu: metadata.gpu,
    source: metadata.source,
    units: { frequency: 'MHz', time: 's', power: 'W' },
    clocks: {
      lowestMHz: most(fits.map((fit) => fit.lowestMHz)),
      highestMHz: least(fits.map((fit) => fit.highestMHz)),
      stepMHz: metadata.clockStepMHz,
    },
    blockingPowerW: metadata.blockingPowerW,
    scale: metadata.scale,
    notes: notes(profile, stages),
    stages: shareEqual(stages) as CatalogEntry['stages'],
  };
}

/** A curve that misses a measured time by more than this has smoothed away a real feature. */
const NOTABLE_PCT = 2;

/**
 * Notes on where the curves do not reproduce the measurements; stages with the same note share it.
 */
function notes(profile: StageProfile, stages: readonly StageCurves[]): string[] {
  const stagesOf = new Map<string, number[]>();
  stages.forEach((curves, s) => {
    for (const kind of PROFILED_KINDS) {
      const { fit } = curves[kind];
      const found = [
        ...(Math.abs(fit.timeWorstPct) > NOTABLE_PCT
          ? [
              `${kind}: the measured time is not smooth and monotone; the curve is ` +
                `${signed(fit.timeWorstPct)} % off at ${fit.timeWorstAtMHz} MHz`,
            ]
          : []),
        ...fasterBelowHighest(profile.stages[s]![kind]).map((note) => `${kind}: ${note}`),
      ];
      for (const note of found) entryOf(stagesOf, note, (): number[] => []).push(s);
    }
  });
  return [...stagesOf].map(([note, which]) => `${stageNames(which)} ${note}`);
}

/** `stages 0–6`, `stages 0, 2, 5`, `stage 7`. */
function stageNames(which: readonly number[]): string {
  const first = which[0]!;
  const last = which.at(-1)!;
  if (which.length === 1) return `stage ${first}`;
  const isRun = last - first === which.length - 1;
  return `stages ${isRun ? `${first}–${last}` : which.join(', ')}`;
}

/** A lower clock measured faster than the highest one; a monotone curve cannot reproduce that. */
function fasterBelowHighest(options: readonly ExecutionOption[]): string[] {
  const highest = options.reduce((a, b) => (b.frequencyMHz > a.frequencyMHz ? b : a));
  const fastest = options.reduce((a, b) => (b.timeS < a.timeS ? b : a));
  if (fastest.timeS === highest.timeS) return [];
  const pct = 100 * (1 - fastest.timeS / highest.timeS);
  return [
    `${fastest.frequencyMHz} MHz was measured ${pct.toFixed(2)} % faster than ` +
      `${highest.frequencyMHz} MHz; a monotone curve does not repeat it`,
  ];
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}

/** Equal curves become one object, which YAML writes once (as an anchor). */
function shareEqual(stages: readonly StageCurves[]): StageCurves[] {
  const seen = new Map<string, unknown>();
  const share = <T>(value: T): T => {
    const key = JSON.stringify(value);
    if (!seen.has(key)) seen.set(key, value);
    return seen.get(key) as T;
  };
  return stages.map(({ forward, backward }) => ({
    forward: share(forward),
    backward: share(backward),
  }));
}

/** Writes a catalog entry as YAML. Equal entries give equal bytes. */
export function printCatalogEntry(entry: CatalogEntry): string {
  return printEntry(entry);
}

/**
 * Reads a catalog entry.
 *
 * @param source name of the file, for messages.
 * @throws InputError naming every wrong field and its expected value.
 */
export function parseCatalogEntry(text: string, source = 'catalog entry'): CatalogEntry {
  const value = valueOf(text, source);
  const result = entrySchema.safeParse(value);
  if (result.success) return result.data;
  throw new InputError(
    jsonProblems(result.error.issues, value).map(({ field, message }): Problem => {
      return { source, ...(field === '' ? {} : { field }), message };
    }),
  );
}

function valueOf(text: string, source: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw InputError.of({ source, message: `is not YAML: ${reason}` });
  }
}

/** The profile of an entry's GPUs at every clock of its grid, unscaled. */
export function catalogProfile(entry: CatalogEntry): StageProfile {
  const { lowestMHz, highestMHz, stepMHz } = entry.clocks;
  return profileFromCurves(
    `catalog entry ${entry.name}`,
    entry.stages,
    clockGrid(lowestMHz, highestMHz, stepMHz),
  );
}
