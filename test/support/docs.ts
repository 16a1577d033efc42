import { readdirSync, readFileSync } from 'node:fs';
import { projectFile } from './files.js';

/** The pages that people read. */
export const PAGES = [
  'README.md',
  ...readdirSync(projectFile('docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The text of a file of the project. */
export const textOf = (page: string) => readFileSync(projectFile(page), 'utf8');
