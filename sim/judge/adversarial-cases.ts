import type { ExecutionOption, StageProfile } from '../../src/profile/stage-profile.js';
import { judgedCase, unitTime, type JudgedCase } from './judged-case.js';

/** Cases that break planners: ties, minimal sizes, costs that are not convex. */
// eslint-disable-next-line max-lines-per-function -- a list of cases, which is data
export function adversarialCases(): JudgedCase[] {
  const smooth = (work: number, count = 12) => curveOptions(work, count, (x) => 100 + 300 * x ** 3);
  const equal = (stages: number) => profileOf(Array.from({ length: stages }, () => smooth(0.1)));
  const bumpy = (work: number) =>
    curveOptions(work, 12, (x) => 100 + 300 * x ** 3 + 40 * Math.sin(40 * x));
  const straight = (work: number) =>
    [0, 1, 2, 3].map((k) => ({
      frequencyMHz: 1400 - 100 * k,
      timeS: work * (1 + 0.1 * k),
      energyJ: work * (400 - 30 * k),
    }));
  const rising = [0.1, 0.12, 0.15, 0.2];
  const one = (
    name: string,
    profile: StageProfile,
    stages: number,
    microbatches: number,
    more = {},
  ) =>
    judgedCase(name, profile, {
      unitTimeS: unitTime(profile),
      pipeline: { stages, microbatches, ...more },
      blockingPowerW: 70,
    });
  const falling = [...rising].reverse();
  return [
    one('equal stages, every path critical', equal(4), 4, 8),
    one('one stage', profileOf([smooth(0.1)]), 1, 6),
    one('one microbatch', profileOf(rising.map((w) => smooth(w))), 4, 1),
    one('one stage, one microbatch', profileOf([smooth(0.1)]), 1, 1),
    one('two clocks', profileOf(rising.map((w) => smooth(w, 2))), 4, 8),
    one('one clock', profileOf(rising.map((w) => smooth(w, 1))), 4, 8),
    one(
      'fewer microbatches than stages',
      profileOf([...rising, ...falling].map((w) => smooth(w))),
      8,
      3,
    ),
    one('costs that are not convex', profileOf(rising.map(bumpy)), 4, 8),
    one('costs on a straight line: every slow-down ties', profileOf(falling.map(straight)), 4, 8),
    judgedCase(
      'a huge range of times',
      profileOf([smooth(0.1, 60), smooth(0.01, 60), smooth(1, 60)]),
      { unitTimeS: 1e-4, pipeline: { stages: 3, microbatches: 6 }, blockingPowerW: 70 },
    ),
    one('the last stage is heaviest', profileOf(rising.map((w) => smooth(w))), 4, 12),
    one('the first stage is heaviest', profileOf(falling.map((w) => smooth(w))), 4, 12),
    one(
      'one slow stage in the middle',
      profileOf([0.1, 0.1, 0.3, 0.1].map((w) => smooth(w))),
      4,
      12,
    ),
    one('backward split in two', profileOf(rising.map((w) => smooth(w))), 4, 8, {
      schedule: 'zb-h1',
    }),
    one('fitted tables in which a stage does not feel its clock', fittedTables(), 4, 12),
    judgedCase('slow links', profileOf(rising.map((w) => smooth(w))), {
      unitTimeS: 1e-3,
      pipeline: { stages: 4, microbatches: 8 },
      timing: { loadingS: 0.02, transferS: 0.03 },
      blockingPowerW: 70,
    }),
  ];
}

/**
 * Tables as produced by fits: no noise, flat stretches, few clocks; the third stage is entirely
 * flat.
 */
function fittedTables(): StageProfile {
  const table = (timesS: readonly number[]) =>
    timesS.map((timeS, k) => ({
      frequencyMHz: 1410 - 60 * k,
      timeS,
      energyJ: timeS * (300 - 12 * k),
    }));
  const forwards = [
    [0.1, 0.1, 0.1, 0.104, 0.104, 0.11],
    [0.09, 0.091, 0.094, 0.094, 0.1],
    [0.112, 0.112, 0.112, 0.112, 0.112],
    [0.105, 0.105, 0.115],
  ];
  return { ...profileOf(forwards.map(table)), origin: 'fitted' };
}

function curveOptions(
  work: number,
  count: number,
  powerW: (x: number) => number,
): ExecutionOption[] {
  return Array.from({ length: count }, (_, k) => {
    const x = 1 - (0.7 * k) / Math.max(count, 12);
    const timeS = work * (0.2 + 0.8 / x);
    return { frequencyMHz: Math.round(1500 * x), timeS, energyJ: timeS * powerW(x) };
  });
}

/** Backwards take twice as long as forwards. */
function profileOf(forwards: readonly (readonly ExecutionOption[])[]): StageProfile {
  const twice = (option: ExecutionOption) => ({
    ...option,
    timeS: 2 * option.timeS,
    energyJ: 2 * option.energyJ,
  });
  return {
    source: 'adversarial',
    stages: forwards.map((forward) => ({ forward: [...forward], backward: forward.map(twice) })),
  };
}
