import { Command, CommanderError, Option as ParsedOption } from 'commander';
import { BrokenPlannerError, InfeasibleDeadlineError, InputError } from '../../src/errors.js';
import { shownProblems } from '../../src/problem-list.js';
import { visibleLine } from '../../src/visible.js';
import { COMMAND_GROUPS, EXAMPLES, OTHER_COMMANDS } from './command-groups.js';
import { COMMANDS, type LazyCommand } from './commands.js';
import type { Declaration, Option } from './declare.js';
import { EXIT, type ExitName } from './exit-codes.js';
import { guardedTerminal, type Terminal } from './terminal.js';
import { VERSION } from './version.js';

export { EXIT } from './exit-codes.js';

/**
 * Runs the command line.
 *
 * @param args without the program's name.
 * @returns the exit code; never throws for wrong input.
 */
export async function runProgram(args: readonly string[], shown: Terminal): Promise<number> {
  const terminal = guardedTerminal(shown);
  try {
    let end: ExitName = 'ok';
    const program = buildProgram(await commandsFor(args), terminal, (found) => {
      end = found;
    });
    await program.parseAsync([...args], { from: 'user' });
    return EXIT[end];
  } catch (error) {
    return reportFailure(error, terminal);
  }
}

/** A command whose declaration is loaded. */
interface DeclaredCommand extends LazyCommand {
  readonly declared: Declaration;
}

/**
 * Loads the declarations that a command line needs: those of its first word's command and
 * subcommands; all of them for help and for unknown commands.
 */
export async function commandsFor(args: readonly string[] = []): Promise<DeclaredCommand[]> {
  const [first = ''] = args;
  if (first === '--version' || first === '-V') return [];
  const all = Object.entries<LazyCommand>(COMMANDS);
  const named = all.filter(([name]) => name.split(' ')[0] === first);
  return Promise.all(
    (named.length > 0 ? named : all).map(async ([, command]) => ({
      ...command,
      declared: await command.declaration(),
    })),
  );
}

/** The parser of some commands, with their help. */
export function buildProgram(
  commands: readonly DeclaredCommand[],
  terminal: Terminal,
  endWith: (end: ExitName) => void,
): Command {
  const program = new Command('pipewatt')
    .description('What-if simulation of the energy of large-model training')
    .version(VERSION)
    .addHelpText('before', exampleText(EXAMPLES))
    .showHelpAfterError('(see pipewatt --help)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        terminal.out(text);
      },
      writeErr: (text) => {
        terminal.err(text);
      },
      outputError: (text, write) => {
        write(`${visibleLine(text.trimEnd())}\n`);
      },
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  for (const { declared, run } of commands) {
    const command = addCommand(program, declared);
    command.action(async () => {
      const { processedArgs: args } = command;
      const end = await run({ declared, args, given: command.opts(), terminal });
      if (end !== undefined) endWith(end);
    });
  }
  return program;
}

/** Adds a declared command: to the program, or to the command named by its first word. */
function addCommand(program: Command, declared: Declaration): Command {
  const [word = '', within] = declared.name.split(' ').reverse();
  const parent = program.commands.find((each) => each.name() === within) ?? program;
  const command = parent.command(word).description(declared.about);
  if (parent === program) command.helpGroup(commandGroup(declared.name));
  for (const [shown, about, preset] of declared.arguments ?? []) {
    command.argument(shown, about, preset);
  }
  for (const [flag, option] of Object.entries<Option>(declared.options ?? {})) {
    command.addOption(parsedOption(flag, option, declared));
  }
  const { remarks = [], example = [] } = declared;
  command.addHelpText('before', exampleText([example].flat()));
  if (remarks.length > 0) command.addHelpText('after', `\n${remarks.join('\n')}`);
  return command;
}

/** An option as the parser has it, in its group of the help. */
function parsedOption(flag: string, option: Option, { groups = {} }: Declaration): ParsedOption {
  const shown = option.kind === 'flag' ? flag : `${flag} ${option.placeholder}`;
  const parsed = new ParsedOption(shown, option.about);
  if (option.kind === 'texts') {
    parsed.argParser((text: string, before: readonly string[] | undefined) => [
      ...(before ?? []),
      text,
    ]);
  } else if (option.kind !== 'flag') parsed.default(option.default);
  const group = Object.entries(groups).find(([, flags]) => flags.some((each) => each === flag));
  if (group !== undefined) parsed.helpGroup(group[0]);
  return parsed;
}

function commandGroup(name: string): string {
  return COMMAND_GROUPS.find(({ names }) => names.includes(name))?.heading ?? OTHER_COMMANDS;
}

/** Examples above the help; nothing if there are none. */
function exampleText(examples: readonly string[]): string {
  if (examples.length === 0) return '';
  const heading = examples.length === 1 ? 'Example:' : 'Examples:';
  return `${[heading, ...examples.map((example) => `  ${example}`)].join('\n')}\n`;
}

function reportFailure(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) {
    // Help and version end here too. Commander has already written its message.
    return error.exitCode === 0 ? EXIT.ok : EXIT.wrongInput;
  }
  if (error instanceof InputError) {
    terminal.err(`${shownProblems(error).join('\n')}\n`);
    return EXIT.wrongInput;
  }
  if (error instanceof BrokenPlannerError) {
    terminal.err(`${error.message}\n`);
    return EXIT.broken;
  }
  if (error instanceof InfeasibleDeadlineError) {
    terminal.err(`${error.message}\n`);
    return EXIT.wrongInput;
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const details = process.env['PIPEWATT_DEBUG'] === '1' ? stack : visibleLine(message);
  terminal.err(
    `pipewatt failed, which is a bug in pipewatt: ${details ?? message}\n` +
      'Please report it with the command and its input. PIPEWATT_DEBUG=1 shows where it happened.\n',
  );
  return EXIT.bug;
}
