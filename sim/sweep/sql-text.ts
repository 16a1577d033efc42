/** A quoted SQL name, whatever it contains. Every name not written out in a query passes through here. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A quoted SQL text, whatever it contains. */
export function quotedText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
