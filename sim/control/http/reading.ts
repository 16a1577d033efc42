import { z } from 'zod';
import { detailsOf } from './errors.js';

/** The largest body of most requests, of a report, and of a file. */
export const SMALL_BYTES = 1 << 20;
export const RESULT_BYTES = 8 << 20;
export const FILE_BYTES = 32 << 20;

/** The part of a path that names a job. */
export interface JobPath {
  readonly Params: { readonly job_id: string };
}

export const JOB = z.object({ job_id: z.string().describe('As answered by /register_job') });

/**
 * Reads a part of a request.
 * @throws an error with `details` of all problems.
 */
export function reading<S extends z.ZodType>(
  schema: S,
  part: 'body' | 'query',
  document: unknown,
): z.output<S> {
  const read = schema.safeParse(document);
  if (read.success) return read.data;
  const details = detailsOf(part, read.error.issues, document);
  throw Object.assign(new Error('the request has the wrong form'), { details });
}
