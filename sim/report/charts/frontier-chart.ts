import {
  axisX,
  axisY,
  dot,
  gridX,
  gridY,
  lineY,
  pointer,
  ruleX,
  text,
  tip,
  type ScaleOptions,
} from '@observablehq/plot';
import { least, most } from '../../../src/extremes.js';
import type { KeptRun } from '../../run/kept-run.js';
import { PALETTE, PINNED_LOOK, policyLooks, type Look } from '../looks.js';
import { energyUnit, fixed } from '../numbers.js';
import type { Chart } from './chart.js';
import { framed, SCREEN_STYLE, verticalTitle, type ChartStyle } from './chart-style.js';
import { legend, lookEntries, type LegendEntry } from './legend.js';
import { lookSymbol } from './look-symbol.js';
import { numberScale } from './number-scale.js';
import { stragglerTime } from './straggler-time.js';

/** The frontiers of one pipeline, with the points of policies and the straggler. */
export interface FrontierPicture {
  readonly lines: readonly { policy: string; timeS: number; energyJ: number }[];
  /** Plans that pipelines run. */
  readonly plans: readonly { policy: string; plan: string; timeS: number; energyJ: number }[];
  /** T', by the planners' count; undefined without a known straggler. */
  readonly deadlineS: number | undefined;
  /** The plan of a result that is kept for comparison. */
  readonly pinned?: PinnedPlan;
}

/** A policy's plan for one pipeline, of another run. */
export interface PinnedPlan {
  readonly policy: string;
  readonly timeS: number;
  readonly energyJ: number;
}

/** A range grows for a pinned plan until the rest takes no more than this part of it. */
const LEAST_PART = 1 / 5;

/** The data that pictures of a run's frontiers show. @param isShown whether a policy is in it. */
export function frontierPicture(
  kept: KeptRun,
  isShown: (policy: string) => boolean = () => true,
): FrontierPicture {
  const policies = kept.policies.filter(({ policy }) => isShown(policy));
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
  return { lines, plans, deadlineS: stragglerTime(kept) };
}

/** A point of the chart, with energy in its unit. */
interface DrawnPoint {
  readonly policy: string;
  readonly plan?: string;
  readonly timeS: number;
  readonly energy: number;
}

/** The frontiers of one pipeline as planned, with each policy's plans and the straggler's T'. */
export function frontierChart(
  { lines, plans, deadlineS, pinned }: FrontierPicture,
  style: ChartStyle = SCREEN_STYLE,
): Chart {
  const unit = energyUnit(most(plans.map(({ energyJ }) => energyJ)));
  const inUnit = <T extends { energyJ: number }>(rows: readonly T[]) =>
    rows.map((row) => ({ ...row, energy: row.energyJ / unit.joules }));
  const points = { lines: inUnit(lines), plans: inUnit(plans) };
  const all: readonly DrawnPoint[] = [...points.plans, ...points.lines];
  const policies = [...new Set(plans.map(({ policy }) => policy))];
  const looks = policyLooks(policies);
  const planned = all.map(({ timeS }) => timeS);
  const own = {
    times: deadlineS === undefined ? planned : [...planned, deadlineS],
    energies: all.map(({ energy }) => energy),
  };
  const kept = pinned === undefined ? [] : inUnit([pinned]);
  const seen = kept.filter(
    ({ timeS, energy }) => hasRoom(own.times, timeS) && hasRoom(own.energies, energy),
  );
  const x = numberScale([...own.times, ...seen.map(({ timeS }) => timeS)], {
    label: 'planned iteration time (s)',
    margin: 0.04,
  });
  const y = numberScale([...own.energies, ...seen.map(({ energy }) => energy)], {
    label: `energy per iteration (${unit.name})`,
    margin: 0.06,
  });
  const entries = [
    ...lookEntries(policies, looks),
    ...kept.map((plan) => pinnedEntry(seen.includes(plan))),
  ];
  const key = legend(entries, style);
  const frame = framed(style, { heightPx: 300, leftChars: y.labelChars, topPx: key.heightPx });
  return {
    ...frame,
    x: x.scale,
    y: { ...y.scale, label: null },
    marks: [
      key.mark,
      verticalTitle(y.label, style, frame),
      gridX(),
      gridY(),
      axisX(),
      axisY(),
      ...(deadlineS === undefined ? [] : deadlineMarks(deadlineS)),
      ...policies.flatMap((policy, k) => policyMarks(policy, looks[k]!, points)),
      ...seen.flatMap((plan) => pinnedMarks(plan, x.scale)),
      tip(
        [...all, ...seen.map((plan) => ({ ...plan, policy: `pinned, ${plan.policy}` }))],
        pointer({
          x: 'timeS',
          y: 'energy',
          title: (point: DrawnPoint) => tipText(point, unit.name),
        }),
      ),
    ],
  };
}

function policyMarks(
  policy: string,
  { colour, dash, shape }: Look,
  points: { readonly lines: readonly DrawnPoint[]; readonly plans: readonly DrawnPoint[] },
) {
  const line = points.lines.filter((point) => point.policy === policy);
  const plans = points.plans.filter((point) => point.policy === policy);
  const place = { x: 'timeS', y: 'energy' };
  return [
    lineY(line, { ...place, stroke: colour.light, strokeDasharray: dash.join(' ') }),
    // The fastest plan of a policy is hollow if it has another one.
    ...plans.map((plan, k) =>
      dot([plan], {
        ...place,
        symbol: lookSymbol(shape),
        r: 6,
        fill: k < plans.length - 1 ? 'none' : colour.light,
        stroke: colour.light,
        strokeWidth: 2,
      }),
    ),
  ];
}

/** Whether values take enough of the range that holds another one too. */
function hasRoom(values: readonly number[], other: number): boolean {
  const [low, high] = [least(values), most(values)];
  // A single value has no range to be compared with: that of the other one's order does.
  const range = high - low || Math.abs(high);
  return range >= LEAST_PART * (Math.max(high, other) - Math.min(low, other));
}

function pinnedEntry(isSeen: boolean): LegendEntry {
  const { colour, shape } = PINNED_LOOK;
  const name = isSeen ? 'pinned' : 'pinned: beyond this picture';
  return { name, colour: colour.light, ring: shape };
}

/** A hollow mark with its name, below the handle's reading and on the side where there is room. */
function pinnedMarks(plan: DrawnPoint, { domain }: ScaleOptions) {
  const [from, until] = domain as [number, number];
  const isLeft = plan.timeS < from + 0.7 * (until - from);
  const { colour, shape } = PINNED_LOOK;
  const place = { x: 'timeS', y: 'energy', className: 'pinned' };
  return [
    dot([plan], {
      ...place,
      symbol: lookSymbol(shape),
      r: 13,
      fill: 'none',
      stroke: colour.light,
      strokeWidth: 2,
    }),
    text([plan], {
      ...place,
      text: () => 'pinned',
      fill: colour.light,
      stroke: PALETTE.paper.light,
      strokeWidth: 4,
      textAnchor: isLeft ? 'start' : 'end',
      dx: isLeft ? 12 : -12,
      dy: 13,
    }),
  ];
}

function deadlineMarks(deadlineS: number) {
  return [
    ruleX([deadlineS], { strokeDasharray: '2 3' }),
    text([deadlineS], {
      ...{ x: (timeS: number) => timeS, frameAnchor: 'top', textAnchor: 'end', dx: -5, dy: 3 },
      text: () => 'straggler T′',
    }),
  ];
}

function tipText({ policy, plan, timeS, energy }: DrawnPoint, unit: string): string {
  const name = plan === undefined ? policy : `${policy}, ${plan}`;
  return `${name}\n${fixed(timeS, 3)} s\n${fixed(energy, 3)} ${unit}`;
}
