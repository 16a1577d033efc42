import { bootstrapInterval, type Interval } from '../run/bootstrap.js';
import {
  FAULT_ACCOUNT_NAMES,
  LOST_ACCOUNTS,
  type CourseTotals,
  type FaultAccount,
} from './fault-accounts.js';
import { SECONDS_PER_DAY, type FaultJob } from './fault-job.js';

/** Joules of a megawatt-hour. */
const MEGAWATT_HOUR_J = 3.6e9;

/** A figure of one course. */
interface FaultFigure {
  readonly unit: '' | '%' | 'days' | 'MWh' | 'W';
  /** A noun phrase, for the list in docs/faults.md. */
  readonly doc: string;
  readonly of: (job: FaultJob, totals: CourseTotals) => number;
}

/**
 * Every figure of a course of a job with faults. Table, JSON, means over seeds, their intervals and the
 * list in docs/faults.md are loops over it.
 */
export const FAULT_FIGURES = {
  goodputPct: {
    unit: '%',
    doc: 'Time of useful iterations over all time',
    of: (_, { timeS }) => (100 * timeS.useful) / sum(timeS),
  },
  usefulIterations: {
    unit: '',
    doc: 'Iterations that were not lost; one of half the pipelines is half an iteration',
    of: ({ iterationS }, { timeS }) => timeS.useful / iterationS,
  },
  days: {
    unit: 'days',
    doc: 'Length of the course',
    of: (_, { timeS }) => sum(timeS) / SECONDS_PER_DAY,
  },
  faults: { unit: '', doc: 'Faults that struck', of: (_, { faults }) => faults },
  energyMWh: {
    unit: 'MWh',
    doc: 'Energy of all GPUs, spares included',
    of: (_, { energyJ }) => sum(energyJ) / MEGAWATT_HOUR_J,
  },
  wastedMWh: {
    unit: 'MWh',
    doc: 'The part of it that went into no useful iteration',
    of: (_, { energyJ }) => wastedJ(energyJ) / MEGAWATT_HOUR_J,
  },
  wastedPct: {
    unit: '%',
    doc: 'The same, of the energy',
    of: (_, { energyJ }) => (100 * wastedJ(energyJ)) / sum(energyJ),
  },
  meanPowerW: {
    unit: 'W',
    doc: 'Mean power of all GPUs',
    of: (_, { timeS, energyJ }) => sum(energyJ) / sum(timeS),
  },
} as const satisfies Readonly<Record<string, FaultFigure>>;

export type FaultFigureName = keyof typeof FAULT_FIGURES;

const LISTED = Object.entries(FAULT_FIGURES) as readonly (readonly [
  FaultFigureName,
  FaultFigure,
])[];

/** A mean over courses, with its 95 % interval: of a single one, the value itself. */
export interface MeanFigure extends Interval {
  readonly mean: number;
}

/** The figures of a job's courses, one per seed. */
export interface CourseFigures {
  readonly figures: Readonly<Record<FaultFigureName, MeanFigure>>;
  /** Mean time in each account, days. */
  readonly days: Readonly<Record<FaultAccount, number>>;
  /** Mean energy of each account. */
  readonly energyMWh: Readonly<Record<FaultAccount, number>>;
  /** Energy of all courses over the useful iterations of all; absent if there are none. */
  readonly perIterationJ: number | undefined;
}

/** Joins the courses of a job, at least one. */
export function courseFigures(job: FaultJob, courses: readonly CourseTotals[]): CourseFigures {
  const figures = LISTED.map(([name, { of }]): [string, MeanFigure] => [
    name,
    meanFigure(courses.map((totals) => of(job, totals))),
  ]);
  const accounts = (of: (totals: CourseTotals, name: FaultAccount) => number) =>
    Object.fromEntries(
      FAULT_ACCOUNT_NAMES.map((name) => [name, meanOf(courses.map((totals) => of(totals, name)))]),
    ) as Record<FaultAccount, number>;
  const joined = Object.fromEntries(figures) as Record<FaultFigureName, MeanFigure>;
  const { energyMWh, usefulIterations } = joined;
  return {
    figures: joined,
    days: accounts(({ timeS }, name) => timeS[name] / SECONDS_PER_DAY),
    energyMWh: accounts(({ energyJ }, name) => energyJ[name] / MEGAWATT_HOUR_J),
    perIterationJ:
      usefulIterations.mean > 0
        ? (energyMWh.mean * MEGAWATT_HOUR_J) / usefulIterations.mean
        : undefined,
  };
}

function meanFigure(values: readonly number[]): MeanFigure {
  return { mean: meanOf(values), ...bootstrapInterval(values, { seed: values.length }) };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

function sum(accounts: CourseTotals['timeS']): number {
  return FAULT_ACCOUNT_NAMES.reduce((total, name) => total + accounts[name], 0);
}

function wastedJ(energyJ: CourseTotals['energyJ']): number {
  return LOST_ACCOUNTS.reduce((total, name) => total + energyJ[name], 0);
}
