import type { ComputationDag } from '../../src/pipeline/dag.js';
import { addJitter, addSequenceLengths } from '../training/jitter.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { Jitter } from './training-run.js';

/**
 * Duration factors of a scenario's iterations; undefined if nothing in it scatters. The arrays of an
 * iteration are used again for the next one asked for.
 */
export function scenarioJitter(
  { jitter, sequenceLengths, pipelines }: Scenario,
  dag: ComputationDag,
  seed: number,
): Jitter | undefined {
  if (jitter === undefined && sequenceLengths === undefined) return undefined;
  const ofPipelines = Array.from(
    { length: pipelines },
    () => new Float64Array(dag.instructionCount),
  );
  return (iteration) => {
    ofPipelines.forEach((factors, pipeline) => {
      factors.fill(1);
      const place = { seed, pipeline, iteration };
      if (jitter !== undefined) addJitter(factors, dag, jitter, place);
      if (sequenceLengths !== undefined) addSequenceLengths(factors, dag, sequenceLengths, place);
    });
    return ofPipelines;
  };
}
