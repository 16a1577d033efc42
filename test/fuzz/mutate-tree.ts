import fc from 'fast-check';
import { hostileText, hostileValue, plausibleValue, unitFactor } from './hostile.js';

/** Plain data: what YAML and JSON hold. */
export type Tree = unknown;
export type Path = readonly (string | number)[];

/** One change of a tree; which place it is done at is counted around, so that it fits any tree. */
export type TreeMutation =
  | { readonly kind: 'replace' | 'add' | 'set'; readonly at: number; readonly value: unknown }
  /** `within` is set first where a part of the path's own name is not there. */
  | {
      readonly kind: 'put';
      readonly path: Path;
      readonly value: unknown;
      readonly within?: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'multiply'; readonly at: number; readonly by: number }
  | { readonly kind: 'remove' | 'wrap' | 'swap' | 'stringify'; readonly at: number }
  | { readonly kind: 'rename'; readonly at: number; readonly name: string }
  | {
      readonly kind: 'unknown';
      readonly at: number;
      readonly name: string;
      readonly value: unknown;
    }
  | { readonly kind: 'repeat'; readonly at: number; readonly times: number };

const place = fc.nat(10_000);

export const treeMutation: fc.Arbitrary<TreeMutation> = fc.oneof(
  {
    weight: 5,
    arbitrary: mutation({
      kind: fc.constantFrom('replace', 'set'),
      at: place,
      value: hostileValue,
    }),
  },
  {
    weight: 15,
    arbitrary: mutation({
      kind: fc.constantFrom('replace', 'set', 'set'),
      at: place,
      value: plausibleValue,
    }),
  },
  { weight: 5, arbitrary: mutation({ kind: fc.constant('multiply'), at: place, by: unitFactor }) },
  {
    weight: 4,
    arbitrary: mutation({
      kind: fc.constantFrom('remove', 'wrap', 'swap', 'stringify'),
      at: place,
    }),
  },
  { weight: 1, arbitrary: mutation({ kind: fc.constant('rename'), at: place, name: hostileText }) },
  {
    weight: 2,
    arbitrary: mutation({
      kind: fc.constant('unknown'),
      at: place,
      name: hostileText,
      value: hostileValue,
    }),
  },
  { weight: 1, arbitrary: mutation({ kind: fc.constant('add'), at: place, value: hostileValue }) },
  {
    weight: 1,
    arbitrary: mutation({
      kind: fc.constant('repeat'),
      at: place,
      times: fc.constantFrom(2, 50, 3000),
    }),
  },
);

function mutation(model: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<TreeMutation> {
  return fc.record(model) as fc.Arbitrary<TreeMutation>;
}

/**
 * Applies changes one after another.
 * @param fields paths that may be set though the tree does not have them: optional fields.
 * @param isHeld whether a place stays as it is.
 */
export function mutated(
  tree: Tree,
  mutations: readonly TreeMutation[],
  fields: readonly Path[] = [],
  isHeld: (path: Path, mutation: TreeMutation) => boolean = () => false,
): Tree {
  return mutations.reduce((changed: Tree, each) => {
    if (each.kind === 'put') {
      for (const [key, value] of Object.entries(each.within ?? {})) {
        if (each.path[0] === key) (changed as Holder)[key] ??= structuredClone(value);
      }
      return applied(changed, each.path, each);
    }
    const known = each.kind === 'set' ? fields : pathsOf(changed);
    const paths = known.filter((path) => !isHeld(path, each));
    return paths.length === 0 ? changed : applied(changed, paths[each.at % paths.length]!, each);
  }, structuredClone(tree));
}

/** Every place of a tree but its top. */
function pathsOf(tree: Tree, path: Path = []): Path[] {
  if (typeof tree !== 'object' || tree === null) return [];
  const keys = Array.isArray(tree) ? [...tree.keys()] : Object.keys(tree);
  return keys.flatMap((key) => [
    [...path, key],
    ...pathsOf((tree as Record<string | number, unknown>)[key], [...path, key]),
  ]);
}

type Holder = Record<string | number, unknown>;

function applied(tree: Tree, path: Path, mutation: TreeMutation): Tree {
  const holder = holderOf(tree, path);
  if (holder === undefined) return tree;
  const key = path.at(-1)!;
  const value = holder[key];
  switch (mutation.kind) {
    case 'replace':
    case 'put':
    case 'set':
      holder[key] = mutation.value;
      break;
    case 'multiply':
      if (typeof value === 'number') holder[key] = value * mutation.by;
      break;
    case 'stringify':
      holder[key] = typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
      break;
    case 'remove':
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else Reflect.deleteProperty(holder, key);
      break;
    case 'wrap':
      holder[key] = mutation.at % 2 === 0 ? [value] : { [key]: value };
      break;
    case 'swap': {
      const [other] = Object.keys(holder).filter((name) => name !== String(key));
      if (other !== undefined) [holder[key], holder[other]] = [holder[other], value];
      break;
    }
    case 'rename':
      Reflect.deleteProperty(holder, key);
      own(holder, mutation.name, value);
      break;
    case 'unknown':
      own(holder, mutation.name, mutation.value);
      break;
    case 'add':
      if (Array.isArray(value)) value.push(mutation.value);
      break;
    case 'repeat':
      if (Array.isArray(value) && value.length * mutation.times < 10_000) {
        holder[key] = Array.from({ length: mutation.times }, () =>
          structuredClone(value as unknown[]),
        ).flat();
      }
  }
  return tree;
}

/** Sets a key of its own, also one called `__proto__`. */
function own(holder: Holder, key: string, value: unknown): void {
  if (Array.isArray(holder)) return;
  Object.defineProperty(holder, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

/** The holder of the last part of a path; missing parts are created. */
function holderOf(tree: Tree, path: Path): Holder | undefined {
  let holder = tree as Holder;
  for (const [k, key] of path.slice(0, -1).entries()) {
    if (holder[key] === undefined) holder[key] = typeof path[k + 1] === 'number' ? [] : {};
    if (typeof holder[key] !== 'object' || holder[key] === null) return undefined;
    holder = holder[key] as Holder;
  }
  return holder;
}
