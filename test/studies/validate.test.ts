import { readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { parseMeasuredJob, printMeasuredJob } from '../../sim/hardware/measured-job.js';
import { fitRuns } from '../../sim/studies/fit-runs.js';
import { overallErrors } from '../../sim/studies/overall-errors.js';
import { validateRuns } from '../../sim/studies/validate.js';
import { InputError } from '../../src/errors.js';
import { readMeasuredRuns, type MeasuredJob } from '../../src/profile/measured-runs.js';
import { projectFile, readSharedData, testWithSharedData } from '../support/shared-data.js';

const ALL_MAX_PLAN = 1;

function measuredJobs(): MeasuredJob[] {
  const read = (name: string) => readSharedData(`sosp24/measured/${name}`);
  return readMeasuredRuns({
    folder: 'sosp24/measured',
    plans: read('plans.csv.gz'),
    iterations: read('iterations.csv'),
    instructions: read('instructions.csv'),
    loadTimes: read('load_times.csv'),
  });
}

/** Every other plan to fit, the all-max run always; the others to test. */
function halves(
  jobs: readonly MeasuredJob[],
  half: 0 | 1,
): { fit: MeasuredJob[]; test: MeasuredJob[] } {
  const take = (wanted: 'fit' | 'test') =>
    jobs.map((job) => {
      let k = 0;
      const plans = job.plans.filter(({ plan }) => {
        const side = plan === ALL_MAX_PLAN || k++ % 2 === half ? 'fit' : 'test';
        return side === wanted;
      });
      return { ...job, plans };
    });
  return { fit: take('fit'), test: take('test') };
}

testWithSharedData(
  'plans that were not fitted: time within 0.6 %, energy within 0.5 % mean',
  (t) => {
    const jobs = measuredJobs();
    t.is(jobs.length, 10);
    const lines: string[] = [];
    for (const half of [0, 1] as const) {
      const { fit, test } = halves(jobs, half);
      const results = validateRuns(fit, test);
      for (const result of results) {
        const { workloadId, timeMeanPct, energyMeanPct, networkBound } = result;
        lines.push(
          `validate half ${half + 1}, ${workloadId}: ${result.plans} plans, time ${timeMeanPct.toFixed(2)} % mean (worst ${result.timeWorstPct.toFixed(2)}), energy ${energyMeanPct.toFixed(2)} % (worst ${result.energyWorstPct.toFixed(2)})`,
        );
        t.is(networkBound, workloadId.startsWith('A40+t5-3b'), 'A40 T5 waits for its network');
        if (networkBound) continue;
        t.true(timeMeanPct <= 0.6, `${workloadId}: time ${timeMeanPct} %`);
        t.true(energyMeanPct <= 0.5, `${workloadId}: energy ${energyMeanPct} %`);
      }
      lines.push(`validate half ${half + 1}, all: ${overallErrors(results)!}`);
    }
    const text = `${lines.join('\n')}\n`;
    t.log(text);
    const golden = projectFile('results/validate.txt');
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, text);
    t.is(text, readFileSync(golden, 'utf8'), 'results/validate.txt is out of date');
  },
);

testWithSharedData('the shipped models are what fitting the runs gives, byte for byte', (t) => {
  for (const job of measuredJobs()) {
    const name = job.workloadId.toLowerCase().replaceAll(/[^a-z0-9.]+/g, '-');
    const text = readFileSync(projectFile(`scenarios/catalog/measured/${name}.yaml`), 'utf8');
    const { gpu, source } = parseMeasuredJob(text);
    t.is(printMeasuredJob(fitRuns(job, { name, gpu, source })), text);
  }
});

test('over all jobs: the mean of their means, the worst job and the worst plan', (t) => {
  const job = (plans: number, pct: number, networkBound = false) => ({
    workloadId: `job ${pct}`,
    ...{ plans, networkBound, timeMeanPct: pct, timeWorstPct: 3 * pct },
    ...{ energyMeanPct: 2 * pct, energyWorstPct: 5 * pct },
  });
  t.is(
    overallErrors([job(7, 0.1), job(8, 0.3), job(9, 7, true)]),
    '15 plans of 2 jobs, 1 network-bound left out: time 0.20 % mean (worst job 0.30, worst plan 0.90), energy 0.40 % mean (worst job 0.60, worst plan 1.50)',
  );
  t.is(overallErrors([job(9, 7, true)]), undefined);
});

test('jobs that are in one folder only are named', (t) => {
  const error = t.throws(() => validateRuns([], [], 'nobody'), { instanceOf: InputError });
  t.regex(error.message, /no job "nobody" is in both folders/);
});
