import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { scenarioPath } from '../disk/shipped-scenarios.js';
import { InputError } from '../../src/errors.js';
import { kindOfFile } from '../../src/file-kinds.js';
import { ProblemGathering } from '../../src/problem-list.js';
import { checkFolder, makeUserFolder, readUserText } from '../disk/files.js';
import { ZEUS_FILE } from '../plans/zeus-file.js';
import type { ExternalPlanner } from '../plugins/external-planner.js';
import type { NumberedPlan, Question } from '../plugins/ask-planner.js';
import { loadScenario } from '../scenario/scenario.js';
import { CommandFiles } from './command-files.js';
import type { Call } from './declare.js';
import { printed } from './formats.js';
import { namedPlanner } from './named-planner.js';
import { OptionReader } from './options.js';
import {
  frontierContents,
  numbered,
  planContents,
  zeusFile,
  type Planned,
} from './plan-contents.js';
import type { plan as declared } from './plan-options.js';
import { planProfile, profileInputs, type ProfileInputs } from './plan-profile.js';
import { planScenario, type JobQuestion, type ScenarioInputs } from './plan-scenario.js';
import { tell } from './terminal.js';

type Options = OptionReader<typeof declared>;

/** `pipewatt plan FILE`: the frontier of a profile, the clocks of a scenario's job. */
export async function planCommand(call: Call<typeof declared>): Promise<void> {
  const { terminal } = call;
  const options = new OptionReader(call);
  const files = new CommandFiles(call);
  const { input, planner } = inputsOf(scenarioPath(call.args[0]), options, files);
  const planned = await ('scenario' in input
    ? planScenario(input, planner, jobQuestion(options), isAlone(options), terminal)
    : planProfile(input, planner, profileQuestion(options), isAlone(options), terminal));
  const notes = await deliver(planned, options, files);
  tell([...planned.notes, ...notes], terminal);
}

/** The job to plan, and its planner. */
interface Inputs {
  readonly input: ProfileInputs | ScenarioInputs;
  readonly planner: ExternalPlanner;
}

/** @throws InputError with all problems of options, planner and file. */
function inputsOf(path: string, options: Options, files: CommandFiles): Inputs {
  const ofFile = new ProblemGathering();
  files.reads(path);
  const file = ofFile.attempt(() => readUserText(path, ['profile', 'scenario']));
  const kind = kindOfJob(path, file?.text);
  checkOptions(options, kind);
  const output = options.get('--output');
  const isFolder = options.get('--format') === 'zeus';
  if (!isFolder) files.writes('--output', output);
  const gathering = options.gathered();
  const planner = gathering.attempt(() =>
    namedPlanner(options.get('--planner'), options.at('--planner'), options.get('--time-limit')),
  );
  if (planner !== undefined) files.readsPlanner(planner.source);
  ofFile.addTo(gathering);
  const input =
    file &&
    (kind === 'scenario'
      ? gathering.attempt(() => scenarioInputs(file.text, path, options, files))
      : profileInputs(file, path, options, gathering));
  if (isFolder && output !== undefined) {
    gathering.attempt(() => {
      checkFolder(output);
    });
  }
  files.checkOutputs(gathering);
  gathering.throwIfAny();
  return { input: input!, planner: planner! };
}

type JobKind = 'scenario' | 'profile';

/** The kind of a job's file: by its content, or by its name if the content is of no known kind. */
function kindOfJob(path: string, text = ''): JobKind {
  const found = kindOfFile(Buffer.from(text));
  if (found === 'scenario' || found === 'profile') return found;
  return /\.(ya?ml|json)$/i.test(path) ? 'scenario' : 'profile';
}

function scenarioInputs(
  text: string,
  path: string,
  options: Options,
  files: CommandFiles,
): ScenarioInputs {
  const loaded = loadScenario(text, path, files.library);
  const pipeline = options.get('--pipeline');
  const { pipelines } = loaded.scenario;
  if (pipeline !== undefined && pipeline >= pipelines) {
    const message = `found ${pipeline}, expected a whole number from 0 to ${pipelines - 1}: the scenario has ${pipelines} pipelines`;
    throw InputError.of({ ...options.at('--pipeline'), message });
  }
  return { ...loaded, path, text };
}

/** Options that a scenario says itself, and its fields for them. */
const FOR_PROFILES = {
  '--stages': 'pipeline.stages',
  '--microbatches': 'pipeline.microbatches',
  '--blocking-power': 'power.blockingW',
  '--unit-time': 'unitTimeS',
  '--tensor-parallel': 'tensorParallel',
  '--scale': 'scale',
} as const;

/** Options of which at most one chooses the plan. */
const CHOOSING = ['--deadline', '--straggler', '--pipeline', '--frontier'] as const;

/** Finds options that do not go together, or not with this kind of file. */
function checkOptions(options: Options, kind: JobKind): void {
  options.readAll();
  const isGiven = (flag: keyof typeof FOR_PROFILES | (typeof CHOOSING)[number]) =>
    options.get(flag) !== undefined;
  if (kind === 'scenario') {
    for (const [flag, field] of Object.entries(FOR_PROFILES)) {
      const name = flag as keyof typeof FOR_PROFILES;
      if (!isGiven(name)) continue;
      options.complain(flag, `is for a profile; a scenario says it itself: change its ${field}`);
    }
  } else {
    options.needed('--microbatches');
    options.needed('--blocking-power');
    if (isGiven('--pipeline')) {
      options.complain('--pipeline', 'is for a scenario; a profile has only one pipeline');
    }
  }
  const [first, ...others] = CHOOSING.filter(isGiven);
  for (const other of others) {
    options.complain(other, `cannot be used with ${first!}; choose one`);
  }
  const format = options.get('--format');
  if (!isGiven('--frontier')) return;
  if (format === 'nvml') {
    options.complain('--frontier', 'cannot be used with --format nvml, which has one plan');
  }
  if (format === 'zeus' && options.get('--output') === undefined) {
    options.complain('--output', 'is missing, expected a folder for the files of the frontier');
  }
}

/** The plan or frontier that was asked for, if any was. */
function askedFor(options: Options): Question | undefined {
  const deadlineS = options.get('--deadline');
  const slowdown = options.get('--straggler');
  const count = options.get('--frontier');
  if (deadlineS !== undefined) return { ask: 'deadline', deadlineS };
  if (slowdown !== undefined) return { ask: 'straggler', slowdown };
  if (count === undefined) return undefined;
  return options.get('--format') === 'zeus' ? { ask: 'plans', count } : { ask: 'frontier' };
}

/** Whether a plan is shown without its number on the frontier, which is the name of Zeus' files. */
function isAlone(options: Options): boolean {
  return options.get('--format') !== 'zeus';
}

/** A scenario says which plan its job needs. */
function jobQuestion(options: Options): JobQuestion {
  return askedFor(options) ?? { ask: 'pipeline', pipeline: options.get('--pipeline') };
}

/** A profile alone has a frontier; files of clocks hold its fastest plan. */
function profileQuestion(options: Options): Question {
  const format = options.get('--format');
  const isOfClocks = format === 'zeus' || format === 'nvml';
  return (
    askedFor(options) ?? (isOfClocks ? { ask: 'straggler', slowdown: 1 } : { ask: 'frontier' })
  );
}

/** Prints what was planned, or writes its files. @returns notes on them. */
async function deliver(
  planned: Planned,
  options: Options,
  files: CommandFiles,
): Promise<readonly string[]> {
  const format = options.get('--format');
  const output = options.get('--output');
  const { plan, plans, points } = planned;
  if (format === 'zeus' && output !== undefined) {
    return writeFolder(output, planned, plans ?? [numbered(planned, plan!)], files);
  }
  const style = { indent: 1 };
  if (plan !== undefined) {
    files.deliver(await printed(format, planContents(planned, plan), style), output);
    return [];
  }
  // Formats of clocks have asked for plans.
  const shown = format === 'csv' || format === 'json' ? format : 'table';
  const contents = frontierContents(points, options.get('--frontier'));
  files.deliver(await printed(shown, contents, style), output);
  return [];
}

/**
 * Writes the files of plans in Zeus' format into a folder that is made for them.
 * @returns a note if it has others too.
 */
function writeFolder(
  folder: string,
  planned: Planned,
  plans: Iterable<NumberedPlan>,
  files: CommandFiles,
): string[] {
  makeUserFolder(folder);
  const paths = Array.from(plans, (plan) => {
    const { name, text } = zeusFile(planned, plan);
    const path = join(folder, name);
    files.writeQuietly(path, text);
    return path;
  });
  if (paths.length === 1) files.wrote(paths[0]!);
  else files.wrote(`${paths.length} plans into ${folder}, the fastest as ${paths.at(-1)!}`);
  const written = new Set(paths.map((path) => basename(path)));
  const others = readdirSync(folder).filter((name) => ZEUS_FILE.test(name) && !written.has(name));
  if (others.length === 0) return [];
  const were = others.length === 1 ? '1 plan was' : `${others.length} plans were`;
  return [`${were} in ${folder} before; run --plan ${folder} takes them as part of the frontier.`];
}
