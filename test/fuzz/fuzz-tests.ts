import test from 'ava';
import { checkProperty } from '../support/properties.js';
import { complaintOf } from './check.js';
import { shown, type FuzzInput } from './fuzz-input.js';
import { FuzzProcess } from './fuzz-process.js';
import { FUZZ_TARGETS } from './targets.js';

/**
 * A test for each fuzzer. A failure prints the seed and the smallest input that was found; `FC_SEED`
 * repeats it, and `explore.ts` looks for more kinds of failures than the first.
 *
 * @param total how many inputs, of all fuzzers together.
 * @param seed of the inputs.
 */
export function testFuzzers(total: number, seed: number): void {
  const running = new FuzzProcess();
  test.after.always(() => {
    running.stop();
  });
  for (const target of FUZZ_TARGETS) {
    const count = Math.max(3, Math.round((total * target.share) / 100));
    test.serial(`${target.name}: ends well, whatever comes`, async (t) => {
      const inputs = await target.inputs();
      // The smallest comes last.
      let failure: string | undefined;
      const endsWell = async (input: FuzzInput) => {
        const { complaint } = await complaintOf(target, input, running);
        if (complaint === undefined) return;
        failure = `${complaint}\n${shown(input)}`;
        throw new Error(failure);
      };
      try {
        await checkProperty(t, inputs, endsWell, count, seed);
      } finally {
        if (failure !== undefined) t.log(failure);
      }
    });
  }
}
