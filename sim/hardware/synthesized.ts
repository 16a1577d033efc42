/** Column of profiles that nobody measured: the efficiency they were synthesized at. */
export const SYNTHESIZED_COLUMN = 'synthesized_efficiency';
