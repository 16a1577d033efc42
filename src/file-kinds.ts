import { parse } from 'yaml';
import { isNestedTooDeeply } from './yaml-nesting.js';

/** The kinds of files that commands read or write. */
export type FileKind =
  | 'scenario'
  | 'sweep'
  | 'site'
  | 'profile'
  | 'entry'
  | 'gpu'
  | 'model'
  | 'results'
  | 'trace'
  | 'baseline'
  | 'config'
  | 'jobs'
  | 'token'
  | 'plan'
  | 'signal'
  | 'robustness'
  | 'reproduced'
  | 'frontiers'
  | OtherKind;

/** Files that no command reads. */
type OtherKind =
  | 'monitor-log'
  | 'smi-log'
  | 'table'
  | 'run-json'
  | 'run-trace'
  | 'frontier'
  | 'executed-plans'
  | 'page'
  | 'picture'
  | 'gzip'
  | 'archive'
  | 'binary'
  | 'empty';

interface KindText {
  /** A description of such a file. */
  readonly name: string;
  /** The advice on what to do with one; FILE is replaced by its name. */
  readonly use?: string;
}

/** The messages about each kind. */
export const KINDS: Readonly<Record<FileKind, KindText>> = {
  scenario: { name: 'a scenario', use: 'pipewatt run FILE runs it' },
  sweep: { name: 'a sweep', use: 'pipewatt sweep FILE runs it' },
  site: { name: 'a site with jobs', use: 'pipewatt site FILE shares its power among them' },
  profile: {
    name: 'a stage profile',
    use: 'pipewatt plan FILE and pipewatt fit FILE take it, and a scenario names it as profile: {csv: FILE, blockingPowerW: W}',
  },
  entry: { name: 'a catalog entry', use: 'a scenario names it as profile: {catalog: NAME}' },
  gpu: { name: 'the description of a GPU', use: 'pipewatt synth --gpu FILE takes it' },
  model: { name: 'the description of a model', use: 'pipewatt synth --model FILE takes it' },
  results: { name: 'a file of results (DuckDB)', use: 'pipewatt results FILE tabulates it' },
  trace: { name: 'a Parquet file', use: 'pipewatt replay FILE takes production traces' },
  baseline: {
    name: 'a base stored by pipewatt compare',
    use: 'pipewatt compare PLANNER --against FILE takes it',
  },
  config: {
    name: 'a config.json from Hugging Face',
    use: 'pipewatt predict JOBS.csv --model FILE takes it',
  },
  jobs: { name: 'a table of jobs' },
  token: { name: 'a token' },
  plan: {
    name: 'a plan, the clocks of instructions',
    use: 'pipewatt run SCENARIO --plan FILE simulates it',
  },
  signal: {
    name: 'a table of values over time',
    use: 'pipewatt schedule takes a scenario that names it as signals: {price: FILE}, carbon or cap',
  },
  robustness: {
    name: 'a table of pipewatt robustness',
    use: 'pipewatt figure robustness FILE draws it',
  },
  reproduced: {
    name: 'a table of published figures and ours',
    use: 'pipewatt figure paper-7 FILE and paper-8 draw those of figures 7 and 8',
  },
  frontiers: {
    name: 'the table of figure 9',
    use: 'pipewatt figure paper-9 FILE draws it',
  },
  'monitor-log': {
    name: 'a log of ZeusMonitor (windows with their times and energies)',
    use: 'pipewatt import makes a stage profile of it and the other logs of its run',
  },
  'smi-log': {
    name: 'a log of nvidia-smi (samples over time)',
    use: 'pipewatt import makes a stage profile of it and the other logs of its run',
  },
  table: { name: 'a table printed by pipewatt run' },
  'run-json': { name: 'the JSON output of pipewatt run' },
  'run-trace': {
    name: 'a trace of a simulated run',
    use: 'open it at ui.perfetto.dev; pipewatt replay takes production traces in Parquet',
  },
  frontier: {
    name: 'a frontier from pipewatt plan',
    use: 'pipewatt plan with --deadline, --straggler or --format zeus makes plans',
  },
  'executed-plans': {
    name: 'a table of executed plans',
    use: 'pipewatt fit-runs takes the folder that contains it',
  },
  page: { name: 'an HTML page', use: 'open it in a browser' },
  picture: { name: 'a picture' },
  gzip: { name: 'a file compressed with gzip', use: 'unpack it with gunzip FILE' },
  archive: { name: 'an archive or a workbook (zip)', use: 'export its table as CSV' },
  binary: { name: 'a binary file' },
  empty: { name: 'empty' },
};

/** Kinds that are not texts. */
const BINARY: readonly FileKind[] = ['results', 'trace'];

/** The length of the part of a text that is examined. */
const LOOKED_AT = 1 << 20;

/**
 * The kind of a file, judged by its content; undefined if unknown, or if the file is broken and
 * could be anything. O(length), of one mebibyte at most.
 */
export function kindOfFile(bytes: Uint8Array): FileKind | undefined {
  if (bytes.length === 0) return 'empty';
  const binary = kindOfBytes(bytes);
  if (binary !== undefined) return binary;
  const text = new TextDecoder().decode(bytes.subarray(0, LOOKED_AT)).replace(/^\ufeff/, '');
  if (text.trim() === '') return 'empty';
  if (/^\s*(<!doctype html|<html)/i.test(text)) return 'page';
  if (/^\s*(<\?xml[^>]*>\s*)?<svg/i.test(text)) return 'picture';
  if (LISTS_OF_CLOCKS.test(text)) return 'plan';
  return kindOfTable(text) ?? kindOfFields(text, bytes.length > LOOKED_AT);
}

/** Signatures of binary files, and the position at which each starts. */
const SIGNATURES: readonly (readonly [FileKind, number, string])[] = [
  ['trace', 0, 'PAR1'],
  ['results', 8, 'DUCK'],
  ['gzip', 0, '\u001f\u008b'],
  ['archive', 0, 'PK\u0003\u0004'],
  ['picture', 0, '\u0089PNG'],
  ['picture', 0, '\u00ff\u00d8\u00ff'],
  ['picture', 0, '%PDF-'],
  ['binary', 0, 'ARROW1'],
];

function kindOfBytes(bytes: Uint8Array): FileKind | undefined {
  const found = SIGNATURES.find(([, from, signature]) =>
    Array.from(signature).every((character, k) => bytes[from + k] === character.charCodeAt(0)),
  );
  if (found !== undefined) return found[0];
  // UTF-16 contains zeros too, but begins with a byte order mark.
  const isUtf16 =
    (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return !isUtf16 && bytes.subarray(0, 8192).includes(0) ? 'binary' : undefined;
}

/** The beginning of a plan as Zeus writes it: an instruction and its clock in two or three lists. */
const LISTS_OF_CLOCKS =
  /^(?:\s|#.*\n)*(?:\w+ *= *)?[[(](?:\s|#.*\n)*[[(](?:\s|#.*\n)*[[(]?\s*["'](?:forward|backward)["']\s*,/;

/** Columns that identify tables. */
const TABLES: readonly (readonly [FileKind, readonly string[]])[] = [
  ['profile', ['stage', 'instruction', 'frequency', 'time', 'energy']],
  ['monitor-log', ['start_time', 'window_name', 'elapsed_time']],
  ['table', ['policy', 'simulated_energy_j']],
  ['robustness', ['planner', 'disturbance', 'saving_pct']],
  ['reproduced', ['workload_id', 'system', 'published_pct']],
  ['frontiers', ['workload_id', 'policy', 'time_s', 'energy_j']],
  ['executed-plans', ['workload_id', 'plan']],
  ['plan', ['stage', 'index', 'instruction', 'frequency_mhz']],
];

/** Headings of times as grids write them. */
const SIGNAL_TIMES = /^mtu\b|^datetime \(utc\)$|^point_time$/;

function kindOfTable(text: string): FileKind | undefined {
  const [header = ''] = text.split(/\r\n|\n|\r/, 1);
  const names = header.split(/[,;\t]/).map((name) => name.trim().replaceAll('"', '').toLowerCase());
  if (names.length < 2) return undefined;
  // `timestamp, power.draw [W], clocks.sm [MHz]`, or the same with dots or underscores.
  const isSmi =
    names.includes('timestamp') &&
    names.some((name) => /^(power|clocks|utilization|temperature|memory)[._]/.test(name));
  if (isSmi) return 'smi-log';
  if (names.join() === 'time_s,energy_j') return 'frontier';
  if (SIGNAL_TIMES.test(names[0]!)) return 'signal';
  return TABLES.find(([, columns]) => columns.every((column) => names.includes(column)))?.[0];
}

/**
 * Fields that identify YAML and JSON files: those that must be present, and those that must not.
 */
const FIELDS: readonly (readonly [FileKind, has: readonly string[], lacks: readonly string[]])[] = [
  ['run-json', ['pipewatt', 'scenario', 'policies'], []],
  ['run-trace', ['traceEvents'], []],
  ['plan', ['planned_time_s', 'instructions'], []],
  ['frontier', ['points'], ['pipeline', 'profile']],
  ['baseline', ['suite', 'planner', 'cases'], []],
  ['config', ['model_type', 'hidden_size'], []],
  ['config', ['architectures', 'hidden_size'], []],
  ['entry', ['stages', 'units', 'clocks'], ['pipeline']],
  ['gpu', ['peakTflops'], []],
  ['model', ['layers', 'hidden'], ['pipeline']],
  ['site', ['site', 'jobs'], ['pipeline', 'profile']],
  ['sweep', ['base'], ['pipeline']],
  ['sweep', ['matrix'], ['pipeline', 'profile']],
  ['sweep', ['zip'], ['pipeline', 'profile']],
  ['scenario', ['pipeline'], ['base', 'matrix', 'zip']],
  ['scenario', ['profile'], ['base', 'matrix', 'zip']],
];

function kindOfFields(text: string, isCut: boolean): FileKind | undefined {
  const names = fieldsOf(text, isCut);
  return FIELDS.find(
    ([, has, lacks]) =>
      has.every((name) => names.includes(name)) && !lacks.some((name) => names.includes(name)),
  )?.[0];
}

/** Names of the top-level fields; of a text that cannot be parsed, the names that begin a line. */
function fieldsOf(text: string, isCut: boolean): string[] {
  if (!isCut && !isNestedTooDeeply(text)) {
    try {
      const value: unknown = parse(text, { logLevel: 'silent' });
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
      return Object.keys(value);
    } catch {
      // The text is broken somewhere, but its first lines may still identify it.
    }
  }
  const begin = [...text.matchAll(/^(\w+):(?=\s)/gm)].map(([, name]) => name!);
  const json = [...text.slice(0, 4096).matchAll(/"(\w+)"\s*:/g)].map(([, name]) => name!);
  return text.trimStart().startsWith('{') ? json : begin;
}

/**
 * Why a file is not the kind asked for, in a sentence that names the command that takes it;
 * undefined if it may be of that kind, or if nothing is known about it.
 */
export function wrongKind(
  bytes: Uint8Array,
  path: string,
  wanted: FileKind | readonly FileKind[],
): string | undefined {
  const kinds: readonly FileKind[] = typeof wanted === 'string' ? [wanted] : wanted;
  const found = kindOfFile(bytes);
  if (found === undefined || kinds.includes(found)) return undefined;
  // Readers of texts report what an empty one lacks.
  if (found === 'empty' && !kinds.some((kind) => BINARY.includes(kind))) return undefined;
  const { name, use } = KINDS[found];
  const expected = kinds.map((kind) => KINDS[kind].name).join(' or ');
  const advice = use === undefined ? '' : `; ${use.replaceAll('FILE', path)}`;
  return `is ${name}, expected ${expected}${advice}`;
}
