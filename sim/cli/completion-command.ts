import { InputError } from '../../src/errors.js';
import { suggestion, understood } from '../../src/vocabulary.js';
import { shippedScenarios } from '../disk/shipped-scenarios.js';
import { COMMANDS, type LazyCommand } from './commands.js';
import { SHELLS, type completion as declared } from './completion-options.js';
import { COMPLETIONS, type CompletedCommand, type CompletedOption } from './completion-scripts.js';
import type { Call, Declaration, Option } from './declare.js';

/** `pipewatt completion SHELL`: prints a script that completes all that is declared. */
export async function completionCommand(call: Call<typeof declared>): Promise<void> {
  const [found] = call.args;
  const shell = understood({ names: SHELLS }, found);
  if (shell === undefined) {
    throw InputError.of({
      source: 'pipewatt completion',
      message: `found "${found}", expected ${SHELLS.join(', ')}${suggestion({ names: SHELLS }, found)}`,
    });
  }
  const all = Object.values<LazyCommand>(COMMANDS);
  const declarations = await Promise.all(all.map((command) => command.declaration()));
  call.terminal.out(COMPLETIONS[shell](declarations.map((each) => completed(each))));
}

function completed({ name, about, completes = [], options = {} }: Declaration): CompletedCommand {
  return {
    ...{ name, about },
    words: completes === 'scenarios' ? shippedScenarios().map((each) => each.name) : completes,
    options: [
      ...Object.entries<Option>(options).map(([flag, option]) => completedOption(flag, option)),
      { flag: '--help', about: 'show help', values: 'flag' },
    ],
  };
}

function completedOption(flag: string, option: Option): CompletedOption {
  const values =
    option.kind === 'flag'
      ? 'flag'
      : option.kind === 'choice'
        ? option.choices
        : /file|folder|planner/.test(option.placeholder)
          ? 'files'
          : [];
  return { flag, about: option.about, values };
}
