import { Document, isScalar, parse, visit } from 'yaml';
import { z } from 'zod';
import {
  clockGrid,
  fitStageCurves,
  profileFromCurves,
  type StageCurves,
} from '../../src/profile/device-curve.js';
import type { StageProfile } from '../../src/profile/stage-profile.js';

/**
 * The catalog of fitted curves: what a model's stages take and draw on a GPU, each number with its
 * source, so that scenarios need nothing from outside the project.
 */

const splineSchema = z.strictObject({
  knots: z.array(z.number()).min(2),
  coefficients: z.array(z.number().positive()).min(4),
});

const curveSchema = z.strictObject({
  time: splineSchema,
  power: splineSchema,
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
  }),
});

const entrySchema = z.strictObject({
  name: z.string().min(1),
  model: z.string().min(1),
  gpu: z.string().min(1),
  /** Where the measurements come from. */
  source: z.string().min(1),
  units: z.strictObject({
    frequency: z.literal('MHz'),
    time: z.literal('s'),
    power: z.literal('W'),
  }),
  clocks: z.strictObject({
    lowestMHz: z.number().positive(),
    highestMHz: z.number().positive(),
    stepMHz: z.number().positive(),
  }),
  blockingPowerW: z.number().positive(),
  /** How many times as long the real operation takes as the profiled one. */
  scale: z.number().positive(),
  stages: z.array(z.strictObject({ forward: curveSchema, backward: curveSchema })).min(1),
});

export type CatalogEntry = z.infer<typeof entrySchema>;

/** What `fit` cannot see in a profile. */
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
      lowestMHz: Math.max(...fits.map((fit) => fit.lowestMHz)),
      highestMHz: Math.min(...fits.map((fit) => fit.highestMHz)),
      stepMHz: metadata.clockStepMHz,
    },
    blockingPowerW: metadata.blockingPowerW,
    scale: metadata.scale,
    stages: shareEqual(stages) as CatalogEntry['stages'],
  };
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

/** A catalog entry as YAML, lists of numbers on one line; the same entry gives the same bytes. */
export function printCatalogEntry(entry: CatalogEntry): string {
  const document = new Document(entry);
  visit(document, {
    Seq: (_, list) => {
      if (list.items.every(isScalar)) list.flow = true;
    },
  });
  return document.toString({ lineWidth: 100, flowCollectionPadding: false });
}

/**
 * Reads a catalog entry.
 * @throws Error when it is not one: entries are part of the program, not input.
 */
export function parseCatalogEntry(text: string): CatalogEntry {
  return entrySchema.parse(parse(text));
}

/** The profile that an entry's GPUs have at every clock of its grid, unscaled. */
export function catalogProfile(entry: CatalogEntry): StageProfile {
  const { lowestMHz, highestMHz, stepMHz } = entry.clocks;
  return profileFromCurves(
    `catalog entry ${entry.name}`,
    entry.stages,
    clockGrid(lowestMHz, highestMHz, stepMHz),
  );
}
