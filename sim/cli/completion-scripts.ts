import type { SHELLS } from './completion-options.js';

/** An option, as shells complete it. */
export interface CompletedOption {
  readonly flag: string;
  readonly about: string;
  /** Its values: known words, files, or none because it has no value. */
  readonly values: readonly string[] | 'files' | 'flag';
}

/** A command, as shells complete it. */
export interface CompletedCommand {
  /** One word, or two. */
  readonly name: string;
  readonly about: string;
  readonly options: readonly CompletedOption[];
  /** Words that its arguments may be, besides files. */
  readonly words: readonly string[];
}

/** The scripts that complete commands in each shell. */
export const COMPLETIONS: Readonly<
  Record<(typeof SHELLS)[number], (commands: readonly CompletedCommand[]) => string>
> = { bash, zsh, fish };

/** A text as one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The first words of commands, each once, with what the command is for. */
function firstWords(commands: readonly CompletedCommand[]): readonly CompletedCommand[] {
  return commands.filter(({ name }) => !name.includes(' '));
}

/** The second words of commands, by the first. */
function secondWords(commands: readonly CompletedCommand[]): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { name } of commands) {
    const [first = '', second] = name.split(' ');
    if (second !== undefined) found.set(first, [...(found.get(first) ?? []), second]);
  }
  return found;
}

/** A `case` that sets what an option's value may be, for bash and zsh. */
function valueCases(
  commands: readonly CompletedCommand[],
  words: (all: readonly string[]) => string,
  files: string,
): string[] {
  return commands.flatMap(({ name, options }) =>
    options.flatMap(({ flag, values }) => {
      if (values === 'flag') return [];
      return `    ${quoted(`${name} ${flag}`)}) ${values === 'files' ? files : words(values)}; return ;;`;
    }),
  );
}

/** Lines that put the command's name, of one word or two, into `command`. */
function commandLines(
  commands: readonly CompletedCommand[],
  [first, second]: readonly [string, string],
): string[] {
  const pairs = commands.filter(({ name }) => name.includes(' '));
  return [
    `  local command="${first}"`,
    `  case "${first} ${second}" in`,
    `    ${pairs.map(({ name }) => quoted(name)).join('|')}) command="${first} ${second}" ;;`,
    '  esac',
  ];
}

function bash(commands: readonly CompletedCommand[]): string {
  const seconds = secondWords(commands);
  const cases = (of: (command: CompletedCommand) => readonly string[]) =>
    commands.map(
      (command) => `      ${quoted(command.name)}) words=${quoted(of(command).join(' '))} ;;`,
    );
  const words = (all: readonly string[]) =>
    `COMPREPLY=($(compgen -W ${quoted(all.join(' '))} -- "$cur"))`;
  return lines([
    '# bash completion for pipewatt: eval "$(pipewatt completion bash)"',
    '_pipewatt() {',
    '  local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}" words=""',
    '  # bash takes --format=csv apart at the equals sign.',
    '  if [[ $cur == = ]]; then cur=""; elif [[ $prev == = ]]; then prev="${COMP_WORDS[COMP_CWORD-2]}"; fi',
    '  COMPREPLY=()',
    '  if ((COMP_CWORD == 1)); then',
    `    ${words([...firstWords(commands).map(({ name }) => name), '--help', '--version'])}`,
    '    return',
    '  fi',
    ...commandLines(commands, ['${COMP_WORDS[1]}', '${COMP_WORDS[2]-}']),
    '  case "$command $prev" in',
    ...valueCases(commands, words, '_pipewatt_files'),
    '  esac',
    '  if [[ $cur == -* ]]; then',
    '    case "$command" in',
    ...cases(({ options }) => options.map(({ flag }) => flag)),
    '    esac',
    '    COMPREPLY=($(compgen -W "$words" -- "$cur"))',
    '    return',
    '  fi',
    '  _pipewatt_files',
    '  case "$command" in',
    ...cases(({ name, words: known }) => [...known, ...(seconds.get(name) ?? [])]),
    '  esac',
    '  COMPREPLY+=($(compgen -W "$words" -- "$cur"))',
    '}',
    '_pipewatt_files() {',
    '  compopt -o filenames 2>/dev/null',
    '  mapfile -t COMPREPLY < <(compgen -f -- "$cur")',
    '}',
    'complete -F _pipewatt pipewatt',
  ]);
}

function zsh(commands: readonly CompletedCommand[]): string {
  const seconds = secondWords(commands);
  const described = (name: string, about: string) =>
    quoted(`${name.replaceAll(':', String.raw`\:`)}:${about}`);
  const words = (all: readonly string[]) => `compadd -- ${all.map(quoted).join(' ')}`;
  return lines([
    '#compdef pipewatt',
    '# zsh completion for pipewatt: eval "$(pipewatt completion zsh)", below compinit',
    '_pipewatt() {',
    '  local cur="${words[CURRENT]}" prev="${words[CURRENT-1]}"',
    '  local -a all',
    '  if ((CURRENT == 2)); then',
    `    all=(${firstWords(commands)
      .map(({ name, about }) => described(name, about))
      .join(' ')})`,
    "    _describe 'command' all",
    '    return',
    '  fi',
    ...commandLines(commands, ['${words[2]}', '${words[3]-}']),
    '  case "$command $prev" in',
    ...valueCases(commands, words, '_files'),
    '  esac',
    '  if [[ $cur == -* ]]; then',
    '    case "$command" in',
    ...commands.map(
      ({ name, options }) =>
        `      ${quoted(name)}) all=(${options.map(({ flag, about }) => described(flag, about)).join(' ')}) ;;`,
    ),
    '    esac',
    "    _describe -o 'option' all",
    '    return',
    '  fi',
    '  case "$command" in',
    ...commands
      .map(({ name, words: known }) => ({ name, known: [...known, ...(seconds.get(name) ?? [])] }))
      .filter(({ known }) => known.length > 0)
      .map(({ name, known }) => `    ${quoted(name)}) ${words(known)} ;;`),
    '  esac',
    '  _files',
    '}',
    'compdef _pipewatt pipewatt',
  ]);
}

function fish(commands: readonly CompletedCommand[]): string {
  const seconds = secondWords(commands);
  return lines([
    '# fish completion for pipewatt: source (pipewatt completion fish | psub)',
    ...firstWords(commands).map(
      ({ name, about }) =>
        `complete -c pipewatt -f -n __fish_use_subcommand -a ${name} -d ${quoted(about)}`,
    ),
    ...commands.flatMap(({ name, options, words }) => {
      const [first = '', second] = name.split(' ');
      const seen = [first, ...(second === undefined ? [] : [second])].map(
        (word) => `__fish_seen_subcommand_from ${word}`,
      );
      const begin = `complete -c pipewatt -n ${quoted(seen.join('; and '))}`;
      const known = [...words, ...(seconds.get(name) ?? [])];
      return [
        ...(known.length === 0 ? [] : [`${begin} -a ${quoted(known.join(' '))}`]),
        ...options.map(({ flag, about, values }) => {
          const value =
            values === 'flag'
              ? ''
              : values === 'files'
                ? ' -r -F'
                : ` -x -a ${quoted(values.join(' '))}`;
          return `${begin} -l ${flag.slice(2)}${value} -d ${quoted(about)}`;
        }),
      ];
    }),
  ]);
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
