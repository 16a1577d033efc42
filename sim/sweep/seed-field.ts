/** Field of a run's parameters that holds its seed. Reports need it too, without the reader of sweeps. */
export const SEED = 'seed';
