import { COLUMNS, type ResultColumn } from '../../results/columns.js';
import { sweepFrontier } from '../../report/charts/sweep-frontier.js';
import { count, fixed, valueText } from '../../report/numbers.js';
import { bestPolicy } from '../../report/sweep/axes.js';
import {
  designColumns,
  groupResults,
  type GroupRow,
  type ResultColumns,
} from '../../report/sweep/group-results.js';
import { metricTitle } from '../../report/sweep/metric-title.js';
import { chosenPivot } from '../../report/sweep/chosen-pivot.js';
import { pivots } from '../../report/sweep/pivot.js';
import { sweepData, type SweepData } from '../../report/sweep/sweep-data.js';
import { pivotNumbers } from '../../report/text/pivot-table.js';
import { DataTable } from '../data-table.js';
import { Island } from '../island.js';
import { SweepView, type SweepViewProps } from '../sweep/sweep-view.js';
import { Code, Notes, Section, Summary } from './prose.js';
import { reportPage, type ReportMaker } from './report-page.js';

/** A finished sweep. */
export interface FinishedSweep extends ReportMaker {
  readonly name: string;
  readonly commit: string;
  /** The table `results`: a row per run and policy. */
  readonly columns: ResultColumns;
  /** Columns that the sweep varied. */
  readonly fields: readonly string[];
  readonly runs: number;
  readonly failures: readonly { readonly run: number; readonly error: string }[];
  /** The sweep's file and the files that it names, as read. */
  readonly files: readonly { readonly name: string; readonly text: string }[];
}

/** Most failed runs listed. */
const MOST_FAILURES = 20;

/** The figure that pictures show. */
const METRIC = 'simulated_saving_pct';

/** A sweep as a page: what varied, the runs that nothing beats, savings by policy, failures. */
export function sweepReport(sweep: FinishedSweep): string {
  const { name, columns, fields, runs, failures } = sweep;
  const data = sweepData(columns, fields);
  const policy = bestPolicy(data.columns);
  const best = policy === undefined ? [] : bestSentences(data, policy);
  return reportPage({
    title: `${name}: ${count(runs, 'run')}`,
    made: sweep,
    children: (
      <>
        <Summary sentences={[...best, failureSentence(failures.length)]} />
        {policy !== undefined && <RunSections data={data} />}
        {failures.length > 0 && <Failures failures={failures} />}
        <RunAgain sweep={sweep} />
      </>
    ),
  });
}

function failureSentence(failed: number): string {
  return failed === 0 ? 'No run failed.' : `${count(failed, 'run')} failed.`;
}

function RunSections({ data }: { readonly data: SweepData }) {
  const props = viewProps(data);
  return (
    <>
      <Section heading="What varied">
        <Island name="sweep" data={props}>
          <SweepView {...props} />
        </Island>
        <PivotDetails data={data} />
      </Section>
      <Unbeaten data={data} />
      <Section heading="By policy">
        <PolicyTables data={data} />
      </Section>
    </>
  );
}

/** The best policy, from where to where it saves, and in how many runs no other saves more. */
function bestSentences({ columns, fields }: SweepData, policy: string): string[] {
  if (policy === 'max-frequency') return [];
  const rows = groupResults(columns, ['policy'], [METRIC], designColumns(fields));
  const best = rows.find(({ group }) => group[0] === policy)!;
  if (best.mean !== null) {
    const interval = best.halfWidth === null ? '' : ` ± ${fixed(best.halfWidth, 2)}`;
    const seeds = best.count > 1 ? ` (mean of ${best.count} seeds)` : '';
    return [`${policy} saves ${fixed(best.mean, 2)}${interval} % of the energy${seeds}.`];
  }
  const { lowest, highest, lowestRun, highestRun } = best;
  if (lowest === null || highest === null) return [];
  return [
    `${policy} saves between ${fixed(lowest, 2)} % (run ${lowestRun!}) and ${fixed(highest, 2)} % (run ${highestRun!}) of the energy.`,
  ];
}

/** Figures that pictures can show; of others, runs of different kinds have little to say. */
const SHOWN = [
  METRIC,
  ...(['simulated_time_s', 'simulated_energy_j', 'slowdown_pct', 'average_power_w'] as const),
  ...(['intrinsic_pct', 'extrinsic_pct', 'above_bound_pct', 'regret_energy_pct'] as const),
  ...(['tokens_per_s', 'j_per_token', 'mfu'] as const),
] as const satisfies readonly ResultColumn[];

/** The data of pictures: fields, policies, and the figures that some run has. */
function viewProps({ columns, fields }: SweepData): SweepViewProps {
  const known = SHOWN.filter((name) => columns[name]?.some((value) => typeof value === 'number'));
  const names = ['run', 'policy', ...fields, ...known].filter((name) => name in columns);
  return { fields, columns: Object.fromEntries(names.map((name) => [name, columns[name]!])) };
}

function PivotDetails({ data: { columns, fields } }: { readonly data: SweepData }) {
  const chosen = chosenPivot(columns, METRIC, fields);
  if (chosen === undefined) return null;
  const tables = pivots(chosen.columns, METRIC, chosen.places, fields);
  const numbers = pivotNumbers(tables);
  const { down, across, within, downValues, acrossValues, cells } = tables[0]!;
  const heads = acrossValues.map((value) => (value === undefined ? '' : valueText(value)));
  const rows = cells.map((row, k) => [valueText(downValues[k]), ...row.map(numbers.text)]);
  const corner = across === undefined ? down : `${down} ↓\n${across} →`;
  const over = within.length === 0 ? '' : `: the lowest and the highest over ${within.join(', ')}`;
  const whose = chosen.policy === undefined ? '' : ` of ${chosen.policy}`;
  const title = `${metricTitle(METRIC, numbers.unit)}${whose}${over}`;
  return (
    <details>
      <summary>{title}</summary>
      <DataTable head={[corner, ...heads]} rows={rows} label={title} />
    </details>
  );
}

/** The runs that no other beats in time and energy. */
function Unbeaten({ data }: { readonly data: SweepData }) {
  const { rows: all, unbeaten, timeTitle, energyTitle } = sweepFrontier(data);
  if (all.length === 0) return null;
  const axes = data.axes.map(({ field }) => field);
  const rows = unbeaten.map(({ run, policy, time, energy, place }) => [
    ...[String(run), policy, ...axes.map((field) => valueText(data.columns[field]![place]))],
    ...[time, energy].map(valueText),
  ]);
  const head = ['run', 'policy', ...axes, timeTitle, energyTitle];
  const heading = 'Runs that no other beats';
  return (
    <Section heading={heading}>
      <DataTable head={head} rows={rows} label={heading} />
    </Section>
  );
}

const METRICS = [
  'simulated_saving_pct',
  'slowdown_pct',
  'intrinsic_pct',
  'extrinsic_pct',
] as const satisfies readonly ResultColumn[];

function PolicyTables({ data: { columns, fields } }: { readonly data: SweepData }) {
  const metrics = METRICS.filter((metric) => columns[metric] !== undefined);
  return (
    <>
      {metrics.map((metric) => {
        const { unit, shown } = COLUMNS[metric];
        const heading = `${shown.heading} ${unit}`;
        const groups = groupResults(columns, ['policy'], [metric], designColumns(fields));
        const shownColumns = policyColumns(groups, shown.digits);
        const rows = groups.map((row) => [
          String(row.group[0]),
          String(row.count),
          ...shownColumns.map(({ of }) => of(row)),
        ]);
        const head = ['policy', 'runs', ...shownColumns.map(({ name }) => name)];
        return (
          <>
            <h3>{heading}</h3>
            <DataTable head={head} rows={rows} label={heading} />
          </>
        );
      })}
    </>
  );
}

/** Over seeds the mean and its interval; over designs, which have none, the runs at both ends. */
function policyColumns(groups: readonly GroupRow[], digits: number) {
  // Means have one digit more than their values.
  const text = (value: number | null) => (value === null ? '—' : fixed(value, digits + 1));
  const run = (value: number | null) => (value === null ? '—' : String(value));
  const hasMeans = groups.some(({ mean }) => mean !== null);
  const hasIntervals = groups.some(({ halfWidth }) => halfWidth !== null);
  const hasRanges = groups.some(({ mean, count: n }) => mean === null && n > 0);
  const columns: { readonly name: string; readonly of: (row: GroupRow) => string }[] = [];
  if (hasMeans) columns.push({ name: 'mean', of: ({ mean }) => text(mean) });
  if (hasIntervals) columns.push({ name: '± 95 %', of: ({ halfWidth }) => text(halfWidth) });
  columns.push({ name: 'lowest', of: ({ lowest }) => text(lowest) });
  if (hasRanges) columns.push({ name: 'in run', of: ({ lowestRun }) => run(lowestRun) });
  columns.push({ name: 'highest', of: ({ highest }) => text(highest) });
  if (hasRanges) columns.push({ name: 'in run', of: ({ highestRun }) => run(highestRun) });
  return columns;
}

function Failures({ failures }: Pick<FinishedSweep, 'failures'>) {
  const rows = failures.slice(0, MOST_FAILURES).map(({ run, error }) => [String(run), error]);
  const more = failures.length - rows.length;
  return (
    <Section heading="Failed runs">
      <DataTable head={['run', 'error']} rows={rows} label="Failed runs" />
      {more > 0 && <Notes notes={[`… and ${more} more`]} />}
    </Section>
  );
}

function RunAgain({ sweep: { files, commit } }: { readonly sweep: FinishedSweep }) {
  const note = `Commit ${commit}. The same files, seeds and version give the same numbers on any number of workers.`;
  return (
    <Section heading="Run it again">
      <Notes notes={[note]} />
      <Code text={`npx pipewatt sweep ${files[0]!.name}`} />
      {files.map(({ name, text }) => (
        <div key={name}>
          <h3>{name}</h3>
          <Code text={text} />
        </div>
      ))}
    </Section>
  );
}
