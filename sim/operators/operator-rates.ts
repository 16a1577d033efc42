import { z } from 'zod';
import { parseDescription } from '../hardware/described.js';

const part = z.number().positive().max(2);
const microseconds = z.number().min(0).max(1e5);
const watts = z.number().min(1).max(5000);

/** Fraction of the GPU's peak, and the overhead of each call. */
const computing = z.strictObject({ efficiency: part, overheadUs: microseconds });

/** Fraction of the peak with many rows per expert, and the number of rows that gives half of it. */
const filling = z.strictObject({ efficiency: part, halfRows: z.number().min(0).max(1e5) });

const link = z.strictObject({
  /** 10⁹ bytes per second of one GPU, in one direction. */
  bandwidthGBs: z.number().positive().max(1e5),
  source: z.string().min(1),
  /**
   * Fraction of the bandwidth that a collective reaches on the data crossing the link, and its
   * latency.
   */
  allGather: computing,
  reduceScatter: computing,
  allToAll: computing,
  sendReceive: computing,
});

const share = z.number().min(0).max(1);

const powerSchema = z.strictObject({
  /** Limit of the board on which the rates above were measured; it held the clock down. */
  limitW: watts,
  /** Of a board without a job. */
  idleW: watts,
  /**
   * Power of each kind of work above that at the highest clock, if no limit holds the clock down.
   */
  activeW: z.strictObject({
    product: watts,
    attention: watts,
    memory: watts,
    communication: watts,
    waiting: watts,
  }),
  /** Voltage over its minimum: 1 up to a clock, and higher by this much for each MHz above it. */
  voltage: z.strictObject({
    floorMHz: z.number().min(100).max(5000),
    perMHz: z.number().min(0).max(0.01),
  }),
  /**
   * Fraction of the time of kernels that move bytes, and of collectives, that scales with the
   * clock.
   */
  clockedTime: z.strictObject({ memory: share, communication: share }),
  /** Sharpness of the limit: n in clock = (asked⁻ⁿ + held⁻ⁿ)^(−1/n). */
  limitSharpness: z.number().min(2).max(1000),
  source: z.string().min(1),
  /** Basis for the laws of other chips; left out if the numbers are taken from another chip. */
  measured: z.literal(true).optional(),
});

/** Power of a GPU by kind of work and clock. */
export type PowerRates = z.infer<typeof powerSchema>;

const ratesSchema = z.strictObject({
  source: z.string().min(1),
  /**
   * Reliability of the rates: kernels measured on this GPU; laws fitted to measurements of it or of
   * a GPU with the same chip; or everything assumed.
   */
  basis: z.enum(['measured', 'fitted', 'assumed']),
  /** The measured software and its date: rates change with it. */
  software: z.string().min(1),
  /** Matrix products at the clock that a board under load can hold. */
  product: z.strictObject({
    forward: part,
    inputGradient: part,
    weightGradient: part,
    overheadUs: microseconds,
    /**
     * Fraction of these rates that products reach within a job, where they share the board's power
     * and memory.
     */
    inJob: part,
    /** Fraction of the peak if a matrix has rows whose length is not a multiple of eight. */
    unaligned: z.strictObject({ forward: part, backward: part }).optional(),
    /** Products of FP8 operands: a multiple of the half-precision peak, up to 2. */
    fp8: part.optional(),
  }),
  /** Products of many experts in one call. */
  grouped: z.strictObject({ forward: filling, inputGradient: filling, weightGradient: filling }),
  /** Attention, with its operations counted without the causal mask. */
  attention: z.strictObject({
    forward: computing,
    backward: computing,
    /** Fraction of it that heads of more than 128 dimensions reach. */
    wideHeads: part,
  }),
  /** Kernels that move bytes: fraction of the memory's bandwidth. */
  memory: z.strictObject({
    plain: part,
    permute: part,
    loss: part,
    overheadUs: microseconds,
  }),
  /** GPUs joined by a fast link. */
  nodeSize: z.int().positive().max(1024),
  node: link,
  /** GPUs of one socket, and the total bandwidth to the other socket if they share it. */
  socket: z
    .strictObject({
      size: z.int().positive(),
      bandwidthGBs: z.number().positive(),
      source: z.string(),
    })
    .optional(),
  network: link,
  /**
   * The time that each collective waits for the slowest of its GPUs, per doubling of their number.
   */
  rankSpreadUs: microseconds,
  /** Overhead of a step on the host: data, norms and scalars of all GPUs. */
  stepOverheadMs: z.number().min(0).max(1000),
  /** Fraction of the communication that computing hides. */
  hidden: z.strictObject({ tensor: share, context: share, expert: share, gradients: share }),
  power: powerSchema,
});

/** The rates that training operators reach on a GPU, fitted to measurements. */
export type OperatorRates = z.infer<typeof ratesSchema>;

export type LinkRates = OperatorRates['node'];

/** Reads the rates of a GPU. @throws InputError naming every wrong field. */
export function parseOperatorRates(text: string, source: string): OperatorRates {
  return parseDescription(ratesSchema, text, source);
}
