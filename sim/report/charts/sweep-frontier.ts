import { dot, line } from '@observablehq/plot';
import { most } from '../../../src/extremes.js';
import { energyUnit, valueText } from '../numbers.js';
import { policyLooks } from '../looks.js';
import type { SweepData } from '../sweep/sweep-data.js';
import { paretoPlaces } from '../sweep/wishes.js';
import type { Chart } from './chart.js';
import { framed, type ChartStyle } from './chart-style.js';
import { legend, lookEntries } from './legend.js';
import { lookSymbol } from './look-symbol.js';
import { numberScale } from './number-scale.js';
import { upperTitle } from './sweep-panels.js';

/** Most points of a readable scatter plot; of more rows, every n-th is drawn, and all that nothing beats. */
const MOST_POINTS = 3000;

/** The figures that runs are compared by: those of one token where all runs have them, else of an iteration. */
interface Compared {
  readonly timeTitle: string;
  readonly energyTitle: string;
  readonly times: readonly (number | undefined)[];
  readonly energies: readonly (number | undefined)[];
}

/** A run under a policy. */
interface FrontierRow {
  readonly time: number;
  readonly energy: number;
  readonly policy: string;
  readonly run: unknown;
  readonly place: number;
}

/** Time and energy of all runs of a sweep, and those that none beats in both. */
export interface SweepFrontier {
  readonly rows: readonly FrontierRow[];
  /** In order of time. */
  readonly unbeaten: readonly FrontierRow[];
  readonly timeTitle: string;
  readonly energyTitle: string;
}

/** Finds the runs that no other beats in both time and energy. O(rows · log rows). */
export function sweepFrontier(data: SweepData): SweepFrontier {
  const { times, energies, ...titles } = compared(data);
  const { policy = [], run = [] } = data.columns;
  const rows = times.flatMap((time, place) => {
    const energy = energies[place];
    if (time === undefined || energy === undefined) return [];
    return { time, energy, policy: String(policy[place]), run: run[place], place };
  });
  const wishes = [
    { column: 'time', isMore: false },
    { column: 'energy', isMore: false },
  ] as const;
  const columnsOfRows = {
    time: rows.map(({ time }) => time),
    energy: rows.map(({ energy }) => energy),
  };
  const unbeaten = paretoPlaces(columnsOfRows, [], wishes).map((place) => rows[place]!);
  return { rows, unbeaten, ...titles };
}

/** Varied fields that say how much work an iteration is, and their unit of it. */
const WORK: Readonly<Record<string, string>> = {
  'pipeline.microbatches': 'microbatch',
  pipelines: 'pipeline',
  iterations: 'iteration',
};

function compared({ columns, fields }: SweepData): Compared {
  const numbers = (name: string) =>
    (columns[name] ?? []).map((value) => (typeof value === 'number' ? value : undefined));
  const perS = numbers('tokens_per_s');
  const perToken = numbers('j_per_token');
  const isKnown = (list: readonly unknown[]) =>
    list.length > 0 && list.every((value) => value !== undefined);
  if (isKnown(perS) && isKnown(perToken)) {
    return {
      timeTitle: 'time of a million tokens (s)',
      energyTitle: 'energy of a million tokens (kJ)',
      times: perS.map((rate) => 1e6 / rate!),
      energies: perToken.map((energyJ) => energyJ! * 1e3),
    };
  }
  // Runs that do twice the work do not take twice the energy for nothing.
  const varied = Object.keys(WORK).filter((field) => fields.includes(field));
  const per = varied.map((field) => ` per ${WORK[field]!}`).join('');
  const workAt = (place: number) =>
    varied.reduce((work, field) => work * Number(columns[field]![place]), 1);
  const each = (name: string) =>
    numbers(name).map((value, place) => (value === undefined ? undefined : value / workAt(place)));
  const energies = each('simulated_energy_j');
  const unit = energyUnit(most(energies.filter((value) => value !== undefined)));
  return {
    timeTitle: `time${per} (s)`,
    energyTitle: `energy${per} (${unit.name})`,
    times: each('simulated_time_s'),
    energies: energies.map((energyJ) => energyJ && energyJ / unit.joules),
  };
}

/** All runs by time and energy; those that none beats are joined by a line, and stand out. */
export function sweepFrontierChart(
  { rows, unbeaten, timeTitle, energyTitle }: SweepFrontier,
  policies: readonly string[],
  style: ChartStyle,
): Chart {
  const every = Math.ceil(rows.length / MOST_POINTS);
  const beaten = new Set(unbeaten);
  const drawn = rows.filter((row, k) => k % every === 0 && !beaten.has(row));
  const looks = policyLooks(policies);
  const key = legend(
    lookEntries(policies, looks).map(({ name, colour, shape }) => ({
      name,
      colour,
      ...(shape === undefined ? {} : { shape }),
    })),
    style,
  );
  const x = numberScale(
    rows.map(({ time }) => time),
    { label: timeTitle, margin: 0.04 },
  );
  const y = numberScale(
    rows.map(({ energy }) => energy),
    { label: energyTitle, margin: 0.04 },
  );
  const told = ({ policy, run, time, energy }: FrontierRow) =>
    `${policy}, run ${String(run)}\n${timeTitle}: ${valueText(time)}\n${energyTitle}: ${valueText(energy)}`;
  const at = { x: 'time', y: 'energy' } as const;
  const frame = framed(style, { heightPx: 320, leftChars: y.labelChars, topPx: key.heightPx });
  return {
    ...frame,
    x: x.scale,
    y: { ...y.scale, label: null, grid: true },
    marks: [
      ...policies.flatMap((policy, k) => {
        const { colour, shape } = looks[k]!;
        const own = drawn.filter((row) => row.policy === policy);
        const paint = { fill: colour.light, symbol: lookSymbol(shape) };
        return [dot(own, { ...at, ...paint, r: 2, fillOpacity: 0.35 })];
      }),
      line(unbeaten, { ...at, stroke: 'currentColor', curve: 'step-after' }),
      ...policies.map((policy, k) => {
        const { colour, shape } = looks[k]!;
        const own = unbeaten.filter((row) => row.policy === policy);
        const paint = { fill: colour.light, stroke: 'currentColor', symbol: lookSymbol(shape) };
        return dot(own, { ...at, ...paint, r: 4, title: told, tip: true });
      }),
      upperTitle(energyTitle, style, frame.marginLeft, { topEm: 0 }),
      key.mark,
    ],
  };
}
