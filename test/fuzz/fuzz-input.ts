/** One input of a fuzzer: what is called, with which files around it. Plain data. */
export interface FuzzInput {
  /** The command line with `args`, or one of the functions behind it that files do not reach. */
  readonly call: 'command line' | 'link' | 'catalog' | 'planner answer' | 'baseline';
  readonly args: readonly string[];
  /** Files in the folder in which it runs, by path: text, bytes, or `null` for a folder. */
  readonly files: Readonly<Record<string, string | Uint8Array | null>>;
}

/** The end of one input. */
export type FuzzOutcome =
  | {
      readonly kind: 'ended';
      /** As of the command line; functions end with 0 or 2 too, and with 1 for a bug. */
      readonly code: number;
      readonly out: string;
      readonly err: string;
      /** Paths that were made, changed or removed, with the text that is there now. */
      readonly changed: Readonly<Record<string, string>>;
    }
  /** Whatever the process did not survive: a crash, too much memory, no end. */
  | { readonly kind: 'died'; readonly why: string };

/** A shell's line and its files, for a person who wants to see it. */
export function shown({ call, args, files }: FuzzInput): string {
  const entries = Object.entries(files).map(([path, content]) => {
    if (content === null) return `${path}/`;
    const text =
      typeof content === 'string' ? content : `hex ${Buffer.from(content).toString('hex')}`;
    return `--- ${path}\n${text.length > 4000 ? `${text.slice(0, 4000)}… (${text.length})` : text}`;
  });
  return [`${call}: ${args.map((arg) => JSON.stringify(arg)).join(' ')}`, ...entries].join('\n');
}
