import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { openResults } from '../../sim/sweep/snapshot.js';
import { projectFile } from '../support/files.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const WRITER = projectFile('dist/test/support/results-writer.js');

test('results are read while another process writes them, and moves its log into the file', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'live.duckdb');
  const copies = join(folder, 'copies');
  mkdirSync(copies);
  process.env['TMPDIR'] = copies;
  const writer = fork(WRITER, [file]);
  t.teardown(() => writer.kill('SIGKILL'));
  await once(writer, 'message');
  let last = 0;
  let seen = 0;
  for (let k = 0; k < 12; k++) {
    const { store, writer: by } = await openResults(file);
    const [row] = await store.query(
      'SELECT (SELECT count(*) FROM runs) AS runs, (SELECT count(*) FROM policies) AS rows',
    );
    store.close();
    const { runs, rows } = row as { runs: number; rows: number };
    t.is(rows, 2 * runs, 'whole runs');
    t.true(runs >= last, 'and no fewer than before');
    t.is(by, `another process (${writer.pid!})`);
    if (runs > last) seen++;
    last = runs;
  }
  t.true(seen > 1, `${last} runs in the end`);
  t.deepEqual(readdirSync(copies), [], 'copies are gone');
  writer.kill('SIGKILL');
  await once(writer, 'exit');
  const { store, writer: by } = await openResults(file);
  t.is(by, undefined, 'what was killed writes no more');
  t.true(((await store.query('SELECT count(*) AS runs FROM runs'))[0]!['runs'] as number) >= last);
  store.close();
});
