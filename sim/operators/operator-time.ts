import type { Precision } from './job-choices.js';
import { leavingPart } from './expert-exchange.js';
import { groupSpan, type Group, type GroupSpan, type Layout } from './layout.js';
import type { LinkRates, OperatorRates } from './operator-rates.js';
import type { Operator, Pattern } from './operators.js';

/** The capabilities of a GPU that determine the times of operators. */
export interface Machine {
  /** The GPU's name, for people. */
  readonly name: string;
  readonly rates: OperatorRates;
  /** Floating-point operations per second of dense half-precision products. */
  readonly peakFlops: number;
  /** Bytes per second. */
  readonly memoryBandwidth: number;
  /** The clock at which it reaches that. */
  readonly peakAtMHz: number;
  /** Clocks that can be set; jobs that set none run at the highest. */
  readonly lowestMHz: number;
  readonly highestMHz: number;
  /** Power limit of the board. */
  readonly limitW: number;
  /** The clock to which the rates apply, if they come from another chip. */
  readonly measuredAtMHz?: number;
}

export { PRECISIONS, type Precision } from './job-choices.js';

/** Kinds of work, by their bottleneck and power. */
export const WORK_KINDS = ['product', 'attention', 'memory', 'communication'] as const;

export type WorkKind = (typeof WORK_KINDS)[number];

/** Seconds of each kind of work. */
export type WorkTimeS = Readonly<Record<WorkKind, number>>;

export const NO_WORK: WorkTimeS = { product: 0, attention: 0, memory: 0, communication: 0 };

/** Sums kind by kind. */
export function addWork(a: WorkTimeS, b: WorkTimeS): WorkTimeS {
  return {
    product: a.product + b.product,
    attention: a.attention + b.attention,
    memory: a.memory + b.memory,
    communication: a.communication + b.communication,
  };
}

/** Seconds of all kinds together. */
export function totalTimeS(work: WorkTimeS): number {
  return WORK_KINDS.reduce((sum, kind) => sum + work[kind], 0);
}

/** Operations of attention's backward relative to its forward: five products instead of two. */
const ATTENTION_BACKWARD = 2.5;

/** Conditions under which an operator runs. */
export interface Execution {
  readonly machine: Machine;
  readonly layout: Layout;
  readonly precision: Precision;
}

/** Seconds of an operator's forward or backward on one GPU. */
export function operatorTime(
  operator: Operator,
  pass: 'forward' | 'backward',
  execution: Execution,
): WorkTimeS {
  switch (operator.kind) {
    case 'product':
      return {
        ...NO_WORK,
        product: productTimeS(operator, pass, execution),
        memory: castTimeS(operator, pass, execution),
      };
    case 'grouped':
      return { ...NO_WORK, product: groupedTimeS(operator, pass, execution) };
    case 'attention':
      return { ...NO_WORK, attention: attentionTimeS(operator, pass, execution.machine) };
    case 'memory': {
      const bytes = pass === 'forward' ? operator.forwardBytes : operator.backwardBytes;
      return { ...NO_WORK, memory: movingTimeS(bytes, operator.traffic, execution.machine) };
    }
    case 'collective': {
      const { group, bytes } = operator;
      const hidden = execution.machine.rates.hidden;
      const share = group === 'tensor' || group === 'context' ? hidden[group] : hidden.expert;
      const sent = operator.passBytes?.[pass] ?? bytes;
      const leaving =
        operator.oncePerNode === undefined ? 1 : leavingShare(operator.oncePerNode, execution);
      const timeS = operator[pass].reduce(
        (sum, pattern) => sum + collectiveTimeS(pattern, group, sent, execution, leaving),
        0,
      );
      return { ...NO_WORK, communication: timeS * (1 - share) };
    }
  }
}

const seconds = (microseconds: number) => microseconds * 1e-6;

type Product = Extract<Operator, { kind: 'product' }>;

function inFp8({ allowsFp8 }: Product, { machine, precision }: Execution): boolean {
  return precision === 'fp8' && allowsFp8 && machine.rates.product.fp8 !== undefined;
}

/**
 * A forward is one product; a backward is two, for the gradients of its input and of its weights.
 */
function productTimeS(
  operator: Product,
  pass: 'forward' | 'backward',
  execution: Execution,
): number {
  const { rates, peakFlops } = execution.machine;
  const { forward, inputGradient, weightGradient, overheadUs, fp8, inJob } = rates.product;
  const atPeakS = (2 * operator.rows * operator.inner * operator.columns) / peakFlops;
  const isFp8 = inFp8(operator, execution);
  const { unaligned } = rates.product;
  if (operator.isUnaligned === true && unaligned !== undefined) {
    const once = atPeakS / unaligned[pass] + seconds(overheadUs);
    return pass === 'forward' ? once : 2 * once;
  }
  const time = (efficiency: number) =>
    atPeakS / (inJob * (isFp8 ? fp8! : efficiency)) + seconds(overheadUs);
  return pass === 'forward' ? time(forward) : time(inputGradient) + time(weightGradient);
}

/** Bytes moved to make an eight-bit element: two are read, one is written, and one transposed. */
const CAST_BYTES = 4;

/** FP8: a forward casts its input, a backward the gradient of its output. */
function castTimeS(operator: Product, pass: 'forward' | 'backward', execution: Execution): number {
  if (!inFp8(operator, execution)) return 0;
  const numbers = operator.rows * (pass === 'forward' ? operator.inner : operator.columns);
  return movingTimeS(CAST_BYTES * numbers, 'plain', execution.machine);
}

function groupedTimeS(
  { groups, rows, inner, columns }: Extract<Operator, { kind: 'grouped' }>,
  pass: 'forward' | 'backward',
  { machine: { rates, peakFlops }, precision }: Execution,
): number {
  const { grouped, product } = rates;
  // Experts gain as much from FP8 as other products do.
  const gain = precision === 'fp8' && product.fp8 !== undefined ? product.fp8 / product.forward : 1;
  const atPeakS = (2 * groups * rows * inner * columns) / (peakFlops * product.inJob * gain);
  const time = ({ efficiency, halfRows }: OperatorRates['grouped']['forward']) =>
    (atPeakS * (rows + halfRows)) / (efficiency * rows) + seconds(product.overheadUs);
  return pass === 'forward'
    ? time(grouped.forward)
    : time(grouped.inputGradient) + time(grouped.weightGradient);
}

/** The widest query for which attention kernels are made; wider ones reach less. */
const USUAL_HEAD = 128;

function attentionTimeS(
  { queries, keys, heads, queryWidth, valueWidth, calls }: Extract<Operator, { kind: 'attention' }>,
  pass: 'forward' | 'backward',
  { rates: { attention }, peakFlops }: Machine,
): number {
  const { efficiency, overheadUs } = attention[pass];
  const reached = efficiency * (queryWidth > USUAL_HEAD ? attention.wideHeads : 1);
  const once = 2 * queries * keys * heads * (queryWidth + valueWidth);
  const flops = once * (pass === 'forward' ? 1 : ATTENTION_BACKWARD);
  return flops / (peakFlops * reached) + calls * seconds(overheadUs);
}

/** Seconds of a kernel that moves bytes. */
export function movingTimeS(
  bytes: number,
  traffic: Extract<Operator, { kind: 'memory' }>['traffic'],
  { rates: { memory }, memoryBandwidth }: Machine,
): number {
  return bytes / (memoryBandwidth * memory[traffic]) + seconds(memory.overheadUs);
}

/**
 * Seconds of a collective without overlap. Of a gathered or scattered tensor each GPU receives all
 * but its own part, at the rate of its slowest link.
 *
 * @param leaving fraction of the traffic between nodes that remains; the rest is copied within
 *   nodes.
 */
export function collectiveTimeS(
  pattern: Pattern,
  group: Group,
  bytes: number,
  { machine: { rates }, layout }: Pick<Execution, 'machine' | 'layout'>,
  leaving = 1,
): number {
  const span = groupSpan(group, layout);
  const { node, network, nodeSize, socket } = rates;
  if (pattern === 'sendReceive') {
    const link = span.stride < nodeSize ? node : network;
    return bytes / reached(link, pattern) + seconds(link[pattern].overheadUs);
  }
  const { size } = span;
  if (size === 1) return 0;
  const leavesNode = size * span.stride > nodeSize;
  const bandwidth = Math.min(
    reached(node, pattern),
    socket === undefined
      ? Infinity
      : bandwidthAcross(socket.size, socket.bandwidthGBs * 1e9, pattern, span),
    bandwidthAcross(nodeSize, nodeSize * reached(network, pattern), pattern, span) / leaving,
  );
  const { overheadUs } = (leavesNode ? network : node)[pattern];
  const spreadS = seconds(rates.rankSpreadUs) * Math.log2(size);
  return (bytes * (size - 1)) / size / bandwidth + seconds(overheadUs) + spreadS;
}

function leavingShare(
  choices: { readonly experts: number; readonly perToken: number },
  { machine, layout }: Execution,
): number {
  const { size, stride } = groupSpan('expert', layout);
  return leavingPart(choices, Math.ceil((size * stride) / machine.rates.nodeSize));
}

const reached = (link: LinkRates, pattern: Pattern) =>
  link.bandwidthGBs * 1e9 * link[pattern].efficiency;

/**
 * Bandwidth per GPU when a group reaches beyond an island of GPUs with `total` bytes per second to
 * the outside. Groups lie side by side, as many as their stride. Each is a ring that leaves the
 * island once; but if all send to all, each GPU sends most of its bytes outside.
 */
function bandwidthAcross(
  islandSize: number,
  total: number,
  pattern: Pattern,
  { size, stride }: GroupSpan,
): number {
  if (size * stride <= islandSize) return Infinity;
  if (pattern !== 'allToAll') return total / Math.min(stride, islandSize);
  const inside = Math.max(1, islandSize / stride);
  return total / (islandSize * ((size - inside) / (size - 1)));
}
