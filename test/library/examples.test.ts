import test from 'ava';
import { allExamples, ENTRIES, exportedNames, importedNames } from '../support/examples.js';

const names = exportedNames();
const examples = allExamples(names);

test('whatever the package exports has a doc comment, and each function an example', (t) => {
  t.true(names.length > 40);
  for (const { entry, name, isType, documentation, examples: own } of names) {
    t.true(documentation.length > 0, `${entry}: ${name} has no doc comment`);
    if (!isType) t.true(own.length > 0, `${entry}: ${name} has no example`);
  }
});

test('whatever the package exports is used in an example', (t) => {
  for (const [entry, from] of [
    [ENTRIES[0], 'pipewatt'],
    [ENTRIES[1], 'pipewatt/planner'],
  ] as const) {
    const used = importedNames(examples, from);
    const unused = names.filter((exported) => exported.entry === entry && !used.has(exported.name));
    t.deepEqual(
      unused.map(({ name }) => name),
      [],
    );
  }
});
