import { groupBy } from '../../src/groups.js';
import { MEASURED_COLUMNS, type MeasuredColumn, type PredictionCase } from './prediction-cases.js';
import { predictJob, type PredictedJob, type Prediction } from './predict.js';
import { isQuicklyPlanned, stragglerSaving } from './straggler-saving.js';

const GIB = 2 ** 30;

/** A predicted quantity of a job: column name, value, and number of meaningful digits. */
const PREDICTED_COLUMNS = {
  step_ms: ({ stepS }: Prediction) => stepS * 1000,
  tokens_per_s: ({ tokensPerS }: Prediction) => tokensPerS,
  tflops: ({ flopsPerS }: Prediction) => flopsPerS / 1e12,
  mfu: ({ modelFlopsUtilization }: Prediction) => modelFlopsUtilization,
  memory_gib: ({ memoryBytes }: Prediction) => memoryBytes / GIB,
  power_w: ({ powerW }: Prediction) => powerW,
  j_per_token: ({ energyPerTokenJ }: Prediction) => energyPerTokenJ,
} as const;

export type PredictedColumn = keyof typeof PREDICTED_COLUMNS;

const PREDICTED_COLUMN_NAMES = Object.keys(PREDICTED_COLUMNS) as PredictedColumn[];

/** More digits would be meaningless: times are off by several percent. */
const SIGNIFICANT_DIGITS = 4;

/** A row of the answer: the case, its predictions, and their errors against the measurements. */
export type PredictionRow = Readonly<Record<string, string | number>>;

/** Errors of the predictions of one quantity, in percent of the measurements. */
export interface ErrorSummary {
  /** Empty if cases name no family. */
  readonly family: string;
  readonly column: PredictedColumn;
  readonly cases: number;
  readonly meanAbsolutePct: number;
  readonly worstPct: number;
  readonly worstCase: string;
  /** Above 0: predictions are too high on average. */
  readonly biasPct: number;
}

/**
 * Rows and summaries of all cases. Columns of errors are present if any case has the measurement,
 * those of savings if there is a straggler.
 *
 * @param straggler time of the slowest pipeline relative to the others.
 */
export function predictCases(
  cases: readonly PredictionCase[],
  straggler?: number,
): {
  readonly rows: readonly PredictionRow[];
  readonly errors: readonly ErrorSummary[];
} {
  const measuredColumns = (Object.keys(MEASURED_COLUMNS) as MeasuredColumn[]).filter((column) =>
    cases.some(({ measured }) => measured[column] !== undefined),
  );
  const errors: CaseError[] = [];
  const rows = cases.map((made) => {
    const prediction = predictJob(made.job);
    const row: Record<string, string | number> = { case: made.name };
    for (const column of PREDICTED_COLUMN_NAMES) {
      row[column] = rounded(PREDICTED_COLUMNS[column](prediction));
    }
    if (straggler !== undefined) Object.assign(row, savingCells(made.job, straggler));
    for (const column of measuredColumns) {
      const measured = made.measured[column];
      const predicted = PREDICTED_COLUMNS[MEASURED_COLUMNS[column]](prediction);
      const errorPct = measured === undefined ? undefined : 100 * (predicted / measured - 1);
      if (errorPct !== undefined) {
        errors.push({ made, column: MEASURED_COLUMNS[column], errorPct });
      }
      row[`${MEASURED_COLUMNS[column]}_error_pct`] =
        errorPct === undefined ? '' : Number(errorPct.toFixed(1));
    }
    return row;
  });
  return { rows, errors: summaries(errors) };
}

/** Whole points, since errors are of several. Empty if planning would take minutes. */
function savingCells(job: PredictedJob, straggler: number): Record<string, string | number> {
  const band = isQuicklyPlanned(job) ? stragglerSaving(job, straggler) : undefined;
  const cell = (pct: number | undefined) => (pct === undefined ? '' : Math.round(pct));
  return {
    saving_pct: cell(band?.predictedPct),
    saving_low_pct: cell(band?.lowPct),
    saving_high_pct: cell(band?.highPct),
  };
}

interface CaseError {
  readonly made: PredictionCase;
  readonly column: PredictedColumn;
  readonly errorPct: number;
}

/** By family and column, in order of appearance. */
function summaries(errors: readonly CaseError[]): ErrorSummary[] {
  const groups = groupBy(errors, ({ made, column }) => JSON.stringify([made.family, column]));
  return [...groups.values()].map(summaryOf);
}

function rounded(value: number): number {
  return Number(value.toPrecision(SIGNIFICANT_DIGITS));
}

function summaryOf(errors: readonly CaseError[]): ErrorSummary {
  const worst = errors.reduce((a, b) => (Math.abs(b.errorPct) > Math.abs(a.errorPct) ? b : a));
  const mean = (of: (error: CaseError) => number) =>
    errors.reduce((sum, error) => sum + of(error), 0) / errors.length;
  return {
    family: worst.made.family,
    column: worst.column,
    cases: errors.length,
    meanAbsolutePct: mean(({ errorPct }) => Math.abs(errorPct)),
    worstPct: worst.errorPct,
    worstCase: worst.made.name,
    biasPct: mean(({ errorPct }) => errorPct),
  };
}

/** A summary in words. */
export function errorSentence(error: ErrorSummary): string {
  const { family, column, cases, meanAbsolutePct, worstPct, worstCase, biasPct } = error;
  return (
    `${family === '' ? '' : `${family}, `}${column}: ${cases} measured, off by ${meanAbsolutePct.toFixed(1)} % on average, ` +
    `${worstPct.toFixed(1)} % at worst (${worstCase}); mean of signed errors ${biasPct.toFixed(1)} %`
  );
}
