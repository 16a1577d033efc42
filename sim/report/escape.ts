import { visible, visibleLine } from '../../src/visible.js';

/** Escapes text for HTML and SVG, attributes included. */
export function escapeXml(text: string): string {
  return visible(text.replaceAll('\r\n', '\n'))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Escapes a name or a sentence for a line of Markdown: it begins no line and no tag. */
export function escapeMarkdown(text: string): string {
  return visibleLine(text).replaceAll('<', '&lt;');
}
