import { ProblemList } from '../../src/problem-list.js';
import type { StageProfile } from '../../src/profile/stage-profile.js';
import type { TimingOverheads } from '../training/timing.js';
import type { Scenario } from './scenario-schema.js';
import type { ScenarioProfile } from './scenario-setting.js';

/** What the profile says of its GPUs, at work. */
interface Known {
  readonly lowestMHz: number;
  readonly highestW: number;
  readonly longestS: number;
}

type Refuse = (field: string, found: number, expected: string) => void;

/**
 * Checks limits, powers and times of a scenario against what its profile shows of the same GPUs.
 *
 * @param profile one stage per stage of the model, in real time.
 * @throws InputError naming everything that cannot be true beside it.
 */
export function checkAgainstProfile(
  scenario: Scenario,
  source: ScenarioProfile,
  { stages }: StageProfile,
  timing: TimingOverheads,
): void {
  const options = stages.flatMap((stage) => [...stage.forward, ...stage.backward]);
  const known: Known = {
    lowestMHz: options.reduce((f, o) => Math.min(f, o.frequencyMHz), Infinity),
    highestW: options.reduce((w, o) => Math.max(w, o.energyJ / o.timeS), 0),
    longestS: options.reduce((s, o) => Math.max(s, o.timeS), 0),
  };
  const problems = new ProblemList(source.askedBy);
  const refuse: Refuse = (field, found, expected) => {
    problems.add(`found ${found}, expected ${expected}`, { field });
  };
  checkPowers(scenario, source, known, refuse);
  checkTimes(scenario, timing, known, refuse);
  scenario.stragglers.forEach(({ clockLimitMHz = Infinity }, k) => {
    if (clockLimitMHz >= known.lowestMHz) return;
    const expected = `at least the lowest clock that is known, ${known.lowestMHz} MHz`;
    refuse(`stragglers[${k}].clockLimitMHz`, clockLimitMHz, expected);
  });
  problems.throwIfAny();
}

/** A GPU that waits or sends draws no more than one that computes, and no less at a higher clock. */
function checkPowers(
  { power, profile, communication }: Scenario,
  { blockingPowerW: usualW }: ScenarioProfile,
  { highestW }: Known,
  refuse: Refuse,
): void {
  const { blockingW = usualW, blockingAtHighestClockW = blockingW } = power;
  if (blockingAtHighestClockW < blockingW) {
    const expected = `at least that at the lowest clock, ${blockingW} W`;
    refuse('power.blockingAtHighestClockW', blockingAtHighestClockW, expected);
  }
  const given: readonly (readonly [string, number | undefined])[] = [
    ['profile.blockingPowerW', 'csv' in profile ? profile.blockingPowerW : undefined],
    ['power.blockingW', power.blockingW],
    ['power.blockingAtHighestClockW', power.blockingAtHighestClockW],
    ['power.synchronisationW', power.synchronisationW],
    ['communication.powerW', communication?.powerW],
  ];
  for (const [field, foundW] of given) {
    if (foundW === undefined || foundW <= highestW) continue;
    const expected = `at most what computing draws at the highest clock, ${Math.floor(highestW)} W`;
    refuse(field, foundW, expected);
  }
}

/** Loading or handing on a microbatch takes no longer than this many of the longest instructions. */
const MOST_INSTRUCTIONS = 20;

/** Times that only look possible: seconds where milliseconds were meant. */
function checkTimes(
  { timing: given, communication }: Scenario,
  { loadingS, transferS }: TimingOverheads,
  { longestS }: Known,
  refuse: Refuse,
): void {
  const mostS = MOST_INSTRUCTIONS * longestS;
  const check = (field: string, isList: boolean, timesS: readonly number[]) => {
    const k = timesS.findIndex((timeS) => timeS > mostS);
    if (k < 0) return;
    const advice =
      timesS[k]! / 1e3 <= longestS ? `; that looks like ms: write ${timesS[k]! / 1e3} (s)` : '';
    refuse(
      isList ? `${field}[${k}]` : field,
      timesS[k]!,
      `at most ${MOST_INSTRUCTIONS} times the longest instruction, ${Number(mostS.toPrecision(4))} s${advice}`,
    );
  };
  check('timing.loadingS', Array.isArray(given.loadingS), loadingS);
  if (communication === undefined) {
    check('timing.transferS', Array.isArray(given.transferS), transferS);
    return;
  }
  const longestTransferS = transferS.reduce((a, b) => Math.max(a, b), 0);
  if (longestTransferS <= mostS) return;
  refuse(
    'communication.activationMB',
    communication.activationMB,
    `a transfer of at most ${MOST_INSTRUCTIONS} times the longest instruction, ${Number(mostS.toPrecision(4))} s; it takes ${Number(longestTransferS.toPrecision(4))} s: is a size or a bandwidth in another unit (MB, GB/s)?`,
  );
}
