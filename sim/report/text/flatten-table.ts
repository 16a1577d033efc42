import { most } from '../../../src/extremes.js';
import { kilowattHours, percent, percentMore } from '../../../src/units.js';
import {
  FLATTENING_ACCOUNT_KEYS,
  FLATTENING_ACCOUNTS,
  totalOfAccountsJ,
} from '../../power/flatten/flattening-accounts.js';
import type { FlattenedPolicy, FlattenedResult } from '../../power/flatten/flatten-watch.js';
import type { CapWay, Flattening } from '../../scenario/smoothing-schema.js';
import type { PowerFigures } from '../../power/figures/power-figures.js';
import { energyUnit, fixed } from '../numbers.js';
import { gridSentences } from './power-table.js';
import { plainTable } from './plain-table.js';

/** Ways to keep a cap, in words. */
const CAP_WAY_TITLES: Readonly<Record<CapWay, string>> = {
  instant: 'clocks fall while they must',
  'one-clock': 'one clock for the iteration',
  plan: 'a slower plan',
};

/** Text and its cells: a table for people, and the same in a report. */
export interface FlattenTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns of text; figures follow. */
  readonly leftColumns?: number;
}

/** The tables of what flattening brings and costs, each with its title; none without controls. */
export function flattenTables(result: FlattenedResult): FlattenTable[] {
  const { flattened = [], scenario } = result;
  if (flattened.length === 0) return [];
  const ofWays = flattened.some(({ ways }) => ways.length > 0);
  return [
    {
      title: `Power over time before and after ${controlNames(scenario.flatten!)}:`,
      ...figuresTable(flattened),
    },
    { title: 'Energy that this adds, by account:', ...accountsTable(flattened) },
    ...(ofWays
      ? [
          {
            title: `Ways to stay below ${fixed(scenario.flatten!.cap!.powerW / 1e3, 1)} kW:`,
            ...waysTable(flattened),
          },
        ]
      : []),
  ];
}

/** The same as lines of text, of at most 120 columns; a line between tables. */
export function flattenLines(result: FlattenedResult): string[] {
  return flattenTables(result).flatMap(({ title, head, rows, leftColumns }) => [
    title,
    '',
    plainTable(head, rows, leftColumns),
    '',
  ]);
}

/** Sentences on time lost, on storage, and on the limits of the grid afterwards. */
export function flattenSentences(result: FlattenedResult): string[] {
  const { flattened = [] } = result;
  const verdicts = flattened.map(({ policy, after, grid }) => ({
    ...{ policy: `${policy}, flattened,`, figures: after },
    ...(grid && { grid }),
  }));
  return [
    ...flattened.flatMap((policy) => [...lostSentences(policy), ...storageSentences(policy)]),
    ...gridSentences({ ...result, power: verdicts }),
  ];
}

/** Notes for readers of the tables. */
export function flattenNotes({ flattened = [], scenario }: FlattenedResult): string[] {
  if (flattened.length === 0) return [];
  const [{ before }] = flattened as [FlattenedPolicy];
  const seed = scenario.seeds === 1 ? '' : ', first seed';
  return [
    `power over time: of all GPUs, means of ${Number((1e3 * before.everyS).toPrecision(6))} ms${seed}. swing: largest minus least within an iteration. ramp: steepest within 1 s.`,
  ];
}

function controlNames(flatten: Flattening): string {
  const names = {
    stagger: 'staggered starts',
    cap: 'a cap',
    ballast: 'ballast',
    smoothing: 'smoothing',
    storage: 'storage',
  } as const;
  const given = (Object.keys(names) as (keyof typeof names)[]).filter(
    (control) => flatten[control] !== undefined,
  );
  return given.map((control) => names[control]).join(', ');
}

function figuresTable(flattened: readonly FlattenedPolicy[]) {
  const { name, joules } = energyUnit(most(flattened.map(({ after }) => after.energyJ)));
  const peakW = most(flattened.map(({ before, after }) => Math.max(before.peakW, after.peakW)));
  const kW = (powerW: number) => fixed(powerW / 1e3, peakW < 1e6 ? 2 : 1);
  const cells = (figures: PowerFigures) => [
    fixed(figures.durationS, 3),
    fixed(figures.energyJ / joules, 3),
    ...[figures.meanW, figures.p99W, figures.peakW, figures.swingW].map(kW),
    kW(Math.max(figures.rampsWPerS[1].up.wPerS, figures.rampsWPerS[1].down.wPerS)),
    kW(figures.gridModes.totalW),
  ];
  return {
    head: [
      'policy\n',
      'time s\n',
      `energy\n${name}`,
      'power kW\nmean',
      '\nP99',
      '\npeak',
      '\nswing',
      'ramp\nkW/s',
      '0.1–2 Hz\nkW',
      'energy\nadded %',
    ],
    rows: flattened.flatMap(({ policy, before, after }) => [
      [policy, ...cells(before), ''],
      ['  flattened', ...cells(after), fixed(percentMore(after.energyJ, before.energyJ), 3)],
    ]),
  };
}

function accountsTable(flattened: readonly FlattenedPolicy[]) {
  const used = FLATTENING_ACCOUNT_KEYS.filter((account) =>
    flattened.some(({ energiesJ }) => energiesJ[account] !== 0),
  );
  const largestJ = most(
    flattened.flatMap(({ energiesJ }) => used.map((account) => Math.abs(energiesJ[account]))),
  );
  const { name, joules } = energyUnit(Math.max(0, largestJ));
  const cells = (energyJ: number, { before }: FlattenedPolicy) => [
    fixed(energyJ / joules, 3),
    fixed(percent(energyJ, before.energyJ), 3),
  ];
  return {
    head: ['account\n', ...flattened.flatMap(({ policy }) => [`${policy}\n${name}`, '\n%'])],
    rows: [
      ...used.map((account) => [
        FLATTENING_ACCOUNTS[account].title,
        ...flattened.flatMap((policy) => cells(policy.energiesJ[account], policy)),
      ]),
      ['sum', ...flattened.flatMap((policy) => cells(totalOfAccountsJ(policy.energiesJ), policy))],
    ],
  };
}

function waysTable(flattened: readonly FlattenedPolicy[]) {
  const { name, joules } = energyUnit(most(flattened.map(({ before }) => before.energyJ)));
  return {
    leftColumns: 2,
    head: ['policy', 'way', 'time s', 'longer %', `energy ${name}`, 'more %', 'peak kW'],
    rows: flattened.flatMap(({ policy, before, ways }) =>
      ways.map(({ way, run, neededW = 0 }) => [
        policy,
        CAP_WAY_TITLES[way],
        ...(run === undefined
          ? [`needs ${fixed(neededW / 1e3, 1)} kW`, '', '', '', '']
          : [
              fixed(run.timeS, 3),
              fixed(percentMore(run.timeS, before.durationS), 2),
              fixed(run.energyJ / joules, 3),
              fixed(percentMore(run.energyJ, before.energyJ), 2),
              fixed(run.peakW / 1e3, 2),
            ]),
      ]),
    ),
  };
}

/** Reasons of lost time, as in the sentence. */
const LOST = {
  staggerS: 'staggered starts',
  capS: 'the cap',
  smoothingS: 'ramps up',
} as const;

function lostSentences({ policy, lost, before }: FlattenedPolicy): string[] {
  const reasons = (Object.keys(LOST) as (keyof typeof LOST)[]).filter(
    (name) => lost[name] > 1e-9 * before.durationS,
  );
  if (reasons.length === 0) return [];
  const parts = reasons.map(
    (name) =>
      `${fixed(lost[name], 3)} s (${fixed(percent(lost[name], before.durationS), 2)} %) by ${LOST[name]}`,
  );
  return [`${policy} loses ${parts.join(', ')}.`];
}

function storageSentences({ policy, storage, after }: FlattenedPolicy): string[] {
  if (storage === undefined) return [];
  const { startJ, endJ, leastJ, mostJ, lossJ, missedS } = storage;
  const kWh = (energyJ: number) => Number(kilowattHours(energyJ).toPrecision(4));
  return [
    `${policy}: the storage holds ${kWh(leastJ)} to ${kWh(mostJ)} kWh, ${kWh(startJ)} at the beginning and ${kWh(endJ)} at the end; ${kWh(lossJ)} kWh are lost. The grid misses its target for ${fixed(missedS, 2)} of ${fixed(after.durationS, 2)} s.`,
  ];
}
