import { visibleLine } from '../../../src/visible.js';
import type { Hour } from '../../signals/hours.js';
import { hoursOf } from '../../signals/hours.js';
import type { Schedule } from '../../signals/schedule.js';
import { timeText } from '../../signals/span.js';
import { STRATEGIES, type Priced, type StrategyName } from '../../signals/strategies.js';
import { amount, count, fixed } from '../numbers.js';
import { plainTable } from './plain-table.js';

const MEGA = 1e6;
const JOULES_PER_MWH = 3.6e9;

/** A schedule as text, at most 80 columns: what it costs beside other ways, and its hours. */
export function scheduleTable(schedule: Schedule): string {
  return [
    ...headingLines(schedule),
    '',
    strategyTable(schedule),
    '',
    ...(schedule.answers.length === 0 ? [] : [answerTable(schedule), '']),
    hourTable(schedule),
    '',
    ...noteLines(schedule),
    '',
  ].join('\n');
}

function headingLines(schedule: Schedule): string[] {
  const { facts, horizon, job, objective, tokensPerIteration } = schedule;
  const ends = [0, horizon.durationS].map((atS) => timeText(horizon, atS));
  const zone = horizon.startS === undefined ? '' : `, ${horizon.clock.zone}`;
  const tokens =
    tokensPerIteration === undefined
      ? ''
      : ` (${amount((job.work * tokensPerIteration) / 1e9)} billion tokens)`;
  const what = { money: 'money', carbon: 'carbon dioxide', energy: 'energy', mix: 'of the mix' };
  return [
    visibleLine(`${facts.scenario.name}: ${facts.title}, ${count(facts.gpus, 'GPU')}`),
    `${fixed(job.work, 0)} iterations${tokens} at the least ${what[objective.name]}`,
    `from ${ends[0]!} to ${ends[1]!}${zone}`,
  ];
}

/** Names of ways in tables. */
const WAYS: Readonly<Record<StrategyName, string>> = {
  'full-clocks': 'full clocks',
  'one-limit': 'one power limit',
  'one-plan': 'one plan',
  'on-off': 'on and off',
  'limits-by-signals': 'limits by the hour',
  'frontier-by-signals': 'plans by the hour',
};

/** A column: its heading, and the cell of a way. */
type Column<T> = readonly [heading: string, cell: (of: T) => string];

function strategyTable(schedule: Schedule): string {
  const rows = STRATEGIES.map((name) => [name, schedule.strategies[name]] as const);
  const base = schedule.strategies['full-clocks'];
  const columns: readonly Column<(typeof rows)[number]>[] = [
    ['way', ([name]) => WAYS[name]],
    ...billColumns<(typeof rows)[number]>(schedule, ([, priced]) => priced),
    ['saved\n%', ([, priced]) => savedPct(priced, base)],
  ];
  return tableOf(columns, rows);
}

/** The columns that every course has. */
function billColumns<T>(schedule: Schedule, priced: (row: T) => Priced): readonly Column<T>[] {
  const { currency } = schedule;
  const isKnown = schedule.strategies['full-clocks'].bill;
  return [
    ['done', (row) => doneText(schedule, priced(row))],
    ['\nMWh', (row) => amount(priced(row).bill.paidJ / JOULES_PER_MWH)],
    ...(isKnown.money === undefined
      ? []
      : [[`\n${currency}`, (row: T) => amount(priced(row).bill.money!)] as const]),
    ...(isKnown.carbonKg === undefined
      ? []
      : [['CO₂\nt', (row: T) => amount(priced(row).bill.carbonKg! / 1000)] as const]),
    ['peak\nMW', (row) => fixed(priced(row).bill.peakW / MEGA, 3)],
  ];
}

/** The end of a course's work, or the part of it that is done. */
function doneText({ horizon, job }: Schedule, { course }: Priced): string {
  if (course.endS === undefined) return `${fixed((100 * course.iterations) / job.work, 1)} % of it`;
  const text = timeText(horizon, course.endS);
  // The year is said above.
  return horizon.startS === undefined ? text : text.slice(5, 16);
}

/** The part of the objective that a way saves; nothing if it does less work, or if there is nothing to save. */
function savedPct({ course, bill }: Priced, base: Priced): string {
  if (course.endS === undefined || base.course.endS === undefined || base.bill.cost <= 0) return '';
  return fixed(100 * (1 - bill.cost / base.bill.cost), 2);
}

function answerTable(schedule: Schedule): string {
  const { answers, strategies, signals } = schedule;
  const plain = strategies['frontier-by-signals'];
  const rows = answers.flatMap((answer) =>
    answer.given.map((given, event) => ({ answer, given, event })),
  );
  type Row = (typeof rows)[number];
  const isFirst = ({ event }: Row) => event === 0;
  const extra = ({ answer }: Row) => 100 * (answer.bill.cost / plain.bill.cost - 1);
  const columns: readonly Column<Row>[] = [
    [
      'may be\nslower %',
      (row) =>
        `${fixed(row.answer.flexPct, 0)}${row.answer.flexPct === signals.flexPct ? ' *' : ''}`,
    ],
    ...(signals.events.length > 1
      ? [['request', ({ event }: Row) => String(event + 1)] as const]
      : []),
    ['asked\n%', ({ given }) => fixed(given.askedPct, 1)],
    ['gives\n%', ({ given }) => fixed(given.givenPct, 1)],
    ['\nMW', ({ given }) => fixed((given.plainW - given.answeredW) / MEGA, 3)],
    ['slower\n%', ({ given }) => fixed(given.slowerPct, 1)],
    ['iterations\nmoved', ({ given }) => fixed(given.movedIterations, 0)],
    ['costs\nmore %', (row) => (isFirst(row) && plain.bill.cost > 0 ? fixed(extra(row), 2) : '')],
    ['done', (row) => (isFirst(row) ? doneText(schedule, row.answer) : '')],
  ];
  return tableOf(columns, rows, 0);
}

function hourTable(schedule: Schedule): string {
  const { horizon, chosen, currency } = schedule;
  const rows = merged(hoursOf(chosen.course, horizon));
  const some = (isThere: (hour: Hour) => boolean) => rows.some(isThere);
  const isResting = ({ fromS, untilS, computingS }: Hour) => computingS < untilS - fromS - 1;
  const columns: readonly Column<Hour>[] = [
    ['from', ({ fromS }) => timeText(horizon, fromS)],
    ...(some(({ pricePerMWh }) => pricePerMWh !== undefined)
      ? [[`${currency}\n/MWh`, ({ pricePerMWh }: Hour) => amount(pricePerMWh!)] as const]
      : []),
    ...(some(({ carbonGPerKWh }) => carbonGPerKWh !== undefined)
      ? [['CO₂\ng/kWh', ({ carbonGPerKWh }: Hour) => fixed(carbonGPerKWh!, 0)] as const]
      : []),
    ...(some(({ capW }) => capW < Infinity)
      ? [
          [
            'at most\nMW',
            ({ capW }: Hour) => (capW < Infinity ? fixed(capW / MEGA, 3) : ''),
          ] as const,
        ]
      : []),
    ['\nMW', ({ paidW }) => fixed(paidW / MEGA, 3)],
    [
      'iteration\ns',
      ({ iterations, computingS }) => (iterations > 0 ? fixed(computingS / iterations, 4) : ''),
    ],
    ['\niterations', ({ iterations }) => fixed(iterations, 0)],
    ...(some(isResting)
      ? [
          [
            'computes\n%',
            ({ fromS, untilS, computingS }: Hour) =>
              fixed((100 * computingS) / (untilS - fromS), 0),
          ] as const,
        ]
      : []),
    ...(some(({ isEvent }) => isEvent)
      ? [['', ({ isEvent }: Hour) => (isEvent ? 'asked' : '')] as const]
      : []),
  ];
  return tableOf(columns, rows);
}

/** Hours that follow each other and are alike, as one row. */
function merged(hours: readonly Hour[]): readonly Hour[] {
  const rows: Hour[] = [];
  const looks = (hour: Hour) => {
    const {
      pricePerMWh = 0,
      carbonGPerKWh = 0,
      capW,
      paidW,
      isEvent,
      iterations,
      computingS,
    } = hour;
    const lengthS = hour.untilS - hour.fromS;
    const shown = [
      pricePerMWh,
      carbonGPerKWh,
      capW,
      paidW,
      iterations / lengthS,
      computingS / lengthS,
    ];
    return `${shown.map((value) => value.toPrecision(9)).join()} ${String(isEvent)}`;
  };
  for (const hour of hours) {
    const last = rows.at(-1);
    if (last === undefined || looks(last) !== looks(hour)) rows.push(hour);
    else {
      rows[rows.length - 1] = {
        ...last,
        untilS: hour.untilS,
        iterations: last.iterations + hour.iterations,
        computingS: last.computingS + hour.computingS,
      };
    }
  }
  return rows;
}

function noteLines({ facts, signals, answers, strategies }: Schedule): string[] {
  const { site } = facts.scenario;
  const paid =
    site === undefined
      ? 'Energy and power are those of the GPUs; site adds what surrounds them.'
      : 'Energy and power are those of the site: GPUs, their nodes, and its PUE.';
  const done =
    signals.whenDone === 'release'
      ? 'GPUs are given back when the work is done.'
      : 'GPUs idle from the end of the work to the date.';
  const short = Object.values(strategies).some(({ course }) => course.endS === undefined);
  return [
    `  ${paid}`,
    `  ${done}`,
    ...(short ? ['  Ways that do only part of the work by the date say how much.'] : []),
    ...(answers.length === 0
      ? []
      : ['  * as the scenario says; the hours are those of this answer.']),
  ];
}

function tableOf<T>(columns: readonly Column<T>[], rows: readonly T[], left = 1): string {
  return plainTable(
    columns.map(([heading]) => heading),
    rows.map((row) => columns.map(([, cell]) => cell(row))),
    left,
  );
}
