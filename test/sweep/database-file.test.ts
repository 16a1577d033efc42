import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'ava';
import { InputError } from '../../src/errors.js';
import { databaseFile } from '../../sim/sweep/database-file.js';
import { begin } from '../support/command.js';
import { projectFile } from '../support/files.js';

const folder = mkdtempSync(join(tmpdir(), 'database-file-'));

test.after.always(() => {
  rmSync(folder, { recursive: true });
});

test('a name is a file, whatever DuckDB reads in it', (t) => {
  for (const name of [':memory:', 'md:x', 's3://bucket/x', 'new.csv', 'new.duckdb']) {
    t.is(databaseFile(name), resolve(name));
  }
});

test('a file that is no database is refused before DuckDB reads it', (t) => {
  for (const [name, text] of Object.entries({
    'x.csv': 'a,b\n1,2\n',
    'x.json': '{}',
    'x.db': '',
  })) {
    const path = join(folder, name);
    writeFileSync(path, text);
    t.throws(() => databaseFile(path), {
      instanceOf: InputError,
      message: `${path}: cannot be used as a file of results: it is not a valid DuckDB database file`,
    });
  }
});

test('results that go to ":memory:" are in a file of that name', async (t) => {
  const sweep = projectFile('test/fixtures/sweeps/small.yaml');
  const args = ['sweep', sweep, '--output', ':memory:', '--workers', '1', '--shard', '1/30'];
  const { code, err } = await begin(args, folder).ended;
  t.is(code, 0, err);
  t.true(readdirSync(folder).includes(':memory:'));
});
