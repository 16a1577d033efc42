import { readdirSync, readFileSync } from 'node:fs';
import type { CatalogTexts } from '../../sim/explorer/bundled-catalog.js';
import { projectFile } from './files.js';

/** The catalog's files as the bundler puts them into the page. */
export function catalogTexts(): CatalogTexts {
  const folder = 'scenarios/catalog';
  const paths = ['', 'measured/', 'gpus/', 'models/', 'operators/'].flatMap((inside) =>
    readdirSync(projectFile(`${folder}/${inside}`))
      .filter((name) => name.endsWith('.yaml') || (inside === 'models/' && name.endsWith('.json')))
      .map((name) => `${inside}${name}`),
  );
  return new Map(
    paths.map((path) => [path, readFileSync(projectFile(`${folder}/${path}`), 'utf8')]),
  );
}
