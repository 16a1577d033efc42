import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../../src/errors.js';
import type { PlanFile } from '../../sim/plans/plan-file.js';
import { readPlanFile } from '../../sim/plans/read-plan.js';
import { ZEUS_FILE, zeusFileName, zeusText } from '../../sim/plans/zeus-file.js';
import { groupBy } from '../../src/groups.js';
import { sharedDataPath, testWithSharedData } from '../support/shared-data.js';

/** Power of a waiting GPU that all published plans were made with. */
const BLOCKING_W = 85;

/** Published files by name, below a folder of the reference data. */
function filesBelow(folder: string, name: RegExp): string[] {
  const root = sharedDataPath(folder);
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => name.test(basename(path)))
    .map((path) => join(root, path));
}

testWithSharedData('published plans are read, and written back byte for byte', (t) => {
  const paths = filesBelow('kareus/plans', ZEUS_FILE);
  t.true(paths.length >= 21, `${paths.length} files`);
  for (const path of paths) {
    const text = readFileSync(path, 'utf8');
    const plan = readPlanFile(text, path);
    t.is(zeusText(plan), text, path);
    t.is(zeusFileName(plan.index!), basename(path));
    t.deepEqual(
      plan.clocks.map((stage) => stage.length),
      [16, 16],
      'two stages, eight microbatches',
    );
  }
});

testWithSharedData('a schedule file of Kareus is refused with a sentence', (t) => {
  const paths = filesBelow('kareus/plans', /^scheds_pipeline_\d+\.py$/);
  t.true(paths.length >= 1);
  for (const path of paths) {
    const error = t.throws(() => readPlanFile(readFileSync(path, 'utf8'), 'scheds.py'), {
      instanceOf: InputError,
    });
    t.is(
      error.message,
      'scheds.py:1, column 1: is a schedule of Kareus, which names the kernels of each instruction and sets no clock; give the freqs_pipeline file beside it',
    );
  }
});

/** Time of an iteration that the costs of a plan imply. */
function timeS({ costs, clocks }: PlanFile): number {
  return (costs!.withWaitingJ - costs!.totalJ) / (clocks.length * BLOCKING_W);
}

testWithSharedData('published frontiers have steps of 1 ms, 85 W and convex costs', (t) => {
  const frontiers = groupBy(filesBelow('kareus/plans/perseus', ZEUS_FILE), dirname);
  t.true(frontiers.size >= 3);
  for (const [folder, paths] of frontiers) {
    const plans = paths
      .map((path) => readPlanFile(readFileSync(path, 'utf8'), path))
      .sort((a, b) => a.index! - b.index!);
    const slowestS = plans.map((plan) => timeS(plan) + (plan.index! + 1) * 1e-3);
    for (const eachS of slowestS) t.true(Math.abs(eachS - slowestS[0]!) < 1e-9, folder);
    plans.slice(1).forEach((plan, k) => {
      const before = plans[k]!;
      const fasterS = (plan.index! - before.index!) * 1e-3;
      const waitingJ = ({ costs }: PlanFile) => costs!.withWaitingJ - costs!.totalJ;
      const powerW = (waitingJ(before) - waitingJ(plan)) / (plan.clocks.length * fasterS);
      t.true(Math.abs(powerW - BLOCKING_W) < 1e-6, `${folder}: ${powerW} W`);
    });
    const slopes = plans
      .slice(1)
      .map(
        (plan, k) =>
          (plan.costs!.totalJ - plans[k]!.costs!.totalJ) / (plan.index! - plans[k]!.index!),
      );
    slopes.slice(1).forEach((slope, k) => {
      t.true(slope >= slopes[k]!, `${folder}: costs are convex in time`);
    });
  }
});
