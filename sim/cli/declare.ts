import type { QuantityName } from '../../src/quantities.js';
import type { ExitName } from './exit-codes.js';
import type { FormatName } from './formats.js';
import type { Terminal } from './terminal.js';

/**
 * The vocabulary of command declarations. A declaration is data in a file of its own, beside the
 * file of its action: help and every start of the program load it, so it imports nothing but this
 * file and other light ones. An action loads planners, simulators, charts: up to half a second of
 * modules, for which only its own command waits.
 */

/** Bounds of a numeric option. */
export interface NumberRule {
  readonly min?: number;
  readonly max?: number;
  /** Exclusive lower bound. */
  readonly above?: number;
  readonly whole?: boolean;
  readonly unit?: string;
  /** The quantity, which has bounds of its own. */
  readonly quantity?: QuantityName;
}

/** The part of an option that the help shows. */
interface Shown {
  /** Stands for the value in the help, such as `<file>`. */
  readonly placeholder: string;
  readonly about: string;
  /** The value if the option is left out, as it would be typed. */
  readonly default?: string;
}

interface TextOption extends Shown {
  readonly kind: 'text';
  /** The expected value, for the message that it is missing. */
  readonly expected?: string;
}

interface NeededTextOption extends Shown {
  readonly kind: 'needed text';
  readonly expected: string;
}

interface TextsOption extends Shown {
  readonly kind: 'texts';
}

interface NumberOption extends Shown {
  readonly kind: 'number' | 'optional number';
  readonly rule: NumberRule;
}

interface ChoiceOption extends Shown {
  readonly kind: 'choice';
  readonly choices: readonly string[];
}

interface FlagOption {
  readonly kind: 'flag';
  readonly about: string;
}

export type Option =
  TextOption | TextsOption | NeededTextOption | NumberOption | ChoiceOption | FlagOption;

/** The type of an option's value: undefined is possible only for an option without a default. */
export type ValueOf<O extends Option> = O extends { readonly kind: 'flag' }
  ? boolean
  : O extends { readonly kind: 'texts' }
    ? readonly string[]
    : O extends { readonly kind: 'number' }
      ? number
      : O extends { readonly kind: 'optional number' }
        ? number | undefined
        : O extends { readonly kind: 'choice'; readonly choices: readonly (infer T)[] }
          ? T
          : O extends { readonly kind: 'needed text' } | { readonly default: string }
            ? string
            : string | undefined;

/** A text that may be left out. */
export function text<const D extends { readonly default?: string; readonly expected?: string }>(
  placeholder: string,
  about: string,
  more?: D,
) {
  return { kind: 'text', placeholder, about, ...(more as D) } as const;
}

/** A text that may be given several times. */
export function texts(placeholder: string, about: string) {
  return { kind: 'texts', placeholder, about } as const;
}

/** A text that must be given, and not be empty. */
export function neededText(placeholder: string, about: string, expected: string, preset?: string) {
  return { kind: 'needed text', placeholder, about, expected, ...defaultOf(preset) } as const;
}

/** A number that must be given, unless it has a default. */
export function number(placeholder: string, about: string, rule: NumberRule, preset?: string) {
  return { kind: 'number', placeholder, about, rule, ...defaultOf(preset) } as const;
}

/** A number that may be left out. */
export function optionalNumber(placeholder: string, about: string, rule: NumberRule) {
  return { kind: 'optional number', placeholder, about, rule } as const;
}

/** One of a few words, the first unless another is named. */
export function choice<const T extends string>(placeholder: string, choices: readonly T[]) {
  return {
    kind: 'choice',
    placeholder,
    about: orList(choices),
    choices,
    default: choices[0]!,
  } as const;
}

/** The name of a format, or its name and a remark for the help. */
type NotedFormat<F extends FormatName> = F | readonly [F, remark: string];

/** The formats in which a command prints its result, the first unless another is named. */
export function format<const F extends FormatName>(...formats: readonly NotedFormat<F>[]) {
  const named = formats.map((each) => (typeof each === 'string' ? ([each, ''] as const) : each));
  const about = orList(
    named.map(([name, remark]) => (remark === '' ? name : `${name} (${remark})`)),
  );
  return {
    ...choice(
      '<format>',
      named.map(([name]) => name),
    ),
    about,
  } as const;
}

/** An option without a value: given or not. */
export function flag(about: string) {
  return { kind: 'flag', about } as const;
}

function defaultOf(preset: string | undefined): { readonly default?: string } {
  return preset === undefined ? {} : { default: preset };
}

/** `table, csv or json` */
function orList(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), names.at(-1)!].join(' or ');
}

/** An argument as the help shows it (`<file>`, `[file]`, `<files...>`), what it is, its default. */
type Argument = readonly [shown: string, about: string, preset?: string];

/** The facts about a command that are known before it is called. */
export interface Declaration {
  /** As typed; a name of two words is a subcommand. */
  readonly name: string;
  readonly about: string;
  readonly arguments?: readonly Argument[];
  /** Words that its arguments may be, for shells: names of scenarios, or these. */
  readonly completes?: 'scenarios' | readonly string[];
  /** By their flags. */
  readonly options?: Readonly<Record<`--${string}`, Option>>;
  /** Paragraphs below the options in the help. */
  readonly remarks?: readonly string[];
  /** Examples that can be typed as they are. */
  readonly example?: string | readonly string[];
  /** Options that the help shows together, by heading; the others come first. */
  readonly groups?: Readonly<Record<string, readonly `--${string}`[]>>;
  /** Its ends besides success, wrong input and bugs. */
  readonly exits?: readonly ExitName[];
}

/** Returns a declaration with its literal types. */
export function declare<const D extends Declaration>(declared: D): D {
  return declared;
}

export type OptionsOf<D extends Declaration> = D['options'] & object;

type ArgumentValues<A extends readonly Argument[]> = {
  readonly [K in keyof A]: A[K][0] extends `${string}...${string}`
    ? readonly string[]
    : A[K] extends readonly [`[${string}`, string]
      ? string | undefined
      : string;
};

/** One call of a command. */
export interface Call<D extends Declaration> {
  readonly declared: D;
  readonly args: ArgumentValues<D['arguments'] & readonly Argument[]>;
  /** Values of options as they were typed, by the parser's names; `OptionReader` reads them. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly terminal: Terminal;
}

/** The ends that a command has declared. */
type EndOf<D extends Declaration> = 'ok' | (D['exits'] & readonly ExitName[])[number];

/** The action of a command. @returns its end, if it declares several. */
export type Action<D extends Declaration> = (
  call: Call<D>,
) => Promise<EndOf<D>> | Promise<void> | undefined;
