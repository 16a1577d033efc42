import { render } from 'preact-render-to-string';
import { lookStyle } from '../viewer/look-style.js';
import { ExplorerPage } from './explorer-page.js';

/** The page's style of looks and its first step, as HTML: it is painted before any script runs. */
export function firstPaint(): { readonly style: string; readonly body: string } {
  return { style: `<style>${lookStyle()}</style>`, body: render(<ExplorerPage hash="" />) };
}
