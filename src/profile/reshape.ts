import { least, most } from '../extremes.js';
import {
  byKind,
  scaleStage,
  type ExecutionOption,
  type ProfiledKind,
  type StageProfile,
} from './stage-profile.js';

/**
 * A profile with its stages cut into equal chunks, for pipelines that run several per stage: chunk
 * c of stage s becomes model stage c · stages + s. Each stage's total work is unchanged.
 */
export function cutIntoChunks(profile: StageProfile, chunks: number): StageProfile {
  const pieces = profile.stages.map((stage) => scaleStage(stage, 1 / chunks));
  return { ...profile, stages: Array.from({ length: chunks }, () => pieces).flat() };
}

/**
 * The pipeline's stages as wholes: part v of the model is on stage v mod `stageCount`, and a stage
 * takes and uses the sum of its parts, at the clocks that all of them have.
 */
export function joinChunks(profile: StageProfile, stageCount: number): StageProfile {
  if (profile.stages.length === stageCount) return profile;
  const stages = Array.from({ length: stageCount }, (_, s) => {
    const parts = profile.stages.filter((_, v) => v % stageCount === s);
    return byKind((kind) => combined(parts, kind, 1));
  });
  return { ...profile, stages };
}

/** A profile with each stage's work multiplied by a factor. */
export function imbalanced(profile: StageProfile, factors: readonly number[]): StageProfile {
  return {
    ...profile,
    stages: profile.stages.map((stage, s) => scaleStage(stage, factors[s]!)),
  };
}

/** A profile in which every stage is a multiple of one stage of another profile. */
export function stagesLike(
  profile: StageProfile,
  stage: number,
  factors: readonly number[],
): StageProfile {
  const model = profile.stages[stage]!;
  return { ...profile, stages: factors.map((factor) => scaleStage(model, factor)) };
}

/**
 * The same work spread evenly: every stage takes and uses the mean of all stages, at the clocks
 * that all of them have. Shows what a pipeline could achieve if its model could be cut anywhere.
 */
export function perfectlyBalanced(profile: StageProfile): StageProfile {
  const { stages } = profile;
  const mean = byKind((kind) => combined(stages, kind, stages.length));
  return { ...profile, stages: stages.map(() => mean) };
}

/** Sums over stages, at the clocks that all of them have, divided by `divisor`. */
function combined(
  stages: StageProfile['stages'],
  kind: ProfiledKind,
  divisor: number,
): ExecutionOption[] {
  const tables = stages.map((stage) => new Map(stage[kind].map((o) => [o.frequencyMHz, o])));
  return stages[0]![kind].flatMap(({ frequencyMHz }) => {
    const options = tables.map((table) => table.get(frequencyMHz));
    if (options.includes(undefined)) return [];
    const sumOf = (value: 'timeS' | 'energyJ') =>
      options.reduce((sum, option) => sum + option![value], 0) / divisor;
    return [{ frequencyMHz, timeS: sumOf('timeS'), energyJ: sumOf('energyJ') }];
  });
}

/** The slowest stage over the fastest, forward plus backward at the highest clock. */
export function imbalanceRatio({ stages }: StageProfile): number {
  const times = stages.map(({ forward, backward }) =>
    [forward, backward].reduce(
      (sum, options) =>
        sum + options.reduce((a, b) => (b.frequencyMHz > a.frequencyMHz ? b : a)).timeS,
      0,
    ),
  );
  return most(times) / least(times);
}
