import { readFileSync } from 'node:fs';
import test from 'ava';
import { parse } from 'yaml';
import { projectFile } from './support/files.js';

interface Citation {
  readonly 'cff-version': string;
  readonly message: string;
  readonly title: string;
  readonly version: string;
  readonly license: string;
  readonly authors: readonly { readonly name: string }[];
  readonly references: readonly { readonly doi: string; readonly authors: readonly unknown[] }[];
}

const read = (name: string) => readFileSync(projectFile(name), 'utf8');

test('the citation is of this version, under its licence', (t) => {
  const citation = parse(read('CITATION.cff')) as Citation;
  const { name, version, license } = JSON.parse(read('package.json')) as Record<string, string>;
  t.is(citation['cff-version'], '1.2.0');
  t.deepEqual([citation.title, citation.version, citation.license], [name, version, license]);
  t.true(citation.message.length > 0);
  t.deepEqual(citation.authors, [{ name: 'pipewatt contributors' }]);
  const [paper] = citation.references;
  t.is(paper!.doi, '10.1145/3694715.3695970');
  t.is(paper!.authors.length, 6);
});
