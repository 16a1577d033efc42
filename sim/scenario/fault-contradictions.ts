import type { ScenarioProblem } from './scenario-problems.js';
import type { Scenario } from './scenario-schema.js';

type Fields = Readonly<Record<string, unknown>>;

/** Finds valid fields of `faults` that do not go together. */
export function faultContradictions({ faults }: Scenario): ScenarioProblem[] {
  if (faults === undefined) return [];
  const { checkpoint } = faults;
  return [
    ...oneOf(faults, ['perGpuHour', 'mtbfGpuHours']),
    ...oneOf(faults, ['days', 'iterations']),
    ...oneOf(checkpoint, ['best', 'everyS', 'everyIterations'], 'checkpoint'),
    ...spareProblems(faults),
    ...backgroundProblems(checkpoint),
  ];
}

/** Fields that say the same thing in different ways: at most one of them is given. */
function oneOf(fields: Fields, names: readonly string[], ...within: string[]): ScenarioProblem[] {
  const [first, ...others] = names.filter((name) => fields[name] !== undefined);
  return others.map((name) => ({
    path: ['faults', ...within, name],
    message: `does not go with ${first!}; leave one of the two out`,
  }));
}

/** Nodes at hand and their repair go together; the rest describes them. */
function spareProblems({
  spares,
  repairS,
  sparePowerW,
  withoutSpare,
}: NonNullable<Scenario['faults']>): ScenarioProblem[] {
  const lacks = (name: string, message: string) => [{ path: ['faults', name], message }];
  if (spares !== undefined) {
    return repairS === undefined
      ? lacks('repairS', 'found nothing, expected the time to repair a node, which spares need')
      : [];
  }
  const given = { repairS, sparePowerW, withoutSpare: withoutSpare === 'wait' ? undefined : true };
  return Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name]) =>
      lacks(name, 'describes nodes at hand, but there is always one without spares; give spares'),
    );
}

/** A checkpoint that is written while GPUs compute is finished before the next one begins. */
function backgroundProblems({
  blocking,
  pauseS,
  timeS,
  everyS = Infinity,
}: NonNullable<Scenario['faults']>['checkpoint']): ScenarioProblem[] {
  const at = (name: string, message: string) => [{ path: ['faults', 'checkpoint', name], message }];
  if (blocking) {
    return pauseS > 0 ? at('pauseS', 'goes with blocking: false; leave one of the two out') : [];
  }
  return everyS < timeS
    ? at('everyS', `found ${everyS}, expected at least ${timeS}, the time to write a checkpoint`)
    : [];
}
