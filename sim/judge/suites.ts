import { least } from '../../src/extremes.js';
import type { ExecutionOption, StageProfile } from '../../src/profile/stage-profile.js';
import {
  SCHEDULE_NAMES,
  type PipelineShape,
  type ScheduleName,
} from '../../src/pipeline/schedules.js';
import { randomStream, type RandomStream } from '../kernel/random-streams.js';
import { drawNormal } from '../kernel/distributions.js';
import { scenarioSchema, type Scenario } from '../studies/scenario-schema.js';
import type { ScenarioProfile } from '../studies/scenario-setting.js';

/** The suites that planners can be judged on. */
export const SUITE_NAMES = ['smoke', 'paper', 'wild', 'adversarial', 'tiny'] as const;
export type SuiteName = (typeof SUITE_NAMES)[number];

/** One pipeline that planners are judged on: plain data, the same for every planner. */
export interface JudgedCase {
  readonly name: string;
  readonly scenario: Scenario;
  readonly source: ScenarioProfile;
}

/** A profile of the paper's, for the suite `paper`. */
export interface PaperProfile {
  readonly name: string;
  readonly source: ScenarioProfile;
}

const SMOKE_CASES = 8;
const WILD_CASES = 500;
const TICKS_OF_SHORTEST = 250;
const SMOKE_SEED = 11;
const WILD_SEED = 2024;

/**
 * The cases of a suite; the same whenever they are made.
 * @param paper what `paper` is made of.
 */
export function suiteCases(suite: SuiteName, paper: readonly PaperProfile[]): JudgedCase[] {
  switch (suite) {
    case 'smoke':
      return [...adversarialCases(), ...randomCases(SMOKE_CASES, SMOKE_SEED)];
    case 'paper':
      return paperCases(paper);
    case 'wild':
      return randomCases(WILD_CASES, WILD_SEED);
    case 'adversarial':
      return adversarialCases();
    case 'tiny':
      return tinyCases(paper);
  }
}

/** The jobs that the paper emulates. */
function paperCases(paper: readonly PaperProfile[]): JudgedCase[] {
  return paper.flatMap((profile) => [12, 24, 48, 96].map((count) => paperCase(profile, count)));
}

/** The paper's jobs of 12 microbatches, in ticks coarse enough to plan them hundreds of times. */
export function robustnessCases(paper: readonly PaperProfile[]): JudgedCase[] {
  return paper.map((each) => paperCase(each, 12, unitTime(each.source.profile)));
}

function paperCase(
  { name, source }: PaperProfile,
  microbatches: number,
  unitTimeS?: number,
): JudgedCase {
  return judgedCase(`${name}, ${microbatches} microbatches`, source.profile, {
    pipeline: { stages: source.profile.stages.length, microbatches },
    blockingPowerW: source.blockingPowerW,
    ...(unitTimeS === undefined ? {} : { unitTimeS }),
  });
}

/** Stages, microbatches, and clocks of the paper's profiles: so few that the best choice is known. */
const TINY = [
  [2, 3, 7],
  [3, 2, 7],
  [4, 2, 5],
  [3, 4, 4],
] as const;

/** The paper's profiles cut down: every so many stages, every so many clocks. */
function tinyCases(paper: readonly PaperProfile[]): JudgedCase[] {
  return paper.flatMap(({ name, source }) =>
    TINY.map(([stages, microbatches, clocks]) => {
      const profile = {
        ...source.profile,
        stages: evenly(source.profile.stages, stages).map(({ forward, backward }) => ({
          forward: evenly(forward, clocks),
          backward: evenly(backward, clocks),
        })),
      };
      return judgedCase(
        `${name}, ${stages} of its stages, ${microbatches} microbatches, ${clocks} of its clocks`,
        profile,
        {
          pipeline: { stages, microbatches },
          unitTimeS: unitTime(profile),
          blockingPowerW: source.blockingPowerW,
        },
      );
    }),
  );
}

/** So many of them, from the first to the last. */
function evenly<T>(values: readonly T[], count: number): T[] {
  return Array.from(
    { length: count },
    (_, k) => values[Math.round((k * (values.length - 1)) / (count - 1))]!,
  );
}

/** A 250th of the shortest instruction: finer ticks take planners that count in them minutes. */
function unitTime({ stages }: StageProfile): number {
  const options = stages.flatMap(({ forward, backward }) => [...forward, ...backward]);
  return least(options.map(({ timeS }) => timeS)) / TICKS_OF_SHORTEST;
}

interface CaseFields {
  readonly pipeline: Partial<PipelineShape> & { readonly schedule?: ScheduleName };
  readonly blockingPowerW: number;
  readonly timing?: object;
  readonly unitTimeS?: number;
}

function judgedCase(
  name: string,
  profile: StageProfile,
  { blockingPowerW, ...fields }: CaseFields,
): JudgedCase {
  const scenario = scenarioSchema.parse({ name, profile: { catalog: 'given' }, ...fields });
  return {
    name,
    scenario,
    source: { askedBy: name, profile, scale: 1, blockingPowerW, title: name },
  };
}

/** What one random GPU and its noise are like. */
interface RandomGpu {
  readonly clocksMHz: readonly number[];
  /** Part of the time that no clock shortens. */
  readonly fixedPart: number;
  readonly exponent: number;
  readonly staticW: number;
  readonly dynamicW: number;
  /** Relative, of each measured time and energy. */
  readonly noise: number;
}

/** Random jobs: schedules, imbalance, noise, odd sizes, degenerate profiles. */
export function randomCases(count: number, seed: number): JudgedCase[] {
  return Array.from({ length: count }, (_, k) => {
    const uniform = randomStream(seed, `case ${k}`);
    const schedule = pick(uniform, SCHEDULE_NAMES);
    const pipeline = { schedule, ...randomShape(uniform, schedule) };
    const gpu = randomGpu(uniform);
    const stages = pipeline.stages * pipeline.chunks;
    const profile = randomProfile(uniform, gpu, stages);
    const timing =
      uniform() < 0.25 ? { loadingS: 0.01 * uniform(), transferS: 0.02 * uniform() } : {};
    return judgedCase(
      `${k}: ${schedule}, ${pipeline.stages} stages, ${pipeline.microbatches} microbatches, ${gpu.clocksMHz.length} clocks`,
      profile,
      {
        pipeline,
        timing,
        unitTimeS: unitTime(profile),
        blockingPowerW: between(uniform, 0.4, 0.95) * gpu.staticW,
      },
    );
  });
}

function randomShape(uniform: RandomStream, schedule: ScheduleName): PipelineShape {
  const stages = whole(uniform, 1, 8);
  const microbatches = whole(uniform, 1, 24);
  if (schedule === 'dualpipe') {
    const even = 2 * whole(uniform, 1, 3);
    return { stages: even, microbatches: 2 * even + 2 * whole(uniform, 0, 4), chunks: 1 };
  }
  if (schedule !== 'interleaved') return { stages, microbatches, chunks: 1 };
  const few = Math.min(stages, 4);
  return { stages: few, microbatches: few * whole(uniform, 1, 4), chunks: whole(uniform, 1, 3) };
}

function randomGpu(uniform: RandomStream): RandomGpu {
  const highest = 15 * whole(uniform, 80, 130);
  const step = 15 * whole(uniform, 1, 6);
  // Few clocks now and then: one, two, three.
  const count = uniform() < 0.15 ? whole(uniform, 1, 3) : whole(uniform, 6, 40);
  return {
    clocksMHz: Array.from({ length: count }, (_, k) => highest - step * k).filter((f) => f >= 300),
    fixedPart: between(uniform, 0, 0.6),
    exponent: between(uniform, 2, 3.5),
    staticW: between(uniform, 60, 200),
    dynamicW: between(uniform, 100, 600),
    noise: uniform() < 0.3 ? 0 : between(uniform, 0, 0.03),
  };
}

function randomProfile(uniform: RandomStream, gpu: RandomGpu, stages: number): StageProfile {
  const isEqual = uniform() < 0.15;
  const spread = between(uniform, 0, 0.6);
  const work = 0.02 + 0.2 * uniform();
  return {
    source: 'random',
    stages: Array.from({ length: stages }, () => {
      const own = isEqual ? work : work * (1 + spread * (uniform() - 0.5));
      return {
        forward: randomOptions(uniform, gpu, own),
        backward: randomOptions(uniform, gpu, own * between(uniform, 1.5, 3)),
      };
    }),
  };
}

function randomOptions(uniform: RandomStream, gpu: RandomGpu, work: number): ExecutionOption[] {
  const { clocksMHz, fixedPart, exponent, staticW, dynamicW, noise } = gpu;
  const off = () => 1 + noise * Math.max(-3, Math.min(3, drawNormal(uniform)));
  return clocksMHz.map((frequencyMHz) => {
    const x = frequencyMHz / clocksMHz[0]!;
    const exactS = work * (fixedPart + (1 - fixedPart) / x);
    const powerW = staticW + dynamicW * x ** exponent;
    return { frequencyMHz, timeS: exactS * off(), energyJ: exactS * powerW * off() };
  });
}

/** Where planners break: ties, the smallest of everything, costs that are not convex. */
function adversarialCases(): JudgedCase[] {
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
    judgedCase('slow links', profileOf(rising.map((w) => smooth(w))), {
      unitTimeS: 1e-3,
      pipeline: { stages: 4, microbatches: 8 },
      timing: { loadingS: 0.02, transferS: 0.03 },
      blockingPowerW: 70,
    }),
  ];
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

function between(uniform: RandomStream, low: number, high: number): number {
  return low + (high - low) * uniform();
}

function whole(uniform: RandomStream, low: number, high: number): number {
  return low + Math.floor(uniform() * (high - low + 1));
}

function pick<T>(uniform: RandomStream, values: readonly T[]): T {
  return values[Math.floor(uniform() * values.length)]!;
}
