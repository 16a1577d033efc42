import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import test from 'ava';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { runProgram } from '../../sim/cli/program.js';
import { loadProfile } from '../../sim/scenario/scenario-profile.js';
import { parseScenario } from '../../sim/scenario/scenario.js';
import { RunIdentities, type RunIdentity } from '../../sim/sweep/identity.js';
import { projectFile } from '../support/files.js';

const folder = mkdtempSync(join(tmpdir(), 'identity-'));
const inFolder = (name: string) => join(folder, name);
const PROFILE = projectFile('test/fixtures/good/two-stages.csv');

test.after.always(() => {
  rmSync(folder, { recursive: true });
});

function identityOf(profile: string, path: string, extra = ''): RunIdentity {
  const text = `name: a\nprofile: ${profile}\npipeline: { stages: 2, microbatches: 4 }\n${extra}`;
  const scenario = parseScenario(text, path);
  return new RunIdentities('1').of(scenario, loadProfile(scenario, path, LIBRARY));
}

test('a run is what its profile holds, not how its path is spelled', (t) => {
  mkdirSync(inFolder('other'));
  copyFileSync(PROFILE, inFolder('p.csv'));
  copyFileSync(PROFILE, inFolder('other/q.csv'));
  const csv = (path: string, blockingPowerW = 80) =>
    `{ csv: ${path}, blockingPowerW: ${blockingPowerW} }`;
  const here = inFolder('s.yaml');
  const first = identityOf(csv('p.csv'), here);
  t.deepEqual(identityOf(csv(inFolder('p.csv')), '/elsewhere/s.yaml'), first);
  t.deepEqual(identityOf(csv('../p.csv'), inFolder('other/s.yaml')), first);
  t.deepEqual(identityOf(csv('other/q.csv'), here), first, 'another file with the same content');
  t.deepEqual(identityOf(csv('p.csv'), relative('.', here)), first);

  const changed = LIBRARY.userFile('p.csv', 'profile', { source: here }).text.replace(
    '20.0',
    '20.1',
  );
  writeFileSync(inFolder('changed.csv'), changed);
  for (const other of [
    identityOf(csv('changed.csv'), here),
    identityOf(csv('p.csv', 81), here),
    identityOf(csv('p.csv'), here, 'scale: 2'),
  ]) {
    t.not(other.scenarioHash, first.scenarioHash);
    t.not(other.frontier, first.frontier);
  }
  const straggling = identityOf(csv('p.csv'), here, 'seed: 7');
  t.not(straggling.scenarioHash, first.scenarioHash);
  t.is(straggling.frontier, first.frontier, 'it plans the same');
});

test('a description of a GPU or a model is its content too', (t) => {
  const path = (name: string) => projectFile(`scenarios/catalog/${name}.yaml`);
  // A GPU of the catalog without rates of operators, which files of one's own do not have either.
  copyFileSync(path('gpus/v100-sxm2'), inFolder('mine.yaml'));
  const of = (gpu: string) =>
    identityOf(`{ model: llama-3-8b, gpu: ${gpu}, microbatch: 1 }`, inFolder('s.yaml'));
  t.deepEqual(of('mine.yaml'), of(path('gpus/v100-sxm2')));
  t.deepEqual(of('mine.yaml'), of('v100-sxm2'));
  t.notDeepEqual(of('a100-sxm'), of('h100-sxm'));
});

async function run(...args: string[]) {
  let said = '';
  const say = (text: string) => (said += text);
  return { code: await runProgram(args, { out: say, err: say, isWatched: false }), said };
}

test('the same sweep by another path goes on, and its shards merge', async (t) => {
  mkdirSync(inFolder('sweep'));
  copyFileSync(PROFILE, inFolder('sweep/p.csv'));
  const base =
    '{ name: b, profile: { csv: p.csv, blockingPowerW: 80 }, pipeline: { stages: 2, microbatches: 2 } }';
  writeFileSync(
    inFolder('sweep/s.yaml'),
    `name: s\nbase: ${base}\nmatrix: { pipeline.microbatches: [1, 2, 3, 4] }\n`,
  );
  symlinkSync(inFolder('sweep'), inFolder('link'));
  const spellings = [
    inFolder('sweep/s.yaml'),
    relative('.', inFolder('sweep/s.yaml')),
    inFolder('link/s.yaml'),
  ];
  for (const [k, path] of spellings.entries()) {
    const { code, said } = await run('sweep', path, '--output', inFolder('all.duckdb'));
    t.is(code, 0, said);
    t.regex(said, k === 0 ? /4 of 4 runs done now, 0 failed/ : /0 of 4 runs done now, 4 before/);
  }
  for (const k of [1, 2]) {
    const shard = ['--shard', `${k}/2`, '--output', inFolder(`${k}.duckdb`)];
    t.is((await run('sweep', spellings[k]!, ...shard)).code, 0);
  }
  const parts = [inFolder('1.duckdb'), inFolder('2.duckdb')];
  const merged = await run('results', 'merge', inFolder('merged.duckdb'), ...parts);
  t.is(merged.code, 0, merged.said);
  t.regex(merged.said, /s: 4 of 4 runs from 2 files/);

  writeFileSync(
    inFolder('sweep/p.csv'),
    LIBRARY.userFile(inFolder('changed.csv'), 'profile', { source: '' }).text,
  );
  const refused = await run('sweep', spellings[0]!, '--output', inFolder('all.duckdb'));
  t.is(refused.code, 2);
  t.regex(refused.said, /4 of its 4 runs are of other scenarios than s has now/);
});
