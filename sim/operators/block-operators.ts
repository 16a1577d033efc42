import { USUAL_EXCHANGE, type Layout } from './layout.js';
import { headWidths, type Attention, type Block, type ModelShape } from './model-shape.js';
import { BYTES, type Operator } from './operators.js';

/** The part of one microbatch that a GPU handles. */
export interface Microbatch {
  /** Sequences. */
  readonly sequences: number;
  /** Tokens of a whole sequence. */
  readonly sequence: number;
}

/** Tokens of a microbatch on one GPU, during products and between them. */
export function tokensOf(
  { sequences, sequence }: Microbatch,
  { tensor, context, repeatsTokens = false }: Layout,
) {
  const inside = (sequences * sequence) / context;
  return { inside, between: repeatsTokens ? inside : inside / tensor };
}

const product = (
  rows: number,
  inner: number,
  columns: number,
  allowsFp8 = true,
): Extract<Operator, { kind: 'product' }> => ({
  kind: 'product',
  rows,
  inner,
  columns,
  allowsFp8,
});

/** Elements moved, forward and backward. */
const moves = (forward: number, backward: number): Operator => ({
  kind: 'memory',
  traffic: 'plain',
  forwardBytes: BYTES * forward,
  backwardBytes: BYTES * backward,
});

/**
 * The communication that precedes a group of products under tensor parallelism: forward, the input
 * is gathered; backward, the gradient is scattered, and the input gathered again for the gradient
 * of the weights (Korthikanti et al., MLSys '23, section 4.2.2). If all GPUs have all tokens, the
 * gradient is summed over all of them.
 */
const gathered = (numbers: number, { repeatsTokens = false }: Layout): Operator => ({
  kind: 'collective',
  group: 'tensor',
  bytes: BYTES * numbers,
  forward: repeatsTokens ? [] : ['allGather'],
  backward: ['reduceScatter', 'allGather'],
});

/** The communication that follows it. */
const scattered = (numbers: number, { repeatsTokens = false }: Layout): Operator => ({
  kind: 'collective',
  group: 'tensor',
  bytes: BYTES * numbers,
  forward: repeatsTokens ? ['reduceScatter', 'allGather'] : ['reduceScatter'],
  backward: repeatsTokens ? [] : ['allGather'],
});

/** Operators of a block on one GPU, in order. */
export function blockOperators(
  block: Block,
  shape: ModelShape,
  microbatch: Microbatch,
  layout: Layout,
): Operator[] {
  const { hidden } = shape;
  const { between } = tokensOf(microbatch, layout);
  const norm = moves(2 * between * hidden, 4 * between * hidden);
  const residual = moves(3 * between * hidden, 2 * between * hidden);
  return [
    norm,
    ...attentionOperators(block, shape, microbatch, layout),
    residual,
    norm,
    ...feedForwardOperators(block, shape, microbatch, layout),
    residual,
  ];
}

/**
 * Memory traffic of attention scores, in elements of two bytes: written, scaled with softmax,
 * dropped out with a mask of one byte, and read again; the backward does the same for their
 * gradients.
 */
const SCORE_MOVES = { forward: 6.5, backward: 9.5 };

function attentionOperators(
  { attention, window = Infinity }: Block,
  { hidden, isUnfused = false }: ModelShape,
  microbatch: Microbatch,
  layout: Layout,
): Operator[] {
  const { inside } = tokensOf(microbatch, layout);
  const heads = attention.heads / layout.tensor;
  const { queryWidth, valueWidth } = headWidths(attention);
  return [
    gathered(inside * hidden, layout),
    ...projections(attention, hidden, inside, layout),
    ...keysOfOthers(attention, microbatch, layout),
    {
      kind: 'attention',
      queries: inside,
      // A window is a band below the diagonal; without a mask twice as much would be counted.
      keys: Math.min(2 * window, microbatch.sequence),
      heads,
      queryWidth,
      valueWidth,
      calls: layout.context,
    },
    ...(isUnfused
      ? [
          moves(
            SCORE_MOVES.forward * inside * microbatch.sequence * heads,
            SCORE_MOVES.backward * inside * microbatch.sequence * heads,
          ),
        ]
      : []),
    product(inside, heads * valueWidth, hidden),
    scattered(inside * hidden, layout),
  ];
}

/** From the block's input to queries, keys and values, rotated. */
function projections(
  attention: Attention,
  hidden: number,
  inside: number,
  { tensor }: Layout,
): Operator[] {
  if (attention.kind === 'grouped') {
    const heads = attention.heads / tensor;
    const keyValueHeads = Math.max(1, attention.keyValueHeads / tensor);
    const { headDimension } = attention;
    const rotated = 2 * inside * (heads + keyValueHeads) * headDimension;
    return [
      product(inside, hidden, (heads + 2 * keyValueHeads) * headDimension),
      ...(attention.normsQueries === true ? [moves(rotated, 2 * rotated)] : []),
      moves(2 * rotated, 2 * rotated),
    ];
  }
  const { queryRank, keyValueRank, rotaryDimension, plainDimension, valueDimension } = attention;
  const heads = attention.heads / tensor;
  const queryWidth = plainDimension + rotaryDimension;
  const norm = (width: number) => moves(2 * inside * width, 4 * inside * width);
  const built = 3 * inside * heads * queryWidth;
  return [
    ...(queryRank === 0
      ? [product(inside, hidden, heads * queryWidth)]
      : [
          product(inside, hidden, queryRank),
          norm(queryRank),
          product(inside, queryRank, heads * queryWidth),
        ]),
    product(inside, hidden, keyValueRank + rotaryDimension),
    norm(keyValueRank),
    product(inside, keyValueRank, heads * (plainDimension + valueDimension)),
    // Queries and keys are assembled from their plain and their rotated parts.
    moves(2 * built, 2 * built),
  ];
}

/** Context parallelism: every GPU needs the keys and values of all tokens. */
function keysOfOthers(attention: Attention, microbatch: Microbatch, layout: Layout): Operator[] {
  if (layout.context === 1) return [];
  const tokens = microbatch.sequences * microbatch.sequence;
  const { queryWidth, valueWidth } = headWidths(attention);
  const width =
    attention.kind === 'grouped'
      ? 2 * Math.max(1, attention.keyValueHeads / layout.tensor) * attention.headDimension
      : (attention.heads / layout.tensor) * (queryWidth + valueWidth);
  return [
    {
      kind: 'collective',
      group: 'context',
      bytes: BYTES * tokens * width,
      forward: ['allGather'],
      backward: ['allGather', 'reduceScatter'],
    },
  ];
}

function feedForwardOperators(
  { feedForward }: Block,
  shape: ModelShape,
  microbatch: Microbatch,
  layout: Layout,
): Operator[] {
  const { inside, between } = tokensOf(microbatch, layout);
  const { hidden } = shape;
  if (feedForward.kind === 'dense') {
    const width = feedForward.width / layout.tensor;
    return [
      gathered(inside * hidden, layout),
      ...perceptron(inside, hidden, width, shape.gated),
      scattered(inside * hidden, layout),
    ];
  }
  const { sharedWidth } = feedForward;
  const shared = perceptron(inside, hidden, sharedWidth / layout.tensor, shape.gated);
  return [
    ...expertOperators(feedForward, shape, between, layout),
    ...(sharedWidth === 0
      ? []
      : [gathered(inside * hidden, layout), ...shared, scattered(inside * hidden, layout)]),
  ];
}

/** Up, (gate,) activation, down. */
function perceptron(rows: number, hidden: number, width: number, gated: boolean): Operator[] {
  return [
    product(rows, hidden, (gated ? 2 : 1) * width),
    activation(rows * width, gated),
    product(rows, width, hidden),
  ];
}

const activation = (numbers: number, gated: boolean): Operator =>
  gated ? moves(3 * numbers, 5 * numbers) : moves(2 * numbers, 3 * numbers);

/** Bytes of an eight-bit element with its share of a four-byte scale for 128 of them. */
const FP8_BYTES = 1 + 4 / 128;

/**
 * Tokens choose experts, are sent to the GPUs that hold them, sorted, computed, and sent back. All
 * wait for the GPU that receives the most.
 */
function expertOperators(
  { count, perToken, width }: Extract<Block['feedForward'], { kind: 'experts' }>,
  { hidden, gated }: ModelShape,
  between: number,
  { expert, exchange = USUAL_EXCHANGE }: Layout,
): Operator[] {
  const chosen = between * perToken;
  const received = exchange.imbalance * chosen;
  const permute = (tokens: number): Operator => ({
    kind: 'memory',
    traffic: 'permute',
    forwardBytes: BYTES * 2 * tokens * hidden,
    backwardBytes: BYTES * 2 * tokens * hidden,
  });
  const grouped = (inner: number, columns: number): Operator => ({
    kind: 'grouped',
    groups: count / expert,
    rows: (received * expert) / count,
    inner,
    columns,
  });
  const sent = (forward: number, backward: number): Operator => ({
    kind: 'collective',
    group: 'expert',
    bytes: BYTES * received * hidden,
    forward: ['allToAll'],
    backward: ['allToAll'],
    ...(forward === backward
      ? {}
      : {
          passBytes: {
            forward: forward * received * hidden,
            backward: backward * received * hidden,
          },
        }),
    ...(exchange.oncePerNode ? { oncePerNode: { experts: count, perToken } } : {}),
  });
  const towards = exchange.inFp8 ? FP8_BYTES : BYTES;
  return [
    product(between, hidden, count, false),
    // Scores have four bytes, and pass a softmax, a top-k and a mask.
    moves(12 * between * count, 12 * between * count),
    permute(chosen),
    sent(towards, BYTES),
    permute(received),
    grouped(hidden, (gated ? 2 : 1) * width),
    activation(received * width, gated),
    grouped(width, hidden),
    permute(received),
    sent(BYTES, towards),
    permute(chosen),
  ];
}

/**
 * Operators before a block that predicts a later token: the embedding of that token, a norm of
 * each, and the projection of both to one.
 */
export function projectionOperators(
  shape: ModelShape,
  microbatch: Microbatch,
  layout: Layout,
): Operator[] {
  const { hidden } = shape;
  const { inside, between } = tokensOf(microbatch, layout);
  const norm = moves(2 * between * hidden, 4 * between * hidden);
  return [
    ...embeddingOperators(shape, microbatch, layout),
    norm,
    norm,
    gathered(2 * inside * hidden, layout),
    product(inside, 2 * hidden, hidden / layout.tensor),
    scattered(inside * hidden, layout),
  ];
}

/** Operators before the first block. */
export function embeddingOperators(
  { hidden }: ModelShape,
  microbatch: Microbatch,
  layout: Layout,
): Operator[] {
  const { between } = tokensOf(microbatch, layout);
  return [moves(3 * between * hidden, 6 * between * hidden)];
}

/** Operators after the last block: norm, product with the vocabulary, loss. */
export function headOperators(
  { hidden, vocabulary, isUnfused = false }: ModelShape,
  microbatch: Microbatch,
  layout: Layout,
): Operator[] {
  const { inside, between } = tokensOf(microbatch, layout);
  const columns = vocabulary / layout.tensor;
  return [
    moves(2 * between * hidden, 4 * between * hidden),
    gathered(inside * hidden, layout),
    { ...product(inside, hidden, columns, false), isUnaligned: isUnfused && vocabulary % 8 !== 0 },
    // Logits are read and written in four bytes, once in each direction.
    {
      kind: 'memory',
      traffic: 'loss',
      forwardBytes: 8 * inside * columns,
      backwardBytes: 8 * inside * columns,
    },
  ];
}
