import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import { COMMANDS } from '../../sim/cli/commands.js';
import { projectFile } from '../support/files.js';

/** Packages that take a tenth of a second or more to load; those beside them are loaded with them. */
const HEAVY = [
  '@duckdb/node-api',
  'arquero',
  'bullmq',
  'ioredis',
  'fastify',
  '@observablehq/plot',
  'pdfkit',
];

/** Compiled imports that are loaded with a file: types are gone, `import()` waits until it is called. */
const STATIC = /^(?:import|export)\b(?:[^;'"]*?\bfrom)?\s*['"]([^'"]+)['"]/gm;

/** The packages loaded with a compiled file, directly or by way of others. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>();
  if (seen.has(file)) return packages;
  seen.add(file);
  for (const [, target = ''] of readFileSync(file, 'utf8').matchAll(STATIC)) {
    if (target.startsWith('.')) {
      for (const each of packagesOf(join(dirname(file), target), seen)) packages.add(each);
    } else if (!target.startsWith('node:')) {
      packages.add(
        target
          .split('/')
          .slice(0, target.startsWith('@') ? 2 : 1)
          .join('/'),
      );
    }
  }
  return packages;
}

const compiled = (name: string) => projectFile(`dist/sim/cli/${name}.js`);

/** `results merge` is declared in merge-options and done in merge-command. */
const last = (command: string) => command.split(' ').at(-1)!;

function heavyOf(command: string): string[] {
  const packages = packagesOf(compiled(`${last(command)}-command`));
  return HEAVY.filter((name) => packages.has(name));
}

test('a command loads heavy packages only for what it always does', (t) => {
  const loaded = Object.keys(COMMANDS).map((name) => [name, heavyOf(name)] as const);
  t.deepEqual(Object.fromEntries(loaded.filter(([, heavy]) => heavy.length > 0)), {
    figure: ['@observablehq/plot'],
    reproduce: ['arquero', '@observablehq/plot'],
    sweep: ['@duckdb/node-api'],
    worker: ['bullmq', 'ioredis'],
    results: ['@duckdb/node-api'],
    'results merge': ['@duckdb/node-api'],
    serve: ['fastify'],
    robustness: ['arquero', '@observablehq/plot'],
  });
});

test('help loads the parser of command lines, and no other package', (t) => {
  const files = ['main', ...Object.keys(COMMANDS).map((name) => `${last(name)}-options`)].map(
    compiled,
  );
  t.deepEqual([...new Set(files.flatMap((file) => [...packagesOf(file)]))], ['commander']);
});
