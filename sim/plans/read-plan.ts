import { InputError } from '../../src/errors.js';
import { clocksOfLiteral, MOST_PLAN_CHARACTERS } from './plan-of-literal.js';
import type { PlanFile } from './plan-file.js';
import { readPlanTable } from './plan-table.js';
import { readLiteral } from './python-literal.js';
import { commentsOf } from './zeus-comments.js';

/**
 * Reads a plan file: `freqs_pipeline_00000.py` of Zeus, an older list of MHz, or CSV or JSON of
 * `pipewatt plan`. Nothing is evaluated. O(size).
 *
 * @param source name of the file, for messages.
 * @throws InputError with every problem: line, column, what was found, what is expected.
 */
export function readPlanFile(text: string, source: string): PlanFile {
  if (text.length > MOST_PLAN_CHARACTERS) {
    throw InputError.of({
      source,
      message: `has ${text.length} characters; a plan has at most ${MOST_PLAN_CHARACTERS}`,
    });
  }
  const plain = text.replace(/^\ufeff/, '');
  if (/^[\s#]*$/.test(plain.replaceAll(/#[^\r\n]*/g, ''))) {
    throw InputError.of({ source, message: 'the file is empty; expected a plan' });
  }
  if (isTable(plain)) return readPlanTable(text, source);
  const literal = readLiteral(text, source);
  return { source, ...commentsOf(plain), ...clocksOfLiteral(literal, text, source) };
}

/** Whether the first line that is not a comment begins with the name of a column. */
function isTable(text: string): boolean {
  const [header = ''] = /^[^#\s].*$/m.exec(text) ?? [];
  return /^"?[a-z_ ]+"?[ ]*[,;\t|]/i.test(header);
}
