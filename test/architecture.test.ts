import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import test from 'ava';
import { projectFile } from './support/shared-data.js';

/** Which rooms a room may import from; itself always. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  src: [],
  'src/profile': ['src'],
  'src/pipeline': ['src/profile', 'src'],
  'src/planner': ['src/pipeline', 'src/profile', 'src'],
  'sim/kernel': ['src'],
  'sim/hardware': ['sim/kernel', 'src'],
  'sim/operators': ['sim/hardware', 'src'],
  'sim/training': ['sim/hardware', 'sim/kernel', 'src'],
  'sim/energy': ['sim/training', 'src'],
  'sim/scenario': ['sim/operators', 'sim/energy', 'sim/training', 'sim/hardware', 'src'],
  'sim/run': [
    'sim/scenario',
    'sim/operators',
    'sim/energy',
    'sim/training',
    'sim/hardware',
    'sim/kernel',
    'src',
  ],
  'sim/power': ['sim/run', 'sim/scenario', 'sim/energy', 'sim/training', 'sim/kernel', 'src'],
  'sim/site': ['sim/run', 'sim/scenario', 'sim/energy', 'sim/training', 'sim/hardware', 'src'],
  'sim/signals': ['sim/power', 'sim/site', 'sim/run', 'sim/scenario', 'sim/energy', 'src'],
  'sim/faults': ['sim/power', 'sim/run', 'sim/scenario', 'sim/energy', 'sim/kernel', 'src'],
  'sim/results': ['sim/power', 'sim/run', 'sim/scenario', 'sim/energy', 'src'],
  'sim/fit': ['sim/energy', 'sim/training', 'sim/hardware', 'src'],
  'sim/paper': ['sim/fit', 'sim/run', 'sim/energy', 'sim/training', 'sim/hardware', 'src'],
  'sim/replay': ['sim/energy', 'sim/kernel', 'src'],
  'sim/judge': ['sim/run', 'sim/scenario', 'sim/energy', 'sim/training', 'sim/kernel', 'src'],
  'sim/processes': ['src'],
  'sim/plugins': ['sim/judge', 'sim/power', 'sim/run', 'sim/scenario', 'sim/processes', 'src'],
  'sim/sweep': [
    'sim/results',
    'sim/run',
    'sim/scenario',
    'sim/energy',
    'sim/hardware',
    'sim/processes',
    'src',
  ],
  'sim/report': [
    'sim/power',
    'sim/site',
    'sim/signals',
    'sim/faults',
    'sim/sweep',
    'sim/judge',
    'sim/paper',
    'sim/replay',
    'sim/results',
    'sim/run',
    'sim/scenario',
    'sim/energy',
    'sim/training',
    'sim/hardware',
    'src',
  ],
  'sim/viewer': [
    'sim/report',
    'sim/power',
    'sim/site',
    'sim/signals',
    'sim/faults',
    'sim/sweep',
    'sim/judge',
    'sim/paper',
    'sim/replay',
    'sim/results',
    'sim/run',
    'sim/scenario',
    'sim/energy',
    'sim/training',
    'sim/hardware',
    'src',
  ],
  'sim/figures': [
    'sim/report',
    'sim/judge',
    'sim/paper',
    'sim/run',
    'sim/scenario',
    'sim/energy',
    'src',
  ],
  'sim/explorer': [
    'sim/viewer',
    'sim/power',
    'sim/report',
    'sim/results',
    'sim/run',
    'sim/scenario',
    'sim/energy',
    'sim/operators',
    'sim/training',
    'sim/hardware',
    'src',
  ],
  'sim/plans': ['sim/training', 'src'],
  'sim/measurements': ['sim/operators', 'sim/hardware', 'src'],
  'sim/disk': ['sim/operators', 'sim/hardware', 'src'],
  'sim/control': [
    'sim/plans',
    'sim/disk',
    'sim/plugins',
    'sim/processes',
    'sim/run',
    'sim/scenario',
    'sim/operators',
    'sim/energy',
    'sim/training',
    'sim/hardware',
    'src',
  ],
  'sim/library': [
    'sim/viewer',
    'sim/power',
    'sim/site',
    'sim/signals',
    'sim/faults',
    'sim/disk',
    'sim/plugins',
    'sim/sweep',
    'sim/processes',
    'sim/report',
    'sim/results',
    'sim/judge',
    'sim/replay',
    'sim/run',
    'sim/scenario',
    'sim/operators',
    'sim/energy',
    'sim/training',
    'sim/hardware',
    'src',
  ],
  'sim/cli': [
    'sim/explorer',
    'sim/library',
    'sim/figures',
    'sim/viewer',
    'sim/power',
    'sim/site',
    'sim/signals',
    'sim/faults',
    'sim/control',
    'sim/plans',
    'sim/measurements',
    'sim/disk',
    'sim/plugins',
    'sim/sweep',
    'sim/processes',
    'sim/report',
    'sim/results',
    'sim/judge',
    'sim/paper',
    'sim/fit',
    'sim/replay',
    'sim/run',
    'sim/scenario',
    'sim/operators',
    'sim/hardware',
    'src',
  ],
};

/** Rooms that need Node. */
const OF_NODE = new Set([
  'sim/cli',
  'sim/control',
  'sim/library',
  'sim/disk',
  'sim/sweep',
  'sim/plugins',
  'sim/processes',
  'sim/figures',
]);

/** Rooms that run in a browser too. */
const FREE_OF_NODE = Object.keys(ARROWS).filter((room) => !OF_NODE.has(room));

interface Import {
  readonly file: string;
  readonly target: string;
}

function sourceFiles(): string[] {
  const list = (folder: string) =>
    readdirSync(projectFile(folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => join(folder, name));
  return [...list('src'), ...list('sim')];
}

function importsOf(file: string): Import[] {
  const text = readFileSync(projectFile(file), 'utf8');
  const specifiers = text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g);
  return [...specifiers].map(([, specifier]) => ({
    file,
    target: specifier!.startsWith('.')
      ? relative('.', join(dirname(file), specifier!))
      : specifier!,
  }));
}

/** `src/planner/perseus/network.ts` is in the room `src/planner`, `src/units.ts` in `src`. */
function roomOf(path: string): string {
  const [top, room, ...rest] = path.split('/');
  return rest.length > 0 ? `${top!}/${room!}` : top!;
}

const isOurs = (target: string) => target.startsWith('src/') || target.startsWith('sim/');

const allImports = sourceFiles().flatMap(importsOf);

test('every room is drawn', (t) => {
  const rooms = new Set(sourceFiles().map(roomOf));
  t.deepEqual(
    [...rooms].filter((room) => ARROWS[room] === undefined),
    [],
  );
  t.true(allImports.length > 100, 'the imports are found');
});

test('imports follow the arrows', (t) => {
  const wrong = allImports.filter(({ file, target }) => {
    const from = roomOf(file);
    if (!isOurs(target)) return target.startsWith('test/') || target.startsWith('results/');
    const to = roomOf(target);
    return (
      to !== from &&
      !ARROWS[from]!.some(
        (room) =>
          room === to || (room === 'src' && to.startsWith('src/') && from.startsWith('sim/')),
      )
    );
  });
  t.deepEqual(wrong, []);
});

test('the arrows make no circle', (t) => {
  const drawn = new Set<string>();
  const isAbove = (room: string, path: readonly string[]): boolean => {
    if (path.includes(room)) return true;
    if (drawn.has(room)) return false;
    const below = ARROWS[room]!.some((next) => isAbove(next, [...path, room]));
    drawn.add(room);
    return below;
  };
  t.deepEqual(
    Object.keys(ARROWS).filter((room) => isAbove(room, [])),
    [],
  );
});

/** All files that a file imports, directly or by way of others. */
function reach(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const { target } of importsFrom.get(file) ?? []) {
    if (isOurs(target)) reach(sourceOf(target), found);
  }
  return found;
}

const sources = new Set(sourceFiles());
const importsFrom = new Map([...sources].map((file) => [file, importsOf(file)]));

/** `sim/run/balance.js` is compiled from `sim/run/balance.ts`. */
function sourceOf(target: string): string {
  const plain = target.replace(/\.[jt]sx?$/, '');
  return [`${plain}.ts`, `${plain}.tsx`].find((name) => sources.has(name)) ?? target;
}

test('what runs in a browser reaches nothing of Node', (t) => {
  const wrong = [...sources]
    .filter((file) => FREE_OF_NODE.includes(roomOf(file)))
    .flatMap((file) =>
      [...reach(file)].flatMap((reached) =>
        (importsFrom.get(reached) ?? [])
          .filter(({ target }) => target.startsWith('node:'))
          .map(({ target }) => `${file} → ${reached} → ${target}`),
      ),
    );
  t.deepEqual(wrong, []);
});

test('what runs in a browser imports nothing of Node', (t) => {
  const wrong = allImports.filter(
    ({ file, target }) => FREE_OF_NODE.includes(roomOf(file)) && target.startsWith('node:'),
  );
  t.deepEqual(wrong, []);
  const globals = sourceFiles().filter(
    (file) =>
      FREE_OF_NODE.includes(roomOf(file)) &&
      /\b(?:process|Buffer|__dirname)\.|Date\.now|Math\.random|new Date\b/.test(
        readFileSync(projectFile(file), 'utf8'),
      ),
  );
  t.deepEqual(globals, [], 'no clock, no hidden randomness, no Node globals');
});

test('every error that is told apart from a bug is in src/errors.ts', (t) => {
  const declaring = sourceFiles().filter((file) =>
    /\bclass \w+ extends \w*Error\b/.test(readFileSync(projectFile(file), 'utf8')),
  );
  t.deepEqual(declaring, ['src/errors.ts']);
});
