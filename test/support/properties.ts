import type { ExecutionContext } from 'ava';
import fc from 'fast-check';

/**
 * Checks a property, printing the seed so that a failure can be replayed:
 * `FC_SEED=… npx ava …`.
 * @param usualSeed without `FC_SEED`; another one each time if left out.
 */
export async function checkProperty<T>(
  t: ExecutionContext,
  arbitrary: fc.Arbitrary<T>,
  holds: (value: T) => void | Promise<void>,
  numRuns = 200,
  usualSeed = (Math.random() * 2 ** 31) | 0,
): Promise<void> {
  const given = process.env['FC_SEED'];
  const seed = given === undefined ? usualSeed : Number(given);
  t.log(`seed ${seed}, ${numRuns} runs`);
  await fc.assert(
    fc.asyncProperty(arbitrary, async (value) => holds(value)),
    { seed, numRuns },
  );
  t.pass();
}
