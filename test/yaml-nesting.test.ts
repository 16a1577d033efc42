import test from 'ava';
import { isNestedTooDeeply } from '../src/yaml-nesting.js';
import { readYaml } from '../sim/scenario/yaml-file.js';

for (const [name, text] of [
  ['lists', `a: ${'['.repeat(50_000)}`],
  ['maps', '{a: '.repeat(50_000)],
  ['lists on one line', `${'- '.repeat(50_000)}x`],
  ['maps, line by line', Array.from({ length: 3000 }, (_, k) => `${' '.repeat(k)}a:`).join('\n')],
  ['keys', '? '.repeat(50_000)],
] as const) {
  test(`${name} within ${name} without end are refused before they are parsed`, (t) => {
    t.true(isNestedTooDeeply(text));
    t.throws(() => readYaml(text, 'x.yaml'), {
      message: 'x.yaml: not readable as YAML: it is nested too deeply',
    });
  });
}

test('what looks nested and is not is read', (t) => {
  const brackets = '['.repeat(5000);
  t.deepEqual(readYaml(`a: "${brackets}" # ${brackets}\nb: [1, {c: 2}]\n`, 'x.yaml').value, {
    a: brackets,
    b: [1, { c: 2 }],
  });
});

test('keys that a map has already are named, each on its line', (t) => {
  t.throws(() => readYaml('a: 1\nb: {c: 1, c: 2}\na: 2\n', 'x.yaml'), {
    message: [
      'x.yaml:3: not readable as YAML: Map keys must be unique',
      'x.yaml:2: not readable as YAML: Map keys must be unique',
    ].join('\n'),
  });
});
