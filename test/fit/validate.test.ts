import { readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { parseMeasuredJob, printMeasuredJob } from '../../sim/hardware/measured-job.js';
import { fitRuns } from '../../sim/fit/fit-runs.js';
import { overallErrors } from '../../sim/fit/overall-errors.js';
import { validateRuns } from '../../sim/fit/validate.js';
import { InputError } from '../../src/errors.js';
import type { MeasuredJob } from '../../sim/fit/measured-runs.js';
import { entryName, measuredJobs, powersOf } from '../support/measured-jobs.js';
import { projectFile, testWithSharedData } from '../support/shared-data.js';

const ALL_MAX_PLAN = 1;

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

const metadataOf = (job: MeasuredJob) => ({
  ...powersOf(job),
  name: job.workloadId,
  gpu: '-',
  source: '-',
});

/** Mean errors that plans which were not fitted may have, percent. */
const MOST_PCT = 0.3;
const MOST_3D_PCT = 0.5;

testWithSharedData(
  'plans that were not fitted: time and energy within 0.3 % mean in nine jobs, 0.5 % in the 3-D job',
  (t) => {
    const jobs = measuredJobs();
    t.is(jobs.length, 11);
    const lines: string[] = [];
    for (const half of [0, 1] as const) {
      const { results, skipped } = validateRuns({ ...halves(jobs, half), metadataOf });
      t.deepEqual(skipped, []);
      for (const result of results) {
        const { workloadId, timeMeanPct, energyMeanPct, networkBound } = result;
        lines.push(
          `validate half ${half + 1}, ${workloadId}: ${result.plans} plans, time ${timeMeanPct.toFixed(2)} % mean (worst ${result.timeWorstPct.toFixed(2)}), energy ${energyMeanPct.toFixed(2)} % (worst ${result.energyWorstPct.toFixed(2)}), in measured time ${result.energyAtMeasuredTimeMeanPct.toFixed(2)} %`,
        );
        t.is(networkBound, workloadId.startsWith('A40+t5-3b'), 'A40 T5 waits for its network');
        t.true(result.energyAtMeasuredTimeMeanPct <= 0.4, workloadId);
        if (networkBound) continue;
        const mostPct = workloadId.includes('dp2') ? MOST_3D_PCT : MOST_PCT;
        t.true(timeMeanPct <= mostPct, `${workloadId}: time ${timeMeanPct} %`);
        t.true(energyMeanPct <= mostPct, `${workloadId}: energy ${energyMeanPct} %`);
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
    const name = entryName(job);
    const text = readFileSync(projectFile(`scenarios/catalog/measured/${name}.yaml`), 'utf8');
    const { gpu, source } = parseMeasuredJob(text);
    t.is(printMeasuredJob(fitRuns(job, { ...powersOf(job), name, gpu, source })), text);
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

const EMPTY: Omit<MeasuredJob, 'workloadId'> = {
  stageCount: 2,
  microbatchCount: 3,
  pipelineCount: 1,
  gpusPerStage: 1,
  loadingS: [0, 0],
  plans: [],
};

test('jobs that are in one folder only are named', (t) => {
  const fit = [
    { ...EMPTY, workloadId: 'a' },
    { ...EMPTY, workloadId: 'b' },
  ];
  const refused = (workload?: string) =>
    t.throws(
      () => validateRuns({ fit, test: [fit[1]!, { ...EMPTY, workloadId: 'c' }] }, workload),
      {
        instanceOf: InputError,
      },
    ).message;
  t.is(refused('nobody'), 'pipewatt validate, --workload: found "nobody", expected one of a, b, c');
  t.is(
    refused('a'),
    'pipewatt validate: a is only in the folder to fit, not in the folder to test',
  );
  t.is(
    refused(),
    [
      'pipewatt validate: a is only in the folder to fit, not in the folder to test',
      'pipewatt validate: b has no measured plan in the folder to fit',
      'pipewatt validate: c is only in the folder to test, not in the folder to fit',
    ].join('\n'),
  );
});
