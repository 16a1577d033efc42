import { most } from '../../../src/extremes.js';
import type { TopLevelSpec } from 'vega-lite';
import type { KeptRun } from '../../run/kept-run.js';
import { energyUnit } from '../numbers.js';
import { numberAxis } from './number-axis.js';
import { policyChannels } from './policy-channels.js';

/** The frontiers of one pipeline, with the points of policies and the straggler. */
export interface FrontierPicture {
  readonly lines: readonly { policy: string; timeS: number; energyJ: number }[];
  /** Plans that pipelines run. */
  readonly plans: readonly { policy: string; plan: string; timeS: number; energyJ: number }[];
  /** T', by the planners' count; undefined without a known straggler. */
  readonly deadlineS: number | undefined;
}

/** The data that pictures of a run's frontiers show. */
export function frontierPicture({ policies }: KeptRun): FrontierPicture {
  const lines = policies.flatMap(({ policy, frontier }) =>
    frontier.length < 2 ? [] : frontier.map((point) => ({ policy, ...point })),
  );
  const plans = policies.flatMap(({ policy, fastest, shown }) => {
    const point = (plan: string, { plannedTimeS, plannedEnergyJ }: typeof fastest) => ({
      policy,
      plan,
      timeS: plannedTimeS,
      energyJ: plannedEnergyJ,
    });
    const own = point('fastest', fastest);
    return shown.plan === fastest ? [own] : [own, point('for the straggler', shown.plan)];
  });
  const { known, stragglerTimeS } = policies[0]!.shown;
  return { lines, plans, deadlineS: known.length > 0 ? stragglerTimeS : undefined };
}

/** The frontiers of one pipeline as planned, with each policy's plans and the straggler's T'. */
export function frontierChart(picture: FrontierPicture): TopLevelSpec {
  const { lines, plans, deadlineS } = picture;
  const unit = energyUnit(most(plans.map(({ energyJ }) => energyJ)));
  const inUnit = <T extends { energyJ: number }>(rows: readonly T[]) =>
    rows.map((row) => ({ ...row, energy: row.energyJ / unit.joules }));
  const policies = [...new Set(plans.map(({ policy }) => policy))];
  const all = [...lines, ...plans];
  const timesS = all.map(({ timeS }) => timeS);
  const x = {
    field: 'timeS',
    ...numberAxis(deadlineS === undefined ? timesS : [...timesS, deadlineS], {
      title: 'iteration time of a pipeline (s)',
      tickCount: 8,
      padding: 12,
    }),
  };
  const energies = all.map(({ energyJ }) => energyJ / unit.joules);
  const y = {
    field: 'energy',
    ...numberAxis(energies, { title: `energy of a pipeline (${unit.name})`, padding: 12 }),
  };
  const { color, strokeDash, shape } = policyChannels(policies);
  return {
    width: 620,
    height: 300,
    layer: [
      {
        data: { values: inUnit(lines) },
        mark: { type: 'line', strokeWidth: 2 },
        encoding: { x, y, color, strokeDash },
      },
      ...(deadlineS === undefined ? [] : deadlineLayers(deadlineS)),
      {
        data: { values: inUnit(plans) },
        mark: { type: 'point', size: 110, opacity: 1, strokeWidth: 2 },
        encoding: { x, y, stroke: color, fill: color, shape, ...planChannel(plans) },
      },
    ],
  };
}

/** The fastest plan of a policy is hollow if it has another one. */
function planChannel(plans: FrontierPicture['plans']) {
  const names = [...new Set(plans.map(({ plan }) => plan))];
  if (names.length < 2) return {};
  return {
    fillOpacity: {
      field: 'plan',
      type: 'ordinal' as const,
      sort: null,
      title: 'plan',
      scale: { domain: names, range: names.map((_, k) => (k === 0 ? 0 : 1)) },
    },
  };
}

function deadlineLayers(deadlineS: number): Extract<TopLevelSpec, { layer: unknown }>['layer'] {
  const values = [{ timeS: deadlineS, label: 'straggler' }];
  const x = { field: 'timeS', type: 'quantitative' as const };
  return [
    {
      data: { values },
      mark: { type: 'rule', strokeDash: [2, 3], color: 'currentColor' },
      encoding: { x },
    },
    {
      data: { values },
      mark: { type: 'text', align: 'right', dx: -5, baseline: 'top', y: 2, color: 'currentColor' },
      encoding: { x, text: { field: 'label' } },
    },
  ];
}
