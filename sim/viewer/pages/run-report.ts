import { most } from '../../../src/extremes.js';
import { ACCOUNTS, type Account } from '../../energy/accounts.js';
import { energyUnit, fixed } from '../../report/numbers.js';
import { headingText, policyColumns, type PolicyColumn } from '../../report/text/policy-columns.js';
import {
  gridSentences,
  POWER_TITLE,
  powerColumns,
  powerNotes,
} from '../../report/text/power-table.js';
import { unitColumns, UNITS_TITLE } from '../../report/text/unit-table.js';
import { flattenNotes, flattenSentences, flattenTables } from '../../report/text/flatten-table.js';
import { conclusion, heading, notes, textsOf } from '../../report/text/run-sentences.js';
import { clockChart, clockShares } from '../../report/charts/clock-chart.js';
import {
  frontierChart,
  frontierPicture,
  type FrontierPicture,
} from '../../report/charts/frontier-chart.js';
import { ledgerBars, ledgerChart, type LedgerBar } from '../../report/charts/ledger-chart.js';
import { drawnPower } from '../../report/charts/drawn-power.js';
import { powerChart } from '../../report/charts/power-chart.js';
import { powerPicture } from '../../report/charts/power-picture.js';
import { chartSvg } from '../../report/charts/chart-svg.js';
import { timelineOf } from '../../report/timeline/timeline.js';
import type { PoweredResult } from '../../power/figures/run-power.js';
import type { KeptRun } from '../../run/kept-run.js';
import type { FlattenedResult } from '../../power/flatten/flatten-watch.js';
import type { ScenarioResult } from '../../run/run-scenario.js';
import { htmlPage, type Section } from './page.js';
import { htmlCode, htmlFigure, htmlNotes, htmlTable } from './parts.js';
import { timelineFigure } from './timeline-figure.js';

/** The source of a report, from which it can be made again. */
export interface ReportSource {
  readonly version: string;
  /** The file's name. */
  readonly file: string;
  /** The file as it was read. */
  readonly text: string;
}

/** One run as a page: table, frontier, ledger, timeline, clocks, and how to run it again. */
export function runReport(result: FlattenedResult, kept: KeptRun, source: ReportSource): string {
  const { scenario, title } = result;
  const bars = ledgerBars(result);
  const sections: Section[] = [
    { heading: 'Energy bloat removed', body: policySection(result) },
    ...flattenedSection(result),
    { heading: 'Time and energy', body: frontierSection(frontierPicture(kept)) },
    { heading: 'Where the energy goes', body: ledgerSection(bars) },
    { heading: 'Timeline', body: timelineSection(kept) },
    { heading: 'Power over time', body: powerSection(result, kept) },
    { heading: 'Clocks', body: clockSection(kept) },
    { heading: 'Run it again', body: againSection(result, source) },
  ];
  return htmlPage({
    title: `${scenario.name}: ${title}`,
    summary: textsOf(conclusion(result)),
    sections,
    version: source.version,
  });
}

function policySection(result: ScenarioResult): string {
  const units = unitColumns(result);
  return [
    htmlNotes(textsOf(heading(result).filter(({ kind }) => kind !== 'title'))),
    columnsTable(policyColumns(result), 'Energy bloat removed'),
    ...(units.length === 0 ? [] : [columnsTable(units, UNITS_TITLE)]),
    htmlNotes(textsOf(notes(result))),
  ].join('\n');
}

/** The section of what flattens power over time; none without controls. */
function flattenedSection(result: FlattenedResult): Section[] {
  const tables = flattenTables(result);
  if (tables.length === 0) return [];
  const body = [
    ...tables.flatMap(({ title, head, rows }) => [
      htmlNotes([title]),
      htmlTable(head, rows, title),
    ]),
    htmlNotes([...flattenSentences(result), ...flattenNotes(result)]),
  ];
  return [{ heading: 'Power over time, flattened', body: body.join('\n') }];
}

function columnsTable(columns: readonly PolicyColumn[], label: string): string {
  const rows = columns[0]!.cells.map((_, k) => columns.map(({ cells }) => cells[k]!));
  return htmlTable(
    columns.map((column) => headingText(column.heading)),
    rows,
    label,
  );
}

function frontierSection(picture: FrontierPicture): string {
  const deadline =
    picture.deadlineS === undefined
      ? ''
      : ` The dotted line is the straggler’s time T′, ${fixed(picture.deadlineS, 3)} s.`;
  const hollow = picture.plans.some(({ plan }) => plan !== 'fastest')
    ? ', filled those for the straggler'
    : '';
  const caption = `Lines: the possible plans of each policy for one pipeline, from slowest to fastest. Points: the plans that pipelines run${hollow}.${deadline} As planned, all GPUs of one pipeline.`;
  const unit = energyUnit(most(picture.plans.map(({ energyJ }) => energyJ)));
  const rows = picture.plans.map(({ policy, plan, timeS, energyJ }) => [
    policy,
    plan,
    fixed(timeS, 3),
    fixed(energyJ / unit.joules, 3),
  ]);
  return [
    htmlFigure(chartSvg(frontierChart(picture)), caption),
    htmlTable(['policy', 'plan', 'time s', `energy ${unit.name}`], rows, 'Plans'),
  ].join('\n');
}

function ledgerSection(bars: readonly LedgerBar[]): string {
  const policies = [...new Set(bars.map(({ policy }) => policy))];
  const accounts = [...new Set(bars.map(({ account }) => account))];
  const of = (policy: string, account: Account) =>
    bars.find((bar) => bar.policy === policy && bar.account === account)?.energyJ ?? 0;
  const total = (policy: string) => accounts.reduce((sum, account) => sum + of(policy, account), 0);
  const unit = energyUnit(most(policies.map(total)));
  const cell = (energyJ: number) => fixed(energyJ / unit.joules, 3);
  const rows = policies.map((policy) => [
    policy,
    ...accounts.map((account) => cell(of(policy, account))),
    cell(total(policy)),
  ]);
  return [
    htmlFigure(
      chartSvg(ledgerChart(bars)),
      'Every joule of the run, of all GPUs, is in exactly one account.',
    ),
    htmlTable(
      [`energy ${unit.name}`, ...accounts.map((account) => ACCOUNTS[account].title), 'total'],
      rows,
      'Where the energy goes',
    ),
  ].join('\n');
}

function timelineSection(kept: KeptRun): string {
  const timeline = timelineOf(kept);
  const { scenario } = kept.setting;
  const { index } = kept.policies[0]!.shown;
  const which = scenario.iterations === 1 ? '' : ` Iteration ${index} of ${scenario.iterations}.`;
  const seed = scenario.seeds === 1 ? '' : ` Seed ${scenario.seed}.`;
  const several = timeline.pipelines.some(({ columns }) => columns.length > 0)
    ? ' There are more instructions than pixels: heights are shares of time, colours mean powers.'
    : ' Numbers are microbatches.';
  const caption = `Stages of the slowest pipeline and of another one, before planning above and after it below, at one time scale; the more power, the more a colour stands out.${several}${which}${seed}`;
  return timelineFigure(timeline, caption);
}

function powerSection(result: PoweredResult, kept: KeptRun): string {
  const picture = powerPicture(kept);
  const limits = picture.panels.some((panel) => panel.limits.length > 0)
    ? ' Dashed: limits of the grid.'
    : '';
  const caption = `The power of all GPUs, before planning above and after it below, on the same axes: the iteration that the timeline shows, twice.${limits}`;
  const columns = powerColumns(result);
  return [
    htmlFigure(chartSvg(powerChart(drawnPower(picture))), caption),
    ...(columns.length === 0 ? [] : [columnsTable(columns, POWER_TITLE)]),
    htmlNotes([...gridSentences(result), ...powerNotes(result)]),
  ].join('\n');
}

function clockSection(kept: KeptRun): string {
  return htmlFigure(
    chartSvg(clockChart(clockShares(kept))),
    'The part of its computing time that each stage runs at each clock, all pipelines.',
  );
}

function againSection({ scenario }: ScenarioResult, { file, text }: ReportSource): string {
  const seeds =
    scenario.seeds === 1
      ? `Seed ${scenario.seed}.`
      : `Seeds ${scenario.seed} to ${scenario.seed + scenario.seeds - 1}.`;
  const beside =
    'csv' in scenario.profile ? ` The profile ${scenario.profile.csv} must be beside it.` : '';
  return [
    htmlNotes([
      `${seeds} The same scenario, seed and version give the same numbers. Save the scenario as ${file}.${beside}`,
    ]),
    htmlCode(`npx pipewatt run ${file}`),
    htmlCode(text),
  ].join('\n');
}
