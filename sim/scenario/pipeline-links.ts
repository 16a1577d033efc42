import { SpoiltFieldError } from '../../src/errors.js';
import { scheduleLinkCount, shapeProblems } from '../../src/pipeline/schedules.js';
import type { Scenario } from './scenario-schema.js';

/**
 * How many links the pipeline has.
 * @throws SpoiltFieldError if its shape is wrong, which `pipelineProblems` says.
 */
export function linksOf({ pipeline }: Scenario): number {
  if (shapeProblems(pipeline.schedule, pipeline).length > 0) {
    throw new SpoiltFieldError('the shape of the pipeline is wrong');
  }
  return scheduleLinkCount(pipeline.schedule, pipeline);
}

/** Whether stages hand anything on that takes time. */
export function hasTransfers({ timing, communication, pipeline }: Scenario): boolean {
  const takeTime = [timing.transferS ?? 0].flat().some((timeS) => timeS > 0);
  return pipeline.stages > 1 && (takeTime || (communication?.activationMB ?? 0) > 0);
}
