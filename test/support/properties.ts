import type { ExecutionContext } from 'ava';
import fc from 'fast-check';

/**
 * Checks a property, printing the seed so that a failure can be replayed:
 * `FC_SEED=… npx ava …`.
 */
export async function checkProperty<T>(
  t: ExecutionContext,
  arbitrary: fc.Arbitrary<T>,
  holds: (value: T) => void | Promise<void>,
  numRuns = 200,
): Promise<void> {
  const given = process.env['FC_SEED'];
  const seed = given === undefined ? (Math.random() * 2 ** 31) | 0 : Number(given);
  t.log(`seed ${seed}, ${numRuns} runs`);
  await fc.assert(
    fc.asyncProperty(arbitrary, async (value) => holds(value)),
    { seed, numRuns },
  );
  t.pass();
}
