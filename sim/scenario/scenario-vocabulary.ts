import { SCHEDULE_VOCABULARY } from '../../src/pipeline/schedules.js';
import { understood, type Vocabulary } from '../../src/vocabulary.js';
import { POLICY_VOCABULARY } from '../../src/planner/policy-names.js';
import type { ScenarioPath } from './scenario-problems.js';
import { PARTITIONERS, TRANSFER_RULES } from './scenario-schema.js';
import { CAUSE_VOCABULARY } from './straggler-schema.js';

/** Fields that have one of a few names, by path; list positions are `[]`. */
const VOCABULARIES: Readonly<Record<string, Vocabulary>> = {
  'pipeline.schedule': SCHEDULE_VOCABULARY,
  'policies.[]': POLICY_VOCABULARY,
  'stragglers.[].cause': CAUSE_VOCABULARY,
  'communication.rule': { names: TRANSFER_RULES, aliases: { overlap: 'overlapped' } },
  'imbalance.partition': {
    names: PARTITIONERS,
    aliases: { 'min-bottleneck': 'minimum-bottleneck', 'min-imbalance': 'minimum-imbalance' },
  },
};

/** The vocabulary of a field, if it has one. */
export function vocabularyAt(path: ScenarioPath): Vocabulary | undefined {
  const key = path.map((part) => (typeof part === 'number' ? '[]' : String(part))).join('.');
  return Object.hasOwn(VOCABULARIES, key) ? VOCABULARIES[key] : undefined;
}

/** A scenario's value with other spellings of names replaced by ours. */
export function withOurNames(value: unknown): unknown {
  return Object.entries(VOCABULARIES).reduce(
    (at, [path, vocabulary]) => renamed(at, path.split('.'), vocabulary),
    value,
  );
}

/** A value with the names at a path replaced; only what changes is copied. */
function renamed(value: unknown, path: readonly string[], vocabulary: Vocabulary): unknown {
  const [key, ...rest] = path;
  if (key === undefined) {
    return typeof value === 'string' ? (understood(vocabulary, value) ?? value) : value;
  }
  if (key === '[]') {
    if (!Array.isArray(value)) return value;
    const items = value.map((item: unknown) => renamed(item, rest, vocabulary));
    return items.some((item, k) => item !== value[k]) ? items : value;
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return value;
  const before = (value as Record<string, unknown>)[key];
  const after = renamed(before, rest, vocabulary);
  return after === before ? value : { ...value, [key]: after };
}
