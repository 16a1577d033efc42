import { visibleLine } from '../../src/visible.js';
import { estimateNotes } from '../report/text/estimate-sentences.js';
import type { PreparedRun, SweepOutcome } from '../sweep/run-sweep.js';

function failures({ errors }: SweepOutcome): number {
  return [...errors.values()].reduce((sum, n) => sum + n, 0);
}

/** A sentence on how many runs were done. */
export function summary(name: string, outcome: SweepOutcome, output: string): string {
  const { total, before, done, isStopped } = outcome;
  const earlier = before === 0 ? '' : `, ${before} before`;
  const stopped = isStopped ? '; stopped: the same command resumes it' : '';
  return `${name}: ${done} of ${total} runs done now${earlier}, ${failures(outcome)} failed${stopped}; results in ${output}\n`;
}

/** Notes on the likely errors of synthesized profiles. */
export function estimates(runs: readonly PreparedRun[]): string {
  const notes = runs.flatMap(({ profile: { title, estimate } }) =>
    estimate === undefined
      ? []
      : estimateNotes(estimate).map((note) => `${visibleLine(title)}: ${note}\n`),
  );
  return [...new Set(notes)].join('');
}

/** Errors of runs are alike: at most this many are shown. */
const SHOWN_ERRORS = 5;

/** The most frequent errors, and where to find the others. */
export function errorLines({ errors, failed, total }: SweepOutcome, output: string): string {
  const sorted = [...errors].sort(([, a], [, b]) => b - a);
  const lines = sorted
    .slice(0, SHOWN_ERRORS)
    .map(
      ([error, runs]) => `${runs} ${runs === 1 ? 'run' : 'runs'} failed: ${visibleLine(error)}\n`,
    );
  const more = sorted.length - SHOWN_ERRORS;
  const where =
    failed === 0
      ? []
      : [
          `${failed} of ${total} runs failed; every error: pipewatt results ${output} --sql "SELECT run, error FROM runs WHERE status = 'failed'"; --rerun-failed repeats them\n`,
        ];
  return [...lines, ...(more > 0 ? [`… and ${more} other errors\n`] : []), ...where].join('');
}
