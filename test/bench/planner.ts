import { existsSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { catalogProfile, parseCatalogEntry } from '../../sim/hardware/catalog.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import type { Plans } from '../../src/planner/planner.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import type { StageProfile } from '../../src/profile/stage-profile.js';
import { STAGES, TABLE_6 } from '../support/paper.js';
import { projectFile, readSharedData, sharedDataPath } from '../support/files.js';

const MICROBATCHES = 96;
const REPETITIONS = 5;

/** The time for a whole frontier, from costs to the last stored plan. */
export interface PlannerSpeed {
  readonly name: string;
  readonly points: number;
  readonly medianMs: number;
  readonly worstMs: number;
  /** To the reference solver's frontier of the same profile, where that is at hand. */
  readonly largestDifference: number | undefined;
}

/** Measures the two largest published GPT-3 frontiers: 8 stages × 96 microbatches. */
export function measurePlanner(): PlannerSpeed[] {
  return TABLE_6.slice(0, 2).map(({ profile, catalog, ...settings }) => {
    const problem = planningProblem(oneFOneB(STAGES, MICROBATCHES), loadProfile(profile, catalog), {
      ...settings,
      gpusPerStage: 1,
    });
    const times: number[] = [];
    let plans = perseus.plan(problem);
    for (let k = 0; k < REPETITIONS; k++) {
      const startMs = performance.now();
      plans = perseus.plan(problem);
      times.push(performance.now() - startMs);
    }
    times.sort((a, b) => a - b);
    return {
      name: `${profile} × ${MICROBATCHES}`,
      points: plans.pointCount,
      medianMs: times[Math.floor(times.length / 2)]!,
      worstMs: times.at(-1)!,
      largestDifference: compare(plans, `sosp24/frontiers/${profile}_mb${MICROBATCHES}.csv`),
    };
  });
}

/** The measured profile, or, on a machine with only the clone, the curves fitted to it. */
function loadProfile(profile: string, catalog: string): StageProfile {
  const file = `sosp24/stage_profiles/${profile}_bf16.csv`;
  if (existsSync(sharedDataPath(file))) return readStageProfile(readSharedData(file), file);
  const entry = readFileSync(projectFile(`scenarios/catalog/${catalog}.yaml`), 'utf8');
  return catalogProfile(parseCatalogEntry(entry));
}

function compare(plans: Plans, file: string): number | undefined {
  if (!existsSync(sharedDataPath(file))) return undefined;
  const rows = readSharedData(file).trim().split('\n').slice(1);
  // The reference leaves out the starting point.
  return rows.reduce((largest, row, k) => {
    const [timeS, energyJ] = row.split(',').map(Number) as [number, number];
    const point = plans.point(k + 1);
    const sameTime = Math.abs(point.timeS - timeS) < 1e-9;
    return Math.max(largest, sameTime ? Math.abs(point.energyJ / energyJ - 1) : Infinity);
  }, 0);
}
