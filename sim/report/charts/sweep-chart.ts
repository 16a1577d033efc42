import type { TopLevelSpec } from 'vega-lite';
import { designColumns, groupResults, type ResultColumns } from '../sweep/group-results.js';
import { numberAxis } from './number-axis.js';
import { policyChannels } from './policy-channels.js';

/** The saving of a policy at one value of one field, over everything else that varied. */
export interface FieldEffect {
  readonly field: string;
  readonly value: string;
  readonly policy: string;
  readonly meanPct: number;
  /** The 95 % interval of the mean over seeds, if only seeds vary besides. */
  readonly interval: { readonly lowPct: number; readonly highPct: number } | undefined;
}

/**
 * Mean savings by each field that varied, without max-frequency; with 95 % intervals if only seeds
 * varied besides.
 */
export function fieldEffects(columns: ResultColumns, fields: readonly string[]): FieldEffect[] {
  const design = designColumns(fields);
  return fields.flatMap((field) =>
    groupResults(columns, [field, 'policy'], ['simulated_saving_pct'], design)
      .filter(({ group: [, policy], count }) => policy !== 'max-frequency' && count > 0)
      .map(({ group: [value, policy], mean, halfWidth }) => ({
        field,
        value: String(value),
        policy: String(policy),
        meanPct: mean,
        interval:
          halfWidth === null ? undefined : { lowPct: mean - halfWidth, highPct: mean + halfWidth },
      })),
  );
}

/** Percentages closer to zero than this are due to rounding. */
const LEAST_PCT = 1e-9;

/** The effect of each field on the saving: a panel per field, a line per policy. */
export function fieldChart(effects: readonly FieldEffect[]): TopLevelSpec {
  const fields = [...new Set(effects.map(({ field }) => field))];
  const channels = policyChannels([...new Set(effects.map(({ policy }) => policy))]);
  return {
    columns: 3,
    concat: fields.map((field) =>
      fieldPanel(
        effects.filter((effect) => effect.field === field),
        channels,
      ),
    ),
  };
}

function fieldPanel(
  effects: readonly FieldEffect[],
  { color, strokeDash, shape }: ReturnType<typeof policyChannels>,
) {
  const title = effects[0]!.field;
  const isNumber = effects.every(({ value }) => value.trim() !== '' && isFinite(Number(value)));
  const rows = effects.map(({ policy, value, meanPct, interval }) => {
    return { policy, meanPct, ...interval, value: isNumber ? Number(value) : value };
  });
  const values = rows.map(({ value }) => Number(value));
  const shownPct = rows.flatMap(({ meanPct, lowPct, highPct }) => [meanPct, lowPct, highPct]);
  const y = numberAxis(
    shownPct.filter((pct) => pct !== undefined),
    { title: 'energy saved (%)', padding: 6, least: LEAST_PCT },
  );
  const x = isNumber
    ? numberAxis(values, { title, padding: 8 })
    : { type: 'nominal' as const, title, sort: null };
  return {
    width: 260,
    height: 180,
    data: { values: rows },
    encoding: { x: { field: 'value', ...x }, color },
    layer: [
      {
        mark: { type: 'line' as const, strokeWidth: 1.5 },
        encoding: { y: { field: 'meanPct', ...y }, strokeDash },
      },
      {
        transform: [{ filter: 'isValid(datum.lowPct)' }],
        mark: { type: 'rule' as const },
        encoding: { y: { field: 'lowPct', ...y }, y2: { field: 'highPct' } },
      },
      {
        mark: { type: 'point' as const, filled: true, size: 50, opacity: 1 },
        encoding: { y: { field: 'meanPct', ...y }, shape },
      },
    ],
  };
}

/** Most points of a readable scatter plot; of more rows, every n-th is drawn. */
const MOST_POINTS = 3000;

/** The saving and slowdown of each run's policies: down and right is worse. */
export function tradeOffChart(columns: ResultColumns): TopLevelSpec {
  const { policy = [], slowdown_pct: slower = [], simulated_saving_pct: saved = [] } = columns;
  const rows = policy
    .map((name, k) => ({ policy: String(name), slower: slower[k], saved: saved[k] }))
    .filter(
      (row): row is { policy: string; slower: number; saved: number } =>
        row.policy !== 'max-frequency' &&
        typeof row.saved === 'number' &&
        typeof row.slower === 'number',
    );
  const every = Math.ceil(rows.length / MOST_POINTS);
  const drawn = rows.filter((_, k) => k % every === 0);
  const { color, shape } = policyChannels([...new Set(rows.map((row) => row.policy))]);
  const axis = (values: number[], title: string) =>
    numberAxis(values, { title, hasZero: true, least: LEAST_PCT, tickCount: 8, padding: 8 });
  return {
    width: 560,
    height: 280,
    data: { values: drawn },
    mark: { type: 'point', size: 30, opacity: 0.6 },
    encoding: {
      x: {
        field: 'slower',
        ...axis(
          drawn.map((row) => row.slower),
          'slower than max-frequency (%)',
        ),
      },
      y: {
        field: 'saved',
        ...axis(
          drawn.map((row) => row.saved),
          'energy saved (%)',
        ),
      },
      color,
      shape,
    },
  };
}
