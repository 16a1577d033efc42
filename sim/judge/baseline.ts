import * as z from 'zod';
import { InputError } from '../../src/errors.js';
import { jsonProblems } from '../../src/json-problems.js';
import type { Judgement } from './judge-planner.js';
import { SUITE_NAMES, type SuiteName } from './suite-names.js';

/** Verdicts are ratios of these figures. */
const positive = z.number().positive();
const realisedSchema = z.object({ timeS: positive, energyJ: positive });

const baselineSchema = z.object({
  version: z.string(),
  suite: z.enum(SUITE_NAMES),
  planner: z.string(),
  cases: z.array(
    z.union([
      z.object({
        name: z.string(),
        waitingPowerW: z.number().min(0),
        leastTimeS: positive,
        fastest: realisedSchema,
        plans: z.array(realisedSchema),
        planningTimeS: z.number().min(0),
        unrepeatable: z.string().optional(),
      }),
      z.object({ name: z.string(), broken: z.string() }),
    ]),
  ),
});

/** A planner's results in a suite, stored to compare others with. */
export interface Baseline {
  /** The version of pipewatt. */
  readonly version: string;
  readonly suite: SuiteName;
  readonly planner: string;
  readonly cases: readonly Judgement[];
}

/**
 * @throws InputError if the text is not a stored baseline.
 */
export function parseBaseline(text: string, source: string): Baseline {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw InputError.of({ source, message: `is not JSON: ${(error as Error).message}` });
  }
  const found = baselineSchema.safeParse(document);
  if (found.success) return found.data;
  throw new InputError(
    jsonProblems(found.error.issues, document).map(({ field, message }) => ({
      source,
      ...(field === '' ? {} : { field }),
      message,
    })),
  );
}
