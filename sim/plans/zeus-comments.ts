import * as z from 'zod';
import type { PlanFile } from './plan-file.js';
import { pythonFloat } from './python-float.js';

/** The comments of one plan, by what they say. */
const COMMENT = /^# Iteration (\d+) ([a-zA-Z0-9 ]+): (.+?)[ \t]*$/gm;

const CHANGE = 'cost change';
const TOTAL = 'total cost';
const WITH_WAITING = 'total cost with P2P';
const TIME = 'time in s';
const DURATIONS = 'durations in s';

/** Reads what the comments of a plan of Zeus say; comments of other kinds say nothing. */
export function commentsOf(text: string): Partial<PlanFile> {
  const said = new Map<string, string>();
  let index: number | undefined;
  for (const [, number, name, value] of text.matchAll(COMMENT)) {
    index ??= Number(number);
    said.set(name!, value!);
  }
  const number = (name: string) => {
    const value = Number(said.get(name) ?? NaN);
    return Number.isFinite(value) ? value : undefined;
  };
  const totalJ = number(TOTAL);
  const withWaitingJ = number(WITH_WAITING);
  const costs =
    totalJ === undefined || withWaitingJ === undefined
      ? undefined
      : { totalJ, withWaitingJ, changeJ: number(CHANGE) };
  const timeS = number(TIME);
  const durationsS = durationsOf(said.get(DURATIONS));
  return {
    ...(index === undefined ? {} : { index }),
    ...(costs === undefined ? {} : { costs }),
    ...(timeS === undefined ? {} : { timeS }),
    ...(durationsS === undefined ? {} : { durationsS }),
  };
}

/** The comments that say this of a plan, each on a line of its own. */
export function commentLines({
  index = 0,
  costs,
  timeS,
  durationsS,
}: Omit<PlanFile, 'source' | 'clocks'>): string[] {
  const line = (name: string, value: number | undefined) =>
    value === undefined ? [] : [`# Iteration ${index} ${name}: ${pythonFloat(value)}`];
  return [
    ...line(CHANGE, costs?.changeJ),
    ...line(TOTAL, costs?.totalJ),
    ...line(WITH_WAITING, costs?.withWaitingJ),
    ...line(TIME, timeS),
    ...(durationsS === undefined
      ? []
      : [`# Iteration ${index} ${DURATIONS}: ${JSON.stringify(durationsS)}`]),
  ];
}

const durationsSchema = z.array(z.array(z.number().positive()));

/** Lists of numbers, as JSON; undefined if they are anything else. */
function durationsOf(text: string | undefined): number[][] | undefined {
  // Nothing that is nested more deeply.
  if (text === undefined || !/^\[(\[[\d.,e+-]*\],?)*\]$/.test(text)) return undefined;
  try {
    return durationsSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
