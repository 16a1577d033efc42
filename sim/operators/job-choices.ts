/** Numbers that products are made of; the first is usual. */
export const PRECISIONS = ['bf16', 'fp8'] as const;

export type Precision = (typeof PRECISIONS)[number];

/** How much of a forward is computed again before its backward; the first is usual. */
export const RECOMPUTATIONS = ['none', 'selective', 'full'] as const;

export type Recomputation = (typeof RECOMPUTATIONS)[number];
