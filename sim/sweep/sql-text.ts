/** A name as SQL takes it whatever is in it. Every name that is not written out in a query passes here. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as SQL takes it whatever is in it. */
export function quotedText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
