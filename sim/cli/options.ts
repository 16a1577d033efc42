import { InputError, type Problem } from '../../src/errors.js';
import { allowedRange, implausible, quantity, type QuantityName } from '../../src/plausible.js';
import { suggestion, understood } from '../../src/vocabulary.js';

/** Option values as they stand on the command line. */
export type RawOptions = Readonly<Record<string, string | undefined>>;

/** Bounds of a numeric option. */
interface NumberRule {
  readonly min?: number;
  readonly max?: number;
  /** Exclusive lower bound. */
  readonly above?: number;
  readonly whole?: boolean;
  readonly unit?: string;
  /** What it is, which has bounds of its own. */
  readonly quantity?: QuantityName;
}

/**
 * Checks the options of a command and collects what is wrong with any of them, so that one message
 * names everything.
 */
export class OptionReader {
  private readonly problems: Problem[] = [];

  constructor(
    private readonly command: string,
    private readonly options: RawOptions,
  ) {}

  /** A number that must be given; NaN (and a problem) if it is not. */
  number(flag: string, rule: NumberRule = {}): number {
    const text = this.text(flag);
    if (text === undefined) {
      this.complain(flag, `is missing, expected ${describe(rule)}`);
      return NaN;
    }
    return this.parse(flag, text, rule);
  }

  /** A number that may be left out. */
  optionalNumber(flag: string, rule: NumberRule = {}): number | undefined {
    const text = this.text(flag);
    return text === undefined ? undefined : this.parse(flag, text, rule);
  }

  /** A text that must be given. */
  string(flag: string, what: string): string {
    const text = this.text(flag);
    if (text === undefined || text === '') this.complain(flag, `is missing, expected ${what}`);
    return text ?? '';
  }

  /** One of a few words. */
  choice<T extends string>(flag: string, choices: readonly T[]): T {
    const text = this.text(flag);
    const found = text === undefined ? undefined : understood({ names: choices }, text);
    if (found === undefined) {
      const hint = text === undefined ? '' : suggestion({ names: choices }, text);
      this.complain(flag, `found "${text ?? ''}", expected ${choices.join(', ')}${hint}`);
    }
    return found ?? choices[0]!;
  }

  /** Whether none of some options is known to be wrong. */
  isRight(...flags: readonly string[]): boolean {
    return !this.problems.some(({ field }) => field !== undefined && flags.includes(field));
  }

  /** Says that an option is wrong. */
  complain(flag: string, message: string): void {
    this.problems.push({ source: `pipewatt ${this.command}`, field: flag, message });
  }

  /** @throws InputError when anything was wrong. */
  finish(): void {
    if (this.problems.length > 0) throw new InputError(this.problems);
  }

  /** `--unit-time` is kept as `unitTime` by the parser. */
  private text(flag: string): string | undefined {
    const key = flag.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    return this.options[key];
  }

  private parse(flag: string, text: string, rule: NumberRule): number {
    const value = text.trim() === '' ? NaN : Number(text);
    const impossible = rule.quantity === undefined ? undefined : implausible(rule.quantity, value);
    if (impossible !== undefined) {
      // Nothing is measured below zero, in whatever unit.
      const expected = value > 0 ? impossible : describe(rule);
      this.complain(flag, `found "${text}", expected ${expected}`);
      return value;
    }
    const isOutside =
      (rule.min !== undefined && value < rule.min) ||
      (rule.above !== undefined && value <= rule.above) ||
      (rule.max !== undefined && value > rule.max);
    if (!Number.isFinite(value) || isOutside || (rule.whole === true && !Number.isInteger(value))) {
      this.complain(flag, `found "${text}", expected ${describe(rule)}`);
    }
    return value;
  }
}

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
