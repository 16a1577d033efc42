import { createContext } from 'preact';
import { useContext, useId } from 'preact/hooks';
import type { ShownProblem } from '../form-labels.js';

/** The problems of the what-if, by control. */
export const FieldProblems = createContext<readonly ShownProblem[]>([]);

/** The problem of one control, and the attributes that tie it to its input. */
export function useFieldProblem(label: string) {
  const id = useId();
  const found = useContext(FieldProblems).find(({ beside }) => beside?.label === label);
  const text = found?.beside?.text;
  const attributes =
    text === undefined ? {} : { 'aria-invalid': true, 'aria-describedby': `${id}-wrong` };
  return { id, text, attributes };
}
