import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { stringify } from 'yaml';
import { FAULT_ACCOUNTS } from '../../sim/faults/fault-accounts.js';
import { FAULT_FIGURES } from '../../sim/faults/fault-figures.js';
import { profileCsv } from '../fuzz/small-scenarios.js';
import { projectFile } from '../support/files.js';
import { runInProcess } from '../support/in-process.js';

const folder = mkdtempSync(join(tmpdir(), 'pipewatt-faults-'));
test.after.always(() => {
  rmSync(folder, { recursive: true });
});
writeFileSync(join(folder, 'profile.csv'), profileCsv(2));

/** Two stages of one GPU: a fault every 10 h. */
const FAULTS = {
  ...{ mtbfGpuHours: 80, days: 20, checkpoint: { timeS: 60 } },
  ...{ detectS: 30, restartS: 300 },
};

/** A scenario of 4 pipelines with faults. @returns its path. */
function scenarioFile(name: string, faults: object, more: object = {}): string {
  const path = join(folder, `${name}.yaml`);
  const scenario = {
    ...{ name, profile: { csv: 'profile.csv', blockingPowerW: 80 } },
    ...{ pipeline: { stages: 2, microbatches: 4 }, pipelines: 4, faults, ...more },
  };
  writeFileSync(path, stringify(scenario));
  return path;
}

interface FaultsDocument {
  readonly mtbfS: number;
  readonly policies: readonly {
    readonly policy: string;
    readonly figures: Readonly<Record<string, { readonly mean: number }>>;
    readonly accounts: Readonly<Record<'days' | 'energyMWh', Readonly<Record<string, number>>>>;
    readonly slowerClocks: readonly { readonly slowerPct: number }[];
  }[];
}

async function faultsOf(path: string, ...options: string[]): Promise<FaultsDocument> {
  const { code, out, err } = await runInProcess(['run', path, '--format', 'json', ...options]);
  if (code !== 0) throw new Error(err);
  return (JSON.parse(out) as { readonly faults: FaultsDocument }).faults;
}

const bounded = { ...FAULTS, mtbfGpuHours: 100 };

test('the JSON has every figure and account, and a row of slower clocks for a frontier', async (t) => {
  const { mtbfS, policies } = await faultsOf(scenarioFile('json', bounded));
  t.is(mtbfS, (100 * 3600) / 8);
  t.deepEqual(
    policies.map(({ policy }) => policy),
    ['max-frequency', 'zeus-global', 'perseus'],
  );
  for (const { figures, accounts } of policies) {
    t.deepEqual(Object.keys(figures), Object.keys(FAULT_FIGURES));
    t.deepEqual(Object.keys(accounts.days), Object.keys(FAULT_ACCOUNTS));
    t.is(figures['days']!.mean, 20);
    // 20 days with a fault every 12.5 h, less the time in which none strikes: 38.4.
    t.true(Math.abs(figures['faults']!.mean - 38) < 5);
  }
  t.is(policies[0]!.slowerClocks.length, 1);
  t.true(policies[2]!.slowerClocks.length > 10);
});

test('power over the course has the energy of its accounts', async (t) => {
  const path = scenarioFile('power', { ...bounded, days: 2, seeds: 1 });
  const csv = join(folder, 'power.csv');
  const { policies } = await faultsOf(path, '--power', csv, '--every', '60s');
  const [, ...rows] = readFileSync(csv, 'utf8').trim().split('\n');
  const values = rows.map((row) => row.split(',').map(Number));
  t.is(values.at(-1)![0], 172_800);
  policies.forEach(({ figures }, k) => {
    const energyJ = values.slice(0, -1).reduce((sum, row) => sum + 60 * row[k + 1]!, 0);
    const expectedJ = figures['energyMWh']!.mean * 3.6e9;
    // A fault strikes in the middle of an iteration, whose power changes.
    t.true(Math.abs(energyJ / expectedJ - 1) < 1e-4, `${energyJ} J instead of ${expectedJ} J`);
    const lowestW = Math.min(...values.map((row) => row[k + 1]!));
    t.true(Math.abs(lowestW - 8 * 80) < 0.01, 'while it waits, a GPU draws 80 W');
  });
});

test('only the power of the whole job is known with faults', async (t) => {
  const path = scenarioFile('stage', bounded);
  const csv = join(folder, 'stage.csv');
  const { code, err } = await runInProcess(['run', path, '--power', csv, '--per', 'stage']);
  t.is(code, 2);
  t.regex(err, /--per: is not known over days with faults/);
  const fine = await runInProcess(['run', path, '--power', csv, '--every', '10us']);
  t.is(fine.code, 2);
});

test('fields that do not go together are all named', async (t) => {
  const checkpoint = { everyS: 5, everyIterations: 2, timeS: 10, blocking: false };
  const path = scenarioFile('wrong', {
    ...{ perGpuHour: 1e-4, mtbfGpuHours: 1e4, days: 3, iterations: 5 },
    ...{ checkpoint, restartS: 5, spares: 2, nodeShare: 1.5 },
  });
  const { code, err } = await runInProcess(['run', path]);
  t.is(code, 2);
  for (const message of [
    /faults\.mtbfGpuHours: does not go with perGpuHour/,
    /faults\.iterations: does not go with days/,
    /faults\.checkpoint\.everyIterations: does not go with everyS/,
    /faults\.checkpoint\.everyS: found 5, expected at least 10/,
    /faults\.repairS: found nothing/,
    /faults\.nodeShare: found 1\.5/,
  ]) {
    t.regex(err, message);
  }
});

test('a rate that is written per day or per year is recognised', async (t) => {
  const wrong = (faults: object) =>
    runInProcess([
      'run',
      scenarioFile('units', { ...faults, checkpoint: { timeS: 1 }, restartS: 1 }),
    ]);
  t.regex((await wrong({ perGpuHour: 0.1 })).err, /perGpuHour: found 0\.1, expected .* looks like/);
  t.regex((await wrong({ mtbfGpuHours: 50 })).err, /mtbfGpuHours: found 50, expected .* years/);
});

test('a job that gets nothing done is refused, with the figures that make it so', async (t) => {
  const path = scenarioFile('hopeless', { ...FAULTS, mtbfGpuHours: 100, restartS: 1e6 });
  const { code, out, err } = await runInProcess(['run', path]);
  t.is(code, 2);
  t.is(out, '');
  t.regex(err, /hopeless\.yaml:\d+, faults: leaves less than 1 % of the time for useful work/);
  t.regex(err, /a fault every 4\.50e\+4 s on 8 GPUs/);
});

test('Llama 3: 419 faults in 54 days on 16,384 GPUs leave more than 90 % of the time', async (t) => {
  // arXiv 2407.21783, section 3.3.4: 419 unexpected interruptions in 54 days, 78 % of them hardware.
  const path = scenarioFile(
    'llama',
    {
      ...{ mtbfGpuHours: (54 * 24 * 16_384) / 419, days: 54, checkpoint: { timeS: 10 } },
      ...{ detectS: 60, restartS: 300, nodeShare: 0.78 },
    },
    { pipelines: 1024, tensorParallel: 8 },
  );
  const { mtbfS, policies } = await faultsOf(path, '--no-bound');
  t.true(Math.abs(mtbfS / 3600 - 3.093) < 1e-3);
  const { figures } = policies[0]!;
  // Means of 20 courses: √(419 / 20) is one standard error.
  t.true(Math.abs(figures['faults']!.mean - 419 * 0.99) < 4 * Math.sqrt(419 / 20));
  t.log(`goodput ${figures['goodputPct']!.mean} %`);
  t.true(figures['goodputPct']!.mean > 90 && figures['goodputPct']!.mean < 95);
});

const oneBlank = (text: string) => text.replace(/\s+/g, ' ');

/** Figures of docs/faults.md, as they are in the golden table of the scenario that it shows. */
const QUOTED: readonly (readonly [golden: RegExp, page: string])[] = [
  [/^max-frequency +time +7\.61 /m, 'best saved every 7.6 minutes for time'],
  [/^ +energy +4\.21 /m, 'and every 4.2 for energy'],
  [/^ +energy +4\.41 /m, '4.4 minutes under `perseus`'],
  [/0\.42 % less energy in 0\.77 % more time/, 'saves 0.42 % of the energy in 0.77 % more time'],
  [/^ +15 .* with$/m, '15 % slower'],
  [/^ +16\.7 .* without$/m, 'instead of 16.7 %'],
  [/^perseus +180 +4\.09 +79\.294$/m, '4 % of the energy'],
];

test('docs/faults.md quotes the golden table', (t) => {
  const golden = readFileSync(
    projectFile('test/golden/what-if/faults-and-checkpoints.txt'),
    'utf8',
  );
  const page = oneBlank(readFileSync(projectFile('docs/faults.md'), 'utf8'));
  for (const [figure, words] of QUOTED) {
    t.regex(golden, figure);
    t.true(page.includes(words), words);
  }
});

test('docs/faults.md lists every figure and account', (t) => {
  const page = oneBlank(readFileSync(projectFile('docs/faults.md'), 'utf8'));
  for (const [name, { unit, doc }] of Object.entries(FAULT_FIGURES)) {
    t.true(page.includes(oneBlank(`| \`${name}\` | ${unit} | ${doc} |`)), name);
  }
  for (const [name, { title }] of Object.entries(FAULT_ACCOUNTS)) {
    t.true(page.includes(`| \`${name}\` | ${title} |`), name);
  }
});
