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
  for (const { code, printed } of [withBound, without]) {
    t.is(code, 0);
    t.is(printed.policies[0]!.simulated_time_s.toFixed(3), '83.976');
    t.is((printed.policies[0]!.simulated_energy_j / 1e6).toFixed(3), '3.892');
  }
  t.is(withBound.printed.boundMethod, 'paths');
  // The exact frontier in ticks rounded down says 3.70; the optimum in exact times is 3.66.
  t.is(withBound.printed.policies[0]!.above_bound_pct!.toFixed(2), '3.66');
  t.true(withBound.printed.boundExtraTimePct! < 0.1);
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
