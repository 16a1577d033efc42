/** Numbers that products are made of; the first is usual. */
export const PRECISIONS = ['bf16', 'fp8'] as const;

export type Precision = (typeof PRECISIONS)[number];

/** The parts of a forward that may be recomputed before its backward; the first is usual. */
export const RECOMPUTATIONS = ['none', 'selective', 'full'] as const;

export type Recomputation = (typeof RECOMPUTATIONS)[number];
