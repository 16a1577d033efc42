import type { TopLevelSpec } from 'vega-lite';
import { designColumns, groupResults, type ResultColumns } from '../results-table.js';
import { COLOURS } from './vega-svg.js';

/** What every policy saves where one field has one value, over all that else varied. */
export interface FieldEffect {
  readonly field: string;
  readonly value: string;
  readonly policy: string;
  readonly meanPct: number;
  /** 95 % interval of the mean over seeds, if there is one. */
  readonly lowPct: number | null;
  readonly highPct: number | null;
}

/**
 * Mean savings by each field that varied, without max-frequency; with 95 % intervals where nothing but
 * seeds varied besides.
 */
export function fieldEffects(columns: ResultColumns, fields: readonly string[]): FieldEffect[] {
  return fields.flatMap((field) =>
    groupResults(columns, [field, 'policy'], ['simulated_saving_pct'], designColumns(fields))
      .filter(({ group: [, policy], count }) => policy !== 'max-frequency' && count > 0)
      .map(({ group: [value, policy], mean, halfWidth }) => ({
        field,
        value: String(value),
        policy: String(policy),
        meanPct: mean,
        lowPct: halfWidth === null ? null : mean - halfWidth,
        highPct: halfWidth === null ? null : mean + halfWidth,
      })),
  );
}

/** What each field does to the saving: a panel a field, a line a policy. */
export function fieldChart(effects: readonly FieldEffect[]): TopLevelSpec {
  const fields = [...new Set(effects.map(({ field }) => field))];
  const policies = [...new Set(effects.map(({ policy }) => policy))];
  return {
    columns: 3,
    concat: fields.map((field) => {
      const values = effects.filter((effect) => effect.field === field);
      const isNumber = values.every(({ value }) => value.trim() !== '' && isFinite(Number(value)));
      return {
        width: 260,
        height: 180,
        data: {
          values: values.map((row) => (isNumber ? { ...row, value: Number(row.value) } : row)),
        },
        encoding: {
          x: {
            field: 'value',
            title: field,
            ...(isNumber
              ? { type: 'quantitative' as const, scale: { zero: false, padding: 8 } }
              : { type: 'nominal' as const, sort: null }),
          },
          color: {
            field: 'policy',
            type: 'nominal' as const,
            title: 'policy',
            scale: { domain: policies, range: [...COLOURS].slice(0, policies.length) },
          },
        },
        layer: [
          {
            mark: { type: 'line' as const, strokeWidth: 1.5 },
            encoding: {
              y: {
                field: 'meanPct',
                type: 'quantitative' as const,
                title: 'energy saved (%)',
                scale: { zero: false },
              },
              strokeDash: { field: 'policy', type: 'nominal' as const, title: 'policy' },
            },
          },
          {
            mark: { type: 'rule' as const },
            transform: [{ filter: 'datum.lowPct !== null' }],
            encoding: {
              y: { field: 'lowPct', type: 'quantitative' as const },
              y2: { field: 'highPct' },
            },
          },
          {
            mark: { type: 'point' as const, filled: true, size: 30 },
            encoding: { y: { field: 'meanPct', type: 'quantitative' as const } },
          },
        ],
      };
    }),
  };
}

/** Points beyond which a scatter plot is a blot: every so many of the rows then. */
const MOST_POINTS = 3000;

/** What each run's policies save, and how much they slow the job: down and right is worse. */
export function tradeOffChart(columns: ResultColumns): TopLevelSpec {
  const { policy = [], slowdown_pct: slower = [], simulated_saving_pct: saved = [] } = columns;
  const rows = policy
    .map((name, k) => ({ policy: name, slower: slower[k], saved: saved[k] }))
    .filter((row) => row.policy !== 'max-frequency' && typeof row.saved === 'number');
  const every = Math.ceil(rows.length / MOST_POINTS);
  const policies = [...new Set(rows.map((row) => String(row.policy)))];
  return {
    width: 560,
    height: 280,
    data: { values: rows.filter((_, k) => k % every === 0) },
    mark: { type: 'point', size: 16, opacity: 0.5 },
    encoding: {
      x: { field: 'slower', type: 'quantitative', title: 'slower than max-frequency (%)' },
      y: { field: 'saved', type: 'quantitative', title: 'energy saved (%)' },
      color: {
        field: 'policy',
        type: 'nominal',
        title: 'policy',
        scale: { domain: policies, range: [...COLOURS].slice(0, policies.length) },
      },
      shape: { field: 'policy', type: 'nominal', title: 'policy' },
    },
  };
}
