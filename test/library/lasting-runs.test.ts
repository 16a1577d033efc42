import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { LastingRuns } from '../../sim/library/lasting-runs.js';
import { shownRun } from '../../sim/library/runs.js';
import { runScenario } from '../../sim/library/index.js';
import { projectFile } from '../support/files.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const scenarioOf = (csv: string, slowdown: number) => ({
  name: 'tiny',
  profile: { csv, blockingPowerW: 80 },
  pipeline: { stages: 2, microbatches: 4 },
  pipelines: 4,
  stragglers: [{ pipeline: 0, slowdown }],
  policies: ['max-frequency' as const, 'perseus' as const],
});

/** Runs a scenario; its public part, and the reports of progress that planning made. */
async function ran(runs: LastingRuns, object: object, folder: string) {
  const loaded = runs.load({ content: { object }, source: 'scenario', folder });
  let planning = 0;
  const result = await runs.run(loaded, 'run', {
    planners: [],
    wantsBound: true,
    onProgress: (_done, _total, what) => {
      if (what === 'perseus') planning++;
    },
  });
  return { run: shownRun(result, false), planning, result };
}

test('a frontier is planned once, whatever the stragglers, and the runs are the same as alone', async (t) => {
  const folder = temporaryFolder(t);
  copyFileSync(projectFile('examples/two-stages.csv'), join(folder, 'profile.csv'));
  const runs = new LastingRuns();
  const first = await ran(runs, scenarioOf('profile.csv', 1.1), folder);
  const second = await ran(runs, scenarioOf('profile.csv', 1.3), folder);
  t.true(first.planning > 0);
  t.is(second.planning, 0);
  const alone = await runScenario(scenarioOf(join(folder, 'profile.csv'), 1.3));
  t.deepEqual(second.run.rows, alone.rows);
  t.deepEqual(second.run.plans, alone.plans);
  t.is(second.run.title, 'profile.csv');
});

test('a profile that has changed is planned anew, also at the same path of another folder', async (t) => {
  const [folder, other] = [temporaryFolder(t), temporaryFolder(t)];
  const text = readFileSync(projectFile('examples/two-stages.csv'), 'utf8');
  const doubled = text.replace(
    /^(\d+,\w+,\d+),([\d.]+),([\d.]+)$/gm,
    (_, key: string, time: string, energy: string) =>
      `${key},${2 * Number(time)},${2 * Number(energy)}`,
  );
  t.not(doubled, text);
  writeFileSync(join(folder, 'profile.csv'), text);
  writeFileSync(join(other, 'profile.csv'), doubled);
  const runs = new LastingRuns();
  const timeOf = async (of: string, jobs = 4) => {
    const { run } = await ran(runs, { ...scenarioOf('profile.csv', 1.2), pipelines: jobs }, of);
    return run.rows[1]!.planned_time_s!;
  };
  const plainS = await timeOf(folder);
  t.is((await timeOf(other)) / plainS, 2);
  t.is(await timeOf(folder), plainS);
  writeFileSync(join(folder, 'profile.csv'), doubled);
  t.is((await timeOf(folder, 8)) / plainS, 2);
  writeFileSync(join(folder, 'profile.csv'), text);
  t.is(await timeOf(folder), plainS);
});

test('a missing file is found once it is there', async (t) => {
  const folder = temporaryFolder(t);
  const runs = new LastingRuns();
  const object = scenarioOf('profile.csv', 1.2);
  await t.throwsAsync(ran(runs, object, folder), { name: 'InputError', message: /no such file/ });
  copyFileSync(projectFile('examples/two-stages.csv'), join(folder, 'profile.csv'));
  t.is((await ran(runs, object, folder)).run.rows.length, 2);
});
