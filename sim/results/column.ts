import type { PlannedResult } from '../run/planned-job.js';
import {
  POLICY_FIGURES,
  type FigureWithInterval,
  type PolicyFigures,
  type PolicyResult,
} from '../run/policy-figures.js';
import type { ScenarioResult } from '../run/run-scenario.js';

/** The rule by which the seeds of a run make one value of a column. */
export type OverSeeds =
  | (typeof POLICY_FIGURES)[keyof PolicyFigures]['overSeeds']
  | 'low end of the interval'
  | 'high end of the interval'
  | 'from the means';

/** Units of values; empty for texts and numbers of things. */
export type Unit =
  | ''
  | 's'
  | 'J'
  | 'W'
  | '%'
  | 'kg'
  | 'kg/day'
  | 'kg/10⁹ tokens'
  | 'currency'
  | 'currency/day'
  | 'currency/10⁹ tokens'
  | 'tokens/s'
  | 'tokens/J'
  | 'J/token'
  | 'MWh/day'
  | 'MWh/10⁹ tokens'
  | 'GiB';

/** The two lines of a heading; `{unit}` is the unit that suits the figures. */
export type HeadingLines = readonly [over: string, under: string];

/** A column's appearance in the table of the terminal, of reports and of the page. */
interface Shown {
  /** The whole heading on one line, without its unit. */
  readonly heading: string;
  /** Neighbouring columns with the same upper line share it. */
  readonly lines: HeadingLines;
  /** The lines if the plan's promise is beside the simulated figure. */
  readonly besidePlan?: HeadingLines;
  readonly when: (result: ScenarioResult) => boolean;
}

/** A number's appearance in the table. */
interface ShownNumber extends Shown {
  /** Digits after the point. */
  readonly digits: number;
  /** Empty for max-frequency, with which the others are compared. */
  readonly isComparison?: true;
  /** The upper end, if the column is the lower end of a range. */
  readonly upTo?: (row: PolicyResult, result: ScenarioResult) => number | undefined;
}

interface ColumnOf<Type extends 'number' | 'text', Value, ShownAs extends Shown> {
  readonly type: Type;
  readonly unit: Unit;
  /** A noun phrase, for the list of columns in docs/columns.md. */
  readonly doc: string;
  readonly overSeeds: OverSeeds;
  /** The value of a policy's row; none if unknown. */
  readonly of: (result: ScenarioResult, row: PolicyResult) => Value | undefined;
  /** Absent for columns that are only in files. */
  readonly shown?: ShownAs;
}

/** A column of results. */
export type Column = ColumnOf<'number', number, ShownNumber> | ColumnOf<'text', string, Shown>;

/** A figure of the policy's row, joined over seeds as its own rule says. */
export function figure<Name extends keyof PolicyFigures>(name: Name) {
  const of = (_result: ScenarioResult, row: PolicyResult) => row[name];
  return { overSeeds: POLICY_FIGURES[name].overSeeds, of };
}

/** A part of the plan's promise. */
export function planned(part: keyof PlannedResult) {
  const of = (_result: ScenarioResult, row: PolicyResult) => row.planned?.[part];
  return { overSeeds: POLICY_FIGURES.planned.overSeeds, of };
}

export function low(name: FigureWithInterval) {
  const of = (_result: ScenarioResult, row: PolicyResult) => row.intervals?.[name].low;
  return { overSeeds: 'low end of the interval', of } as const;
}

export function high(name: FigureWithInterval) {
  const of = (_result: ScenarioResult, row: PolicyResult) => row.intervals?.[name].high;
  return { overSeeds: 'high end of the interval', of } as const;
}

/** A value of the whole run, the same for all seeds. */
export function ofRun<Value>(of: (result: ScenarioResult) => Value) {
  return { overSeeds: 'same', of } as const;
}

/** A value of the policy, the same for all seeds. */
export function ofRow<Value>(value: (row: PolicyResult) => Value) {
  const of = (_result: ScenarioResult, row: PolicyResult) => value(row);
  return { overSeeds: 'same', of } as const;
}

/** A value computed from figures already joined over seeds. */
export function fromMeans<Value>(of: (result: ScenarioResult, row: PolicyResult) => Value) {
  return { overSeeds: 'from the means', of } as const;
}
