import test from 'ava';
import fc from 'fast-check';
import { PROFILED_KINDS, type StageProfile } from '../../src/profile/stage-profile.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { catalogProfile } from '../../sim/hardware/catalog.js';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { plannedSchedules } from '../../sim/control/planning/kept-plans.js';
import { ClockSweep, type SweptJob } from '../../sim/control/profiling/clock-sweep.js';
import { OnlineProfiling, type OnlineState } from '../../sim/control/profiling/online-profiling.js';
import type { PipelineClocks } from '../../sim/plans/clock-lists.js';
import { profileText } from '../support/profile-text.js';
import { checkProperty } from '../support/properties.js';
import { ranksOf, SimulatedRanks, type SimulatedJob } from '../support/simulated-ranks.js';

const ENTRY = LIBRARY.entry('gpt3-175b-a100-sxm', { source: 'test' });
const TRUTH = catalogProfile(ENTRY);
const NO_NOISE = { instruction: 0, iteration: 0, gpu: 0 };
/** Every instruction by itself, 2 %. */
const NOISE = { instruction: 0.02, iteration: 0, gpu: 0 };
const DEGREES = { pp: 8, dp: 2, tp: 1 };
const MICROBATCHES = 12;
const { blockingPowerW } = ENTRY;

function simulated(fields: Partial<SimulatedJob> = {}): SimulatedRanks {
  return new SimulatedRanks({
    ...{ profile: TRUTH, degrees: DEGREES, microbatches: MICROBATCHES, blockingPowerW, seed: 1 },
    ...fields,
  });
}

function jobOf(sim: SimulatedRanks, fields: Partial<SweptJob> = {}): SweptJob {
  return {
    ...{ degrees: DEGREES, schedule: '1f1b', microbatches: MICROBATCHES, ranks: sim.ranks },
    ...fields,
  };
}

/** Runs iterations until the sweep is over; returns their number. */
function sweepAll(sim: SimulatedRanks, sweep: ClockSweep, most = 2000): number {
  for (let k = 0; k < most; k++) {
    if (sweep.isOver) return k;
    for (const report of sim.run((rank) => sweep.clocksOf(rank))) sweep.add(report);
  }
  return most;
}

/** The largest relative errors of a profile, in percent. */
function errors(found: StageProfile, truth: StageProfile) {
  let [timePct, energyPct] = [0, 0];
  found.stages.forEach((stage, s) => {
    for (const kind of PROFILED_KINDS) {
      for (const option of stage[kind]) {
        const { frequencyMHz } = option;
        const right = truth.stages[s]![kind].find((o) => o.frequencyMHz === frequencyMHz)!;
        timePct = Math.max(timePct, 100 * Math.abs(option.timeS / right.timeS - 1));
        energyPct = Math.max(energyPct, 100 * Math.abs(option.energyJ / right.energyJ - 1));
      }
    }
  });
  return { timePct, energyPct };
}

function planOf(profileCsv: string, seconds?: number): PipelineClocks {
  return plannedSchedules({
    ...{ jobId: 'j', degrees: DEGREES, profileCsv, policy: 'perseus' },
    scenarioText: `profile: {csv: p, blockingPowerW: ${blockingPowerW}}\npipeline: {microbatches: ${MICROBATCHES}}\n`,
    stragglers: seconds === undefined ? [] : [{ pipeline: 0, seconds }],
  }).healthy;
}

/** Time and energy of one iteration of the true job with a plan. */
function outcome(plan: PipelineClocks) {
  const sim = simulated({ noise: NO_NOISE });
  const reports = sim.run((rank) => plan[sim.ranks[rank]!.pp_rank]!);
  const energyJ = reports.reduce((sum, report) => sum + report.iter_energy[0]!, 0);
  return { timeS: reports[0]!.iter_time[0]!, energyJ };
}

test('a profile comes back from results with noise, and its plan saves as much', (t) => {
  const highest = outcome(
    planOf(profileText(TRUTH)).map((stage) =>
      stage.map(({ kind }) => ({ kind, frequencyMHz: TRUTH.stages[0]!.forward[0]!.frequencyMHz })),
    ),
  );
  const savingPct = (energyJ: number) => 100 * (1 - energyJ / highest.energyJ);
  const best = outcome(planOf(profileText(TRUTH)));
  for (const seed of [1, 2]) {
    const sim = simulated({ seed, noise: NOISE });
    const sweep = new ClockSweep(jobOf(sim));
    const iterations = sweepAll(sim, sweep);
    const found = readStageProfile(sweep.profileCsv!, 'found');
    const { timePct, energyPct } = errors(found, TRUTH);
    const plan = outcome(planOf(sweep.profileCsv!));
    const lost = savingPct(best.energyJ) - savingPct(plan.energyJ);
    t.log(
      `seed ${seed}: ${iterations} iterations; time within ${timePct.toFixed(2)} %, energy ${energyPct.toFixed(2)} %; saving ${savingPct(plan.energyJ).toFixed(2)} of ${savingPct(best.energyJ).toFixed(2)} %, time × ${(plan.timeS / best.timeS).toFixed(5)}`,
    );
    t.true(timePct < 1);
    t.true(energyPct < 2);
    t.true(Math.abs(lost) < 0.1);
    t.true(Math.abs(plan.timeS / best.timeS - 1) < 0.0005);
    t.true(iterations <= 110);
    t.true(Math.abs(sweep.blockingPowerW! / blockingPowerW - 1) < 0.01);
  }
});

test('without noise the sweep measures what is there, clock by clock, until energy has risen five times', (t) => {
  const sim = simulated({ noise: NO_NOISE });
  const sweep = new ClockSweep(jobOf(sim, { pace: { stride: 1, warmUp: 0, measured: 1 } }));
  const ran: number[] = [];
  for (let k = 0; !sweep.isOver; k++) {
    if (k > 100) throw new Error('it does not end');
    ran.push(clockOf(sweep));
    for (const report of sim.run((rank) => sweep.clocksOf(rank))) sweep.add(report);
  }
  const energies = TRUTH.stages[0]!.forward.map(({ energyJ }) => energyJ);
  const clocks = TRUTH.stages[0]!.forward.map(({ frequencyMHz }) => frequencyMHz);
  t.deepEqual(ran.slice(0, 6), [1410, 1410, 1410, 1410, 1395, 1380]);
  let rises = 0;
  const last = energies.findIndex((energyJ, k) => {
    rises = k > 0 && energyJ > energies[k - 1]! ? rises + 1 : 0;
    return rises === 5;
  });
  const stopped = sweep.progress.find(({ stage, kind }) => stage === 0 && kind === 'forward')!;
  t.is(stopped.stoppedAtMHz, clocks[last < 0 ? clocks.length - 1 : last]);
  const { timePct, energyPct } = errors(readStageProfile(sweep.profileCsv!, 'found'), TRUTH);
  t.true(timePct < 0.5 && energyPct < 0.5, `${timePct} ${energyPct}`);
  // A kind that is done runs its clock of least energy.
  const least = clocks[energies.indexOf(Math.min(...energies))];
  t.is(clockOf(sweep), least!);
});

test('ranks that are silent, late, repeat themselves or report nonsense harm nothing', (t) => {
  const sim = simulated({ degrees: { pp: 8, dp: 4, tp: 1 }, noise: NOISE });
  const sweep = new ClockSweep(jobOf(sim, { degrees: { pp: 8, dp: 4, tp: 1 } }));
  let iterations = 0;
  while (!sweep.isOver && iterations < 500) {
    for (const report of sim.run((rank) => sweep.clocksOf(rank))) {
      const { rank } = report;
      // Rank 0 never reports, rank 1 falls silent and comes back, rank 2 sends nonsense now and then.
      if (rank === 0 || (rank === 1 && iterations > 20 && iterations < 60)) continue;
      if (rank === 2 && iterations % 5 === 0) {
        sweep.add({ ...report, iter_time: [NaN] });
        sweep.add({ ...report, time_breakdown: { forward: [[1]] } });
        sweep.add({ ...report, energy_breakdown: {} });
      }
      sweep.add(report);
      if (rank === 3) sweep.add(report);
    }
    sweep.add({ ...sim.run((rank) => sweep.clocksOf(rank))[0]!, rank: 4711 });
    iterations++;
  }
  t.true(sweep.isOver);
  t.log(`${iterations} iterations`, sweep.notes);
  t.true(iterations < 160);
  const { timePct, energyPct } = errors(readStageProfile(sweep.profileCsv!, 'found'), TRUTH);
  t.true(timePct < 1.2 && energyPct < 2, `${timePct} ${energyPct}`);
  t.true(
    sweep.notes.some(
      (note) => note.startsWith('stage 0: rank 0') && note.includes('not waited for'),
    ),
  );
  t.true(sweep.ignored > 0);
});

test('a job without results runs its highest clocks, and says why', (t) => {
  const sim = simulated();
  const profiling = new OnlineProfiling(jobOf(sim));
  t.deepEqual([...new Set(profiling.clocksOf(3)!.map(({ frequencyMHz }) => frequencyMHz))], [1410]);
  t.is(profiling.clocksOf(3)!.length, 2 * MICROBATCHES);
  t.is(profiling.profileCsv, undefined);
  t.is(
    profiling.view.notes[0],
    'stage 0: none of its ranks has reported results yet, so it runs its highest clock',
  );
  const without = new OnlineProfiling(jobOf(sim, { ranks: ranksOf(DEGREES, []) }));
  t.true(without.clocksOf(0)!.every(({ frequencyMHz }) => frequencyMHz === 0));
  t.true(without.view.notes[0]!.includes('no clocks in common'));
});

test('a straggler does not spoil the profile', (t) => {
  const degrees = { pp: 4, dp: 3, tp: 1 };
  const profile = { ...TRUTH, stages: TRUTH.stages.slice(0, 4) };
  const sim = simulated({
    ...{ profile, degrees, noise: NOISE },
    change: ({ dp_rank }) => (dp_rank === 1 ? { timeBy: 1.3, energyBy: 1.3 } : {}),
  });
  const sweep = new ClockSweep(jobOf(sim, { degrees }));
  sweepAll(sim, sweep);
  const { timePct, energyPct } = errors(readStageProfile(sweep.profileCsv!, 'found'), profile);
  t.true(timePct < 1.2 && energyPct < 2, `${timePct} ${energyPct}`);
  t.true(sweep.notes[0]!.includes('is slower than the others by more than 5 %'));
});

test('a rank whose energies are off does not spoil the profile', (t) => {
  const degrees = { pp: 4, dp: 3, tp: 1 };
  const profile = { ...TRUTH, stages: TRUTH.stages.slice(0, 4) };
  const sim = simulated({
    ...{ profile, degrees, noise: NOISE },
    change: ({ dp_rank, pp_rank }) => (dp_rank === 1 && pp_rank === 2 ? { energyBy: 3 } : {}),
  });
  const sweep = new ClockSweep(jobOf(sim, { degrees }));
  sweepAll(sim, sweep);
  const { timePct, energyPct } = errors(readStageProfile(sweep.profileCsv!, 'found'), profile);
  t.true(timePct < 1.2 && energyPct < 2, `${timePct} ${energyPct}`);
  t.true(sweep.notes[0]!.startsWith('stage 2: rank 7 reports energies'), sweep.notes[0]);
});

test('a sweep goes on from its state, wherever it was interrupted', async (t) => {
  const small = {
    profile: { ...TRUTH, stages: TRUTH.stages.slice(0, 2) },
    degrees: { pp: 2, dp: 2, tp: 1 },
  };
  await checkProperty(
    t,
    fc.record({ seed: fc.nat(1e6), cut: fc.integer({ min: 1, max: 60 }) }),
    ({ seed, cut }) => {
      const sim = simulated({ ...small, microbatches: 4, seed, noise: NOISE });
      const job = jobOf(sim, { degrees: small.degrees, microbatches: 4, pace: { measured: 2 } });
      const whole = new OnlineProfiling(job);
      let parts = new OnlineProfiling(job);
      for (let k = 0; k < 70; k++) {
        if (k === cut)
          parts = new OnlineProfiling(job, JSON.parse(JSON.stringify(parts.state)) as OnlineState);
        for (const report of sim.run((rank) => whole.clocksOf(rank) ?? fixed(4))) {
          whole.add(report);
          parts.add(report);
        }
      }
      t.deepEqual(parts.state, whole.state);
      t.true(whole.profileCsv !== undefined);
    },
    20,
  );
});

/** The clock of the first forward of rank 0. */
function clockOf(sweep: ClockSweep): number {
  return sweep.clocksOf(0)[0]!.frequencyMHz;
}

/** The highest clock for 1F1B's last stage. */
function fixed(microbatches: number) {
  return Array.from({ length: microbatches }, () => [
    { kind: 'forward' as const, frequencyMHz: 1410 },
    { kind: 'backward' as const, frequencyMHz: 1410 },
  ]).flat();
}

test('the profile of split backwards and of several chunks comes back too', (t) => {
  for (const [schedule, chunks, stages] of [
    ['zb-h1', 1, 4],
    ['interleaved', 2, 4],
  ] as const) {
    const profile = { ...TRUTH, stages: TRUTH.stages.slice(0, stages * chunks) };
    const degrees = { pp: stages, dp: 1, tp: 1 };
    const sim = simulated({
      ...{ profile, degrees, schedule, chunks },
      microbatches: 8,
      noise: NO_NOISE,
    });
    const job = jobOf(sim, { degrees, schedule, chunks, microbatches: 8 });
    const sweep = new ClockSweep(job);
    sweepAll(sim, sweep);
    const found = readStageProfile(sweep.profileCsv!, 'found');
    t.is(found.stages.length, stages * chunks);
    const { timePct, energyPct } = errors(found, profile);
    t.true(timePct < 1 && energyPct < 1, `${schedule}: ${timePct} ${energyPct}`);
  }
});

test('whatever ranks report, a sweep never fails, never goes back, and keeps to its clocks', async (t) => {
  const profile = { ...TRUTH, stages: TRUTH.stages.slice(0, 2) };
  const degrees = { pp: 2, dp: 2, tp: 1 };
  const figure = fc.oneof(
    fc.double(),
    fc.constantFrom(0, -1, 1e-9, 1e300, NaN, Infinity),
    fc.double({ min: 0.01, max: 1 }),
  );
  const list = fc.array(figure, { maxLength: 9 });
  const breakdown = fc.dictionary(
    fc.constantFrom('forward', 'backward', 'load', '__proto__', 'constructor'),
    fc.array(list, { maxLength: 3 }),
  );
  const hostile = fc.record({
    rank: fc.integer({ min: -1, max: 5 }),
    iter_time: list,
    iter_energy: list,
    time_breakdown: breakdown,
    energy_breakdown: breakdown,
  });
  const order = fc.array(fc.oneof(fc.constant('honest' as const), hostile), { maxLength: 60 });
  await checkProperty(
    t,
    fc.tuple(fc.nat(1e6), order),
    ([seed, reports]) => {
      const sim = simulated({ profile, degrees, microbatches: 4, seed, noise: NOISE });
      const profiling = new OnlineProfiling(
        jobOf(sim, { degrees, microbatches: 4, pace: { measured: 1, warmUp: 0 } }),
      );
      const clocks = new Set(sim.ranks[0]!.available_frequencies);
      let done = 0;
      for (const report of reports) {
        const given = sim.ranks.map(({ rank }) => profiling.clocksOf(rank));
        const ran = (rank: number) => given[rank] ?? highest(TRUTH);
        if (report !== 'honest') profiling.add(report, profiling.look(report, given[report.rank]));
        else {
          for (const one of sim.run(ran)) profiling.add(one, profiling.look(one, ran(one.rank)));
        }
        const now = profiling.view.progress.reduce((sum, { clocksDone }) => sum + clocksDone, 0);
        t.true(now >= done || !profiling.isSweeping);
        done = profiling.isSweeping ? now : 0;
        const asked = sim.ranks.flatMap(({ rank }) => profiling.clocksOf(rank) ?? []);
        t.true(asked.every(({ frequencyMHz }) => clocks.has(frequencyMHz)));
        const { profileCsv } = profiling;
        if (profileCsv !== undefined) t.notRegex(profileCsv, /NaN|Infinity|-/);
      }
    },
    60,
  );
});

/** Four microbatches at the highest clock. */
function highest(profile: StageProfile) {
  const { frequencyMHz } = profile.stages[0]!.forward[0]!;
  return fixed(4).map(({ kind }) => ({ kind, frequencyMHz }));
}
