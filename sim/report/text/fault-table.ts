import { least, most } from '../../../src/extremes.js';
import { FAULT_ACCOUNTS, LOST_ACCOUNTS } from '../../faults/fault-accounts.js';
import { INTERVAL_GOALS } from '../../scenario/faults-schema.js';
import type { FaultStudy, PolicyFaults, SlowerJob } from '../../faults/fault-study.js';
import type { HeadingLines } from '../../results/column.js';
import { energyUnit, fixed, type EnergyUnit } from '../numbers.js';
import { faultHeading, faultNotes, faultSentences } from './fault-sentences.js';
import { plainTable } from './plain-table.js';
import { headingTexts, type PolicyColumn } from './policy-columns.js';
import { threeDigits } from './unit-sentences.js';
import { wrapped } from './wrapped.js';

/** The block on a job's faults and checkpoints, below the table of a run. At most 120 columns. */
export function faultTable(study: FaultStudy): string {
  const unit = unitOf(study);
  const slower = slowerTable(study, unit);
  return [
    '',
    ...faultHeading(study).flatMap((line) => wrapped(line)),
    '',
    courseTable(study, unit),
    '',
    lostTable(study),
    '',
    intervalTable(study, unit),
    '',
    ...(slower === undefined ? [] : [slower, '']),
    ...faultSentences(study).flatMap((line) => wrapped(line)),
    '',
    ...faultNotes(study).flatMap((line) => wrapped(line, '  ')),
    '',
  ].join('\n');
}

/** The unit of an iteration's energy. */
function unitOf({ policies }: FaultStudy): EnergyUnit {
  return energyUnit(most(policies.map(({ interval }) => interval.expected.energyJ)));
}

/** A column, by its heading, of rows of some kind. */
type ColumnOf<Row> = readonly [over: string, under: string, cell: (row: Row) => string];

function tableOf<Row>(
  rows: readonly Row[],
  columns: readonly ColumnOf<Row>[],
  leftColumns = 1,
): string {
  const filled = columns.map(([over, under, cell]): PolicyColumn => {
    const heading: HeadingLines = [over, under];
    return { heading, cells: rows.map(cell) };
  });
  const cells = rows.map((_, k) => filled.map((column) => column.cells[k]!));
  return plainTable(headingTexts(filled), cells, leftColumns);
}

const minutes = (timeS: number) => threeDigits(timeS / 60);

function courseTable({ faults, policies }: FaultStudy, { name, joules }: EnergyUnit): string {
  const columns: readonly ColumnOf<PolicyFaults>[] = [
    ['policy', '', ({ policy }) => policy],
    ['checkpoint', 'every min', ({ interval }) => minutes(interval.everyS)],
    ...(faults.iterations === undefined ? [] : [DAYS]),
    ['faults', '', ({ courses }) => fixed(courses.figures.faults.mean, 1)],
    ['goodput', '%', ({ courses }) => fixed(courses.figures.goodputPct.mean, 2)],
    ...(faults.seeds === 1 ? [] : [GOODPUT_INTERVAL]),
    ['useful', 'iterations', ({ courses }) => fixed(courses.figures.usefulIterations.mean, 0)],
    ['energy', 'MWh', ({ courses }) => threeDigits(courses.figures.energyMWh.mean)],
    ['wasted', 'MWh', ({ courses }) => threeDigits(courses.figures.wastedMWh.mean)],
    ['wasted', '%', ({ courses }) => fixed(courses.figures.wastedPct.mean, 2)],
    [
      `useful iteration`,
      name,
      ({ courses: { perIterationJ } }) =>
        perIterationJ === undefined ? '—' : fixed(perIterationJ / joules, 3),
    ],
  ];
  return tableOf(policies, columns);
}

const DAYS: ColumnOf<PolicyFaults> = [
  'days',
  '',
  ({ courses }) => fixed(courses.figures.days.mean, 2),
];

/** The interval of the mean over seeds. */
const GOODPUT_INTERVAL: ColumnOf<PolicyFaults> = [
  'goodput',
  '95 % interval',
  ({ courses }) => interval(courses.figures.goodputPct),
];

function interval({ low, high }: { readonly low: number; readonly high: number }): string {
  return `${fixed(low, 2)} … ${fixed(high, 2)}`;
}

/** A policy's losses in one measure. */
interface Losses {
  readonly policy: string;
  readonly measure: string;
  readonly of: (account: (typeof LOST_ACCOUNTS)[number]) => string;
}

/** Per policy, the time and the energy that each cause costs. */
function lostTable({ policies }: FaultStudy): string {
  const used = LOST_ACCOUNTS.filter((name) =>
    policies.some(({ courses: { days, energyMWh } }) => days[name] > 0 || energyMWh[name] > 0),
  );
  const rows = policies.flatMap(({ policy, courses }): Losses[] => [
    {
      policy,
      measure: '% of time',
      of: (name) => fixed((100 * courses.days[name]) / courses.figures.days.mean, 2),
    },
    { policy: '', measure: 'MWh', of: (name) => threeDigits(courses.energyMWh[name]) },
  ]);
  return tableOf(
    rows,
    [
      ['policy', '', ({ policy }) => policy],
      ['lost', '', ({ measure }) => measure],
      ...used.map((name): ColumnOf<Losses> => {
        const [over, under] = FAULT_ACCOUNTS[name].lines;
        return [over, under, ({ of }) => of(name)];
      }),
    ],
    2,
  );
}

/** Per policy and goal, the best interval beside the formulas. */
function intervalTable({ policies }: FaultStudy, { name, joules }: EnergyUnit): string {
  const rows = policies.flatMap((row) => INTERVAL_GOALS.map((goal) => ({ row, goal })));
  type Row = (typeof rows)[number];
  const best = ({ row, goal }: Row) => row.best[goal];
  const columns: readonly ColumnOf<Row>[] = [
    ['policy', '', ({ row, goal }) => (goal === INTERVAL_GOALS[0] ? row.policy : '')],
    ['least', '', ({ goal }) => goal],
    ['best interval', 'min', (of) => minutes(best(of).everyS)],
    ['best interval', 'iterations', (of) => String(best(of).iterations)],
    ['Young', 'min', ({ row, goal }) => orNone(row.formulas?.young[goal])],
    ['Daly', 'min', ({ row, goal }) => (goal === 'time' ? orNone(row.formulas?.dalyS) : '')],
    [
      'expected',
      'goodput %',
      (of) => fixed((100 * of.row.job.iterationS) / best(of).expected.timeS, 2),
    ],
    ['expected', `${name} an iteration`, (of) => fixed(best(of).expected.energyJ / joules, 3)],
  ];
  return tableOf(rows, columns, 2);
}

function orNone(timeS: number | undefined): string {
  return timeS === undefined ? '—' : minutes(timeS);
}

/** Slowdowns that are shown, percent, besides the best ones. */
const SHOWN_PCT = [0, 1, 2, 5, 10, 20, 30, 50];

/** A policy's job with slower clocks, and what it is best at. */
interface SlowerRow {
  readonly policy: string;
  readonly point: SlowerJob;
  readonly best: string;
}

/** Slower clocks with and without faults; undefined if no policy has any. */
function slowerTable({ policies }: FaultStudy, { name, joules }: EnergyUnit): string | undefined {
  const rows = policies.flatMap(slowerRows);
  if (rows.length === 0) return undefined;
  const columns: readonly ColumnOf<SlowerRow>[] = [
    ['policy', '', ({ policy }) => policy],
    ['slower', '%', ({ point }) => String(point.slowerPct)],
    ['without faults', 's', ({ point }) => fixed(point.timeS, 3)],
    ['without faults', name, ({ point }) => fixed(point.energyJ / joules, 3)],
    ['with faults', 's', ({ point }) => fixed(point.expected.timeS, 3)],
    ['with faults', name, ({ point }) => fixed(point.expected.energyJ / joules, 3)],
    ['', 'least energy', ({ best }) => best],
  ];
  return tableOf(rows, columns);
}

function slowerRows({ policy, slower }: PolicyFaults): SlowerRow[] {
  if (slower.length < 2) return [];
  const leastOf = (of: (point: SlowerJob) => number) => {
    const lowest = least(slower.map(of));
    return slower.find((point) => of(point) === lowest)!;
  };
  const without = leastOf(({ energyJ }) => energyJ);
  const withFaults = leastOf(({ expected }) => expected.energyJ);
  const shown = slower.filter(
    (point) => SHOWN_PCT.includes(point.slowerPct) || point === without || point === withFaults,
  );
  return shown.map((point, k) => ({
    policy: k === 0 ? policy : '',
    point,
    best: [point === without ? 'without' : '', point === withFaults ? 'with' : '']
      .filter((text) => text !== '')
      .join(', '),
  }));
}
