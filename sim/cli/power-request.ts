import type { ProblemGathering } from '../../src/problem-list.js';
import { suggestion, understood } from '../../src/vocabulary.js';
import { SENSOR } from '../power/files/smi-log.js';
import type { PowerUnit } from '../power/trace/power-units.js';
import type { StagePlace } from '../power/trace/traced-units.js';
import { gpusPerStage } from '../scenario/gpus-per-stage.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import { momentOf } from '../measurements/readers/moments.js';
import type { OptionReader } from './options.js';
import { secondsOf } from './refining.js';
import type { run } from './run-options.js';

type Options = OptionReader<typeof run>;

/** The file of `--power`, as asked for. */
export interface PowerRequest {
  readonly path: string;
  readonly like: 'pipewatt' | 'vessim' | 'openg2g' | 'nvidia-smi';
  readonly everyS: number;
  readonly per: PowerUnit;
  /** The one policy to write; all of them if undefined. */
  readonly policy: string | undefined;
  /** Numbers of GPUs; undefined for those that a file has by itself. */
  readonly gpus: readonly number[] | undefined;
  /** The beginning of the run, ms since 1970. */
  readonly startMs: number;
}

/** Options that say how `--power` is to be written. */
const ONLY_WITH_POWER = ['--every', '--gpu', '--start', '--policy'] as const;

/** Nanoseconds, of which times in files are whole numbers, in a second. */
const PER_SECOND = 1e9;
/** Shorter intervals than the instructions of any job. */
const SHORTEST_S = 1e-4;

/** The request of `--power`; undefined if there is none. Complains of what is wrong about it. */
export function powerRequest(options: Options): PowerRequest | undefined {
  const path = options.get('--power');
  if (path === undefined) {
    for (const flag of ONLY_WITH_POWER) {
      if (options.get(flag) !== undefined) {
        options.complain(flag, 'is of use only with --power FILE; add it, or leave this out');
      }
    }
    return undefined;
  }
  const like = options.get('--like');
  const isTable = like === 'pipewatt' || like === 'vessim';
  checkName(options, path, isTable);
  return {
    ...{ path, like, everyS: interval(options, isTable), per: unitOf(options, like) },
    policy: options.get('--policy'),
    gpus: gpuNumbers(options),
    startMs: startOf(options),
  };
}

/** Complains of a name from which no reader would know the format. */
function checkName(options: Options, path: string, isTable: boolean): void {
  const endings = isTable ? /\.(csv|csv\.gz|parquet)$/ : /\.(csv|csv\.gz)$/;
  if (endings.test(path)) return;
  const expected = isTable ? '.csv, .csv.gz or .parquet' : '.csv or .csv.gz, which this tool reads';
  options.complain('--power', `found "${path}", expected a name that ends in ${expected}`);
}

/** The interval of `--every`, a whole number of nanoseconds. */
function interval(options: Options, isTable: boolean): number {
  const text = options.get('--every');
  if (text === undefined) return isTable ? 0.01 : SENSOR.everyS;
  const timeS = secondsOf(text) ?? 0;
  if (timeS >= SHORTEST_S) return Math.round(timeS * PER_SECOND) / PER_SECOND;
  options.complain(
    '--every',
    `found "${text}", expected a time of at least 0.1ms, such as 10ms, 1s or 5min`,
  );
  return SENSOR.everyS;
}

function unitOf(options: Options, like: PowerRequest['like']): PowerUnit {
  const per = options.get('--per');
  if (like === 'pipewatt' || like === 'vessim') {
    if (options.get('--gpu') === undefined || per === 'gpu') return per;
    if (per === 'job') return 'gpu';
    options.complain('--gpu', `found --per ${per} too; leave one of them out`);
    return per;
  }
  if (like === 'openg2g' && options.get('--gpu') !== undefined) {
    options.complain(
      '--gpu',
      'cannot be used with --like openg2g, which reads the mean of all GPUs',
    );
  }
  if (per !== 'job' && per !== 'gpu') {
    options.complain('--per', `found ${per}, but --like ${like} is a file of GPUs; leave it out`);
  }
  return like === 'openg2g' ? 'job' : 'gpu';
}

/** GPUs of `--gpu`: `0,8,16-23`. */
function gpuNumbers(options: Options): number[] | undefined {
  const text = options.get('--gpu');
  if (text === undefined) return undefined;
  const numbers = text.split(',').map((part) => {
    const [, first, last = first] = /^\s*(\d{1,7})\s*(?:-\s*(\d{1,7})\s*)?$/.exec(part) ?? [];
    const [from, until] = [Number(first), Number(last)];
    if (!(until - from < MOST_COLUMNS && until >= from)) return undefined;
    return Array.from({ length: until - from + 1 }, (_, k) => from + k);
  });
  if (numbers.every((list) => list !== undefined)) {
    return [...new Set(numbers.flat())].sort((a, b) => a - b);
  }
  options.complain('--gpu', `found "${text}", expected numbers from 0, such as 0 or 0-7,64`);
  return undefined;
}

/** The time at which a log begins, if none is given. */
const START = '2000-01-01T00:00:00';

function startOf(options: Options): number {
  const text = options.get('--start');
  const moment = momentOf(text ?? START);
  // Plain numbers of seconds may mean anything.
  if (moment !== undefined && moment.base !== 'unknown') return Math.round(moment.timeS * 1000);
  options.complain('--start', `found "${text!}", expected a time such as 2026-11-27T09:30:00`);
  return 0;
}

/** Most columns of a file; spreadsheets have room for four times as many. */
const MOST_COLUMNS = 4096;

/** The places of options in messages, and the problems found. */
export interface Checking {
  readonly at: Options['at'];
  readonly gathering: ProblemGathering;
}

/** The job's parts that are written. */
export interface TracedParts {
  readonly names: readonly string[];
  /** With `--per gpu`: places of the GPUs, of which those of one stage share one. */
  readonly places: readonly StagePlace[];
  /** For each name, the place of its GPU among the places. */
  readonly unitOf: readonly number[];
  readonly gpus: readonly number[];
}

/** The shape of a job, as far as its GPUs are numbered by it. */
interface JobShape {
  readonly pipelines: number;
  readonly stages: number;
  readonly gpusPerStage: number;
}

/**
 * Numbers the parts of a job: GPUs pipeline by pipeline, and within one stage by stage. Adds what does not fit
 * the scenario to the problems.
 */
export function tracedParts(
  request: PowerRequest,
  scenario: Scenario,
  policies: readonly string[],
  checking: Checking,
): TracedParts {
  const shape = {
    pipelines: scenario.pipelines,
    stages: scenario.pipeline.stages,
    gpusPerStage: gpusPerStage(scenario),
  };
  const parts =
    request.per === 'gpu' ? gpuParts(request, shape, checking) : plainParts(request, shape);
  const columns = parts.names.length * policies.length;
  if (columns > MOST_COLUMNS) {
    checking.gathering.add({
      ...checking.at('--per'),
      message: `found ${columns} columns, expected at most ${MOST_COLUMNS}; choose some with --gpu and --policy, or --per stage or job`,
    });
  }
  return parts;
}

function plainParts({ per }: PowerRequest, { pipelines, stages }: JobShape): TracedParts {
  const count = per === 'job' ? 1 : per === 'stage' ? stages : pipelines;
  const numbers = Array.from({ length: count }, (_, k) => k);
  return {
    names: numbers.map((k) => (per === 'job' ? '' : `${per}${k}`)),
    ...{ places: [], unitOf: numbers, gpus: [] },
  };
}

/** GPUs of a node, whose power nvidia-smi tells. */
const OF_NODE = 8;

function gpuParts(
  { gpus: wanted, like }: PowerRequest,
  { pipelines, stages, gpusPerStage }: JobShape,
  { at, gathering }: Checking,
): TracedParts {
  const count = pipelines * stages * gpusPerStage;
  const usual = like === 'nvidia-smi' ? Math.min(count, OF_NODE) : count;
  const gpus = wanted ?? Array.from({ length: usual }, (_, k) => k);
  const last = gpus.at(-1)!;
  if (last >= count) {
    gathering.add({
      ...at('--gpu'),
      message: `found GPU ${last}, expected 0 to ${count - 1}: the job has ${count} GPUs`,
    });
  }
  const stageNumbers = gpus.map((gpu) => Math.floor(gpu / gpusPerStage));
  const distinct = [...new Set(stageNumbers)];
  const unitOfStage = new Map(distinct.map((number, unit) => [number, unit]));
  return {
    gpus,
    names: gpus.map((gpu) => `gpu${gpu}`),
    unitOf: stageNumbers.map((number) => unitOfStage.get(number)!),
    places: distinct.map((number) => ({
      pipeline: Math.floor(number / stages),
      stage: number % stages,
    })),
  };
}

/** The policies to write, in the order of the run's rows. */
export function tracedPolicies(
  { policy, like }: PowerRequest,
  { names, at, gathering }: Checking & { readonly names: readonly string[] },
): readonly string[] {
  if (policy !== undefined) {
    const found = understood({ names }, policy);
    if (found !== undefined) return [found];
    const message = `found "${policy}", expected ${names.join(', ')}${suggestion({ names }, policy)}`;
    gathering.add({ ...at('--policy'), message });
  } else if (names.length > 1 && (like === 'openg2g' || like === 'nvidia-smi')) {
    const message = `is missing: a file like those of ${like} is of one run; expected one of ${names.join(', ')}`;
    gathering.add({ ...at('--policy'), message });
  }
  return names;
}
