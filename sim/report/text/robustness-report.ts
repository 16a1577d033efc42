import type { Disturbance, RobustnessRow } from '../../judge/robustness.js';
import { toCsv } from '../../results/csv.js';
import { escapeMarkdown } from '../escape.js';
import { plainTable } from './plain-table.js';
import { wrapped } from './wrapped.js';

/** The points of the curves that the table shows: the levels of most interest. */
const SHOWN: readonly { disturbance: Disturbance; levelPct: number; title: string }[] = [
  { disturbance: 'jitter', levelPct: 0, title: 'nothing' },
  { disturbance: 'jitter', levelPct: 2, title: 'jitter of 2 %' },
  { disturbance: 'jitter', levelPct: 8, title: 'jitter of 8 %' },
  { disturbance: 'wrong-profile', levelPct: 5, title: 'profile 5 % off' },
  { disturbance: 'stale-profile', levelPct: 5, title: 'stale profile, 5 %' },
  { disturbance: 'stale-profile', levelPct: 20, title: 'stale profile, 20 %' },
  { disturbance: 'blocking-power', levelPct: -25, title: 'blocking power 25 % too low' },
  { disturbance: 'blocking-power', levelPct: 25, title: 'blocking power 25 % too high' },
];

const READING = [
  'Saving: energy of an iteration below that of the highest clocks in the same disturbed world; the one that ends first waits for the other, and both for the straggler, so being late saves nothing. Survives: part of the saving of a plan that knew, and took as long (for jitter: of the saving without it). Slower: time beyond that of the highest clocks, or of the straggler. A planner without a slower plan than its only one may save more than 100 % by being late. Intervals: 95 %, by bootstrap over jobs and seeds.',
  'jitter: each instruction takes this much more or less (standard deviation), unknown when planning;',
  'profile off: times and energies of each operation are measured this much too high or too low, at random;',
  'stale profile: the work of each stage has changed since by this much (standard deviation);',
  'blocking power: the power of waiting is assumed this much too low or too high.',
] as const;

/** The world in which planners were tried. */
interface TriedWorld {
  readonly jobs: readonly string[];
  readonly seeds: number;
}

/** The surviving part of each planner's saving, for a terminal: a table per planner, at most 80 columns. */
export function robustnessText(rows: readonly RobustnessRow[], world: TriedWorld): string {
  const [reading, ...terms] = READING;
  return [
    ...namesOf(rows).flatMap((planner) => {
      const { columns, cells } = plannerCells(rows, planner);
      const head = columns.flatMap(({ when, figures }) =>
        figures.map((figure, k) => `${k === 0 ? when : ''}\n${figure}`),
      );
      return [...wrapped(planner), '', plainTable([FIRST, ...head], cells), ''];
    }),
    ...wrapped(worldLine(world)),
    '',
    ...wrapped(reading),
    ...terms.flatMap((term) => wrapped(`- ${term}`)),
    '',
  ].join('\n');
}

/** The same as Markdown. */
export function robustnessMarkdown(rows: readonly RobustnessRow[], world: TriedWorld): string {
  const [reading, ...terms] = READING;
  return [
    ...['# How much of a saving survives', '', worldLine(world), '', reading, ''],
    ...terms.map((term) => `- ${term}`),
    '',
    ...namesOf(rows).flatMap((planner) => {
      const { columns, cells } = plannerCells(rows, planner);
      const head = columns.flatMap(({ when, figures: [first, ...others] }) => [
        `${when}: ${first!}`,
        ...others,
      ]);
      return [
        `## ${escapeMarkdown(planner)}`,
        '',
        line([FIRST, ...head]),
        line(['---', ...head.map(() => '---:')]),
        ...cells.map(line),
        '',
      ];
    }),
  ].join('\n');
}

function namesOf(rows: readonly RobustnessRow[]): string[] {
  return [...new Set(rows.map(({ planner }) => planner))];
}

function worldLine({ jobs, seeds }: TriedWorld): string {
  return `Jobs: ${jobs.join('; ')}. Disturbances drawn with ${seeds} seeds, the same for every planner.`;
}

const FIRST = 'what is not as planned';
const FIGURES = ['saving', '95 % interval', 'survives', 'slower'];

/** The table of a planner: figures without a straggler and with each, and what they are after `FIRST`. */
function plannerCells(all: readonly RobustnessRow[], planner: string) {
  const rows = all.filter((row) => row.planner === planner);
  const slowdowns = [...new Set(rows.map(({ slowdown }) => slowdown))];
  const at = ({ disturbance, levelPct }: (typeof SHOWN)[number], slowdown: number) =>
    rows.find(
      (row) =>
        row.disturbance === disturbance && row.levelPct === levelPct && row.slowdown === slowdown,
    );
  return {
    columns: slowdowns.map((slowdown) => ({
      when: slowdown === 1 ? 'no straggler' : `straggler ${slowdown}×`,
      figures: FIGURES,
    })),
    cells: SHOWN.map((shown) => [
      shown.title,
      ...slowdowns.flatMap((slowdown) => figureCells(at(shown, slowdown))),
    ]),
  };
}

function figureCells(row: RobustnessRow | undefined): string[] {
  if (row === undefined) return ['', '', '', ''];
  const { savingPct, interval, survivesPct, slowerPct } = row;
  return [
    `${savingPct.toFixed(2)} %`,
    `${interval.low.toFixed(2)} … ${interval.high.toFixed(2)}`,
    survivesPct === undefined ? '–' : `${survivesPct.toFixed(1)} %`,
    `${slowerPct.toFixed(2)} %`,
  ];
}

function line(values: readonly string[]): string {
  return `| ${values.join(' | ')} |`;
}

/** Every point of every curve. */
export function robustnessCsv(rows: readonly RobustnessRow[]): string {
  const rounded = (value: number) => Number(value.toFixed(4));
  return toCsv(
    rows.map((row) => ({
      planner: row.planner,
      disturbance: row.disturbance,
      level_pct: row.levelPct,
      slowdown: row.slowdown,
      saving_pct: rounded(row.savingPct),
      saving_low_pct: rounded(row.interval.low),
      saving_high_pct: rounded(row.interval.high),
      informed_saving_pct: rounded(row.informedSavingPct),
      survives_pct: row.survivesPct === undefined ? '' : rounded(row.survivesPct),
      slower_pct: rounded(row.slowerPct),
    })),
  );
}
