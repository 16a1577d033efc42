import { InputError } from '../../src/errors.js';
import { transformerLayers } from '../../src/pipeline/layer-costs.js';
import {
  evenCounts,
  minimumBottleneck,
  minimumImbalance,
  partitionOf,
} from '../../src/pipeline/partition.js';
import { modelStageCount } from '../../src/pipeline/schedules.js';
import { cutIntoChunks, imbalanced, stagesLike } from '../../src/profile/reshape.js';
import type { StageProfile } from '../../src/profile/stage-profile.js';
import type { Scenario } from './scenario-schema.js';

/**
 * The profile of a scenario's model stages: the profile that it names, cut into chunks or built
 * from layers, with the imbalance that the scenario asks for. Unscaled.
 *
 * @param askedBy the scenario's file, for messages.
 * @throws InputError if profile and pipeline do not fit together.
 */
export function modelStages(
  scenario: Pick<Scenario, 'pipeline' | 'imbalance'>,
  profile: StageProfile,
  askedBy: string,
): StageProfile {
  const { imbalance, pipeline } = scenario;
  if (imbalance !== undefined && 'layers' in imbalance) {
    const { stage, blocks } = imbalance.profiled;
    if (stage >= profile.stages.length) {
      throw InputError.of({
        source: askedBy,
        field: 'imbalance.profiled.stage',
        message: `found ${stage}, but ${profile.source} has ${profile.stages.length} stages (the first one is 0)`,
      });
    }
    const costs = stageBlocks(imbalance, modelStageCount(pipeline));
    return stagesLike(
      profile,
      stage,
      costs.map((cost) => cost / blocks),
    );
  }
  const stages = profileOfPipeline(pipeline, profile, askedBy);
  return imbalance === undefined ? stages : imbalanced(stages, imbalance.factors);
}

type Layers = Extract<Scenario['imbalance'], { layers: unknown }>;

/** Work of each model stage, in blocks. */
function stageBlocks({ layers, partition }: Layers, stageCount: number): readonly number[] {
  const costs = transformerLayers({
    blocks: layers.blocks,
    embeddingCost: layers.embedding,
    headCost: layers.head,
  });
  if (Array.isArray(partition)) return partitionOf(costs, partition).stageCosts;
  switch (partition) {
    case 'even':
      return partitionOf(costs, evenCounts(costs.length, stageCount)).stageCosts;
    case 'minimum-bottleneck':
      return minimumBottleneck(costs, stageCount).stageCosts;
    case 'minimum-imbalance':
      return minimumImbalance(costs, stageCount).stageCosts;
  }
}

function profileOfPipeline(
  pipeline: Scenario['pipeline'],
  profile: StageProfile,
  askedBy: string,
): StageProfile {
  const { stages, chunks } = pipeline;
  const profiled = profile.stages.length;
  if (profiled === modelStageCount(pipeline)) return profile;
  if (profiled === stages) return cutIntoChunks(profile, chunks);
  const wanted = chunks === 1 ? '' : `, or ${stages * chunks}, one per chunk`;
  throw InputError.of({
    source: askedBy,
    field: 'pipeline.stages',
    message: `found ${stages}, but ${profile.source} has ${profiled} stages; they must be the same${wanted}`,
  });
}
