import test from 'ava';
import { begin } from '../support/command.js';
import { projectFile } from '../support/files.js';

// The published 1T job of Korthikanti et al., table 5, on a quarter of its stages.
const SCENARIO = projectFile('test/fixtures/large/pp16.yaml');

interface Printed {
  readonly boundMethod: string | null;
  readonly boundExtraTimePct: number | null;
  readonly policies: {
    readonly simulated_time_s: number;
    readonly simulated_energy_j: number;
    readonly above_bound_pct: number | null;
  }[];
}

async function run(...options: string[]) {
  const { code, out, err } = await begin(['run', SCENARIO, '--format', 'json', ...options]).ended;
  return { code, err, printed: JSON.parse(out) as Printed };
}

test('a large pipeline has a bound that is no dearer than its policies, or none', async (t) => {
  const withBound = await run();
  const without = await run('--no-bound');
  for (const { code } of [withBound, without]) t.is(code, 0);
  const [row, plain] = [withBound, without].map(({ printed }) => printed.policies[0]!);
  t.is(row!.simulated_time_s, plain!.simulated_time_s);
  t.is(row!.simulated_energy_j, plain!.simulated_energy_j);
  t.true(Math.abs(row!.simulated_time_s - 83.9) < 0.1);
  t.is(withBound.printed.boundMethod, 'paths');
  // With exact frontiers in ticks of 0.1 ms it is 0.04 more: they round all durations down.
  t.true(row!.above_bound_pct! > 3 && row!.above_bound_pct! < 5);
  // Ten times the effort lowers it to 0.01, in ten times the time: as much as the run without a bound.
  t.true(withBound.printed.boundExtraTimePct! < 0.25);
  t.is(without.printed.boundMethod, null);
  t.is(without.printed.boundExtraTimePct, null);
  t.is(without.printed.policies[0]!.above_bound_pct, null);
});

test('a frontier too long to list is refused before it is planned', async (t) => {
  const profile = projectFile('test/fixtures/large/two-stages.csv');
  const args = ['plan', profile, '--microbatches', '100000', '--blocking-power', '80'];
  const { code, out, err } = await begin([...args, '--unit-time', '0.00005']).ended;
  t.is(code, 2);
  t.is(out, '');
  t.regex(err, /--unit-time: found 0\.00005 s, .* expected at most 2000000 .*--deadline/);
});
