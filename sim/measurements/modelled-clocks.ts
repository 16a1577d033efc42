import { groupBy } from '../../src/groups.js';
import { clockedCost } from '../operators/clock-power.js';
import type { Machine, WorkTimeS } from '../operators/operator-time.js';
import type { RankFigure } from './figures.js';
import type { RunNotes } from './sentences.js';

/**
 * The parts of an instruction's time by kind of work: means over forwards and backwards of GPT-3,
 * Llama 3 and Bloom on A40, A100 and H100 by their operators, one and eight GPUs a stage.
 */
const TYPICAL_WORK: WorkTimeS = {
  product: 0.83,
  attention: 0.07,
  memory: 0.05,
  communication: 0.05,
};

/** Clocks below this fraction of the highest are never worth running at. */
const LOWEST_CLOCK = 0.5;
const CLOCK_STEP_MHZ = 15;

/**
 * Errors, per cent, of the catalog's four profiles made from their highest clock alone, with its
 * energies and without.
 */
export const ONE_CLOCK_ERRORS = {
  time: { meanPct: 3.4, worstPct: 25.6 },
  power: { meanPct: 5, worstPct: 21.4 },
};

/** Figures, some of which are modelled. */
export interface CompletedFigures {
  readonly figures: readonly RankFigure[];
  readonly isModelled: boolean;
}

/**
 * Adds what was not measured, from the time at one clock and the law of a GPU: energies, and other
 * clocks of instructions that were measured at one. An energy that was measured sets the level of
 * those at other clocks. O(figures · clocks).
 */
export function completedFigures(
  figures: readonly RankFigure[],
  machine: Machine,
  notes: RunNotes,
): CompletedFigures {
  const ofInstruction = groupBy(figures, ({ rank, stage, kind }) =>
    JSON.stringify([rank, stage, kind]),
  );
  let isModelled = false;
  const completed: RankFigure[] = [];
  for (const list of ofInstruction.values()) {
    const [first, ...others] = list as [RankFigure, ...RankFigure[]];
    const isWhole = others.length > 0 && list.every(({ energyJ }) => energyJ !== undefined);
    if (isWhole || first.kind === 'load') completed.push(...list);
    else {
      isModelled = true;
      const made =
        others.length > 0
          ? list.map((each) =>
              each.energyJ === undefined ? atClock(each, each.frequencyMHz, machine) : each,
            )
          : clocksOf(machine, first.frequencyMHz).map((clock) => atClock(first, clock, machine));
      completed.push(...made);
    }
  }
  if (isModelled) {
    const { time, power } = ONE_CLOCK_ERRORS;
    notes.add(
      `not measured but modelled, by the law of ${machine.name} for a typical mix of work: energies that are missing, and other clocks. From their highest clocks the four profiles of A100 and A40 came back with times off by ${time.meanPct} % on average, ${time.worstPct} at worst, and powers by ${power.meanPct} %, ${power.worstPct} at worst; measure at other clocks to be sure`,
    );
  }
  return { figures: completed, isModelled };
}

function clocksOf({ lowestMHz, highestMHz }: Machine, measuredMHz: number): number[] {
  const bottomMHz = Math.max(lowestMHz, LOWEST_CLOCK * highestMHz);
  const count = Math.floor((highestMHz - bottomMHz) / CLOCK_STEP_MHZ) + 1;
  const all = Array.from({ length: count }, (_, k) => highestMHz - k * CLOCK_STEP_MHZ);
  return all.includes(measuredMHz) ? all : [...all, measuredMHz];
}

/** The figure at another clock, or at its own with a modelled energy. */
function atClock(figure: RankFigure, frequencyMHz: number, machine: Machine): RankFigure {
  const { timeS, energyJ } = figure;
  const measuredAt = { ...machine, measuredAtMHz: figure.frequencyMHz };
  const work = {
    product: TYPICAL_WORK.product * timeS,
    attention: TYPICAL_WORK.attention * timeS,
    memory: TYPICAL_WORK.memory * timeS,
    communication: TYPICAL_WORK.communication * timeS,
  };
  const own = clockedCost(work, measuredAt, figure.frequencyMHz);
  const other = clockedCost(work, measuredAt, frequencyMHz);
  const level = energyJ === undefined ? timeS / own.timeS : energyJ / own.energyJ;
  return {
    ...figure,
    frequencyMHz,
    timeS: other.timeS * (timeS / own.timeS),
    energyJ: other.energyJ * level,
  };
}
