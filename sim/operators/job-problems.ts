import { MOST_INSTRUCTIONS, shapeProblems } from '../../src/pipeline/schedules.js';
import type { PredictedJob } from './predict.js';

/** A problem with a column of a case. */
interface ColumnProblem {
  readonly column: string;
  readonly message: string;
}

/** Parts of the model that do not fit on the GPUs that are to share them. */
export function layoutProblems(job: PredictedJob): ColumnProblem[] {
  const { shape, layout, chunks } = job;
  const problems: ColumnProblem[] = [];
  const refuse = (column: string, message: string) => problems.push({ column, message });
  const parts = layout.pipeline * chunks;
  const blocks = shape.blocks.length;
  if (layout.repeatsTokens === true && layout.tensor > 1) {
    if (shape.blocks.some(({ feedForward }) => feedForward.kind === 'experts')) {
      refuse('sequence_parallel', 'found no, but models with experts need it when tp is above 1');
    }
  }
  if (parts > blocks && job.partition === undefined)
    refuse('pp', `found ${parts} parts (stages × chunks) of ${blocks} layers`);
  const heads = shape.blocks[0]!.attention.heads;
  if (heads % layout.tensor !== 0) {
    refuse('tp', `found ${layout.tensor}, which must divide the ${heads} heads of ${shape.name}`);
  }
  const sharing = layout.tensor * layout.context * layout.data;
  if (sharing % layout.expert !== 0) {
    refuse('ep', `found ${layout.expert}, which must divide tp × cp × dp = ${sharing}`);
  }
  for (const { feedForward } of new Set(shape.blocks)) {
    if (feedForward.kind === 'experts' && feedForward.count % layout.expert !== 0) {
      refuse('ep', `found ${layout.expert}, which must divide ${feedForward.count} experts`);
      break;
    }
  }
  return problems;
}

/** The problems that keep a job from running as it is laid out. */
export function jobProblems(job: PredictedJob): ColumnProblem[] {
  const { layout, chunks, microbatches } = job;
  const parts = layout.pipeline * chunks;
  const problems = layoutProblems(job);
  const refuse = (column: string, message: string) => problems.push({ column, message });
  const schedule = chunks === 1 ? '1f1b' : 'interleaved';
  const size = { stages: layout.pipeline, microbatches, chunks };
  for (const { field, message } of shapeProblems(schedule, size)) {
    refuse(field === 'stages' ? 'pp' : field, message);
  }
  if (2 * parts * microbatches > MOST_INSTRUCTIONS) {
    const most = Math.floor(MOST_INSTRUCTIONS / (2 * parts));
    refuse('microbatches', `found ${microbatches}, expected at most ${most} for ${parts} parts`);
  }
  return problems;
}
