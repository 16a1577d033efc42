import * as z from 'zod';
import { ProblemGathering } from '../../src/problem-list.js';
import { LIBRARY } from '../disk/catalog-files.js';
import { quantityField } from '../hardware/quantity-schema.js';
import { PRECISIONS, RECOMPUTATIONS } from '../operators/job-choices.js';
import { estimateNotes } from '../report/text/estimate-sentences.js';
import { profileNotes } from '../report/text/run-sentences.js';
import { modelledParts, modelledProfile, type PlaceOf } from '../scenario/modelled-profile.js';
import { asPromise } from './as-promise.js';
import { checkedOptions } from './checked-options.js';
import { profileRows, type ProfileRow } from './profile-rows.js';

/**
 * The model, GPU and sizes of a profile to synthesize.
 *
 * @example
 * ```ts
 * import { synthesizeProfile, type SynthesisOptions } from 'pipewatt';
 *
 * const options: SynthesisOptions = {
 *   model: 'llama-3-70b',
 *   gpu: 'h100-sxm',
 *   stages: 8,
 *   microbatch: 1,
 *   tensorParallel: 8,
 * };
 * const { gpu } = await synthesizeProfile({ ...options, sequence: 4096 });
 * console.log(gpu); // NVIDIA H100 SXM 80 GB
 * ```
 */
export interface SynthesisOptions {
  /** A model of the catalog, or the path of a `.yaml` file. */
  readonly model: string;
  /** A GPU of the catalog, or the path of a `.yaml` file. */
  readonly gpu: string;
  /** Stages of the pipeline; no more than the model has blocks. */
  readonly stages: number;
  /** Sequences per microbatch; default: 1. */
  readonly microbatch?: number | undefined;
  /** GPUs of one stage; default: 1. */
  readonly tensorParallel?: number | undefined;
  /** Tokens per sequence; default: the model's own. */
  readonly sequence?: number | undefined;
  /** Data-parallel copies, among which experts may be divided; default: 1. */
  readonly pipelines?: number | undefined;
  /** Numbers that matrix products are made of; default: bf16. */
  readonly precision?: 'bf16' | 'fp8' | undefined;
  /** The part of a forward that is recomputed before its backward; default: none. */
  readonly recompute?: 'none' | 'selective' | 'full' | undefined;
  /** GPUs that share a sequence; default: 1. */
  readonly contextParallel?: number | undefined;
  /** GPUs among which experts are divided; default: those of a stage. */
  readonly expertParallel?: number | undefined;
  /** Whether the GPUs of a stage share tokens too between matrix products; default: true. */
  readonly sequenceParallel?: boolean | undefined;
  /** Part of the GPU's peak that all matrix products reach, instead of what operators reach. */
  readonly efficiency?: number | undefined;
}

/**
 * A profile that was not measured.
 *
 * @example
 * ```ts
 * import { planFrontier, synthesizeProfile, type SynthesizedProfile } from 'pipewatt';
 *
 * const made: SynthesizedProfile = await synthesizeProfile({
 *   model: 'gpt3-2.7b',
 *   gpu: 'a100-sxm',
 *   stages: 4,
 * });
 * const { rows: profile, blockingPowerW } = made;
 * const { points } = await planFrontier({ profile, blockingPowerW, microbatches: 8 });
 * console.log(points.at(-1)!.energyJ > 0); // true
 * ```
 */
export interface SynthesizedProfile {
  /** Names of model and GPU. */
  readonly model: string;
  readonly gpu: string;
  /** Of one GPU of each stage. */
  readonly rows: readonly ProfileRow[];
  /** Power of one GPU that waits, W. */
  readonly blockingPowerW: number;
  /** The part of the peak that it assumes. */
  readonly efficiency: number | undefined;
  /** Its likely errors, as sentences. */
  readonly notes: readonly string[];
}

/**
 * Makes a stage profile of a model on a GPU without measurements of both. A layer takes as long as its
 * matrix products or its bytes, whichever is longer; layers are cut into stages with the least
 * imbalance. Profiles left out of the calibration were off by some per cent: see `notes`.
 *
 * @throws InputError with every problem: of the options, of descriptions of models and GPUs.
 *
 * @example
 * ```ts
 * import { synthesizeProfile } from 'pipewatt';
 *
 * const { rows } = await synthesizeProfile({ model: 'gpt3-2.7b', gpu: 'a100-sxm', stages: 4 });
 * const { stage, instruction, frequency } = rows[0]!;
 * console.log(stage, instruction, frequency); // 0 forward 1410
 * ```
 */
export function synthesizeProfile(options: SynthesisOptions): Promise<SynthesizedProfile> {
  return asPromise(() => {
    const { asked, parts } = checkedSynthesis(options);
    const made = modelledProfile(asked, parts, LIBRARY, AT);
    const { profile, estimate, blockingPowerW } = made;
    return {
      model: made.shape.name,
      gpu: made.gpu.name,
      rows: profileRows(profile),
      blockingPowerW,
      efficiency: estimate.law === 'operators' ? undefined : estimate.efficiency,
      notes: [...profileNotes(profile.notes), ...estimateNotes(estimate)],
    };
  });
}

/** Name of the function in messages. */
const CALL = 'synthesizeProfile';
const AT: PlaceOf = (field) => ({ source: CALL, field });

const optionsSchema = z.strictObject({
  model: z.string().min(1),
  gpu: z.string().min(1),
  stages: z.int().min(1).max(2000),
  microbatch: z.int().min(1).max(1e6).default(1),
  tensorParallel: z.int().min(1).max(1024).default(1),
  pipelines: z.int().min(1).max(1e6).default(1),
  sequence: z.int().min(1).max(1e8).optional(),
  precision: z.enum(PRECISIONS).optional(),
  recompute: z.enum(RECOMPUTATIONS).optional(),
  contextParallel: z.int().min(1).max(1024).optional(),
  expertParallel: z.int().min(1).max(4096).optional(),
  sequenceParallel: z.boolean().optional(),
  efficiency: quantityField('efficiency').optional(),
});

/** @throws InputError with every problem of the options, and of what they name. */
function checkedSynthesis(options: SynthesisOptions) {
  const gathering = new ProblemGathering();
  const asked = gathering.attempt(() => checkedOptions(optionsSchema, options, CALL));
  const named = Object(options) as Partial<Record<keyof SynthesisOptions, unknown>>;
  const text = (name: unknown) => (typeof name === 'string' && name !== '' ? name : undefined);
  const parts = gathering.attempt(() =>
    modelledParts(
      {
        model: () => text(named.model),
        gpu: () => text(named.gpu),
        stages: () => (typeof named.stages === 'number' ? named.stages : undefined),
      },
      LIBRARY,
      AT,
    ),
  );
  gathering.throwIfAny();
  return { asked: asked!, parts: parts! };
}
