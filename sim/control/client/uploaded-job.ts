import { linkCount } from '../../../src/pipeline/links.js';
import { PROFILED_KINDS, type StageProfile } from '../../../src/profile/stage-profile.js';
import { BY_OPERATORS, SYNTHESIZED_COLUMN } from '../../hardware/synthesized.js';
import { gpusPerStage } from '../../scenario/gpus-per-stage.js';
import type { ScenarioProfile, Setting } from '../../scenario/scenario-setting.js';

/** The name of the profile in an uploaded scenario; the server reads no file of that name. */
const PROFILE_NAME = 'profile.csv';

/**
 * The part of a scenario that its plans follow from, as YAML: every number as it was resolved here,
 * so that the server plans the very same problem. What goes wrong in the run is left out: the server
 * learns of it when the job does.
 *
 * @param source the scenario's profile.
 */
export function uploadedScenario(
  { scenario, dag, gpus, timing, scale, unscaledUnitS }: Setting,
  source: ScenarioProfile,
): string {
  const { name, pipeline, pipelines, imbalance, communication, clocks, power } = scenario;
  const { loadingS, iterationConstantS, synchronisationS } = timing;
  const { synchronisationPowerW: synchronisationW = source.synchronisationPowerW } = gpus;
  // JSON is YAML, and writes numbers so that the same ones are read back.
  return JSON.stringify({
    name,
    profile: { csv: PROFILE_NAME, blockingPowerW: gpus.blockingPowerW },
    scale,
    pipeline,
    tensorParallel: gpusPerStage(scenario),
    pipelines,
    unitTimeS: unscaledUnitS,
    imbalance,
    timing: {
      loadingS,
      ...(communication === undefined
        ? { transferS: timing.transferS.slice(0, linkCount(dag)) }
        : {}),
      iterationConstantS,
      synchronisationS,
    },
    communication,
    clocks,
    power: { ...power, synchronisationW },
  });
}

/** A profile as CSV; the same options are read back, to the last bit. */
export function uploadedProfile({ stages, origin }: StageProfile): string {
  // Fitted options have no noise: planners treat them otherwise than measured ones.
  const [column, cell] =
    origin === 'fitted' ? [`,${SYNTHESIZED_COLUMN}`, `,${BY_OPERATORS}`] : ['', ''];
  const rows = stages.flatMap((stage, s) =>
    PROFILED_KINDS.flatMap((kind) =>
      stage[kind].map(
        ({ frequencyMHz, timeS, energyJ }) =>
          `${s},${kind},${frequencyMHz},${timeS},${energyJ}${cell}`,
      ),
    ),
  );
  return [`stage,instruction,frequency,time,energy${column}`, ...rows, ''].join('\n');
}
