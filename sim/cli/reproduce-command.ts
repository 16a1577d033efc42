import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reportScript } from '../disk/report-script.js';
import { suggestion, understood } from '../../src/vocabulary.js';
import { ProblemGathering } from '../../src/problem-list.js';
import { defaultUnitTime } from '../../src/profile/operation-costs.js';
import { InputError } from '../../src/errors.js';
import type { MeasuredJob } from '../fit/measured-runs.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { catalogProfile } from '../hardware/catalog.js';
import { parseMeasuredJob, type MeasuredJobModel } from '../hardware/measured-job.js';
import { standaloneSvg } from '../report/charts/standalone-svg.js';
import { agreementFigure } from '../report/charts/agreement-figure.js';
import { extrinsicFigure, frontierFigure, savingFigure } from '../report/charts/figures.js';
import { frontierCsv, measuredSummary } from '../report/text/frontier-table.js';
import { jobTableLatex, jobTableMarkdown, type JobTable } from '../report/text/job-tables.js';
import { wrapped } from '../report/text/wrapped.js';
import { reproducedReport, type ReproducedPart } from '../viewer/pages/reproduced-report.js';
import {
  reproducedCsv,
  reproducedLatex,
  reproducedMarkdown,
  summaries,
} from '../report/text/reproduced-table.js';
import { readPublished, type PublishedFigure } from '../paper/published.js';
import { reproduceEmulation, type EmulatedSource } from '../paper/reproduce-emulation.js';
import {
  executedPlans,
  measuredFrontiers,
  planMeasuredJob,
  reproduceMeasured,
  type PlannedMeasuredJob,
} from '../paper/reproduce-measured.js';
import type { ReproducedFigure } from '../paper/reproduced.js';
import { CommandFiles } from './command-files.js';
import type { Call } from './declare.js';
import { FORMATS } from './formats.js';
import { readMeasuredFolders } from './measured-folder.js';
import { OptionReader, type OptionValue } from './options.js';
import { imbalances, jobSizes } from './reproduce-jobs.js';
import type { reproduce as declared } from './reproduce-options.js';
import {
  EMULATED,
  ENTRIES,
  JOB_TABLES,
  TABLES,
  TABLE_VOCABULARY,
  TEXTS,
  type JobTableName,
  type TableName,
} from './reproduce-tables.js';
import { VERSION } from './version.js';

const SCENARIOS = new URL('../../../scenarios/', import.meta.url);

const PUBLISHED = new URL('published/perseus-sosp24.csv', SCENARIOS);

/** `pipewatt reproduce [TABLE]`: published figures beside ours, as Markdown, CSV and SVG. */
export function reproduceCommand(call: Call<typeof declared>): undefined {
  const files = new CommandFiles(call);
  const asked = askedFor(call, files);
  const { wanted, tables, aboutJobs, output, format, report, raw, sources, runs } = asked;
  const suffix = suffixOf(raw);
  const needsMeasured = raw === undefined && tables.some((name) => MEASURED.includes(name));
  const jobs = needsMeasured ? measuredModels().map(planMeasuredJob) : [];
  const parts = partsOf(tables, figuresOf(tables, sources, jobs), raw);
  for (const part of parts) writePart(part, { output, format }, files);
  const summary = parts.flatMap(({ text, counted }) =>
    summaries(counted).map((line) => `${text.name} ${line}`),
  );
  if (raw === undefined) {
    const jobTables = aboutJobs.map((name) => JOB_TABLE_MAKERS[name]());
    for (const table of jobTables) writeJobTable(table, { output, format }, files);
    parts.unshift(...jobTables.map(partOfJobTable));
    summary.unshift(...jobTables.map((table) => `${table.text.name} ${table.summary}`));
  }
  if (tables.includes('figure9') && jobs.length > 0) {
    const { picture, lines } = writeFrontiers(jobs, runs, output, files);
    parts.push({ text: { name: 'figure9', ...TEXTS.figure9 }, figures: [], counted: [], picture });
    summary.push(...lines);
  }
  if (wanted === 'all') {
    files.write(join(output, `summary${suffix}.txt`), `${summary.join('\n')}\n`);
    const agreement = agreementFigure(parts.flatMap(({ counted }) => counted));
    files.write(join(output, `published${suffix}.svg`), standaloneSvg(agreement));
  }
  if (report !== undefined) {
    const profiles = raw === undefined ? '' : ` --profiles ${raw}`;
    const command = `npx pipewatt reproduce ${wanted}${profiles}`;
    files.write(
      report,
      reproducedReport(parts, { version: VERSION, script: reportScript(), command }),
    );
  }
  call.terminal.out(`${summary.flatMap((line) => wrapped(line)).join('\n')}\n`);
}

/** The suffix of files made from raw profiles. */
function suffixOf(raw: string | undefined): string {
  return raw === undefined ? '' : '-raw';
}

/**
 * Reads which tables to make, from which inputs, and into which files.
 * @throws InputError with all problems of the table's name, options, inputs and outputs.
 */
function askedFor(call: Call<typeof declared>, files: CommandFiles) {
  const [asked] = call.args;
  const options = new OptionReader(call);
  const wanted = understood(TABLE_VOCABULARY, asked) ?? asked;
  const isWanted = (name: string) => wanted === 'all' || wanted === name;
  const tables = TABLES.filter(isWanted);
  const aboutJobs = JOB_TABLES.filter(isWanted);
  const output = options.get('--output');
  const format = options.get('--format');
  const report = options.get('--report');
  const raw = options.get('--profiles');
  const gathering = options.gathered();
  if (tables.length + aboutJobs.length === 0) {
    gathering.add({
      source: 'pipewatt reproduce',
      message: `found "${wanted}", expected ${[...JOB_TABLES, ...TABLES].join(', ')} or all${suggestion(TABLE_VOCABULARY, wanted)}`,
    });
  }
  const sources = gathering.attempt(() => emulatedSources(raw, files))!;
  const runs = gathering.attempt(() => measuredRuns(options, tables, files))!;
  files.reads(fileURLToPath(PUBLISHED));
  const names = outputNames([...tables, ...aboutJobs], wanted, suffixOf(raw), format);
  files.writesInto('--output', output, names);
  files.writes('--report', report);
  files.checkOutputs(gathering);
  gathering.throwIfAny();
  return { wanted, tables, aboutJobs, output, format, report, raw, sources, runs };
}

/** The format of tables. */
type TableFormat = OptionValue<typeof declared, '--format'>;

/** The folder and the format of tables. */
interface Destination {
  readonly output: string;
  readonly format: TableFormat;
}

/** Files that may be written into the folder. */
function outputNames(
  tables: readonly string[],
  wanted: string,
  suffix: string,
  format: TableFormat,
): string[] {
  const names = tables.flatMap((name) => [
    `${name}${suffix}`,
    ...(name === 'figure9' ? [name] : []),
  ]);
  const files = [...new Set(names)].flatMap((name) =>
    [FORMATS[format].extension, 'csv', 'svg'].map((e) => `${name}.${e}`),
  );
  return wanted === 'all' ? [...files, `summary${suffix}.txt`, `published${suffix}.svg`] : files;
}

/** Executed plans for figure 9. @throws InputError if no such figure is made. */
function measuredRuns(
  options: OptionReader<typeof declared>,
  tables: readonly TableName[],
  files: CommandFiles,
): MeasuredJob[] {
  const folder = options.get('--measured');
  if (folder === undefined) return [];
  if (tables.includes('figure9') && options.get('--profiles') === undefined) {
    return readMeasuredFolders(folder, (path) => {
      files.reads(path);
    });
  }
  throw InputError.of({
    source: 'pipewatt reproduce',
    field: '--measured',
    message:
      'executed plans are drawn into figure9 only, which is made from curves: ask for figure9 or all, without --profiles',
  });
}

function figuresOf(
  tables: readonly TableName[],
  sources: readonly EmulatedSource[],
  jobs: readonly PlannedMeasuredJob[],
): ReproducedFigure[] {
  const published = publishedFigures();
  const of = (names: readonly string[]) =>
    published.filter(({ table }) => names.includes(table) && tables.includes(table as TableName));
  const emulated = reproduceEmulation(sources, of(['table6', 'figure7', 'figure8']));
  return [...emulated, ...reproduceMeasured(jobs, of(['table3', 'table4']))];
}

function publishedFigures(): PublishedFigure[] {
  return readPublished(readFileSync(PUBLISHED, 'utf8'), 'scenarios/published/perseus-sosp24.csv');
}

const JOB_TABLE_MAKERS: Readonly<Record<JobTableName, () => JobTable>> = {
  table1: () => imbalances(measuredModels(), ENTRIES),
  table5: () => jobSizes(publishedFigures(), ENTRIES),
};

function writeJobTable(
  table: JobTable,
  { output, format }: Destination,
  files: CommandFiles,
): void {
  const made = format === 'latex' ? jobTableLatex(table) : jobTableMarkdown(table);
  files.write(join(output, `${table.text.name}.${FORMATS[format].extension}`), made);
  files.write(join(output, `${table.text.name}.csv`), table.csv);
}

function partOfJobTable({ text, head, rows }: JobTable): ReproducedPart {
  return { text, figures: [], counted: [], picture: undefined, table: { head, rows } };
}

/** Tables that have figures. */
function partsOf(
  tables: readonly TableName[],
  figures: readonly ReproducedFigure[],
  raw: string | undefined,
): ReproducedPart[] {
  const suffix = suffixOf(raw);
  const parts = tables.map((name): ReproducedPart => {
    const members = figures.filter((figure) => figure.table === name);
    const { title, remarks } = TEXTS[name];
    return {
      text: { name: `${name}${suffix}`, title, remarks: [curvesRemark(raw), ...remarks] },
      figures: members,
      counted: withoutNetworkBound(members),
      picture: members.length === 0 ? undefined : PICTURES[name]?.(members),
    };
  });
  return parts.filter((part) => part.figures.length > 0);
}

function writePart(
  { text, figures, counted, picture }: ReproducedPart,
  { output, format }: Destination,
  files: CommandFiles,
): void {
  const made =
    format === 'latex'
      ? reproducedLatex(text, figures)
      : reproducedMarkdown(text, figures, counted);
  files.write(join(output, `${text.name}.${FORMATS[format].extension}`), made);
  files.write(join(output, `${text.name}.csv`), reproducedCsv(figures));
  if (picture !== undefined) files.write(join(output, `${text.name}.svg`), standaloneSvg(picture));
}

const PICTURES: Partial<Record<TableName, (figures: readonly ReproducedFigure[]) => string>> = {
  figure7: savingFigure,
  figure8: extrinsicFigure,
};

const MEASURED: readonly TableName[] = ['table3', 'table4', 'figure9'];

function curvesRemark(raw: string | undefined): string {
  return raw === undefined
    ? 'From the curves that come with pipewatt, at the default unit time.'
    : "From the artifact's raw stage profiles, at the published unit times (1 ms on A100, 0.1 ms on A40).";
}

/** A40 T5 is reported in the tables and left out of the counts. */
function withoutNetworkBound<T extends Pick<PublishedFigure, 'workloadId'>>(
  figures: readonly T[],
): T[] {
  return figures.filter((figure) => !figure.workloadId.startsWith('A40+t5'));
}

/** @throws InputError with all problems of raw profiles. */
function emulatedSources(profiles: string | undefined, files: CommandFiles): EmulatedSource[] {
  const gathering = new ProblemGathering();
  const sources = EMULATED.map((of) =>
    gathering.attempt(() => emulatedSource(of, profiles, files)),
  );
  gathering.throwIfAny();
  return sources.map((source) => source!);
}

function emulatedSource(
  [prefix, name, file, publishedUnitS]: (typeof EMULATED)[number],
  profiles: string | undefined,
  files: CommandFiles,
): EmulatedSource {
  const entry = files.library.entry(name, { source: 'pipewatt reproduce' });
  const { blockingPowerW } = entry;
  if (profiles === undefined) {
    const profile = catalogProfile(entry);
    return { prefix, profile, unitTimeS: defaultUnitTime(profile), blockingPowerW };
  }
  const path = join(profiles, file);
  const profile = readStageProfile(files.read(path, 'profile'), path);
  return { prefix, profile, unitTimeS: publishedUnitS, blockingPowerW };
}

function measuredModels(): MeasuredJobModel[] {
  const folder = new URL('catalog/measured/', SCENARIOS);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => parseMeasuredJob(readFileSync(new URL(name, folder), 'utf8')));
}

function writeFrontiers(
  jobs: readonly PlannedMeasuredJob[],
  runs: readonly MeasuredJob[],
  output: string,
  files: CommandFiles,
): { picture: string; lines: string[] } {
  const executed = executedPlans(runs, jobs);
  const planned = measuredFrontiers(jobs);
  const samples = [...planned, ...executed];
  files.write(join(output, 'figure9.csv'), frontierCsv(samples));
  const picture = frontierFigure(samples);
  files.write(join(output, 'figure9.svg'), standaloneSvg(picture));
  const lines = [
    `figure9 ${planned.length} plans of ${jobs.length} jobs simulated`,
    ...measuredSummary(withoutNetworkBound(executed)),
  ];
  return { picture, lines };
}
