import type { CatalogTexts } from './bundled-catalog.js';

const FOLDER = '../../scenarios/catalog/';

/** Read by the bundler, when the page is built. */
const files = import.meta.glob<string>(
  [
    '../../scenarios/catalog/*.yaml',
    '../../scenarios/catalog/measured/*.yaml',
    '../../scenarios/catalog/gpus/*.yaml',
    '../../scenarios/catalog/models/*.yaml',
    '../../scenarios/catalog/models/*.json',
    '../../scenarios/catalog/operators/*.yaml',
  ],
  { query: '?raw', import: 'default', eager: true },
);

/** The catalog's files at the time of the page's build. */
export const CATALOG_TEXTS: CatalogTexts = new Map(
  Object.entries(files).map(([path, text]) => [path.slice(FOLDER.length), text]),
);
