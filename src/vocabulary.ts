import { editDistance } from './nearest-name.js';

/** Names that a field may have, and other spellings of them, as data. */
export interface Vocabulary<T extends string = string> {
  readonly names: readonly T[];
  /** Other names with exactly the same meaning. Spelling varies as freely as for the names. */
  readonly aliases?: Readonly<Record<string, T>>;
  /** Names of related things, for which one of ours can only be suggested. */
  readonly relatives?: Readonly<Record<string, T>>;
}

/**
 * A name without the parts that are spelled in different ways: case, spaces, underscores and
 * dashes. Those between two digits are kept as a dash: 3-70 is not 370.
 */
export function normalised(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}.]+/gu, '-')
    .replace(/(?<!\d)-|-(?!\d)/g, '');
}

/** The name in a vocabulary that another spelling means; undefined if it means none. */
export function understood<T extends string>(
  { names, aliases = {} }: Vocabulary<T>,
  found: string,
): T | undefined {
  if (names.includes(found as T)) return found as T;
  const wanted = normalised(found);
  const alias = Object.keys(aliases).find((name) => normalised(name) === wanted);
  return (
    names.find((name) => normalised(name) === wanted) ??
    (alias === undefined ? undefined : aliases[alias])
  );
}

/** Typing errors charged for a name that contains the other one. */
const PART = 1.2;
/** Further typing errors charged for a name that continues where the other one ends. */
const BEGINNING = 0.5;

/** More names than this are not suggested. */
const MOST_SUGGESTED = 3;

/** `; did you mean "a100-pcie" or "a100-sxm"?`, or nothing if no name is near. */
export function suggestion(vocabulary: Vocabulary, found: string): string {
  const near = nearest(vocabulary, found).map((name) => JSON.stringify(name));
  if (near.length === 0) return '';
  const last = near.pop()!;
  return `; did you mean ${near.length === 0 ? last : `${near.join(', ')} or ${last}`}?`;
}

/** The names nearest to the one found, including ties. */
function nearest({ names, aliases = {}, relatives = {} }: Vocabulary, found: string): string[] {
  const wanted = normalised(found);
  if (wanted === '') return [];
  const targets = [
    ...names.map((name) => [name, name] as const),
    ...Object.entries({ ...aliases, ...relatives }),
  ];
  const distances = new Map<string, number>();
  for (const [spelling, name] of targets) {
    const distance = distanceTo(spelling, wanted);
    distances.set(name, Math.min(distance, distances.get(name) ?? Infinity));
  }
  const least = Math.min(...distances.values());
  if (least > Math.max(1 + BEGINNING, Math.floor(wanted.length / 3))) return [];
  const near = [...distances].filter(([, distance]) => distance === least).map(([name]) => name);
  return near.slice(0, MOST_SUGGESTED);
}

/** Typing errors from a name; few if one begins with or contains the other. */
function distanceTo(spelling: string, wanted: string): number {
  const name = normalised(spelling);
  const shorter = Math.min(name.length, wanted.length);
  const isPart = shorter >= 3 && (name.includes(wanted) || wanted.includes(name));
  const parts = spelling.split(/[^\p{L}\p{N}.]+/u);
  const beginnings = parts.map((_, k) => normalised(parts.slice(0, k + 1).join('-')));
  const ofBeginning = beginnings
    .filter((beginning) => beginning.length >= 3)
    .map((beginning) => editDistance(wanted, beginning) + BEGINNING);
  return Math.min(editDistance(wanted, name), isPart ? PART : Infinity, ...ofBeginning);
}
