import { visible, visibleLine } from '../../src/visible.js';

/** Text as it may stand in HTML and SVG, in attributes too. */
export function escapeXml(text: string): string {
  return visible(text.replaceAll('\r\n', '\n'))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** A name or a sentence as it may stand in a line of Markdown: it begins no line and no tag. */
export function escapeMarkdown(text: string): string {
  return visibleLine(text).replaceAll('<', '&lt;');
}
