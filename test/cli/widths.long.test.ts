import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { shippedScenarios } from '../../sim/disk/shipped-scenarios.js';
import { runInProcess } from '../support/in-process.js';

/** The widest line that a terminal shows as it opens. */
const COLUMNS = 80;

const LOOPS = 'scenarios/catalog/power/h100-sxm-loops.csv';

function tooWide(text: string): string[] {
  return text.split('\n').filter((line) => Array.from(line).length > COLUMNS);
}

for (const { name } of shippedScenarios()) {
  test(`run ${name} fits ${COLUMNS} columns, the result on its first line`, async (t) => {
    const { code, out, err } = await runInProcess(['run', name, '--no-bound']);
    t.deepEqual([code, err], [0, '']);
    t.regex(out, /^(?:[\w-]+ saves (?:about )?\d|No policy uses less energy)/);
    t.deepEqual(tooWide(out), []);
    const explained = await runInProcess(['run', name, '--no-bound', '--explain']);
    t.deepEqual(tooWide(explained.out), []);
  });
}

for (const line of [
  'run quick-start gpipe policies --no-bound',
  'run quick-start grid-limits --no-bound --explain',
  'plan scenarios/quick-start.yaml',
  'synth --model llama-3-8b --gpu h100-sxm --stages 4 --microbatch 1',
  'predict scenarios/predict-cases.csv --gpu h100-sxm',
  'schedule scenarios/what-if/schedule-by-price.yaml',
  'site scenarios/what-if/site-megawatts.yaml',
  'site scenarios/sites/jobs-under-one-budget.yaml',
  `power ${LOOPS} --against ${LOOPS}`,
  'compare max-frequency zeus-global --suite adversarial',
  'robustness zeus-global --seeds 1',
  `reproduce table6 --output ${join(tmpdir(), 'pipewatt-widths')}`,
  'list',
]) {
  test(`${line} fits ${COLUMNS} columns`, async (t) => {
    const { code, out, err } = await runInProcess(line.split(' '));
    t.is(code, 0, err);
    t.not(out, '');
    t.deepEqual(tooWide(out), []);
  });
}
