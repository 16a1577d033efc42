import type { ExecutionOption, StageProfile } from '../../src/profile/stage-profile.js';
import type { PipelineShape } from '../../src/pipeline/schedule.js';
import {
  exampleShape,
  SCHEDULE_NAMES,
  scheduleOf,
  type ScheduleName,
} from '../../src/pipeline/schedules.js';
import { randomStream, type RandomStream } from '../kernel/random-streams.js';
import { drawNormal } from '../kernel/distributions.js';
import { scenarioSchema } from '../scenario/scenario-schema.js';
import type { ScenarioProfile } from '../scenario/scenario-setting.js';
import { adversarialCases } from './adversarial-cases.js';
import { judgedCase, unitTime, type JudgedCase } from './judged-case.js';
import type { SuiteName } from './suite-names.js';

export type { JudgedCase } from './judged-case.js';

/** A profile from the paper, for the suite `paper`. */
export interface PaperProfile {
  readonly name: string;
  readonly source: ScenarioProfile;
}

/** A real job, for the suite `measured`: fitted tables, with its overheads. */
export interface MeasuredJobCase extends PaperProfile {
  readonly microbatches: number;
  readonly tensorParallel: number;
}

const SMOKE_CASES = 8;
const WILD_CASES = 500;
const SMOKE_SEED = 11;
const WILD_SEED = 2024;

/**
 * The cases of a suite; the same every time.
 * @param paper the profiles of `paper`.
 * @param measured the jobs of `measured`.
 */
export function suiteCases(
  suite: SuiteName,
  paper: readonly PaperProfile[],
  measured: readonly MeasuredJobCase[] = [],
): JudgedCase[] {
  switch (suite) {
    case 'smoke':
      return [...adversarialCases(), ...randomCases(SMOKE_CASES, SMOKE_SEED)];
    case 'paper':
      return paperCases(paper);
    case 'measured':
      return measured.map(measuredCase);
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

/**
 * One pipeline of a measured job as it ran, until all pipelines meet; no plan affects the time
 * after that.
 */
function measuredCase({ name, source, microbatches, tensorParallel }: MeasuredJobCase): JudgedCase {
  const scenario = scenarioSchema.parse({
    name,
    profile: { catalog: name },
    pipeline: { stages: source.profile.stages.length, microbatches },
    timing: { iterationConstantS: 0, synchronisationS: 0 },
    tensorParallel,
    unitTimeS: unitTime(source.profile),
  });
  return { name, scenario, source };
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

/**
 * Stages, microbatches, and clocks of the paper's profiles: few enough for the best choice to be
 * known.
 */
const TINY = [
  [2, 3, 7],
  [3, 2, 7],
  [4, 2, 5],
  [3, 4, 4],
] as const;

/** The paper's profiles, thinned to every n-th stage and every n-th clock. */
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

/** This many of them, evenly from the first to the last. */
function evenly<T>(values: readonly T[], count: number): T[] {
  return Array.from(
    { length: count },
    (_, k) => values[Math.round((k * (values.length - 1)) / (count - 1))]!,
  );
}

/** The properties of one random GPU and its noise. */
interface RandomGpu {
  readonly clocksMHz: readonly number[];
  /** Fraction of the time that no clock shortens. */
  readonly fixedPart: number;
  readonly exponent: number;
  readonly staticW: number;
  readonly dynamicW: number;
  /** Relative, of each measured time and energy. */
  readonly noise: number;
}

/** Random jobs: schedules, imbalance, noise, odd sizes, degenerate profiles. */
function randomCases(count: number, seed: number): JudgedCase[] {
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
  const { usesChunks = false, exampleShape: example } = scheduleOf(schedule);
  if (example !== undefined) {
    // About as large as the others, and even if the schedule requires it.
    const even = 2 * whole(uniform, 1, 3);
    const many = 2 * even + 2 * whole(uniform, 0, 4);
    return exampleShape(schedule, { stages: even, microbatches: many, chunks: 1 });
  }
  if (!usesChunks) return { stages, microbatches, chunks: 1 };
  const few = Math.min(stages, 4);
  return { stages: few, microbatches: few * whole(uniform, 1, 4), chunks: whole(uniform, 1, 3) };
}

function randomGpu(uniform: RandomStream): RandomGpu {
  const highest = 15 * whole(uniform, 80, 130);
  const step = 15 * whole(uniform, 1, 6);
  // Occasionally few clocks: one, two, three.
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

function between(uniform: RandomStream, low: number, high: number): number {
  return low + (high - low) * uniform();
}

function whole(uniform: RandomStream, low: number, high: number): number {
  return low + Math.floor(uniform() * (high - low + 1));
}

function pick<T>(uniform: RandomStream, values: readonly T[]): T {
  return values[Math.floor(uniform() * values.length)]!;
}
