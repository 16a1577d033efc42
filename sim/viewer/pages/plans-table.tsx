import { most } from '../../../src/extremes.js';
import type { FrontierPicture } from '../../report/charts/frontier-chart.js';
import { energyUnit, fixed } from '../../report/numbers.js';
import { DataTable } from '../data-table.js';

/** The plans that pipelines run, as figures. */
export function PlansTable({ picture: { plans } }: { readonly picture: FrontierPicture }) {
  const unit = energyUnit(most(plans.map(({ energyJ }) => energyJ)));
  const rows = plans.map(({ policy, plan, timeS, energyJ }) => [
    policy,
    plan,
    fixed(timeS, 3),
    fixed(energyJ / unit.joules, 3),
  ]);
  return (
    <DataTable
      head={['policy', 'plan', 'time s', `energy ${unit.name}`]}
      rows={rows}
      label="Plans"
    />
  );
}

/** The parts of the frontier's picture, in words. */
export function frontierCaption({ plans, deadlineS }: FrontierPicture): string {
  const deadline =
    deadlineS === undefined
      ? ''
      : ` The dotted line is the straggler’s time T′, ${fixed(deadlineS, 3)} s.`;
  const hollow = plans.some(({ plan }) => plan !== 'fastest')
    ? ', filled those for the straggler'
    : '';
  return `Lines: the possible plans of each policy for one pipeline, from slowest to fastest. Points: the plans that pipelines run${hollow}.${deadline} As planned, all GPUs of one pipeline.`;
}
