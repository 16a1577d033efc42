import { escapeXml } from '../../report/escape.js';

/** A column whose cells all match this is a column of numbers. */
const NUMBER_CELL = /^$|^[—±+−-]?\s*[\d.]|^—$/u;

/**
 * A table; headings may have several lines. One that is too wide is scrolled, by keyboard too, and
 * is printed whole, in smaller letters.
 *
 * @param name the name that screen readers say.
 */
export function htmlTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  name: string,
): string {
  const isText = head.map((_, k) => k > 0 && !rows.every((row) => NUMBER_CELL.test(row[k] ?? '')));
  const cells = (tag: 'th' | 'td', texts: readonly string[]) =>
    texts
      .map((text, k) => {
        const attributes = `${tag === 'th' ? ' scope="col"' : ''}${isText[k] ? ' class="text"' : ''}`;
        return `<${tag}${attributes}>${escapeXml(text)}</${tag}>`;
      })
      .join('');
  return [
    `${scrolled(name)}<table style="--columns:${head.length}">`,
    `<thead><tr>${cells('th', head)}</tr></thead>`,
    `<tbody>${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n')}</tbody>`,
    '</table></div>',
  ].join('\n');
}

/** A picture with a description in words, also for readers who cannot see it. */
export function htmlFigure(svg: string, caption: string): string {
  const text = escapeXml(caption);
  const picture = svg.replace('<svg ', `<svg role="img" aria-label="${text}" `);
  return `<figure>${scrolled('Picture')}${picture}</div><figcaption>${text}</figcaption></figure>`;
}

/** The opening tag of a block that scrolls if it is too wide. */
function scrolled(name: string): string {
  return `<div class="wide" tabindex="0" role="group" aria-label="${escapeXml(name)}">`;
}

/** Paragraphs in muted type. */
export function htmlNotes(notes: readonly string[]): string {
  return notes.map((note) => `<p class="quiet">${escapeXml(note)}</p>`).join('\n');
}

/** A file or a command, as it is typed. */
export function htmlCode(text: string): string {
  return `<pre tabindex="0"><code>${escapeXml(text)}</code></pre>`;
}
