import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import { CommanderError, type Command } from 'commander';
import { buildProgram, commandsFor } from '../sim/cli/program.js';
import { PAGES, textOf } from './support/docs.js';
import { projectFile } from './support/files.js';

const COMMANDS = await commandsFor();

/** The commands in code blocks and between backticks, as they stand there. */
function mentionedCommands(page: string): string[] {
  const text = textOf(page);
  const lines = [...text.matchAll(/```(?:sh|console)\n(.*?)```/gs)].flatMap(([, block]) =>
    block!.split('\n'),
  );
  const inline = [...text.replaceAll(/```.*?```/gs, '').matchAll(/`([^`]+)`/g)].map(
    ([, code]) => code!,
  );
  return [...lines, ...inline]
    .map((line) => line.trim().replace(/^npx /, ''))
    .filter((line) => line.startsWith('pipewatt '));
}

/** Words of a command as a shell splits them. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
}

/** The program with commands that do nothing: it complains of what it does not know. */
function idleProgram(): Command {
  const ignore = () => undefined;
  const program = buildProgram(COMMANDS, { out: ignore, err: ignore, isWatched: false }, ignore);
  const silence = (command: Command) => {
    command.action(ignore);
    command.commands.forEach(silence);
  };
  program.commands.forEach(silence);
  return program;
}

/** The program's verdict on a command line, without running it; undefined if it is right. */
async function complaintOf(command: string): Promise<string | undefined> {
  try {
    await idleProgram().parseAsync(wordsOf(command).slice(1), { from: 'user' });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) return error.message;
    throw error;
  }
}

/** The nonexistent part of a mentioned command: itself, a subcommand, or an option. */
function unknownIn(mention: string): string[] {
  const words = mention.split(/\s+/).slice(1);
  let command: Command = idleProgram();
  for (const word of words) {
    const next = command.commands.find((each) => each.name() === word);
    if (next === undefined) break;
    command = next;
  }
  if (command.parent === null) return [words[0]!];
  const known = ['--help', ...command.options.map(({ long }) => long)];
  const flags = [...mention.matchAll(/--[a-z-]+/g)].map(([flag]) => flag);
  return flags.filter((flag) => !known.includes(flag));
}

test('links and pictures of the pages are there', (t) => {
  for (const page of PAGES) {
    const links = [...textOf(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, to]) => to!);
    for (const to of links.filter((link) => !/^[a-z]+:/.test(link))) {
      t.true(existsSync(projectFile(join(dirname(page), to))), `${page} links to ${to}`);
    }
  }
  t.true(PAGES.length > 8);
});

test('every command of the pages is one, with options that it has', async (t) => {
  let count = 0;
  for (const page of PAGES) {
    for (const mention of mentionedCommands(page)) {
      t.deepEqual(unknownIn(mention), [], `${page}: ${mention}`);
      count++;
    }
    const blocks = [...textOf(page).matchAll(/```(?:sh|console)\n(.*?)```/gs)];
    const lines = blocks.flatMap(([, block]) => block!.split('\n').map((line) => line.trim()));
    for (const line of lines.filter((text) => /^(npx )?pipewatt /.test(text))) {
      t.is(await complaintOf(line.replace(/^npx /, '')), undefined, `${page}: ${line}`);
    }
  }
  t.true(count > 60);
});

test('every option of every command is in its section of docs/commands.md', (t) => {
  const sections = textOf('docs/commands.md').split(/^## /m).slice(1);
  const check = (command: Command, name: string) => {
    const section = sections.find((text) => text.startsWith(`\`pipewatt ${name}`));
    t.truthy(section, name);
    for (const { long } of command.options) t.true(section?.includes(long!), `${name} ${long!}`);
  };
  for (const command of idleProgram().commands) {
    if (command.name() !== 'worker') check(command, command.name());
  }
});
