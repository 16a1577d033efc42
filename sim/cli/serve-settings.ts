import { dirname, resolve } from 'node:path';
import { stringify } from 'yaml';
import { InputError } from '../../src/errors.js';
import type { ProblemGathering } from '../../src/problem-list.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { SCHEDULE_VOCABULARY } from '../../src/pipeline/schedules.js';
import { suggestion, understood } from '../../src/vocabulary.js';
import type { ServedDefaults } from '../control/planning-settings.js';
import { isLoopback } from '../control/http/guard.js';
import { readUserFile } from '../disk/files.js';
import { loadScenario } from '../scenario/scenario.js';
import { readPlanFile } from '../plans/read-plan.js';
import { findPlanner } from '../plugins/planner-source.js';
import type { CommandFiles } from './command-files.js';
import type { OptionReader } from './options.js';
import type { serve as declared } from './serve-options.js';

type Options = OptionReader<typeof declared>;

/** Time for planners from elsewhere. */
const TIME_LIMIT_S = 600;

/** The settings of all jobs that bring none; problems of options and files are gathered. */
export function servedDefaults(
  options: Options,
  files: CommandFiles,
  gathering: ProblemGathering,
): ServedDefaults {
  const policy = options.get('--policy');
  gathering.attempt(() => findPlanner(policy, options.at('--policy'), TIME_LIMIT_S));
  const path = options.get('--profile');
  const given =
    path === undefined ? undefined : gathering.attempt(() => files.read(path, 'profile'));
  if (given !== undefined) gathering.attempt(() => readStageProfile(given, path!));
  const scenario = gathering.attempt(() => scenarioOf(options, files));
  const planPath = options.get('--plan');
  const planText =
    planPath === undefined ? undefined : gathering.attempt(() => readPlan(planPath, files));
  const profileCsv = given ?? scenario?.profileCsv;
  return {
    policy,
    ...(scenario === undefined ? {} : { scenarioText: scenario.text }),
    ...(profileCsv === undefined ? {} : { profileCsv }),
    ...(planText === undefined ? {} : { planText }),
  };
}

/** Options that a scenario file contains. */
const IN_SCENARIO = [
  '--microbatches',
  '--schedule',
  '--chunks',
  '--unit-time',
  '--blocking-power',
] as const;

function scenarioOf(options: Options, files: CommandFiles) {
  const path = options.get('--scenario');
  if (path === undefined) return ofOptions(options);
  for (const flag of IN_SCENARIO) {
    if (options.get(flag) !== undefined) {
      throw InputError.of({
        ...options.at(flag),
        message: 'cannot be used with --scenario; write it into the scenario',
      });
    }
  }
  const text = files.read(path, 'scenario');
  const { scenario } = loadScenario(text, path, files.library);
  const { profile } = scenario;
  // Paths in a scenario begin at its folder.
  const profileCsv =
    'csv' in profile ? readUserFile(resolve(dirname(path), profile.csv), 'profile') : undefined;
  return { text, profileCsv };
}

/** The scenario that single options amount to. */
function ofOptions(options: Options) {
  const schedule = scheduleOf(options);
  const microbatches = options.get('--microbatches');
  const chunks = options.get('--chunks');
  const unitTimeS = options.get('--unit-time');
  const blockingPowerW = options.get('--blocking-power');
  const path = options.get('--profile');
  if (path !== undefined && blockingPowerW === undefined) options.needed('--blocking-power');
  const text = stringify({
    ...(path === undefined ? {} : { profile: { csv: 'profile.csv', blockingPowerW } }),
    ...(path === undefined && blockingPowerW !== undefined ? { profile: { blockingPowerW } } : {}),
    pipeline: {
      ...(schedule === undefined ? {} : { schedule }),
      ...(microbatches === undefined ? {} : { microbatches }),
      ...(chunks === undefined ? {} : { chunks }),
    },
    ...(unitTimeS === undefined ? {} : { unitTimeS }),
  });
  return { text, profileCsv: undefined };
}

function scheduleOf(options: Options): string | undefined {
  const name = options.get('--schedule');
  if (name === undefined) return undefined;
  const found = understood(SCHEDULE_VOCABULARY, name);
  if (found !== undefined) return found;
  throw InputError.of({
    ...options.at('--schedule'),
    message: `found "${name}", expected ${SCHEDULE_VOCABULARY.names.join(', ')}${suggestion(SCHEDULE_VOCABULARY, name)}`,
  });
}

function readPlan(path: string, files: CommandFiles): string {
  const text = files.read(path, 'plan');
  readPlanFile(text, path);
  return text;
}

/** The fewest characters of a token: fewer can be guessed. */
const SHORTEST_TOKEN = 16;

/**
 * The secret that requests must bear.
 * @throws InputError if it is missing where others than this machine can send requests, or too short.
 */
export function tokenOf(options: Options): string | undefined {
  const path = options.get('--token-file');
  const fromFile = path === undefined ? undefined : readUserFile(path, 'token').trim();
  const token = fromFile ?? process.env['PIPEWATT_TOKEN'];
  const where = path === undefined ? { source: 'PIPEWATT_TOKEN' } : options.at('--token-file');
  if (token === undefined || token === '') {
    const host = options.get('--host');
    if (path === undefined && isLoopback(host)) return undefined;
    throw InputError.of({
      ...(path === undefined ? options.at('--host') : where),
      message:
        path === undefined
          ? `found "${host}", where other machines can send requests; set a token in PIPEWATT_TOKEN or --token-file (such as: openssl rand -hex 32), or serve 127.0.0.1`
          : 'the file is empty, expected a token',
    });
  }
  if (/^[\x21-\x7e]+$/.test(token) && token.length >= SHORTEST_TOKEN) return token;
  throw InputError.of({
    ...where,
    message: `the token has ${token.length} characters, expected at least ${SHORTEST_TOKEN} letters, digits or signs without spaces; make one with: openssl rand -hex 32`,
  });
}
