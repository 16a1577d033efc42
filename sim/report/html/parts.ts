import { escapeXml } from '../escape.js';

/** A table; headings may have several lines. */
export function htmlTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  caption?: string,
): string {
  const cells = (tag: 'th' | 'td', texts: readonly string[]) =>
    texts
      .map((text) => `<${tag}${tag === 'th' ? ' scope="col"' : ''}>${escapeXml(text)}</${tag}>`)
      .join('');
  return [
    '<div class="wide"><table>',
    ...(caption === undefined ? [] : [`<caption>${escapeXml(caption)}</caption>`]),
    `<thead><tr>${cells('th', head)}</tr></thead>`,
    `<tbody>${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n')}</tbody>`,
    '</table></div>',
  ].join('\n');
}

/** A picture with what it shows in words, for who does not see it too. */
export function htmlFigure(svg: string, caption: string): string {
  return `<figure>${svg}<figcaption>${escapeXml(caption)}</figcaption></figure>`;
}

/** Paragraphs in a quiet voice. */
export function htmlNotes(notes: readonly string[]): string {
  return notes.map((note) => `<p class="quiet">${escapeXml(note)}</p>`).join('\n');
}

/** A file or a command, as it is typed. */
export function htmlCode(text: string): string {
  return `<pre><code>${escapeXml(text)}</code></pre>`;
}
