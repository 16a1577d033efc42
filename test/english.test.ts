import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { commentsOf } from './support/comments.js';
import { projectFile } from './support/shared-data.js';

/** Rooms with comments that keep the rules. */
const ROOMS = [
  'src',
  'sim/cli',
  'sim/disk',
  'sim/energy',
  'sim/explorer',
  'sim/fit',
  'sim/hardware',
  'sim/judge',
  'sim/kernel',
  'sim/library',
  'sim/operators',
  'sim/paper',
  'sim/plugins',
  'sim/processes',
  'sim/replay',
  'sim/report',
  'sim/results',
  'sim/run',
  'sim/scenario',
  'sim/sweep',
  'sim/training',
] as const;

/** A comment begins with a noun or a verb, not with a clause. */
const OPENINGS =
  /^(?:@(?:throws|returns) )?(?:What|Whatever|Who|Whom|Whose|Whoever|How|That|Those that|Of wh\w+)\b/;
/** Phrases that make a reader read twice, and what to write instead. */
const PHRASES: readonly (readonly [phrase: RegExp, instead: string])[] = [
  [/\bso (?:many|much|long) (?!as\b|that\b)/i, 'this many, N'],
  [/(?<!\bthere )\b(?:is|are) none[.;]/, 'is invalid, there is none'],
  [/\bwhoever\b/i, 'who it is'],
  [/\bnobody\b/i, 'not measured, no other stage, …'],
  [/\bstands (?:twice|there|at|in|for messages)\b/, 'appears, is'],
];

/** Breaches of the rules in a source: `line: comment`. */
function breaches(source: string, fileName?: string): string[] {
  return commentsOf(source, fileName).flatMap(({ line, text }) => {
    const flat = text.replace(/\s+/g, ' ');
    const shown = flat.length > 80 ? `${flat.slice(0, 79)}…` : flat;
    const found = [
      ...(OPENINGS.test(flat) ? ['begin with a noun or a verb'] : []),
      ...PHRASES.flatMap(([phrase, instead]) => {
        const match = phrase.exec(flat);
        return match === null ? [] : [`"${match[0].trim()}": write ${instead}`];
      }),
    ];
    return found.map((why) => `${line}: ${why}: ${shown}`);
  });
}

for (const room of ROOMS) {
  test(`comments in ${room} are plain English`, (t) => {
    const folder = projectFile(room);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .sort();
    t.true(files.length > 0);
    const found = files.flatMap((name) =>
      breaches(readFileSync(join(folder, name), 'utf8'), name).map(
        (breach) => `${room}/${name}:${breach}`,
      ),
    );
    t.deepEqual(found, []);
  });
}

test('every kind of comment is read, and nothing else', (t) => {
  const source = [
    '/** The first. */',
    'const a = 1; // a second,',
    '// and a third,',
    '// which goes on',
    'const b = `// no comment ${/* a fourth */ a}`;',
    "const c = /[/*]/.test('// no comment');",
    '/**',
    ' * The fifth',
    ' * in two lines.',
    ' */',
  ].join('\n');
  t.deepEqual(commentsOf(source, 'source.ts'), [
    { line: 1, text: 'The first.' },
    { line: 2, text: 'a second,\nand a third,\nwhich goes on' },
    { line: 5, text: 'a fourth' },
    { line: 7, text: 'The fifth\nin two lines.' },
  ]);
});

test('breaches are named with their line', (t) => {
  const lines = (source: string) => breaches(source).map((breach) => breach.split(':')[0]);
  t.deepEqual(lines('const a = 1;\n/** What a plan takes. */'), ['2']);
  t.deepEqual(lines('// How long it\n// takes.'), ['1']);
  t.deepEqual(lines('/**\n * The number.\n * Draws beyond so many\n * are redrawn.\n */'), ['1']);
  t.deepEqual(lines('/** Fails if the priority is none. */'), ['1']);
  t.deepEqual(lines('// Left to whoever comes.'), ['1']);
  t.deepEqual(lines("/** The time that a plan takes. */\nconst what = '// What';"), []);
});
