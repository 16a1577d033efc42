/** The GPUs whose power is added up: of the whole job, of each stage or pipeline, or one by one. */
export const POWER_UNITS = ['job', 'stage', 'pipeline', 'gpu'] as const;
export type PowerUnit = (typeof POWER_UNITS)[number];
