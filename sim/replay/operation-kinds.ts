import type { Trace } from './trace.js';

/** The role of an operation in a step. */
export type Role =
  | 'compute'
  | 'transfer'
  /** Gathers the parameters of a part of the model before its first forward. */
  | 'parameters'
  /** Adds up the gradients of a part of the model after its last backward. */
  | 'gradients'
  /** Runs in sequence with computations, mostly after the last of them, one by one. */
  | 'in-turn';

/** The operations that an operation waits for before its own time begins. */
export type Meeting =
  | 'nobody'
  /** The other side of a transfer. */
  | 'counterpart'
  /** The same stage of all pipelines. */
  | 'pipelines'
  /** The stages of its pipeline that do the same, namely those that hold the embedding. */
  | 'stages'
  /** All workers. */
  | 'everyone';

/** The rules of a kind of operation in a replay. */
export interface KindRule {
  readonly role: Role;
  readonly meets: Meeting;
  /** Whether its time is the GPU's or host's own, not a network's. */
  readonly isOwnWork: boolean;
}

const rule = (role: Role, meets: Meeting, isOwnWork = false): KindRule => {
  return { role, meets, isOwnWork };
};

/**
 * The kinds of operation in the traces of ByteDance-Seed/StragglerAnalysis, and the paper's two
 * names for exchanges between pipelines (Lin et al., OSDI '25, table 1). Of a tensor-parallel group
 * only one rank is traced, and not its reductions.
 */
const RULES: ReadonlyMap<string, KindRule> = new Map([
  ['forward-compute', rule('compute', 'nobody', true)],
  ['backward-compute', rule('compute', 'nobody', true)],
  ['forward-send', rule('transfer', 'counterpart')],
  ['forward-recv', rule('transfer', 'counterpart')],
  ['backward-send', rule('transfer', 'counterpart')],
  ['backward-recv', rule('transfer', 'counterpart')],
  ['params-all-gather', rule('parameters', 'pipelines')],
  ['params-sync', rule('parameters', 'pipelines')],
  ['grads-reduce-scatter', rule('gradients', 'pipelines')],
  ['grads-sync', rule('gradients', 'pipelines')],
  ['gc', rule('in-turn', 'nobody', true)],
  ['layernorm-grads-all-reduce', rule('in-turn', 'nobody')],
  ['embedding-grads-all-reduce', rule('in-turn', 'stages')],
  ['separate-grads-all-reduce', rule('in-turn', 'pipelines')],
  ['optimizer-clip-main-grad', rule('in-turn', 'everyone')],
  ['optimizer', rule('in-turn', 'nobody', true)],
]);

/**
 * The way in which a transfer holds up its two workers.
 *
 * - `overlapped`: not at all; computations wait only for their inputs. The published what-ifs
 *   assume this (Lin et al., OSDI '25).
 * - `blocking`: a worker does nothing else until the transfers recorded before its next
 *   computation are done. Frameworks mostly run them this way.
 */
export type TransferRule = 'overlapped' | 'blocking';

/** The two directions of a pipeline, as they appear in the names of kinds. */
export const DIRECTIONS = ['forward', 'backward'] as const;

export type Direction = (typeof DIRECTIONS)[number];

/** Rules of a trace's kinds; none for kinds that a replay leaves out. */
export function kindRules({ kinds }: Pick<Trace, 'kinds'>): readonly (KindRule | undefined)[] {
  const lacksOneSide = (kind: string) => {
    const [direction] = kind.split('-');
    return !(kinds.includes(`${direction!}-send`) && kinds.includes(`${direction!}-recv`));
  };
  return kinds.map((kind) => {
    const known = RULES.get(kind);
    return known?.role === 'transfer' && lacksOneSide(kind) ? undefined : known;
  });
}

/** Sentences on the data that a replay leaves out of a trace or lacks in it. */
export function leftOutKinds({ kinds, stage }: Pick<Trace, 'kinds' | 'stage'>): string[] {
  const rules = kindRules({ kinds });
  const leftOut = kinds.flatMap((kind, k) => {
    if (rules[k] !== undefined) return [];
    return RULES.has(kind)
      ? [`${kind} is left out: its other side is not in the trace`]
      : [`${kind} is left out: it is not known what it waits for`];
  });
  const isPipeline = stage.some((s) => s !== stage[0]);
  const lacking = DIRECTIONS.filter(
    (direction) => !kinds.some((kind) => kind.startsWith(`${direction}-`) && isTransfer(kind)),
  );
  return [
    ...leftOut,
    ...(isPipeline ? lacking : []).map(
      (direction) => `There are no ${direction} transfers: assumed to take no time`,
    ),
  ];
}

function isTransfer(kind: string): boolean {
  return RULES.get(kind)?.role === 'transfer';
}
