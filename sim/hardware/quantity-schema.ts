import { z } from 'zod';
import { allowedRange, expectation, isPlausible, quantity } from '../../src/plausible.js';
import type { QuantityName } from '../../src/quantities.js';

/** Messages of this kind come from this schema, others from zod. */
const EXPECTED = /^(0 or )?a number from /;

/**
 * A number that must be possible for its kind of quantity. The message is the expected
 * range and the likely unit.
 */
export function quantityField(name: QuantityName): z.ZodNumber {
  const of = quantity(name);
  // Nothing is negative, whatever the unit.
  const error = ({ input }: { input?: unknown }) =>
    typeof input === 'number' && input > 0 ? expectation(of, input) : allowedRange(of);
  const lowest = of.orZero === true ? 0 : of.least;
  const bounded = z.number().min(lowest, { error }).max(of.most, { error });
  return of.orZero === true
    ? bounded.refine((value) => value < 0 || value > of.most || isPlausible(of, value), { error })
    : bounded;
}

/** The expectation for an issue's quantity, if the issue is one of these. */
export function expectedQuantity({ message }: { readonly message: string }): string | undefined {
  return EXPECTED.test(message) ? message : undefined;
}
