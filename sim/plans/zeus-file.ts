import { commentLines } from './zeus-comments.js';
import type { PipelineClocks } from './clock-lists.js';
import type { PlanFile } from './plan-file.js';
import { pythonFloat } from './python-float.js';

/** Name of the file of a frontier's plan: numbers grow towards the fastest. */
export function zeusFileName(index: number): string {
  return `freqs_pipeline_${String(index).padStart(5, '0')}.py`;
}

/** Names of such files. */
export const ZEUS_FILE = /^freqs_pipeline_(\d+)\.py$/;

/**
 * A plan as Zeus' server and Kareus read it: a line for each stage, then its costs as comments.
 */
export function zeusText(plan: Omit<PlanFile, 'source'>): string {
  return ['[', ...stageLines(plan.clocks), ']', ...commentLines(plan), ''].join('\n');
}

/** A line of Python for each stage: the list of its instructions, and a comma. */
export function stageLines(clocks: PipelineClocks): string[] {
  return clocks.map((stage) => {
    const entries = stage.map(({ kind, frequencyMHz }) =>
      kind === undefined
        ? pythonNumber(frequencyMHz)
        : `('${kind}', ${pythonNumber(frequencyMHz)})`,
    );
    return `[${entries.join(', ')}],`;
  });
}

/** Whole clocks are integers, as in Zeus. */
function pythonNumber(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : pythonFloat(value);
}
