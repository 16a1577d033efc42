import { groupBy } from '../../src/groups.js';
import { implausible, isPlausible, allowedRange } from '../../src/plausible.js';
import { QUANTITIES } from '../../src/quantities.js';
import type { ProblemList } from '../../src/problem-list.js';
import { averageRanks, leftOutNotes, type AveragedStage } from '../../src/profile/average-ranks.js';
import type { RankRow } from '../../src/profile/csv-rows.js';
import { optionProblems } from '../../src/profile/read-csv.js';
import {
  PROFILED_KINDS,
  type ProfiledKind,
  type StageOptions,
} from '../../src/profile/stage-profile.js';
import { timeOrEnergyAdvice } from '../../src/profile/unit-advice.js';
import type { RankFigure, Told } from './figures.js';
import { digits, some } from './sentences.js';
import { median } from './series.js';

/** A figure with its energy. */
type WholeFigure = RankFigure & { readonly energyJ: number };

/**
 * The profile that the figures of all ranks make: per stage the slowest rank's time and the mean
 * energy, at the clocks that all of its ranks have. O(figures).
 *
 * @returns the options of each stage; [] if a problem was added.
 */
export function joinedProfile(
  figures: readonly RankFigure[],
  blockingPowerW: number | undefined,
  told: Told,
): StageOptions[] {
  const before = told.problems.count;
  tellOfLoading(figures, told);
  const whole = withEnergy(oncePerClock(profiledFigures(figures, told), told), told);
  checkFigures(whole, blockingPowerW, told.problems);
  if (told.problems.count > before) return [];
  const stages = joinedStages(whole, told.problems);
  if (told.problems.count > before) return [];
  for (const note of leftOutNotes(stages)) told.notes.add(note);
  tellOfClocks(stages, told);
  return stages.map(({ options }) => options);
}

/** Loading is no part of a profile; a scenario has a field for it. */
function tellOfLoading(figures: readonly RankFigure[], { notes }: Told): void {
  const loads = figures.filter(({ kind }) => kind === 'load');
  if (loads.length === 0) return;
  const stageCount = figures.reduce((most, { stage }) => Math.max(most, stage + 1), 0);
  const ofStage = groupBy(loads, ({ stage }) => stage);
  // Loading does not depend on the clock.
  const loadingS = Array.from({ length: stageCount }, (_, stage) => {
    const ranks = groupBy(ofStage.get(stage) ?? [], ({ rank }) => rank);
    const times = [...ranks.values()].map((list) => median(list.map(({ timeS }) => timeS)));
    return Number(digits(Math.max(0, ...times)));
  });
  notes.add(
    `rows of loading are no part of a profile; in a scenario write timing: {loadingS: [${loadingS.join(', ')}]} (the slowest rank of each stage, median over clocks)`,
  );
}

/** Figures of forwards and backwards: both gradients together are a backward. */
function profiledFigures(figures: readonly RankFigure[], { notes }: Told): RankFigure[] {
  if (figures.some(({ kind }) => kind === 'recompute')) {
    notes.add('recomputed forwards are left out; a scenario says recomputation by itself');
  }
  const isGradient = ({ kind }: RankFigure) => kind.endsWith('-gradient');
  const gradients = groupBy(figures.filter(isGradient), (figure) =>
    JSON.stringify([figure.rank, figure.stage, figure.frequencyMHz]),
  );
  const backwards = [...gradients.values()].flatMap((parts): RankFigure[] => {
    if (new Set(parts.map(({ kind }) => kind)).size < 2) return [];
    const energies = parts.map(({ energyJ }) => energyJ);
    return [
      {
        ...parts[0]!,
        kind: 'backward',
        timeS: sum(parts.map(({ timeS }) => timeS)),
        energyJ: energies.every((each) => each !== undefined) ? sum(energies) : undefined,
      },
    ];
  });
  if (backwards.length > 0) {
    notes.add('gradients of inputs and of weights are added up to backwards');
  }
  const plain = figures.filter(({ kind }) => kind === 'forward' || kind === 'backward');
  return [...plain, ...backwards];
}

/** Figures of one rank, instruction and clock that several runs have are averaged. */
function oncePerClock(figures: readonly RankFigure[], { notes }: Told): RankFigure[] {
  const same = groupBy(figures, ({ rank, stage, kind, frequencyMHz }) =>
    JSON.stringify([rank, stage, kind, frequencyMHz]),
  );
  const repeated = [...same.values()].filter((list) => list.length > 1);
  if (repeated.length > 0) {
    const clocks = [...new Set(repeated.map(([first]) => first!.frequencyMHz))];
    const text = some(clocks.sort((a, b) => b - a).map(String));
    notes.add(`clocks that were measured several times are averaged: ${text} MHz`);
  }
  return [...same.values()].map((list) => {
    const energies = list.flatMap(({ energyJ }) => energyJ ?? []);
    return {
      ...list[0]!,
      timeS: sum(list.map(({ timeS }) => timeS)) / list.length,
      energyJ: energies.length === 0 ? undefined : sum(energies) / energies.length,
    };
  });
}

/**
 * Figures with their energies. A rank without any, where others of its stage have some, counts with
 * its times; its energies are taken for those of the others.
 */
function withEnergy(figures: readonly RankFigure[], { problems, notes }: Told): WholeFigure[] {
  const isWhole = (figure: RankFigure): figure is WholeFigure => figure.energyJ !== undefined;
  const same = groupBy(figures, ({ stage, kind, frequencyMHz }) =>
    JSON.stringify([stage, kind, frequencyMHz]),
  );
  const [without, filled] = [new Set<string>(), new Set<string>()];
  const whole = [...same.values()].flatMap((list) => {
    const known = list.filter(isWhole);
    const meanJ = sum(known.map(({ energyJ }) => energyJ)) / known.length;
    return list.flatMap((figure): WholeFigure[] => {
      if (isWhole(figure)) return [figure];
      (known.length === 0 ? without : filled).add(figure.rank);
      return known.length === 0 ? [] : [{ ...figure, energyJ: meanJ }];
    });
  });
  const ofRanks = (names: ReadonlySet<string>) =>
    names.size === 1 && names.has('') ? '' : ` of rank ${some([...names])}`;
  if (without.size > 0) {
    problems.add(
      `the instructions${ofRanks(without)} have times but no energies; add samples of power or of the energy counter (nvidia-smi, DCGM) from the same run, or let --gpu model them`,
    );
  }
  if (filled.size > 0) {
    notes.add(`the instructions${ofRanks(filled)} have no energies: only their times count`);
  }
  return whole;
}

/** Figures that no GPU has, one problem for each instruction of a stage. */
function checkFigures(
  figures: readonly WholeFigure[],
  blockingPowerW: number | undefined,
  problems: ProblemList,
): void {
  const wrong = groupBy(
    figures.flatMap((figure) => {
      const message = againstGpus(figure, blockingPowerW);
      return message === undefined ? [] : [{ figure, message }];
    }),
    ({ message }) => message.about,
  );
  for (const list of wrong.values()) {
    const [{ figure, message }] = list as [(typeof list)[number]];
    const { rank, stage, kind, frequencyMHz } = figure;
    const more = list.length === 1 ? '' : ` (and the like of ${list.length - 1} more)`;
    const ofRank = rank === '' ? '' : `, rank ${rank}`;
    problems.add(`${message.found}${more}, ${message.expected}`, {
      field: `stage ${stage}${ofRank}, ${kind} at ${digits(frequencyMHz, 6)} MHz`,
    });
  }
}

interface Doubt {
  /** The kind of doubt, which is said once. */
  readonly about: string;
  readonly found: string;
  readonly expected: string;
}

function againstGpus(figure: WholeFigure, blockingPowerW: number | undefined): Doubt | undefined {
  const { frequencyMHz, timeS, energyJ } = figure;
  const clock = implausible('clockMHz', frequencyMHz);
  if (clock !== undefined) {
    return { about: 'clock', found: `found ${frequencyMHz} MHz`, expected: `expected ${clock}` };
  }
  const powerW = energyJ / timeS;
  const advice = timeOrEnergyAdvice(timeS, energyJ);
  const found = `takes ${digits(timeS)} s and ${digits(energyJ)} J, ${digits(powerW, 3)} W`;
  if (!isPlausible(QUANTITIES.computingPowerW, powerW)) {
    const range = allowedRange(QUANTITIES.computingPowerW).replace('a number from ', '');
    const likely = advice === '' ? '' : `; ${advice}`;
    return { about: 'power', found, expected: `where a GPU that computes draws ${range}${likely}` };
  }
  const time = implausible('instructionTimeS', timeS);
  if (time !== undefined) return { about: 'time', found, expected: `expected ${time}` };
  if (blockingPowerW !== undefined && powerW < blockingPowerW) {
    return {
      about: 'blocking',
      found,
      expected: `less than a GPU that waits (${digits(blockingPowerW)} W): are its samples of another GPU, or is the blocking power too high?`,
    };
  }
  return undefined;
}

/** A stage number this far beyond the others is a typing error, not a gap. */
const PLAUSIBLE_GAP = 64;

function joinedStages(figures: readonly WholeFigure[], problems: ProblemList): AveragedStage[] {
  if (figures.length === 0) {
    problems.add('found no forward or backward; a profile needs both of every stage');
    return [];
  }
  const ofStage = groupBy(figures, ({ stage }) => stage);
  const stageCount = Math.max(...ofStage.keys()) + 1;
  if (stageCount > ofStage.size * 2 + PLAUSIBLE_GAP) {
    problems.add(
      `found stage ${stageCount - 1}, but measurements of only ${ofStage.size} stages; number them 0, 1, 2, …`,
    );
    return [];
  }
  const missing = Array.from({ length: stageCount }, (_, s) => s).filter((s) => !ofStage.has(s));
  if (missing.length > 0) {
    const list = some(missing.map(String));
    problems.add(
      `nothing was measured on stage ${list}, though there is a stage ${stageCount - 1}`,
    );
    return [];
  }
  return Array.from({ length: stageCount }, (_, stage) => {
    const rows = ofStage.get(stage)!.map(asRow);
    const averaged = averageRanks(rows);
    for (const kind of PROFILED_KINDS) checkStage(averaged, stage, kind, rows, problems);
    return averaged;
  });
}

function asRow({ rank, stage, kind, frequencyMHz, timeS, energyJ }: WholeFigure): RankRow {
  return { rank, stage, kind: kind as ProfiledKind, option: { frequencyMHz, timeS, energyJ } };
}

function checkStage(
  averaged: AveragedStage,
  stage: number,
  kind: ProfiledKind,
  rows: readonly RankRow[],
  problems: ProblemList,
): void {
  const field = `stage ${stage}, ${kind}`;
  if (!rows.some((row) => row.kind === kind)) {
    problems.add('was not measured; a profile needs forward and backward of every stage', {
      field,
    });
    return;
  }
  const [only, ...others] = averaged.options[kind];
  if (only !== undefined && others.length + averaged.clocksLeftOut[kind].length === 0) {
    problems.add(
      `was measured at one clock, ${digits(only.frequencyMHz, 6)} MHz; a profile needs others to choose from: run the job once at each, or let --gpu model them`,
      { field },
    );
    return;
  }
  for (const { message } of optionProblems(averaged, kind)) problems.add(message, { field });
}

/** Clocks that some stages lack can still be chosen on the others. */
function tellOfClocks(stages: readonly AveragedStage[], { notes }: Told): void {
  const have = stages.map(
    ({ options }) =>
      new Set(PROFILED_KINDS.flatMap((kind) => options[kind].map((each) => each.frequencyMHz))),
  );
  const all = [...new Set(have.flatMap((clocks) => [...clocks]))].sort((a, b) => b - a);
  const lacking = all.flatMap((clock) => {
    const without = have.flatMap((clocks, s) => (clocks.has(clock) ? [] : [String(s)]));
    return without.length === 0 ? [] : [`${digits(clock, 6)} MHz (stage ${some(without)})`];
  });
  if (lacking.length > 0) notes.add(`clocks that some stages lack: ${some(lacking)}`);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
