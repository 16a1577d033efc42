import { readFileSync } from 'node:fs';
import { parseMeasuredJob } from '../../sim/hardware/measured-job.js';
import { predictPlan } from '../../sim/fit/predict-runs.js';
import { planMeasuredJob } from '../../sim/paper/reproduce-measured.js';
import { afterMeetingS } from '../../sim/training/timing.js';
import { entryName, measuredJobs } from '../support/measured-jobs.js';
import { projectFile, testWithSharedData } from '../support/shared-data.js';

/** Energies of equal plans are equal to the last bits. */
const ROUNDING = 1e-9;

testWithSharedData(
  'no executed plan of a measured job is as fast as one of perseus’ and uses less, simulated',
  (t) => {
    for (const job of measuredJobs()) {
      const name = entryName(job);
      const path = projectFile(`scenarios/catalog/measured/${name}.yaml`);
      const model = parseMeasuredJob(readFileSync(path, 'utf8'));
      const planned = planMeasuredJob(model);
      const above = job.plans.map((plan) => {
        const executed = predictPlan(model, plan);
        const deadlineS = executed.timeS - afterMeetingS(model.overheads);
        const ours = planned.simulate(planned.plans.forStraggler(deadlineS));
        const isDominated =
          executed.timeS <= ours.timeS && executed.energyJ < ours.energyJ * (1 - ROUNDING);
        t.false(
          isDominated,
          `${name}, plan ${plan.plan}: ${executed.energyJ} J, ${ours.energyJ} J`,
        );
        return 100 * (executed.energyJ / ours.energyJ - 1);
      });
      const mean = above.reduce((sum, pct) => sum + pct, 0) / above.length;
      t.log(
        `${name}: ${above.length} executed plans use ${mean.toFixed(2)} % more on average, ${Math.min(...above).toFixed(2)} to ${Math.max(...above).toFixed(2)} %`,
      );
      // Of two pipelines: within rounding of clocks, at times that differ as little.
      const leastPct = model.pipelines === 1 ? 0 : -0.1;
      t.true(Math.min(...above) > leastPct, `${name}: ${Math.min(...above)} %`);
    }
  },
);
