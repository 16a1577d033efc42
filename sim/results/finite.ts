/**
 * Guards of the program's output: a figure that is NaN or infinite is a bug that must be seen, not
 * a null in a file. JSON would write null, CSV "NaN".
 */

/** @throws Error if a number is not finite; the message names the figure. */
export function finite(name: string, value: unknown): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new Error(`the figure "${name}" came out as ${value}`);
  }
}

/**
 * A document as JSON with a newline at its end.
 * @throws Error if a number in it is not finite.
 */
export function jsonText(document: unknown, indent?: number): string {
  const text = JSON.stringify(
    document,
    (name, value: unknown) => {
      finite(name, value);
      return value;
    },
    indent,
  );
  return `${text}\n`;
}
