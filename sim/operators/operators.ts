import type { Group } from './layout.js';

/** Patterns of communication among the GPUs of a group. */
export type Pattern = 'allGather' | 'reduceScatter' | 'allToAll' | 'sendReceive';

/** Kinds of memory traffic that reach different parts of the bandwidth. */
export type Traffic = 'plain' | 'permute' | 'loss';

/**
 * One step of a forward on one GPU, and what its backward does. Sizes are of one GPU; numbers are of
 * two bytes.
 */
export type Operator =
  /** rows × inner times inner × columns. */
  | {
      readonly kind: 'product';
      readonly rows: number;
      readonly inner: number;
      readonly columns: number;
      /** May be computed in FP8. */
      readonly allowsFp8: boolean;
      /** Rows of a matrix are no multiple of eight numbers. */
      readonly isUnaligned?: boolean;
    }
  /** As many products as this GPU has experts, each of so many rows. */
  | {
      readonly kind: 'grouped';
      readonly groups: number;
      readonly rows: number;
      readonly inner: number;
      readonly columns: number;
    }
  | {
      readonly kind: 'attention';
      readonly queries: number;
      readonly keys: number;
      readonly heads: number;
      /** Numbers of a head's query and of its value. */
      readonly queryWidth: number;
      readonly valueWidth: number;
      /** Kernels that it is made of: one for each part of a ring of GPUs. */
      readonly calls: number;
    }
  | {
      readonly kind: 'memory';
      readonly traffic: Traffic;
      readonly forwardBytes: number;
      readonly backwardBytes: number;
    }
  /** `bytes`: of the gathered tensor, or of what a GPU sends to all. */
  | {
      readonly kind: 'collective';
      readonly group: Group;
      readonly bytes: number;
      readonly forward: readonly Pattern[];
      readonly backward: readonly Pattern[];
      /** Bytes of the forward and of the backward, where they are not as many. */
      readonly passBytes?: { readonly forward: number; readonly backward: number };
      /** Of an exchange that sends tokens once to each node: experts, and those of a token. */
      readonly oncePerNode?: { readonly experts: number; readonly perToken: number };
    };

/** Half precision. */
export const BYTES = 2;
