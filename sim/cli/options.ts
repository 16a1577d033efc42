import { InputError, type Problem } from '../../src/errors.js';
import { allowedRange, implausible, quantity } from '../../src/plausible.js';
import { ProblemGathering } from '../../src/problem-list.js';
import { suggestion, understood } from '../../src/vocabulary.js';
import type { Call, Declaration, NumberRule, Option, OptionsOf, ValueOf } from './declare.js';

type Flag<D extends Declaration> = keyof OptionsOf<D> & string;
/** The type of an option's value. */
export type OptionValue<D extends Declaration, F extends Flag<D>> = OptionsOf<D>[F] extends Option
  ? ValueOf<OptionsOf<D>[F]>
  : never;

/**
 * Reads the options of a call by their declarations, and collects all their problems, so that one
 * message names everything: in the order in which a command asks for them, then in that of the
 * declaration.
 */
export class OptionReader<D extends Declaration> {
  private readonly problems: Problem[] = [];
  private readonly values = new Map<string, unknown>();
  private readonly options: Readonly<Record<string, Option>>;

  constructor(private readonly call: Call<D>) {
    this.options = call.declared.options ?? {};
  }

  /** The value of an option. If it is invalid: a problem, and NaN, '' or the first choice instead. */
  get<F extends Flag<D>>(flag: F): OptionValue<D, F> {
    if (!this.values.has(flag)) this.values.set(flag, this.read(flag, this.options[flag]!));
    return this.values.get(flag) as OptionValue<D, F>;
  }

  /** The value of an option that may be left out in other calls, but not in this one. */
  needed<F extends Flag<D>>(flag: F): NonNullable<OptionValue<D, F>> {
    const value = this.get(flag);
    if (value !== undefined && value !== '') return value;
    const option = this.options[flag]!;
    const isNumber = 'rule' in option;
    const expected = isNumber ? describe(option.rule) : 'expected' in option ? option.expected : '';
    this.complain(flag, `is missing, expected ${expected}`);
    return (isNumber ? NaN : '') as NonNullable<OptionValue<D, F>>;
  }

  /** Reads the options not asked for yet: they can be invalid too. */
  readAll(): void {
    for (const flag of Object.keys(this.options)) this.get(flag as Flag<D>);
  }

  /** Whether none of these options is known to be invalid. */
  isRight(...flags: readonly Flag<D>[]): boolean {
    return !this.problems.some(
      ({ field }) => field !== undefined && (flags as readonly string[]).includes(field),
    );
  }

  /** Adds a problem of an option, of several, or of an argument. */
  complain(field: string, message: string): void {
    this.problems.push({ ...this.at(field), message });
  }

  /** The place of an option or argument, for later checks of its value. */
  at(field: string): { readonly source: string; readonly field: string } {
    return { source: `pipewatt ${this.call.declared.name}`, field };
  }

  /** The problems so far, to be gathered with those of files. */
  gathered(): ProblemGathering {
    this.readAll();
    const gathering = new ProblemGathering();
    gathering.add(...this.problems);
    return gathering;
  }

  /** @throws InputError if there was any problem. */
  finish(): void {
    this.readAll();
    if (this.problems.length > 0) throw new InputError(this.problems);
  }

  private read(flag: string, option: Option): unknown {
    if (option.kind === 'flag') return this.isGiven(flag);
    if (option.kind === 'texts') return this.call.given[keyOf(flag)] ?? [];
    const text = this.text(flag);
    switch (option.kind) {
      case 'text':
        return text;
      case 'needed text':
        if (text === undefined || text === '') {
          this.complain(flag, `is missing, expected ${option.expected}`);
        }
        return text ?? '';
      case 'number':
        if (text !== undefined) return this.parse(flag, text, option.rule);
        this.complain(flag, `is missing, expected ${describe(option.rule)}`);
        return NaN;
      case 'optional number':
        return text === undefined ? undefined : this.parse(flag, text, option.rule);
      case 'choice':
        return this.chosen(flag, text, option.choices);
    }
  }

  private chosen(flag: string, text: string | undefined, names: readonly string[]): string {
    const found = text === undefined ? undefined : understood({ names }, text);
    if (found === undefined) {
      const hint = text === undefined ? '' : suggestion({ names }, text);
      this.complain(flag, `found "${text ?? ''}", expected ${names.join(', ')}${hint}`);
    }
    return found ?? names[0]!;
  }

  /** The parser keeps `--no-bound` as `bound`, which is false where that was given. */
  private isGiven(flag: string): boolean {
    const negated = /^--no-(.+)$/.exec(flag)?.[1];
    if (negated !== undefined) return this.call.given[keyOf(`--${negated}`)] === false;
    return this.call.given[keyOf(flag)] === true;
  }

  private text(flag: string): string | undefined {
    const value = this.call.given[keyOf(flag)];
    return typeof value === 'string' ? value : undefined;
  }

  private parse(flag: string, text: string, rule: NumberRule): number {
    const value = text.trim() === '' ? NaN : Number(text);
    const impossible = rule.quantity === undefined ? undefined : implausible(rule.quantity, value);
    if (impossible !== undefined) {
      // No quantity is below zero, whatever its unit.
      const expected = value > 0 ? impossible : describe(rule);
      this.complain(flag, `found "${text}", expected ${expected}`);
      return value;
    }
    const isOutside =
      (rule.min !== undefined && value < rule.min) ||
      (rule.above !== undefined && value <= rule.above) ||
      (rule.max !== undefined && value > rule.max);
    if (!Number.isFinite(value) || isOutside || (rule.whole === true && !isCounted(value))) {
      const isBeyond = rule.whole === true && Math.abs(value) > LARGEST_WHOLE;
      const most = isBeyond && rule.max === undefined ? `, at most ${LARGEST_WHOLE}` : '';
      this.complain(flag, `found "${text}", expected ${describe(rule)}${most}`);
    }
    return value;
  }
}

/** Whole numbers beyond this cannot be told from their neighbours. */
const LARGEST_WHOLE = Number.MAX_SAFE_INTEGER;

const isCounted = (value: number) => Number.isInteger(value) && Math.abs(value) <= LARGEST_WHOLE;

function describe({ min, max, above, whole, unit, quantity: name }: NumberRule): string {
  if (name !== undefined) return allowedRange(quantity(name));
  const kind = whole === true ? 'a whole number' : 'a number';
  const bound =
    min !== undefined && max !== undefined
      ? ` from ${min} to ${max}`
      : min !== undefined
        ? ` of at least ${min}`
        : above !== undefined
          ? ` above ${above}${max === undefined ? '' : `, at most ${max}`}`
          : '';
  return `${kind}${bound}${unit === undefined ? '' : ` (${unit})`}`;
}

/** The parser keeps `--unit-time` as `unitTime`. */
function keyOf(flag: string): string {
  return flag.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
