import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { projectFile } from '../support/files.js';
import { runInProcess } from '../support/in-process.js';
import { columnsOfFile, heldEnergyJ } from '../support/power-files.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'pipewatt-power-'));
test.after.always(() => {
  rmSync(FOLDER, { recursive: true });
});

const SHIPPED = ['scenarios', 'scenarios/what-if'].flatMap((folder) =>
  readdirSync(projectFile(folder))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => `${folder}/${name}`)
    // The power of days with faults is that of other accounts: test/faults adds them up.
    .filter((path) => !/^faults:/m.test(readFileSync(projectFile(path), 'utf8'))),
);

for (const scenario of SHIPPED) {
  test(`${scenario}: the integral of the power is the ledger`, async (t) => {
    // The table has the mean of several seeds, the file the first one.
    const text = readFileSync(projectFile(scenario), 'utf8');
    const once = join(FOLDER, scenario.replaceAll('/', '-'));
    const isMany = /^seeds:/m.test(text);
    if (isMany) writeFileSync(once, text.replace(/^seeds:.*$/m, 'seeds: 1'));
    const file = join(FOLDER, `${scenario.replaceAll('/', '-')}.csv`);
    const { code, out, err } = await runInProcess([
      'run',
      isMany ? once : projectFile(scenario),
      '--no-bound',
      '--format',
      'json',
      '--power',
      file,
      '--every',
      '0.1s',
    ]);
    t.is(code, 0, err);
    const { policies } = JSON.parse(out) as {
      policies: { policy: string; simulated_energy_j: number }[];
    };
    const columns = columnsOfFile(file);
    rmSync(file);
    const timeS = columns.get('t_s')!;
    t.true(policies.length >= 1);
    for (const { policy, simulated_energy_j: energyJ } of policies) {
      const powerW = columns.get(policies.length === 1 ? 'power_W' : `${policy}_W`)!;
      t.true(Math.abs(heldEnergyJ(timeS, powerW) / energyJ - 1) <= 1e-9, policy);
    }
  });
}
