import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError } from '../../src/errors.js';
import { loadScenario } from '../scenario/scenario.js';
import { CommandFiles } from './command-files.js';
import type { Call } from './declare.js';
import type { init as declared } from './init-options.js';
import { answered, askingInTerminal, type Asking, type InitAnswers } from './init-questions.js';
import { initScenario } from './init-scenario.js';
import { OptionReader } from './options.js';

/**
 * `pipewatt init FILE`: asks for a job, and writes it as a scenario with comments.
 * @param inTerminal gives the reader who answers; undefined if there is no terminal.
 * @returns whether Ctrl-C ended the questions.
 */
export async function initCommand(
  call: Call<typeof declared>,
  inTerminal: () => Promise<Asking | undefined> = readerOf,
): Promise<'ok' | 'SIGINT'> {
  const options = new OptionReader(call);
  const [file = ''] = call.args;
  const isAsking = !options.get('--yes');
  const given = givenAnswers(options);
  const files = new CommandFiles(call);
  files.writes('file', file);
  const gathering = options.gathered();
  files.checkOutputs(gathering);
  if (existsSync(file)) {
    const message = `found ${file}, which is there already; choose another name`;
    gathering.add({ ...options.at('file'), message });
  }
  gathering.throwIfAny();
  const asking = isAsking ? await inTerminal() : undefined;
  if (isAsking && asking === undefined) {
    throw InputError.of({
      source: 'pipewatt init',
      message:
        'asks questions, for which it needs a terminal; --yes takes the defaults, and options change them (pipewatt init --help)',
    });
  }
  const answers = await unlessStopped(answered(given, asking));
  if (answers === undefined) return 'SIGINT';
  const text = initScenario(answers, jobName(file), basename(file));
  // A scenario that cannot run is not written.
  ofOptions(() => loadScenario(text, file, files.library));
  files.write(file, text);
  call.terminal.err(`pipewatt run ${file} runs it\n`);
  return 'ok';
}

/** The answers; undefined if Ctrl-C ended the questions. */
async function unlessStopped(answers: Promise<InitAnswers>): Promise<InitAnswers | undefined> {
  try {
    return await answers;
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') return undefined;
    throw error;
  }
}

/** The answers that options give. */
function givenAnswers(options: OptionReader<typeof declared>): Partial<InitAnswers> {
  const catalog = options.get('--catalog');
  const model = options.get('--model');
  const gpu = options.get('--gpu');
  const microbatch = options.get('--microbatch');
  if (catalog !== undefined) {
    for (const [flag, value] of Object.entries({
      '--model': model,
      '--gpu': gpu,
      '--microbatch': microbatch,
    })) {
      if (value !== undefined) {
        options.complain(
          flag,
          'cannot be used with --catalog, whose profiles are of a model and a GPU',
        );
      }
    }
  }
  const all = {
    source: catalog !== undefined ? 'catalog' : (model ?? gpu) !== undefined ? 'model' : undefined,
    ...{ catalog, model, gpu, microbatch },
    schedule: options.get('--schedule'),
    stages: options.get('--stages'),
    microbatches: options.get('--microbatches'),
    tensorParallel: options.get('--tensor-parallel'),
    pipelines: options.get('--pipelines'),
    slowdown: options.get('--slowdown'),
  } as const;
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** The options that set fields of the scenario. */
const SET_BY: Readonly<Record<string, string>> = {
  'profile.catalog': '--catalog',
  'profile.model': '--model',
  'profile.gpu': '--gpu',
  'profile.microbatch': '--microbatch',
  'pipeline.schedule': '--schedule',
  'pipeline.stages': '--stages',
  'pipeline.microbatches': '--microbatches',
  tensorParallel: '--tensor-parallel',
  pipelines: '--pipelines',
  'stragglers[0].slowdown': '--slowdown',
};

/** Problems of a scenario that is not written yet are those of the options that set its fields. */
function ofOptions(load: () => void): void {
  try {
    load();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(
      error.problems.map(({ field = '', message }) => ({
        ...{ source: 'pipewatt init', message },
        ...(field === '' ? {} : { field: SET_BY[field] ?? field }),
      })),
    );
  }
}

/** The name of a job in a file: its letters, digits, dots and dashes. */
function jobName(file: string): string {
  const name = basename(file)
    .replace(/\.ya?ml$/, '')
    .replaceAll(/[^\w.-]+/g, '-');
  return name === '' ? 'job' : name;
}

async function readerOf(): Promise<Asking | undefined> {
  return process.stdin.isTTY && process.stderr.isTTY ? askingInTerminal() : undefined;
}
