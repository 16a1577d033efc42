import { pathTimes } from '../../src/pipeline/critical-path.js';
import { secondsFromTicks } from '../../src/units.js';
import type { Straggler } from '../training/data-parallel.js';
import { drawStragglers } from '../training/straggler-draws.js';
import type { Setting } from './scenario-setting.js';

/** A run is at most so many times as long as without stragglers: they are drawn for that long. */
const LONGEST_RUN = 4;

/** Stragglers that a scenario leaves to chance, the same for every policy. */
export function drawnStragglers({ scenario, problem }: Setting, seed: number): Straggler[] {
  const { randomStragglers, iterations, pipelines } = scenario;
  if (randomStragglers === undefined) return [];
  const { dag, operations, lagTicks, unitTimeS } = problem;
  const fastest = Int32Array.from(dag.operation, (op) => operations[op]!.minTicks);
  const iterationS = secondsFromTicks(pathTimes(dag, fastest, lagTicks).length, unitTimeS);
  return drawStragglers(randomStragglers, seed, pipelines, LONGEST_RUN * iterations * iterationS);
}
