import type { Group } from './layout.js';

/** Patterns of communication among the GPUs of a group. */
export type Pattern = 'allGather' | 'reduceScatter' | 'allToAll' | 'sendReceive';

/** Kinds of memory traffic that reach different fractions of the bandwidth. */
export type Traffic = 'plain' | 'permute' | 'loss';

/**
 * One step of a forward on one GPU, and the corresponding backward. Sizes are of one GPU; elements
 * have two bytes.
 */
export type Operator =
  /** rows × inner times inner × columns. */
  | {
      readonly kind: 'product';
      readonly rows: number;
      readonly inner: number;
      readonly columns: number;
      /** Whether it may be computed in FP8. */
      readonly allowsFp8: boolean;
      /** Whether a matrix has rows whose length is not a multiple of eight. */
      readonly isUnaligned?: boolean;
    }
  /** One product for each expert of this GPU, with this many rows each. */
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
      /** Dimensions of a head's query and of its value. */
      readonly queryWidth: number;
      readonly valueWidth: number;
      /** Number of kernels: one for each part of a ring of GPUs. */
      readonly calls: number;
    }
  | {
      readonly kind: 'memory';
      readonly traffic: Traffic;
      readonly forwardBytes: number;
      readonly backwardBytes: number;
    }
  /** `bytes`: of the gathered tensor, or of the data that a GPU sends to all. */
  | {
      readonly kind: 'collective';
      readonly group: Group;
      readonly bytes: number;
      readonly forward: readonly Pattern[];
      readonly backward: readonly Pattern[];
      /** Bytes of the forward and of the backward, if they differ. */
      readonly passBytes?: { readonly forward: number; readonly backward: number };
      /**
       * For an exchange that sends tokens once to each node: number of experts, and of experts per
       * token.
       */
      readonly oncePerNode?: { readonly experts: number; readonly perToken: number };
    };

/** Half precision. */
export const BYTES = 2;
