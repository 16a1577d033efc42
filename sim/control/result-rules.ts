import { RefusedRequestError } from '../../src/errors.js';
import { implausible, isPlausible, readable } from '../../src/plausible.js';
import { QUANTITIES } from '../../src/quantities.js';
import { timeOrEnergyAdvice } from '../../src/profile/unit-advice.js';
import { INSTRUCTION_KINDS } from '../../src/profile/operation.js';
import type { StageClocks } from '../plans/clock-lists.js';
import type { JobState } from './job-state.js';
import type { ProfilingResult } from './protocol.js';
import { registeredRank } from './rank-rules.js';

/**
 * Judges a report.
 *
 * Zeus' reports have no number, so two of a rank with the same body are one report sent twice, unless
 * the rank has asked for a schedule in between, which begins a round. A client that numbers them
 * (`round`) is understood too: then the number decides.
 *
 * @param digest of the body.
 * @param hasAsked whether the rank has asked for a schedule since its last report.
 * @param clocks of the rank's stage, where a schedule is known.
 * @returns whether it counts; false for a repeated report.
 * @throws RefusedRequestError if it cannot be true.
 */
export function judgeResult(
  state: JobState,
  result: ProfilingResult,
  digest: string,
  hasAsked: boolean,
  clocks: StageClocks | undefined,
): boolean {
  registeredRank(state, result.rank);
  const last = state.total.of(result.rank);
  const { rank, round } = result;
  if (last !== undefined) {
    const isSame = last.digest === digest;
    if (round === undefined || last.round === undefined) {
      if (isSame && !hasAsked) return false;
    } else if (round <= last.round) {
      if (isSame) return false;
      throw new RefusedRequestError(
        409,
        `rank ${rank} has reported round ${last.round}, and round ${round} comes with another body; rounds count up, and each is reported once`,
      );
    }
  }
  checkShape(result, clocks);
  checkFigures(result);
  return true;
}

function refuse(sentence: string): never {
  throw new RefusedRequestError(422, sentence);
}

/** The lists of a report fit together, and to the schedule. */
function checkShape(result: ProfilingResult, clocks: StageClocks | undefined): void {
  const { iter_time, iter_energy, time_breakdown, energy_breakdown } = result;
  const iterations = iter_time.length;
  if (iter_energy.length !== iterations) {
    refuse(
      `found ${iterations} times and ${iter_energy.length} energies, expected one of each per iteration`,
    );
  }
  for (const [name, breakdown] of [
    ['time_breakdown', time_breakdown],
    ['energy_breakdown', energy_breakdown],
  ] as const) {
    for (const [instruction, lists] of Object.entries(breakdown)) {
      const where = `${name}.${cutName(instruction)}`;
      if (lists.length !== iterations) {
        refuse(
          `${where}: found ${lists.length} iterations, expected ${iterations} as in iter_time`,
        );
      }
      const scheduled = countOf(instruction, clocks);
      const wrong =
        scheduled === undefined ? -1 : lists.findIndex((list) => list.length !== scheduled);
      if (wrong >= 0) {
        refuse(
          `${where}: found ${lists[wrong]!.length} instructions in iteration ${wrong}, expected ${scheduled!} as in the schedule`,
        );
      }
    }
  }
  for (const [instruction, energies] of Object.entries(energy_breakdown)) {
    const times = time_breakdown[instruction];
    const wrong = energies.findIndex(
      (list, k) => times !== undefined && times[k]!.length !== list.length,
    );
    if (wrong >= 0) {
      refuse(
        `energy_breakdown.${cutName(instruction)}: found ${energies[wrong]!.length} energies in iteration ${wrong}, expected ${times![wrong]!.length} as in time_breakdown`,
      );
    }
  }
}

/** The number of instructions with a name; undefined where the schedule has none of it. */
function countOf(instruction: string, clocks: StageClocks | undefined): number | undefined {
  const count = clocks?.filter(({ kind }) => kind === instruction).length ?? 0;
  return count === 0 ? undefined : count;
}

function checkFigures({
  iter_time,
  iter_energy,
  time_breakdown,
  energy_breakdown,
}: ProfilingResult): void {
  for (const [k, timeS] of iter_time.entries()) {
    checkFigure('iterationTimeS', timeS, `iter_time ${k}`);
    const energyJ = iter_energy[k]!;
    checkFigure('iterationEnergyJ', energyJ, `iter_energy ${k}`);
    checkPower(timeS, energyJ, `iteration ${k}`, 'iterationTimeS');
  }
  for (const name of INSTRUCTION_KINDS) {
    // Zeus lets clients name other parts of an iteration too, about which nothing is known.
    const lists = time_breakdown[name] ?? [];
    const energies = energy_breakdown[name];
    for (const [k, list] of lists.entries()) {
      for (const [i, timeS] of list.entries()) {
        const where = `${name} ${i} of iteration ${k}`;
        checkFigure('instructionTimeS', timeS, `time of ${where}`);
        if (energies !== undefined) checkPower(timeS, energies[k]![i]!, where, 'instructionTimeS');
      }
    }
  }
  checkSums(iter_time, time_breakdown);
}

function checkFigure(
  name: 'iterationTimeS' | 'iterationEnergyJ' | 'instructionTimeS',
  value: number,
  where: string,
): void {
  const expected = implausible(name, value);
  if (expected !== undefined) refuse(`${where}: found ${value}, expected ${expected}`);
}

/** A GPU that runs a stage draws what GPUs draw. */
function checkPower(
  timeS: number,
  energyJ: number,
  where: string,
  of: 'instructionTimeS' | 'iterationTimeS',
): void {
  const powerW = energyJ / timeS;
  const { least, most } = QUANTITIES.computingPowerW;
  if (isPlausible(QUANTITIES.computingPowerW, powerW)) return;
  const advice = energyJ > 0 ? timeOrEnergyAdvice(timeS, energyJ, of) : '';
  refuse(
    `${where}: found ${energyJ} J in ${timeS} s, which is ${readable(powerW)} W, expected ${least} to ${most} W of one GPU` +
      (advice === '' ? '' : `; ${advice}`),
  );
}

/** Instructions may overlap in pairs, as in DualPipe; more of them cannot fit into an iteration. */
const MOST_OVERLAP = 2;

function checkSums(
  iter_time: readonly number[],
  breakdown: ProfilingResult['time_breakdown'],
): void {
  for (const [k, timeS] of iter_time.entries()) {
    const sum = INSTRUCTION_KINDS.flatMap((kind) => breakdown[kind]?.[k] ?? []).reduce(
      (total, each) => total + each,
      0,
    );
    if (sum > MOST_OVERLAP * timeS) {
      refuse(
        `iteration ${k}: its instructions take ${readable(sum)} s in all, which does not fit into its ${timeS} s`,
      );
    }
  }
}

function cutName(name: string): string {
  return name.length > 40 ? `${name.slice(0, 40)}…` : name;
}
