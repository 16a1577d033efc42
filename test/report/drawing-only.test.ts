import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import { projectFile } from '../support/files.js';

/** Modules with which a run is planned or simulated. */
const SIMULATION = [
  'sim/run/run-scenario.ts',
  'sim/run/seed-run.ts',
  'sim/run/training-run.ts',
  'sim/run/policy-plans.ts',
  'sim/training/job.ts',
  'sim/training/data-parallel.ts',
];

/** Everything that is drawn or written of a run: reports, pictures, traces, the page. */
const DRAWINGS = [
  'sim/viewer/pages/run-report.tsx',
  'sim/report/charts/run-pictures.ts',
  'sim/report/perfetto/run-trace.ts',
  'sim/report/text/run-table.ts',
  'sim/viewer/shown-run.ts',
];

/** A file's modules at run time, with those that they import in turn; imports of types are none. */
function modulesOf(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  const text = readFileSync(projectFile(file), 'utf8');
  for (const [, what, from] of text.matchAll(
    /^(?:import|export)\s([^;]*?)\sfrom\s'(\.[^']+)';/gms,
  )) {
    const names = what!
      .match(/\{([^}]*)\}/)?.[1]!
      .split(',')
      .map((name) => name.trim());
    const isOfTypes =
      what!.startsWith('type ') ||
      names?.every((name) => name === '' || name.startsWith('type ')) === true;
    if (isOfTypes) continue;
    const target = join(dirname(file), from!).replace(/\.js$/, '.ts');
    modulesOf(existsSync(projectFile(target)) ? target : `${target}x`, found);
  }
  return found;
}

test('the modules that simulate are found through imports', (t) => {
  const modules = modulesOf('sim/explorer/answer.ts');
  t.deepEqual(
    SIMULATION.filter((name) => !modules.has(name)),
    [],
  );
});

for (const drawing of DRAWINGS) {
  test(`${drawing} draws a run that is done, and cannot simulate it again`, (t) => {
    const modules = modulesOf(drawing);
    t.true(modules.size > 10);
    t.deepEqual(
      SIMULATION.filter((name) => modules.has(name)),
      [],
    );
  });
}
