/**
 * Published figures, and what is needed to compute them again (Perseus, SOSP '24, and its
 * artifact).
 */

/** Table 6, intrinsic energy reduction in percent, recomputed from the artifact's raw data. */
export const TABLE_6: readonly {
  readonly profile: string;
  readonly catalog: string;
  readonly unitTimeS: number;
  readonly blockingPowerW: number;
  readonly reductionPct: Readonly<Record<12 | 24 | 48 | 96, number>>;
}[] = [
  {
    profile: 'gpt3-175b+a100_sxm',
    catalog: 'gpt3-175b-a100-sxm',
    unitTimeS: 1e-3,
    blockingPowerW: 83.64,
    reductionPct: { 12: 15.201604, 24: 14.190355, 48: 13.616616, 96: 13.319138 },
  },
  {
    profile: 'gpt3-175b+a40',
    catalog: 'gpt3-175b-a40',
    unitTimeS: 1e-4,
    blockingPowerW: 70.38,
    reductionPct: { 12: 11.810657, 24: 10.220271, 48: 9.340778, 96: 8.878493 },
  },
  {
    profile: 'bloom+a100_sxm',
    catalog: 'bloom-176b-a100-sxm',
    unitTimeS: 1e-3,
    blockingPowerW: 83.64,
    reductionPct: { 12: 10.471891, 24: 7.064365, 48: 5.234097, 96: 4.284563 },
  },
  {
    profile: 'bloom+a40',
    catalog: 'bloom-176b-a40',
    unitTimeS: 1e-4,
    blockingPowerW: 70.38,
    reductionPct: { 12: 6.973716, 24: 4.488244, 48: 3.122653, 96: 2.405541 },
  },
];

export const MICROBATCHES = [12, 24, 48, 96] as const;
export const STAGES = 8;
