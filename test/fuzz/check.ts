import type { FuzzInput } from './fuzz-input.js';
import type { FuzzProcess } from './fuzz-process.js';
import { endsWell } from './oracle.js';
import type { FuzzTarget } from './target.js';

/** Runs an input and says what is wrong with how it ended, if anything. */
export async function complaintOf(
  { oracle, outputs, sameAs }: FuzzTarget,
  input: FuzzInput,
  running: FuzzProcess,
): Promise<{ readonly complaint: string | undefined; readonly code: number | string }> {
  const outcome = await running.run(input);
  const ends = endsWell(input, outcome, outputs?.(input));
  if (ends !== undefined || outcome.kind === 'died') {
    return { complaint: ends, code: outcome.kind === 'died' ? 'died' : outcome.code };
  }
  const { code } = outcome;
  const wrong = oracle(input, outcome);
  if (wrong !== undefined || sameAs === undefined) return { complaint: wrong, code };
  const other = await running.run(sameAs(input));
  if (other.kind === 'ended' && other.code === code && other.out === outcome.out) {
    return { complaint: undefined, code };
  }
  const printed = other.kind === 'ended' ? `${other.out}${other.err}` : other.why;
  return {
    complaint: `prints ${outcome.out}${outcome.err}but the same, written otherwise, ${printed}`,
    code,
  };
}
