import type { Vocabulary } from '../../src/vocabulary.js';

/** Tables and figures that can be reproduced. */
export const TABLES = ['table3', 'table4', 'table6', 'figure7', 'figure8', 'figure9'] as const;
export type TableName = (typeof TABLES)[number];

/** Tables about the jobs themselves; they need no published percentages. */
export const JOB_TABLES = ['table1', 'table5'] as const;
export type JobTableName = (typeof JOB_TABLES)[number];

/** Other names of tables. */
export const TABLE_VOCABULARY: Vocabulary = {
  names: [...JOB_TABLES, ...TABLES, 'all'],
  aliases: { fig7: 'figure7', fig8: 'figure8', fig9: 'figure9' },
};

/** The emulated jobs: workload ids, catalog entries, profiles of the artifact, published ticks. */
export const EMULATED = [
  ['a100_sxm+gpt3-175b+', 'gpt3-175b-a100-sxm', 'gpt3-175b+a100_sxm_bf16.csv', 1e-3],
  ['a40+gpt3-175b+', 'gpt3-175b-a40', 'gpt3-175b+a40_bf16.csv', 1e-4],
  ['a100_sxm+bloom+', 'bloom-176b-a100-sxm', 'bloom+a100_sxm_bf16.csv', 1e-3],
  ['a40+bloom+', 'bloom-176b-a40', 'bloom+a40_bf16.csv', 1e-4],
] as const;

export const ENTRIES = EMULATED.map(([, name]) => name);

const EXPERIMENT_REMARKS = [
  'Measured jobs, planned on and simulated with the curves fitted to their executed plans (`scenarios/catalog/measured/`). The planner knows the loading and transfers of each job; EnvPipe does not, which is why it slows jobs over a slow link.',
  'A40 T5 is network-bound: its times fit no simple model (see `pipewatt validate`), so its rows say little and are not counted below.',
];

export const TEXTS: Readonly<Record<TableName, { title: string; remarks: readonly string[] }>> = {
  table3: { title: 'Table 3: energy and time without stragglers', remarks: EXPERIMENT_REMARKS },
  table4: { title: 'Table 4: energy with a straggler', remarks: EXPERIMENT_REMARKS },
  table6: {
    title: 'Table 6: intrinsic energy bloat removed',
    remarks: ['Energy at T_min below that of the highest clocks at the same iteration time.'],
  },
  figure7: {
    title: "Figure 7: a job of 16 pipelines with a straggler of T'/T = 1.2",
    remarks: [
      'The published formula of EnvPipe counts the waiting of n + 1 pipelines where n − 1 wait; rows "with n − 1" have it right.',
      "The artifact stops where a pipeline's own energy is least, not at min(T', T*); so do these rows.",
    ],
  },
  figure8: {
    title: 'Figure 8: extrinsic energy bloat removed',
    remarks: ['Energy below that of the same job with every pipeline at its T_min plan.'],
  },
  figure9: {
    title: 'Figure 9: time and energy of the policies',
    remarks: [
      'Simulated plans of each policy; with `--measured`, the executed plans as they were measured, as rings. A40 gpt3-6.7b is panel (c): two pipelines, with tensor parallelism.',
    ],
  },
};
