import type { ScenarioResult } from '../../run/run-scenario.js';

/** Sentences on the change that refining can still bring, if plans are approximate. */
export function refiningSentences({
  approximation,
}: Pick<ScenarioResult, 'approximation'>): string[] {
  if (approximation === undefined) return [];
  const { policies, mayChangePct, leftOut } = approximation;
  const leftOutLines = leftOut.map(
    (policy) => `${policy} is left out: its plans come with the last refinement.`,
  );
  if (mayChangePct === 0) {
    return [
      `The plans of ${policies.join(', ')} are those of its whole frontier, for the deadlines of this job alone.`,
      ...leftOutLines,
    ];
  }
  const most =
    mayChangePct === undefined
      ? 'by how much that changes its saving is not known for what goes wrong here'
      : `that adds at most ${upTo(mayChangePct)} points to its planned saving and takes nothing away; the simulated one follows, as clocks happen to round`;
  return [
    `The plans of ${policies.join(', ')} are not yet those of its whole frontier: ${most}.`,
    ...leftOutLines,
  ];
}

/** Two significant digits, rounded up, so never less than the true value. */
function upTo(points: number): string {
  const least = 1e-3;
  const unit = 10 ** (Math.floor(Math.log10(Math.max(points, least))) - 1);
  return String(Number((Math.ceil(Math.max(points, least) / unit - 1e-9) * unit).toPrecision(2)));
}
