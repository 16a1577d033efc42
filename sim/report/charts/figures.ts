import type { RobustnessRow } from '../../judge/robustness.js';
import type { PolicyName } from '../../../src/planner/policies.js';
import type { FrontierSample } from '../../paper/reproduce-measured.js';
import type { ReproducedFigure } from '../../paper/reproduced.js';
import { lookChannels, policyChannels } from './policy-channels.js';
import { vegaSvg } from './vega-svg.js';
import { MEASURED_LOOK, policyLooks, SOURCE_LOOKS } from '../looks.js';

/** The sources of values, in the order of legends. */
const SOURCES = Object.keys(SOURCE_LOOKS);
const SOURCE_CHANNELS = lookChannels('source', SOURCES, Object.values(SOURCE_LOOKS));

/** Extrinsic saving over the straggler's slowdown, published and ours, one panel per job. */
export function extrinsicFigure(figures: readonly ReproducedFigure[]): Promise<string> {
  const values = figures.flatMap((figure) => {
    const common = {
      job: `${jobTitle(figure.workloadId)} × ${figure.microbatches}`,
      slowdown: figure.slowdown,
    };
    return bySource(figure).map((value) => ({ ...common, ...value }));
  });
  return vegaSvg({
    data: { values },
    facet: { field: 'job', type: 'nominal', title: null },
    columns: 4,
    spec: {
      width: 190,
      height: 130,
      mark: { type: 'line', strokeWidth: 1.5 },
      encoding: {
        x: {
          field: 'slowdown',
          type: 'quantitative',
          title: "straggler T'/T",
          scale: { zero: false },
        },
        y: { field: 'saving', type: 'quantitative', title: 'extrinsic saving (%)' },
        color: SOURCE_CHANNELS.color,
        strokeDash: SOURCE_CHANNELS.strokeDash,
      },
    },
  });
}

/** Saving of Perseus and EnvPipe under a straggler, published and ours, one panel per job. */
export function savingFigure(figures: readonly ReproducedFigure[]): Promise<string> {
  const total = figures.filter((figure) => figure.metric === 'energy_reduction_pct');
  const values = total.flatMap((figure) => {
    const common = { job: jobTitle(figure.workloadId), system: figure.system };
    return bySource(figure).map((value) => ({ ...common, ...value }));
  });
  return vegaSvg({
    data: { values },
    facet: { field: 'job', type: 'nominal', title: null },
    columns: 4,
    spec: {
      width: 150,
      height: 150,
      mark: 'bar',
      encoding: {
        x: { field: 'system', type: 'nominal', title: null, axis: { labelAngle: 0 } },
        xOffset: { field: 'source', sort: SOURCES },
        y: { field: 'saving', type: 'quantitative', title: 'energy saved (%)' },
        color: SOURCE_CHANNELS.color,
      },
    },
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

/** The legend's name for executed plans. */
const MEASURED = 'measured';

/**
 * Time and energy of each policy's plans, simulated, one panel per job; executed plans, as measured,
 * are rings over them.
 */
export function frontierFigure(samples: readonly FrontierSample[]): Promise<string> {
  const values = samples.flatMap(({ workloadId, policy, simulated, measured }) => {
    const point = measured ?? simulated;
    if (point === undefined) return [];
    const { timeS, energyJ } = point;
    return [
      {
        job: jobTitle(workloadId),
        policy: measured === undefined ? policy : MEASURED,
        timeS,
        energyKJ: energyJ / 1e3,
      },
    ];
  });
  const isMeasured = values.some(({ policy }) => policy === MEASURED);
  const channels = lookChannels(
    'policy',
    [...FRONTIER_POLICIES, ...(isMeasured ? [MEASURED] : [])],
    [...policyLooks(FRONTIER_POLICIES), ...(isMeasured ? [MEASURED_LOOK] : [])],
  );
  const axis = (field: string, title: string) => ({
    field,
    type: 'quantitative' as const,
    title,
    scale: { zero: false },
  });
  return vegaSvg({
    data: { values },
    facet: { field: 'job', type: 'nominal', title: null },
    columns: 4,
    resolve: { scale: { x: 'independent', y: 'independent' } },
    spec: {
      width: 190,
      height: 150,
      encoding: {
        x: axis('timeS', 'iteration time (s)'),
        y: axis('energyKJ', 'energy per iteration (kJ)'),
        color: channels.color,
        shape: channels.shape,
      },
      layer: [
        {
          transform: [{ filter: { field: 'policy', oneOf: [...FRONTIER_POLICIES] } }],
          mark: { type: 'line', point: { size: 18 }, strokeWidth: 1 },
        },
        {
          transform: [{ filter: { field: 'policy', equal: MEASURED } }],
          mark: { type: 'point', filled: false, size: 28, strokeWidth: 1 },
        },
      ],
    },
  });
}

/** The surviving part of savings over disturbances: rows of panels per straggler, a line per planner. */
export function robustnessFigure(rows: readonly RobustnessRow[]): Promise<string> {
  const values = rows.map((row) => ({
    planner: row.planner,
    what: row.disturbance,
    when: row.slowdown === 1 ? 'no straggler' : `straggler ${row.slowdown}×`,
    level: row.levelPct,
    survives: row.survivesPct ?? null,
    slower: row.slowerPct,
  }));
  const planners = [...new Set(rows.map(({ planner }) => planner))];
  const { color, shape } = policyChannels(planners, 'planner');
  const panel = (when: string, what: string, field: string, title: string) => ({
    title: `${what}, ${when}`,
    width: 170,
    height: 120,
    transform: [
      { filter: { field: 'when', equal: when } },
      { filter: { field: 'what', equal: what } },
    ],
    mark: { type: 'line' as const, point: { size: 18 }, strokeWidth: 1.5 },
    encoding: {
      x: { field: 'level', type: 'quantitative' as const, title: 'off by (%)' },
      y: {
        field,
        type: 'quantitative' as const,
        title,
        scale: { zero: field === 'slower' },
      },
      color,
      shape,
    },
  });
  const whats = [...new Set(rows.map(({ disturbance }) => disturbance))];
  const whens = [...new Set(values.map(({ when }) => when))];
  return vegaSvg({
    data: { values },
    vconcat: whens.flatMap((when) =>
      [
        ['survives', 'of the saving survives (%)'],
        ['slower', 'slower (%)'],
      ].map(([field, title]) => ({
        hconcat: whats.map((what) => panel(when, what, field!, title!)),
      })),
    ),
  });
}

/** A figure's three values, one row per source. */
function bySource({ valuePct, plannedPct, simulatedPct }: ReproducedFigure) {
  return [
    { source: 'published', saving: valuePct },
    { source: 'planned', saving: plannedPct },
    { source: 'simulated', saving: simulatedPct },
  ];
}

/** `A40+bert-huge-uncased+dp1+pp8+tp1` → `A40 bert-huge-uncased`. */
function jobTitle(workloadId: string): string {
  return workloadId.split('+').slice(0, 2).join(' ');
}
