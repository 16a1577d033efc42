import { SpoiltFieldError } from '../../src/errors.js';
import { scheduleLinkCount, shapeProblems } from '../../src/pipeline/schedules.js';
import type { Scenario } from './scenario-schema.js';

/**
 * The number of links of the pipeline.
 * @throws SpoiltFieldError if its shape is invalid; `pipelineProblems` reports that.
 */
export function linksOf({ pipeline }: Scenario): number {
  if (shapeProblems(pipeline.schedule, pipeline).length > 0) {
    throw new SpoiltFieldError('the shape of the pipeline is wrong');
  }
  return scheduleLinkCount(pipeline.schedule, pipeline);
}

/** Returns whether any transfer between stages takes time. */
export function hasTransfers({ timing, communication, pipeline }: Scenario): boolean {
  const takeTime = [timing.transferS ?? 0].flat().some((timeS) => timeS > 0);
  return pipeline.stages > 1 && (takeTime || (communication?.activationMB ?? 0) > 0);
}
