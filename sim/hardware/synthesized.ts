/** Column of profiles that were not measured: the efficiency of their synthesis. */
export const SYNTHESIZED_COLUMN = 'synthesized_efficiency';

/** Stands in that column where operators made the profile, each at an efficiency of its own. */
export const BY_OPERATORS = 'operators';

/** Stands there where times at one clock were measured, and other clocks and energies modelled. */
export const FROM_ONE_CLOCK = 'one clock';
