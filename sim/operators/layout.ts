/** The distribution of a job over GPUs, in degrees of parallelism. */
export interface Layout {
  readonly tensor: number;
  readonly context: number;
  /** Of experts; spread over the GPUs of the data- and context-parallel copies. */
  readonly expert: number;
  readonly pipeline: number;
  readonly data: number;
  /**
   * Whether, between products, each GPU of a tensor-parallel group has all tokens and partial
   * results are reduced for all. Otherwise each has a share (sequence parallelism, Korthikanti et
   * al., MLSys '23).
   */
  readonly repeatsTokens?: boolean;
  /**
   * Whether replicas share out weights too, and gather those of a layer before it runs (ZeRO-3,
   * FSDP); with `gradients`, weights stay gathered from a forward to its backward.
   */
  readonly sharded?: 'weights' | 'gradients';
  /** The way in which tokens reach their experts, if it is unusual. */
  readonly exchange?: ExpertExchange;
}

/** The way in which tokens reach their experts and return. */
export interface ExpertExchange {
  /** Tokens of the busiest GPU over the mean. */
  readonly imbalance: number;
  /** Whether a token is sent once to each node with experts of it, and there to their GPUs. */
  readonly oncePerNode: boolean;
  /**
   * Whether tokens and gradients on their way to experts have eight bits; on the way back they have
   * sixteen.
   */
  readonly inFp8: boolean;
  /** Whether it runs while another microbatch computes. */
  readonly isOverlapped: boolean;
}

/**
 * Every GPU gets the same number of tokens, each is sent once per expert in sixteen bits, without
 * overlap.
 */
export const USUAL_EXCHANGE: ExpertExchange = {
  imbalance: 1,
  oncePerNode: false,
  inFp8: false,
  isOverlapped: false,
};

/** GPUs of the whole job. */
export function gpuCount({ tensor, context, pipeline, data }: Layout): number {
  return tensor * context * pipeline * data;
}

/** GPUs that hold the same dense weights and share their optimizer. */
export function denseReplicas({ context, data }: Layout): number {
  return context * data;
}

/** GPUs that hold the same experts. */
export function expertReplicas(layout: Layout): number {
  return Math.max(1, (layout.tensor * denseReplicas(layout)) / layout.expert);
}

/** Groups of GPUs that communicate. */
export const GROUPS = ['tensor', 'context', 'expert', 'dense', 'experts', 'pipeline'] as const;

export type Group = (typeof GROUPS)[number];

/** A group of GPUs: its size, and the distance in ranks between neighbours. */
export interface GroupSpan {
  readonly size: number;
  readonly stride: number;
}

/**
 * The position of a group's GPUs when ranks are numbered as in Megatron's default: tensor fastest,
 * then context, data and pipeline.
 */
export function groupSpan(group: Group, layout: Layout): GroupSpan {
  const { tensor, context, expert, data, pipeline } = layout;
  switch (group) {
    case 'tensor':
      return { size: tensor, stride: 1 };
    case 'context':
      return { size: context, stride: tensor };
    case 'expert':
      return { size: expert, stride: 1 };
    case 'dense':
      return { size: context * data, stride: tensor };
    case 'experts':
      return { size: expertReplicas(layout), stride: expert };
    case 'pipeline':
      return { size: pipeline, stride: tensor * context * data };
  }
}
