import { byKind, type StageProfile } from '../../src/profile/stage-profile.js';
import { fitPower, type PowerFit } from './fit-power.js';
import type { ModelShape } from './model-shape.js';
import { operatorProfile } from './operator-profile.js';
import type { Machine } from './operator-time.js';
import { jobParts, type PredictedJob } from './predict.js';
import { PlannedPipeline } from './straggler-saving.js';
import {
  CLOCK_FORMS,
  machineByLaw,
  powerLaw,
  type ChipFacts,
  type KernelDonor,
} from './typical-power.js';

/** A measured stage profile. */
export interface MeasuredProfile {
  readonly name: string;
  readonly shape: ModelShape;
  readonly profile: StageProfile;
}

/** A chip with measured profiles. */
export interface MeasuredChip {
  readonly name: string;
  /** Power limit of the measured board. */
  readonly limitW: number;
  readonly facts: ChipFacts;
  readonly machine: Machine;
  readonly profiles: readonly MeasuredProfile[];
  /** Source of its kernels' rates when nothing measured on it may be used. */
  readonly otherwise: KernelDonor;
}

/** The savings of a job with a straggler. */
export interface SavingError {
  readonly case: string;
  readonly slowdown: number;
  /** Percent of energy. */
  readonly measuredPct: number;
  readonly predictedPct: number;
  readonly lowPct: number;
  readonly highPct: number;
  /** According to the profile as it is. */
  readonly uncorrectedPct: number;
}

/** Errors of a chip's profiles when nothing measured on that chip is used. */
export interface ChipError {
  readonly chip: string;
  readonly fit: PowerFit;
  /**
   * Percent: time at the highest clock, relative time at other clocks, and power; mean absolute.
   */
  readonly timePct: number;
  readonly slowdownPct: number;
  readonly powerPct: number;
  readonly savings: readonly SavingError[];
  /** Of pipelines that wait for no other. */
  readonly savingsAlone: readonly SavingError[];
}

/** Sizes of the published emulation (Perseus, SOSP '24, table 6). */
const MICROBATCHES = 24;
/**
 * Times of the slowest pipeline over those of the others: of pipelines that wait for no other, and of
 * those that do. Errors of their savings differ.
 */
const SLOWDOWNS = { alone: [1], waiting: [1.05, 1.1, 1.2] } as const;

/** Savings that are off by as much, as far as is known. */
export type SavingKind = keyof typeof SLOWDOWNS;

const KINDS = Object.keys(SLOWDOWNS) as readonly SavingKind[];

/** Per cent, by slowdown. */
type Savings = Readonly<Record<SavingKind, readonly number[]>>;

/** Savings are given in whole points; a band is wider than the observed range by one. */
const BAND_MARGIN_PCT = 1;

/** Predicts each chip's measured profiles from the others. */
export function leaveChipOut(chips: readonly MeasuredChip[]): ChipError[] {
  const known = chips.map((chip) => knownChip(chip));
  return known.map((chip) =>
    chipError(
      chip,
      known.filter((other) => other !== chip),
    ),
  );
}

interface KnownChip {
  readonly chip: MeasuredChip;
  readonly fit: PowerFit;
  /** By profile. */
  readonly measuredPct: readonly Savings[];
  /** Measured savings minus those of profiles by the chip's own law. */
  readonly lacksPct: Savings;
}

function knownChip(chip: MeasuredChip): KnownChip {
  const machine = { ...chip.machine, limitW: chip.limitW };
  const measured = chip.profiles.flatMap(({ shape, profile }) => {
    const middle = profile.stages.length >> 1;
    const part = jobParts(emulatedJob(shape, machine))[middle]!;
    return (['forward', 'backward'] as const).map((kind) => ({
      work: part[kind],
      options: profile.stages[middle]![kind],
    }));
  });
  const fit = fitPower(measured, machine);
  const fitted = { ...machine, rates: { ...machine.rates, power: fit.power } };
  const measuredPct = chip.profiles.map(({ profile }) => savingsPct(profile, chip));
  const ownPct = chip.profiles.map(({ shape }) =>
    savingsPct(operatorProfile(emulatedJob(shape, fitted)), chip),
  );
  const lacksPct = byKindOfSaving((kind) =>
    ownPct.flatMap((own, k) => own[kind].map((ownPct, s) => measuredPct[k]![kind][s]! - ownPct)),
  );
  return { chip, fit, measuredPct, lacksPct };
}

function chipError({ chip, fit, measuredPct }: KnownChip, others: readonly KnownChip[]): ChipError {
  const machines = others.flatMap(({ fit: { power }, chip: { facts } }) => {
    const law = powerLaw(power, facts.highestMHz, facts.usualLimitW);
    return CLOCK_FORMS.map((form) => ({
      ...machineByLaw(chip.facts, chip.otherwise, law, form),
      limitW: chip.limitW,
    }));
  });
  const lacksPct = byKindOfSaving((kind) => others.flatMap((other) => other.lacksPct[kind]));
  const cases = chip.profiles.map(({ name, shape, profile }, k) => {
    const each = machines.map((machine) => operatorProfile(emulatedJob(shape, machine)));
    const made = meanProfile(each);
    const ofEach = each.map((one) => savingsPct(one, chip));
    const savings = (kind: SavingKind) =>
      SLOWDOWNS[kind].map((slowdown, s): SavingError => {
        const atSlowdown = ofEach.map((savings) => savings[kind][s]!);
        const lacks = lacksPct[kind];
        return {
          case: name,
          slowdown,
          measuredPct: measuredPct[k]![kind][s]!,
          predictedPct: mean(atSlowdown) + mean(lacks),
          lowPct: Math.min(...atSlowdown) + Math.min(...lacks) - BAND_MARGIN_PCT,
          highPct: Math.max(...atSlowdown) + Math.max(...lacks) + BAND_MARGIN_PCT,
          uncorrectedPct: mean(atSlowdown),
        };
      });
    return { savings, errors: profileErrors(made, profile) };
  });
  return {
    chip: chip.name,
    fit,
    timePct: 100 * mean(cases.map(({ errors }) => errors.time)),
    slowdownPct: 100 * mean(cases.map(({ errors }) => errors.slowdown)),
    powerPct: 100 * mean(cases.map(({ errors }) => errors.power)),
    savings: cases.flatMap((each) => each.savings('waiting')),
    savingsAlone: cases.flatMap((each) => each.savings('alone')),
  };
}

/** Means of time and energy at each clock. */
function meanProfile(profiles: readonly StageProfile[]): StageProfile {
  const [first] = profiles;
  return {
    ...first!,
    stages: first!.stages.map((stage, s) =>
      byKind((kind) =>
        stage[kind].map(({ frequencyMHz }, k) => {
          const options = profiles.map(({ stages }) => stages[s]![kind][k]!);
          return {
            frequencyMHz,
            timeS: mean(options.map(({ timeS }) => timeS)),
            energyJ: mean(options.map(({ energyJ }) => energyJ)),
          };
        }),
      ),
    ),
  };
}

/** One pipeline of eight stages, profiled on one GPU per stage, one sequence at a time. */
function emulatedJob(shape: ModelShape, machine: Machine): PredictedJob {
  return {
    shape,
    machine,
    layout: { tensor: 1, context: 1, expert: 1, pipeline: 8, data: 1 },
    chunks: 1,
    microbatch: { sequences: 1, sequence: shape.sequence },
    microbatches: MICROBATCHES,
    precision: 'bf16',
    recompute: 'none',
  };
}

function savingsPct(profile: StageProfile, { facts }: MeasuredChip): Savings {
  const pipeline = new PlannedPipeline({
    profile,
    microbatches: MICROBATCHES,
    blockingPowerW: facts.waitingW,
  });
  return byKindOfSaving((kind) =>
    SLOWDOWNS[kind].map((slowdown) => 100 * pipeline.savingWithStraggler(slowdown)),
  );
}

function byKindOfSaving(of: (kind: SavingKind) => readonly number[]): Savings {
  return Object.fromEntries(KINDS.map((kind) => [kind, of(kind)])) as unknown as Savings;
}

/** Mean absolute errors at the clocks that both profiles have. */
function profileErrors(made: StageProfile, measured: StageProfile) {
  const middle = measured.stages.length >> 1;
  const found = (['forward', 'backward'] as const).map((kind) => {
    const ofMade = new Map(made.stages[middle]![kind].map((each) => [each.frequencyMHz, each]));
    const pairs = measured.stages[middle]![kind].flatMap((real) => {
      const guess = ofMade.get(real.frequencyMHz);
      return guess === undefined ? [] : [{ real, guess }];
    });
    const top = pairs[0]!;
    const timeRatio = top.guess.timeS / top.real.timeS;
    return {
      time: Math.abs(timeRatio - 1),
      slowdown: mean(
        pairs.map(({ real, guess }) => Math.abs(guess.timeS / real.timeS / timeRatio - 1)),
      ),
      power: mean(
        pairs.map(({ real, guess }) =>
          Math.abs(guess.energyJ / guess.timeS / (real.energyJ / real.timeS) - 1),
        ),
      ),
    };
  });
  return {
    time: mean(found.map(({ time }) => time)),
    slowdown: mean(found.map(({ slowdown }) => slowdown)),
    power: mean(found.map(({ power }) => power)),
  };
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
