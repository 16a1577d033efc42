import type { ComputationDag } from '../../src/pipeline/dag.js';
import { addJitter, addSequenceLengths } from '../training/jitter.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { Jitter } from './training-run.js';

/** Duration factors of a scenario's iterations; undefined if nothing in it scatters. */
export function scenarioJitter(
  { jitter, sequenceLengths, pipelines }: Scenario,
  dag: ComputationDag,
  seed: number,
): Jitter | undefined {
  if (jitter === undefined && sequenceLengths === undefined) return undefined;
  return (iteration) =>
    Array.from({ length: pipelines }, (_, pipeline) => {
      const factors = new Float64Array(dag.instructionCount).fill(1);
      const place = { seed, pipeline, iteration };
      if (jitter !== undefined) addJitter(factors, dag, jitter, place);
      if (sequenceLengths !== undefined) addSequenceLengths(factors, dag, sequenceLengths, place);
      return factors;
    });
}
