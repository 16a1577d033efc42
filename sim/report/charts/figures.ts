import { rectY, type Markish } from '@observablehq/plot';
import { groupBy } from '../../../src/groups.js';
import type { PolicyName } from '../../../src/planner/policy-names.js';
import type { FrontierSample } from '../../paper/reproduce-measured.js';
import type { ReproducedFigure } from '../../paper/reproduced.js';
import { MEASURED_LOOK, policyLook, SOURCE_LOOKS, type Look } from '../looks.js';
import { SCREEN_STYLE, type ChartStyle } from './chart-style.js';
import type { LegendEntry } from './legend.js';
import { lookDots, lookLine, lookRings, type PanelPoint } from './look-marks.js';
import { panelGridSvg, type Panel, type PanelAxis, type PanelRow } from './panel-grid.js';
import { paperJob, paperJobName } from './paper-names.js';

/** The style of the paper's figures in reports and on pages: many panels are wide. */
export const WIDE_STYLE: ChartStyle = { ...SCREEN_STYLE, widthPx: 860 };

/** The part of a reproduced figure that is drawn. */
export type DrawnReproduction = Pick<
  ReproducedFigure,
  | 'workloadId'
  | 'microbatches'
  | 'slowdown'
  | 'system'
  | 'metric'
  | 'valuePct'
  | 'plannedPct'
  | 'simulatedPct'
>;

type Source = keyof typeof SOURCE_LOOKS;

/** The value of a figure in a source. */
const VALUES: Readonly<Record<Source, (figure: DrawnReproduction) => number>> = {
  published: ({ valuePct }) => valuePct,
  planned: ({ plannedPct }) => plannedPct,
  simulated: ({ simulatedPct }) => simulatedPct,
};

/** The sources, in the order of legends. */
const SOURCES = Object.keys(SOURCE_LOOKS) as Source[];

/** Published values are marks, and ours lines under them. */
const EXTRINSIC_LEGEND: readonly LegendEntry[] = SOURCES.map((name) => {
  const { colour, dash, shape }: Look = SOURCE_LOOKS[name];
  return { name, colour: colour.light, ...(name === 'published' ? { ring: shape } : { dash }) };
});

/** Most published marks in a panel: more would hide the lines. */
const MOST_MARKS = 12;

/** Figure 8: extrinsic saving over the straggler's slowdown; a row per job, a column per number of microbatches. */
export function extrinsicFigure(
  figures: readonly DrawnReproduction[],
  style: ChartStyle = WIDE_STYLE,
): string {
  const x = spanOf(figures.map(({ slowdown }) => slowdown));
  const y = spanOf([
    0,
    ...figures.flatMap((figure) => SOURCES.map((name) => VALUES[name](figure))),
  ]);
  const jobs = groupBy(figures, ({ workloadId }) => paperJobName(workloadId));
  const counts = [...new Set(figures.map(({ microbatches }) => microbatches))].toSorted(
    (a, b) => a - b,
  );
  const rows = [...jobs].map(([heading, ofJob]): PanelRow => ({
    ...{ heading, y, yTitle: 'extrinsic saving (%)' },
    panels: counts.map((count) => ({
      ...{ x, marks: extrinsicMarks(ofJob.filter(({ microbatches }) => microbatches === count)) },
    })),
  }));
  const columns = counts.map(String);
  const columnsTitle = 'microbatches';
  return panelGridSvg(
    {
      columnsTitle,
      columns,
      rows,
      xTitle: 'slowdown of the straggler, T′/T',
      legend: EXTRINSIC_LEGEND,
    },
    style,
  );
}

function extrinsicMarks(figures: readonly DrawnReproduction[]): Markish[] {
  const sorted = figures.toSorted((a, b) => a.slowdown - b.slowdown);
  const points = (name: Source) =>
    sorted.map((figure) => ({ x: figure.slowdown, y: VALUES[name](figure) }));
  const every = Math.ceil(sorted.length / MOST_MARKS);
  const published = points('published').filter((_, k) => k % every === 0);
  return [
    lookLine(points('planned'), SOURCE_LOOKS.planned),
    lookLine(points('simulated'), SOURCE_LOOKS.simulated),
    lookRings(published, SOURCE_LOOKS.published),
  ];
}

/** Figure 7: saving of each system under a straggler; a panel per job, a bar per source. */
export function savingFigure(
  figures: readonly DrawnReproduction[],
  style: ChartStyle = WIDE_STYLE,
): string {
  const total = figures.filter(({ metric }) => metric === 'energy_reduction_pct');
  const y = spanOf([0, ...total.flatMap((figure) => SOURCES.map((name) => VALUES[name](figure)))]);
  const panels = [...groupBy(total, ({ workloadId }) => workloadId)].map(
    ([workloadId, members]): Panel => {
      const systems = [...new Set(members.map(({ system }) => system))];
      return {
        title: paperJobName(workloadId),
        x: {
          domain: [-0.5, systems.length - 0.5],
          ticks: systems.map((_, k) => k),
          label: (k) => systems[k]!,
        },
        marks: SOURCES.map((name, s) => bars(members, systems, name, s)),
      };
    },
  );
  const row = { y, yTitle: 'energy saved (%)' };
  const rows = chunks(panels, style.widthPx / style.fontPx > 45 ? 4 : 2).map((each) => ({
    ...{ ...row, panels: each },
  }));
  const legend = SOURCES.map((name) => ({ name, colour: SOURCE_LOOKS[name].colour.light }));
  return panelGridSvg({ rows, xTitle: '', legend }, style);
}

/** The part of a system's room that its bars take. */
const BARS = 0.8;

function bars(
  figures: readonly DrawnReproduction[],
  systems: readonly string[],
  source: Source,
  s: number,
): Markish {
  const width = BARS / SOURCES.length;
  const values = figures.map((figure) => {
    const from = systems.indexOf(figure.system) - BARS / 2 + s * width;
    return { from, until: from + width, y: VALUES[source](figure) };
  });
  const fill = SOURCE_LOOKS[source].colour.light;
  return rectY(values, {
    ...{ x1: 'from', x2: 'until', y: 'y', fill },
    insetLeft: 0.5,
    insetRight: 0.5,
  });
}

/** The policies of figure 9, in the order of its legend. */
const FRONTIER_POLICIES: readonly PolicyName[] = [
  'perseus',
  'zeus-global',
  'zeus-per-stage',
  'envpipe',
  'max-frequency',
];

/** The narrowest panel of figure 9, in ems. */
const FRONTIER_PANEL_EM = 7;

/**
 * Figure 9: time and energy of each policy's plans as simulated, a panel per job; executed plans, as
 * measured, are rings over them. Relative to the highest clocks, so that all jobs share their axes.
 */
export function frontierFigure(
  samples: readonly FrontierSample[],
  style: ChartStyle = WIDE_STYLE,
): string {
  const jobs = [...groupBy(samples, ({ workloadId }) => workloadId)].map(
    ([workloadId, members]) => {
      const relative = relativeSamples(members);
      return { ...paperJob(workloadId), relative };
    },
  );
  const all = jobs.flatMap(({ relative }) => relative.map(({ point }) => point));
  const axes = { x: spanOf(all.map(({ x }) => x)), y: spanOf(all.map(({ y }) => y)) };
  const columns = Math.max(
    1,
    Math.floor((style.widthPx / style.fontPx - 4) / (FRONTIER_PANEL_EM + 1)),
  );
  const rows = [...groupBy(jobs, ({ gpu }) => gpu)].flatMap(([gpu, ofGpu]) => {
    const panels = ofGpu.map(({ model, relative }) => ({
      ...{ title: model, x: axes.x },
      marks: frontierMarks(relative),
    }));
    return chunks(panels, columns).map((each, k): PanelRow => ({
      ...(k === 0 && { heading: gpu }),
      ...{ y: axes.y, yTitle: 'energy relative to the highest clocks', panels: each },
    }));
  });
  return panelGridSvg(
    {
      rows,
      xTitle: 'iteration time relative to the highest clocks',
      legend: frontierLegend(jobs.map(({ relative }) => relative)),
    },
    style,
  );
}

/** A plan's time and energy as parts of those of the highest clocks. */
interface RelativeSample {
  /** Undefined for what was measured. */
  readonly policy: string | undefined;
  readonly point: PanelPoint;
}

/** The samples of a job against its simulated run at the highest clocks, or else its fastest measured one. */
function relativeSamples(samples: readonly FrontierSample[]): RelativeSample[] {
  const highest = samples.find(({ policy }) => policy === 'max-frequency')?.simulated;
  const measured = samples.flatMap((sample) => sample.measured ?? []);
  const base = highest ?? measured.reduce((a, b) => (b.timeS < a.timeS ? b : a));
  return samples.flatMap(({ policy, simulated, measured: executed }) => {
    const point = executed ?? simulated;
    if (point === undefined) return [];
    return [
      {
        policy: executed === undefined ? policy : undefined,
        point: { x: point.timeS / base.timeS, y: point.energyJ / base.energyJ },
      },
    ];
  });
}

function frontierMarks(samples: readonly RelativeSample[]): Markish[] {
  const of = (name: string | undefined) =>
    samples.filter(({ policy }) => policy === name).map(({ point }) => point);
  return [
    ...FRONTIER_POLICIES.toReversed().flatMap((policy) => {
      const points = of(policy).toSorted((a, b) => a.x - b.x);
      const look = policyLook(policy);
      // A curve of one point is that point.
      return points.length > 1 ? [lookLine(points, look)] : [lookDots(points, look)];
    }),
    lookRings(of(undefined), MEASURED_LOOK),
  ];
}

function frontierLegend(jobs: readonly (readonly RelativeSample[])[]): LegendEntry[] {
  const most = (name: string | undefined) =>
    Math.max(0, ...jobs.map((samples) => samples.filter(({ policy }) => policy === name).length));
  const policies = FRONTIER_POLICIES.flatMap((name): LegendEntry[] => {
    const { colour, dash, shape } = policyLook(name);
    const sample = most(name) > 1 ? { dash } : { shape };
    return most(name) === 0 ? [] : [{ name, colour: colour.light, ...sample }];
  });
  const { colour, shape } = MEASURED_LOOK;
  const measured = { name: 'measured', colour: colour.light, ring: shape };
  return most(undefined) === 0 ? policies : [...policies, measured];
}

/** An axis that holds all values, with a little room at its ends; zero is an end if it is the least. */
export function spanOf(values: readonly number[]): PanelAxis {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = high > low ? 0.04 * (high - low) : Math.max(1e-9, 0.05 * Math.abs(high));
  return { domain: [low === 0 && high > 0 ? 0 : low - room, high + room] };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, k) =>
    items.slice(k * size, (k + 1) * size),
  );
}
