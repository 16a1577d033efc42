import { InputError, type Problem } from '../../src/errors.js';
import { ProblemGathering, ProblemList } from '../../src/problem-list.js';
import { caseLibrary } from '../disk/case-library.js';
import type { Recomputation } from '../operators/model-parts.js';
import type { Precision } from '../operators/operator-time.js';
import {
  CASE_COLUMNS,
  readCases,
  type CaseRow,
  type MeasuredColumn,
} from '../operators/prediction-cases.js';
import {
  predictCases,
  type ErrorSummary,
  type PredictedColumn,
} from '../operators/prediction-rows.js';
import { asPromise } from './as-promise.js';
import { unknownOption } from './checked-options.js';

/**
 * A job to predict: the columns of `pipewatt predict` (docs/predict.md); `gpu` and `model` are
 * required. Degrees of parallelism, `microbatch` and `chunks` are 1 by default.
 *
 * @example
 * ```ts
 * import { predictJobs, type JobToPredict } from 'pipewatt';
 *
 * const job: JobToPredict = { gpu: 'h100-sxm', model: 'llama-3-8b', tp: 1, dp: 8, microbatches: 16 };
 * const { rows } = await predictJobs([job, { ...job, tp: 2, dp: 4 }]);
 * console.log(rows.map(({ case: name }) => name)); // [ 'row 1', 'row 2' ]
 * ```
 */
export type JobToPredict = {
  /** A GPU whose operators are known, such as `h100-sxm`; an unknown name gets the list of all. */
  readonly gpu: string;
  /** A model of the catalog, the path of a `.yaml` description or of a Hugging Face `config.json`. */
  readonly model: string;
  /** Its name in the answer; default: `row 1` and so on. */
  readonly case?: string | undefined;
  /** Jobs of one family share a summary of their errors. */
  readonly family?: string | undefined;
  readonly precision?: Precision | undefined;
  /** The part of the forward that is recomputed; default: none. */
  readonly recompute?: Recomputation | undefined;
  /** Only the model's first blocks; default: all. */
  readonly layers?: number | undefined;
  /** Tensor, context, expert, pipeline and data parallel. */
  readonly tp?: number | undefined;
  readonly cp?: number | undefined;
  readonly ep?: number | undefined;
  readonly pp?: number | undefined;
  readonly dp?: number | undefined;
  /** Tokens per sequence; default: the model's own. */
  readonly sequence?: number | undefined;
  /** Sequences per microbatch. */
  readonly microbatch?: number | undefined;
  /** Per pipeline and step; default: four for each stage. */
  readonly microbatches?: number | undefined;
  /** Parts of the model on each stage. */
  readonly chunks?: number | undefined;
  /** Which layers are on which part: Megatron's `--pipeline-model-parallel-layout`. */
  readonly layout?: string | undefined;
  /** Layers of the first and of the last stage, if not as many as of the others. */
  readonly first_stage_layers?: number | undefined;
  readonly last_stage_layers?: number | undefined;
  /** Embedding and loss each take the place of a layer. */
  readonly account_for_embedding?: 'no' | 'yes' | undefined;
  readonly account_for_loss?: 'no' | 'yes' | undefined;
  /** Blocks that predict later tokens are trained; default: if the model has them and is not cut short. */
  readonly mtp?: 'no' | 'yes' | undefined;
  /** Replicas share out weights, gradients and optimizer. */
  readonly fsdp?: 'no' | 'full_shard' | 'shard_grad_op' | undefined;
  /** Tokens of the busiest GPU over the mean; default: 1. */
  readonly expert_imbalance?: number | undefined;
  /** A token is sent once for each of its experts, or once to each node that has any; default: experts. */
  readonly expert_exchange?: 'experts' | 'nodes' | undefined;
  /** Precision of tokens on their way to experts. */
  readonly expert_dispatch?: 'bf16' | 'fp8' | undefined;
  /** Exchanges run while another microbatch computes. */
  readonly expert_overlap?: 'no' | 'yes' | undefined;
  /** MHz: of all stages, or of each with slashes between them; default: the GPU's highest. */
  readonly clock_mhz?: number | string | undefined;
  /** W of one GPU; default: the GPU's own limit. */
  readonly power_limit_w?: number | undefined;
} & {
  /** Measurements to compare with: ms, GiB, TFLOP/s of a GPU, W of a GPU. */
  readonly [Column in MeasuredColumn]?: number | undefined;
};

/**
 * A job's predictions, the columns of `pipewatt predict --format csv`: time of a step, ms;
 * tokens a second of the whole job; TFLOP/s of a GPU and their part of its peak (`mfu`); GiB of the GPU
 * that needs most; mean W of a GPU; J for a token. Beside each that was measured of any job is its error
 * in percent of the measured, null where it was not.
 *
 * @example
 * ```ts
 * import { predictJobs, type PredictedRow } from 'pipewatt';
 *
 * const { rows } = await predictJobs([{ gpu: 'h100-sxm', model: 'llama-3-8b' }]);
 * const row: PredictedRow = rows[0]!;
 * console.log(row.step_ms > 0, row.power_w < 700); // true true
 * ```
 */
export type PredictedRow = { readonly case: string } & {
  readonly [Column in PredictedColumn]: number;
} & { readonly [Column in PredictedColumn as `${Column}_error_pct`]?: number | null };

/**
 * The predictions of jobs.
 *
 * @example
 * ```ts
 * import { predictJobs, type Prediction } from 'pipewatt';
 *
 * const job = { gpu: 'h100-sxm', model: 'llama-3-8b', dp: 8, step_ms_measured: 6000 };
 * const prediction: Prediction = await predictJobs([job]);
 * console.log(prediction.errors.map(({ column, cases }) => [column, cases])); // [ [ 'step_ms', 1 ] ]
 * ```
 */
export interface Prediction {
  /** One for each job, in order. */
  readonly rows: readonly PredictedRow[];
  /** Errors of predictions against measurements, by family and column. */
  readonly errors: readonly ErrorSummary[];
  /** Doubts about models, and defaults that change times by some per cent. */
  readonly notes: readonly string[];
}

/**
 * Predicts time, memory and power of jobs that were never run, from their operators.
 *
 * @throws InputError with every problem, by job and field.
 *
 * @example
 * ```ts
 * import { predictJobs } from 'pipewatt';
 *
 * const job = { gpu: 'h100-sxm', model: 'llama-3-70b', tp: 4, pp: 4, microbatches: 64 };
 * const { rows } = await predictJobs([job, { ...job, precision: 'fp8' }]);
 * console.log(rows[1]!.step_ms < rows[0]!.step_ms); // true
 * ```
 */
export function predictJobs(jobs: readonly JobToPredict[]): Promise<Prediction> {
  return asPromise(() => {
    const cases = casesOf(jobs);
    const { rows, errors } = predictCases(cases);
    const shown = rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([column, value]) => [column, value === '' ? null : value]),
      ),
    );
    const notes = [...new Set(cases.flatMap((made) => made.notes))];
    return { rows: shown as unknown as PredictedRow[], errors, notes };
  });
}

/** Name of the function in messages. */
const CALL = 'predictJobs';

/** @throws InputError with every problem. */
function casesOf(jobs: readonly JobToPredict[]) {
  if (!Array.isArray(jobs) || jobs.length === 0) {
    throw InputError.of({ source: CALL, message: 'expected a list of at least one job' });
  }
  const gathering = new ProblemGathering();
  const rows = jobs.flatMap((job: unknown, k): CaseRow[] => {
    const { row, problems } = rowOf(job, k);
    gathering.add(...problems);
    return row === undefined ? [] : [row];
  });
  const context = { library: caseLibrary(CALL), defaults: {} };
  const cases = gathering.attempt(() =>
    readCases(rows, { problems: new ProblemList(CALL), ...context }),
  );
  gathering.throwIfAny();
  return cases!;
}

/** A job's fields as texts, if they can be read, and their problems. */
function rowOf(
  job: unknown,
  k: number,
): { readonly row: CaseRow | undefined; readonly problems: readonly Problem[] } {
  const fieldOf = (column: string) => `jobs.${k}.${column}`;
  if (typeof job !== 'object' || job === null) {
    const field = `jobs.${k}`;
    return { row: undefined, problems: [{ source: CALL, field, message: 'expected a job' }] };
  }
  const problems: Problem[] = [];
  const cells: Record<string, string> = {};
  for (const [column, value] of Object.entries(job) as [string, unknown][]) {
    if (!CASE_COLUMNS.includes(column)) {
      const { message } = unknownOption(column, CASE_COLUMNS, CALL);
      problems.push({ source: CALL, field: fieldOf(column), message });
    } else if (typeof value === 'string' || typeof value === 'number')
      cells[column] = String(value);
    else if (value !== undefined && value !== null) {
      const message = 'expected a text or a number';
      problems.push({ source: CALL, field: fieldOf(column), message });
    }
  }
  const unnamed = ['gpu', 'model'].filter((column) => (cells[column] ?? '') === '');
  for (const column of unnamed) {
    problems.push({ source: CALL, field: fieldOf(column), message: 'is missing, expected a name' });
  }
  const where = (column: string) => ({ field: fieldOf(column) });
  // Its other fields depend on what these name.
  return { row: unnamed.length === 0 ? { cells, where } : undefined, problems };
}
