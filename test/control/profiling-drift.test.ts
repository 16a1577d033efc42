import test from 'ava';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { catalogProfile } from '../../sim/hardware/catalog.js';
import { plannedSchedules } from '../../sim/control/planning/kept-plans.js';
import { OnlineProfiling } from '../../sim/control/profiling/online-profiling.js';
import type { PipelineClocks } from '../../sim/plans/clock-lists.js';
import { SimulatedRanks, type SimulatedJob } from '../support/simulated-ranks.js';

const ENTRY = LIBRARY.entry('gpt3-175b-a100-sxm', { source: 'test' });
const { blockingPowerW } = ENTRY;
const STAGES = 4;
const TRUTH = { ...catalogProfile(ENTRY), stages: catalogProfile(ENTRY).stages.slice(0, STAGES) };
const MICROBATCHES = 6;

/** A job that is profiled online and runs its plan, with reports that change as a test says. */
class WatchedJob {
  readonly profiling: OnlineProfiling;
  readonly revisions: number[] = [];
  private readonly sim: SimulatedRanks;
  private plan: PipelineClocks | undefined;
  private planned = 0;

  constructor(dp: number, seed: number, change: NonNullable<SimulatedJob['change']>) {
    const degrees = { pp: STAGES, dp, tp: 1 };
    this.sim = new SimulatedRanks({
      ...{ profile: TRUTH, degrees, microbatches: MICROBATCHES, blockingPowerW, seed, change },
    });
    const { ranks } = this.sim;
    const job = { degrees, schedule: '1f1b' as const, microbatches: MICROBATCHES, ranks };
    this.profiling = new OnlineProfiling({ ...job, pace: { measured: 3 } });
  }

  run(iterations: number): void {
    for (let k = 0; k < iterations; k++) {
      const clocks = (rank: number) =>
        this.profiling.clocksOf(rank) ?? this.plan![this.sim.ranks[rank]!.pp_rank]!;
      const ran = this.sim.ranks.map(({ rank }) => clocks(rank));
      for (const report of this.sim.run(clocks)) {
        this.profiling.add(report, this.profiling.look(report, ran[report.rank]));
      }
      if (this.profiling.revision !== this.planned) this.planAnew();
      this.revisions.push(this.profiling.revision);
    }
  }

  private planAnew(): void {
    this.planned = this.profiling.revision;
    this.plan = plannedSchedules({
      ...{ jobId: 'j', degrees: { pp: STAGES, dp: 1, tp: 1 }, policy: 'perseus', stragglers: [] },
      scenarioText: `profile: {csv: p, blockingPowerW: ${blockingPowerW}}\npipeline: {microbatches: ${MICROBATCHES}}\nunitTimeS: 0.001\n`,
      profileCsv: this.profiling.profileCsv,
    }).healthy;
  }
}

/** The profile's energy at the highest clock over the true one. */
function energyBy(job: WatchedJob, stage: number): number {
  const found = readStageProfile(job.profiling.profileCsv!, 'found');
  return found.stages[stage]!.forward[0]!.energyJ / TRUTH.stages[stage]!.forward[0]!.energyJ;
}

const DRIFT = { timeBy: 1.05, energyBy: 1.08 };

test('a stage that takes 5 % longer and uses 8 % more is profiled again, the others are not', (t) => {
  for (const seed of [1]) {
    const job = new WatchedJob(2, seed, ({ pp_rank }, iteration) =>
      pp_rank === 2 && iteration >= 300 ? DRIFT : {},
    );
    job.run(300);
    t.is(job.revisions.at(-1), 1);
    job.run(60);
    const swept = [0, 1, 2, 3].map((stage) => job.profiling.clocksOf(2 * stage) !== undefined);
    t.deepEqual(swept, [false, false, true, false]);
    const told = job.profiling.view.notes.find((note) => note.includes('has drifted'))!;
    t.log(told);
    t.regex(
      told,
      /^stage 2 has drifted and is profiled again: its (?:for|back)ward takes 10[3-7]\.\d % /,
    );
    job.run(150);
    t.is(job.profiling.revision, 2);
    t.true(Math.abs(energyBy(job, 2) - 1.08) < 0.02, `${energyBy(job, 2)}`);
    t.true(Math.abs(energyBy(job, 1) - 1) < 0.02, `${energyBy(job, 1)}`);
    job.run(100);
    t.is(job.profiling.revision, 2, 'the new profile is as the stage is now');
  }
});

test('temperatures and jitter are no drift', (t) => {
  for (const seed of [1, 2]) {
    const job = new WatchedJob(2, seed, (_, iteration) => {
      const warm = Math.min(1, Math.max(0, iteration - 200) / 100);
      return { timeBy: 1 + 0.01 * warm, energyBy: 1 + 0.02 * warm };
    });
    job.run(600);
    t.is(job.profiling.revision, 1);
    t.is(job.profiling.view.phase, 'watching');
  }
});

test('a pipeline that is slow is a straggler, no drift', (t) => {
  const job = new WatchedJob(3, 1, ({ dp_rank }, iteration) =>
    dp_rank === 1 && iteration >= 200 ? { timeBy: 1.3, energyBy: 1.3 } : {},
  );
  job.run(400);
  t.is(job.profiling.revision, 1);
  t.is(job.profiling.view.phase, 'watching');
  const [slow, ...others] = job.profiling.view.slowPipelines;
  t.deepEqual(others, []);
  t.is(slow?.pipeline, 1);
  t.true(Math.abs(slow!.slowdown - 1.3) < 0.02);
  t.true(job.profiling.view.notes.at(-1)!.startsWith('pipeline 1 takes 1.'));
});

test('a moment of slowness is no drift, even in a job with one pipeline', (t) => {
  const job = new WatchedJob(1, 1, (_, iteration) =>
    iteration >= 200 && iteration < 215 ? { timeBy: 1.5, energyBy: 1.5 } : {},
  );
  job.run(400);
  t.is(job.profiling.revision, 1);
  t.is(job.profiling.view.phase, 'watching');
});
