import { InputError } from '../../src/errors.js';
import { pathTimes } from '../../src/pipeline/critical-path.js';
import { linkCount } from '../../src/pipeline/links.js';
import { secondsFromTicks } from '../../src/units.js';
import type { Straggler } from '../training/data-parallel.js';
import {
  drawStragglers,
  expectedStragglers,
  type StragglerModel,
} from '../training/straggler-draws.js';
import { meanTimeBetweenFaults } from '../training/straggler-frequency.js';
import { gpusPerStage } from '../scenario/gpus-per-stage.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { Setting } from '../scenario/scenario-setting.js';
import type { RunSteps } from './training-run.js';

/** First estimate of a run's length, as a multiple of that without stragglers. */
const USUAL_RUN = 2;
/** Most slowdowns of a realistic job. */
const MOST_STRAGGLERS = 100_000;

/** A scenario's random stragglers; undefined if it has none. */
export function stragglerModel(scenario: Scenario): StragglerModel | undefined {
  const { randomStragglers, pipeline } = scenario;
  if (randomStragglers === undefined) return undefined;
  const { meanTimeBetweenS, ...model } = randomStragglers;
  const usualS = meanTimeBetweenFaults(pipeline.stages * gpusPerStage(scenario));
  return { ...model, meanTimeBetweenS: meanTimeBetweenS ?? usualS };
}

/**
 * Runs a scenario with its random stragglers, the same for every policy. They are drawn for the whole
 * run: if they make it longer than estimated, it is run again.
 *
 * @param run executes the run with all stragglers; returns its longest time.
 * @throws InputError if there would be too many of them.
 */
export function* withDrawnStragglers<T extends { readonly longestS: number }, Asked>(
  setting: Setting,
  seed: number,
  run: (stragglers: readonly Straggler[]) => RunSteps<T, Asked>,
): RunSteps<T, Asked> {
  const model = stragglerModel(setting.scenario);
  if (model === undefined) return yield* run(setting.stragglers);
  const { scenario, dag, timing } = setting;
  const iterationS = healthyIteration(setting);
  const job = {
    pipelines: scenario.pipelines,
    stages: dag.stageCount,
    links: timing.transferS.some((timeS) => timeS > 0) ? linkCount(dag) : 0,
    microbatches: dag.microbatchCount,
    iterationS,
  };
  let withinS = USUAL_RUN * scenario.iterations * iterationS;
  for (;;) {
    checkNumber(setting, model, withinS);
    const drawn = drawStragglers(model, seed, job, withinS);
    const result = yield* run([...setting.stragglers, ...drawn]);
    if (result.longestS <= withinS) return result;
    withinS = USUAL_RUN * result.longestS;
  }
}

function healthyIteration({ problem }: Setting): number {
  const { dag, operations, lags, unitTimeS } = problem;
  const fastest = Int32Array.from(dag.operation, (op) => operations[op]!.minTicks);
  return secondsFromTicks(pathTimes(dag, fastest, lags?.ticks).length, unitTimeS);
}

function checkNumber({ scenario, askedBy }: Setting, model: StragglerModel, withinS: number): void {
  const expected = expectedStragglers(model, scenario.pipelines, withinS);
  if (expected <= MOST_STRAGGLERS) return;
  throw InputError.of({
    source: askedBy,
    field: 'randomStragglers.meanTimeBetweenS',
    message: `found ${model.meanTimeBetweenS} s, which makes about ${expected.toExponential(0)} slowdowns in the run, expected at most ${MOST_STRAGGLERS}`,
  });
}
