/**
 * Characters that a terminal acts on, or that make a text look like another: controls (C0, DEL,
 * C1), marks that change the direction of writing, and Unicode's own line separators.
 */
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
const UNSEEN_IN_LINES = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** Escapes that are shorter than the numeric ones. */
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * A text of several lines that is safe for a terminal: active characters are replaced by escapes
 * such as `\u001b`, which mean the same in JSON.
 */
export function visible(text: string): string {
  return text.replace(UNSEEN_IN_LINES, escapeOf);
}

/** A name or a sentence on one line: line breaks and tabs are escaped too. */
export function visibleLine(text: string): string {
  return text.replace(UNSEEN, escapeOf);
}

function escapeOf(character: string): string {
  const code = character.charCodeAt(0).toString(16).padStart(4, '0');
  return SHORT[character] ?? `\\u${code}`;
}
