import type { ComputationDag } from '../../../src/pipeline/dag.js';
import { entryOf } from '../../../src/groups.js';
import type { Setting } from '../../scenario/scenario-setting.js';
import type { ExecutedWorkload } from '../../training/pipeline-run.js';

/** Speed and power of work under each ceiling of the clocks, lowest ceiling first. */
export interface CeilingOptions {
  /** Relative to the speed as executed. */
  readonly speed: Float64Array;
  /** Of one GPU. */
  readonly powerW: Float64Array;
}

/** The clocks of all operations, ascending: the ceilings that make a difference. */
export function clockCeilings(physics: Setting['physics']): number[] {
  const clocks = new Set<number>();
  for (const operation of physics) {
    const { highestMHz, lowestMHz } = operation;
    for (let clock = highestMHz; ; clock = operation.clockAtMost(clock * (1 - 1e-12))) {
      clocks.add(clock);
      if (clock <= lowestMHz) break;
    }
  }
  return [...clocks].sort((a, b) => a - b);
}

/**
 * Speed and power of an instruction's computing under each ceiling: it runs at its clock as executed,
 * or, if that is above the ceiling, at the operation's highest one below it. Instructions of one
 * operation at one clock share them.
 */
export function ceilingOptions(
  dag: ComputationDag,
  physics: Setting['physics'],
  ceilingsMHz: readonly number[],
): (executed: ExecutedWorkload, instruction: number) => CeilingOptions {
  const known = new Map<string, CeilingOptions>();
  return ({ clockMHz, powerW }, i) => {
    const operation = dag.operation[i]!;
    const executedMHz = clockMHz[i]!;
    const executedW = powerW[i]!;
    return entryOf(known, `${operation} ${executedMHz} ${executedW}`, () => {
      const at = physics[operation]!;
      const ownMHz = ceilingsMHz.map((ceilingMHz) =>
        Math.min(executedMHz, at.clockAtMost(Math.min(executedMHz, ceilingMHz))),
      );
      const isOwn = (clock: number) => clock === executedMHz;
      return {
        speed: Float64Array.from(ownMHz, (clock) =>
          isOwn(clock) ? 1 : at.timeS(executedMHz) / at.timeS(clock),
        ),
        powerW: Float64Array.from(ownMHz, (clock) => (isOwn(clock) ? executedW : at.powerW(clock))),
      };
    });
  };
}
