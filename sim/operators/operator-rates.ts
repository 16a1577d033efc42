import { z } from 'zod';
import { parseDescription } from '../hardware/described.js';

const part = z.number().positive().max(2);
const microseconds = z.number().min(0).max(1e5);
const watts = z.number().min(1).max(5000);

/** Part of the GPU's peak, and what each call takes besides. */
const computing = z.strictObject({ efficiency: part, overheadUs: microseconds });

/** Part of the peak with many rows for each expert, and the rows that give half of it. */
const filling = z.strictObject({ efficiency: part, halfRows: z.number().min(0).max(1e5) });

const link = z.strictObject({
  /** 10⁹ bytes per second of one GPU, one way. */
  bandwidthGBs: z.number().positive().max(1e5),
  source: z.string().min(1),
  /** Part of the bandwidth that a collective reaches on what crosses the link, and its latency. */
  allGather: computing,
  reduceScatter: computing,
  allToAll: computing,
  sendReceive: computing,
});

const share = z.number().min(0).max(1);

const powerSchema = z.strictObject({
  /** Limit of the board that the rates above were measured on, which held its clock. */
  limitW: watts,
  /** Of a board without a job. */
  idleW: watts,
  /** What each kind of work draws above that at the highest clock, if no limit holds the clock. */
  activeW: z.strictObject({
    product: watts,
    attention: watts,
    memory: watts,
    communication: watts,
    waiting: watts,
  }),
  /** Voltage over its least: 1 up to a clock, and by so much higher for each MHz above. */
  voltage: z.strictObject({
    floorMHz: z.number().min(100).max(5000),
    perMHz: z.number().min(0).max(0.01),
  }),
  /** Part of the time of kernels that move bytes, and of collectives, that goes with the clock. */
  clockedTime: z.strictObject({ memory: share, communication: share }),
  /** How suddenly the limit holds the clock: n of clock = (asked⁻ⁿ + held⁻ⁿ)^(−1/n). */
  limitSharpness: z.number().min(2).max(1000),
  source: z.string().min(1),
  /** Laws of other chips are made from it; left out where the numbers are those of others. */
  measured: z.literal(true).optional(),
});

/** What a GPU draws, by kind of work and clock. */
export type PowerRates = z.infer<typeof powerSchema>;

const ratesSchema = z.strictObject({
  source: z.string().min(1),
  /**
   * How far to trust them: kernels measured on this GPU; laws fitted to measurements of it or of a GPU
   * with the same chip; or all assumed.
   */
  basis: z.enum(['measured', 'fitted', 'assumed']),
  /** The software that was measured, and when: rates move with it. */
  software: z.string().min(1),
  /** Matrix products at the clock that a working board can hold. */
  product: z.strictObject({
    forward: part,
    inputGradient: part,
    weightGradient: part,
    overheadUs: microseconds,
    /** Part of these that products reach inside a job, where they share the board's power and memory. */
    inJob: part,
    /** Part of the peak where a matrix has rows of no multiple of eight numbers. */
    unaligned: z.strictObject({ forward: part, backward: part }).optional(),
    /** Products of FP8 operands: part of the half-precision peak, that is up to 2. */
    fp8: part.optional(),
  }),
  /** Products of many experts in one call. */
  grouped: z.strictObject({ forward: filling, inputGradient: filling, weightGradient: filling }),
  /** Attention, its operations counted without the causal mask. */
  attention: z.strictObject({
    forward: computing,
    backward: computing,
    /** Part of it that heads of more than 128 numbers reach. */
    wideHeads: part,
  }),
  /** Kernels that move bytes: part of the memory's bandwidth. */
  memory: z.strictObject({
    plain: part,
    permute: part,
    loss: part,
    overheadUs: microseconds,
  }),
  /** GPUs that a fast link joins. */
  nodeSize: z.int().positive().max(1024),
  node: link,
  /** GPUs of one socket, and what all that they send to the other gets; where they share that. */
  socket: z
    .strictObject({
      size: z.int().positive(),
      bandwidthGBs: z.number().positive(),
      source: z.string(),
    })
    .optional(),
  network: link,
  /** What each collective waits for the slowest of its GPUs, for each doubling of their number. */
  rankSpreadUs: microseconds,
  /** What a step takes besides on the host: data, norms and scalars of all GPUs. */
  stepOverheadMs: z.number().min(0).max(1000),
  /** Part of the communication that computing hides. */
  hidden: z.strictObject({ tensor: share, context: share, expert: share, gradients: share }),
  power: powerSchema,
});

/** What operators of training reach on a GPU, as fitted to measurements. */
export type OperatorRates = z.infer<typeof ratesSchema>;

export type LinkRates = OperatorRates['node'];

/** Reads the rates of a GPU. @throws InputError naming every field that is wrong. */
export function parseOperatorRates(text: string, source: string): OperatorRates {
  return parseDescription(ratesSchema, text, source);
}
