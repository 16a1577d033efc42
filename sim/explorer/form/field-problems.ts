import { createContext } from 'preact';
import { useContext, useId } from 'preact/hooks';
import type { ShownProblem } from '../form-labels.js';

/** What is wrong with the what-if, for the controls that it is about. */
export const FieldProblems = createContext<readonly ShownProblem[]>([]);

/** What is wrong with one control, and what ties the sentence to its input. */
export function useFieldProblem(label: string) {
  const id = useId();
  const found = useContext(FieldProblems).find(({ beside }) => beside?.label === label);
  const text = found?.beside?.text;
  const attributes =
    text === undefined ? {} : { 'aria-invalid': true, 'aria-describedby': `${id}-wrong` };
  return { id, text, attributes };
}
