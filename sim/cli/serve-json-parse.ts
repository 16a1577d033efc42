import * as z from 'zod';
import { jsonProblems } from '../../src/json-problems.js';
import { quoted } from '../../src/problem-list.js';
import type { Line } from './serve-json-lines.js';
import type { MethodRequest, PlannerAnswer, RequestId } from './serve-json-messages.js';

/** Longest line that is read: profiles of thousands of stages fit. */
export const MOST_LINE_BYTES = 64 * 2 ** 20;

/** Lists and objects within each other; scenarios need eight. */
const DEEPEST = 64;

/** A line that was read. */
export type Parsed =
  | { readonly kind: 'request'; readonly request: MethodRequest }
  | { readonly kind: 'answer'; readonly answer: PlannerAnswer }
  | {
      readonly kind: 'refused';
      readonly id: RequestId | null;
      readonly message: string;
      /** The number of the question to which it was to be the answer. */
      readonly answers?: number;
    }
  | { readonly kind: 'nothing' };

const idSchema = z.union([z.int(), z.string().min(1).max(200)], {
  error: 'a whole number or a text of at most 200 characters',
});

const requestSchema = z.strictObject({
  id: idSchema,
  method: z.string().max(200),
  params: z.record(z.string(), z.unknown()).default({}),
  progress: z.boolean().default(false),
});

const answerSchema = z.strictObject({
  answer: z.int().min(1),
  plans: z.unknown().optional(),
  error: z.string().optional(),
});

/** Reads a line of a client. An empty one is nothing. */
export function parsedLine(line: Line): Parsed {
  if ('tooLong' in line) {
    return refused(
      null,
      `found a line of ${line.tooLong} bytes, expected at most ${MOST_LINE_BYTES}`,
    );
  }
  let value: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(line.bytes);
    if (text.trim() === '') return { kind: 'nothing' };
    value = JSON.parse(text);
  } catch (error) {
    const found = quoted(line.bytes.toString('utf8').trim());
    const why = error instanceof SyntaxError ? error.message : 'it is not UTF-8';
    return refused(null, `found ${found}, expected a line of JSON: ${why}`);
  }
  const isAnswer = typeof value === 'object' && value !== null && 'answer' in value;
  if (isNestedTooDeeply(value)) {
    return refused(idOf(value), `found more than ${DEEPEST} lists or objects within each other`);
  }
  const parsed = (isAnswer ? answerSchema : requestSchema).safeParse(value);
  if (!parsed.success) {
    const problems = jsonProblems(parsed.error.issues, value);
    const told = problems.map(({ field, message }) =>
      field === '' ? message : `${field}: ${message}`,
    );
    const { answer } = Object(value) as { readonly answer?: unknown };
    return {
      ...refused(idOf(value), told.join('; ')),
      ...(typeof answer === 'number' && { answers: answer }),
    };
  }
  return 'answer' in parsed.data
    ? { kind: 'answer', answer: parsed.data as PlannerAnswer }
    : { kind: 'request', request: parsed.data };
}

function refused(id: RequestId | null, message: string) {
  return { kind: 'refused', id, message } as const;
}

/** The identity of a request that is wrong otherwise, so that its sender learns of it. */
function idOf(value: unknown): RequestId | null {
  const { id } = Object(value) as { readonly id?: unknown };
  const parsed = idSchema.safeParse(id);
  return parsed.success ? parsed.data : null;
}

/** Looks level by level, since a recursion could end the program. */
function isNestedTooDeeply(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= DEEPEST; depth++) {
    level = level.flatMap((one): unknown[] =>
      typeof one === 'object' && one !== null ? Object.values(one) : [],
    );
    if (level.length === 0) return false;
  }
  return true;
}
