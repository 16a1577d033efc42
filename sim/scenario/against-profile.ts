import { ProblemList } from '../../src/problem-list.js';
import type { StageProfile } from '../../src/profile/stage-profile.js';
import type { TimingOverheads } from '../training/timing.js';
import { gpusPerStage } from './gpus-per-stage.js';
import type { Scenario } from './scenario-schema.js';
import type { ScenarioProfile } from './scenario-setting.js';
import { whereRight } from './usable-scenario.js';

/** Figures that the profile shows of its GPUs while they compute. */
interface Known {
  readonly lowestMHz: number;
  readonly highestW: number;
  readonly longestS: number;
}

type Refusal = { readonly field: string; readonly found: number; readonly expected: string };

/**
 * Checks limits, powers and times in the valid part of a scenario against what its profile shows of
 * the same GPUs.
 *
 * @param profile one stage per stage of the model, in real time.
 * @param timing works out the scenario's times.
 * @throws InputError naming every value that cannot be true for that profile.
 */
export function checkAgainstProfile(
  scenario: Scenario,
  source: ScenarioProfile,
  { stages }: StageProfile,
  timing: () => TimingOverheads,
): void {
  const options = stages.flatMap((stage) => [...stage.forward, ...stage.backward]);
  const known: Known = {
    lowestMHz: options.reduce((f, o) => Math.min(f, o.frequencyMHz), Infinity),
    highestW: options.reduce((w, o) => Math.max(w, o.energyJ / o.timeS), 0),
    longestS: options.reduce((s, o) => Math.max(s, o.timeS), 0),
  };
  const problems = new ProblemList(source.askedBy);
  const checks = [
    () => tooMuchWork(scenario, source, stages),
    ...powerChecks(scenario, source, known),
    () => wrongTimes(scenario, timing(), known),
    ...clockLimitChecks(scenario, known),
  ];
  for (const { field, found, expected } of checks.flatMap(whereRight)) {
    problems.add(`found ${found}, expected ${expected}`, { field });
  }
  problems.throwIfAny();
}

/** In eight bits GPUs multiply at most this many times as fast as in half precision. */
const MOST_OF_PEAK = 2;

/** Sequences whose products no GPU could make in the time that the profile has for a microbatch. */
function tooMuchWork(
  scenario: Scenario,
  { job }: ScenarioProfile,
  stages: StageProfile['stages'],
): readonly Refusal[] {
  if (job?.gpu === undefined) return [];
  const shortestS = (options: readonly { readonly timeS: number }[]) =>
    options.reduce((shortest, { timeS }) => Math.min(shortest, timeS), Infinity);
  const busyS = stages.reduce(
    (sum, { forward, backward }) => sum + shortestS(forward) + shortestS(backward),
    0,
  );
  const { sequences, sequence } = job.microbatch;
  const mostFlops = MOST_OF_PEAK * job.gpu.peakFlops * gpusPerStage(scenario) * busyS;
  const ofSequence = job.flopsPerToken * sequence;
  if (sequences * ofSequence <= mostFlops) return [];
  const ratio = ((MOST_OF_PEAK * sequences * ofSequence) / mostFlops).toPrecision(3);
  const most = Math.floor(mostFlops / ofSequence);
  const advice = most > 0 ? `at most ${most}` : 'another model, shorter sequences, or a scale';
  const expected = `${advice}: in the profile’s time the GPUs would multiply ${ratio} times as fast as their half-precision peak`;
  return [{ field: 'job.microbatch', found: sequences, expected }];
}

/** Each check reads its own fields; a check that needs an invalid field finds nothing. */
type Check = () => readonly Refusal[];

/** A GPU that waits or sends draws no more than one that computes, and no less at a higher clock. */
function powerChecks(
  scenario: Scenario,
  { blockingPowerW: usualW }: ScenarioProfile,
  { highestW }: Known,
): readonly Check[] {
  const atHighestClock: Check = () => {
    const { blockingW = usualW, blockingAtHighestClockW = blockingW } = scenario.power;
    const field = 'power.blockingAtHighestClockW';
    const expected = `at least that at the lowest clock, ${blockingW} W`;
    return blockingAtHighestClockW < blockingW
      ? [{ field, found: blockingAtHighestClockW, expected }]
      : [];
  };
  const given: readonly (readonly [string, () => number | undefined])[] = [
    [
      'profile.blockingPowerW',
      () => ('csv' in scenario.profile ? scenario.profile.blockingPowerW : undefined),
    ],
    ['power.blockingW', () => scenario.power.blockingW],
    ['power.blockingAtHighestClockW', () => scenario.power.blockingAtHighestClockW],
    ['power.synchronisationW', () => scenario.power.synchronisationW],
    ['communication.powerW', () => scenario.communication?.powerW],
  ];
  const expected = `at most what computing draws at the highest clock, ${Math.floor(highestW)} W`;
  const atMost = given.map(([field, powerW]): Check => () => {
    const found = powerW();
    return found === undefined || found <= highestW ? [] : [{ field, found, expected }];
  });
  return [atHighestClock, ...atMost];
}

function clockLimitChecks({ stragglers }: Scenario, { lowestMHz }: Known): readonly Check[] {
  const expected = `at least the lowest clock that is known, ${lowestMHz} MHz`;
  return stragglers.map((straggler, k) => () => {
    const found = 'clockLimitMHz' in straggler ? straggler.clockLimitMHz : Infinity;
    const field = `stragglers[${k}].clockLimitMHz`;
    return found < lowestMHz ? [{ field, found, expected }] : [];
  });
}

/** Loading or handing on a microbatch takes no longer than this many of the longest instructions. */
const MOST_LONGEST = 20;

/** Times that only look possible: milliseconds written as seconds. */
function wrongTimes(
  { timing: given, communication }: Scenario,
  { loadingS, transferS }: TimingOverheads,
  { longestS }: Known,
): readonly Refusal[] {
  const mostS = MOST_LONGEST * longestS;
  const most = `at most ${MOST_LONGEST} times the longest instruction, ${Number(mostS.toPrecision(4))} s`;
  const tooLong = (field: string, isList: boolean, timesS: readonly number[]): Refusal[] => {
    const k = timesS.findIndex((timeS) => timeS > mostS);
    if (k < 0) return [];
    const found = timesS[k]!;
    const advice = found / 1e3 <= longestS ? `; that looks like ms: write ${found / 1e3} (s)` : '';
    return [{ field: isList ? `${field}[${k}]` : field, found, expected: `${most}${advice}` }];
  };
  const loading = tooLong('timing.loadingS', Array.isArray(given.loadingS), loadingS);
  if (communication === undefined) {
    return [...loading, ...tooLong('timing.transferS', Array.isArray(given.transferS), transferS)];
  }
  const longestTransferS = transferS.reduce((a, b) => Math.max(a, b), 0);
  if (longestTransferS <= mostS) return loading;
  return [
    ...loading,
    {
      field: 'communication.activationMB',
      found: communication.activationMB,
      expected: `a transfer of ${most}; it takes ${Number(longestTransferS.toPrecision(4))} s: is a size or a bandwidth in another unit (MB, GB/s)?`,
    },
  ];
}
