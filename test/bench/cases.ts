import type { BenchJob, MeasurementName } from './measurements.js';

/** One figure: a measurement of a job. */
export interface Case {
  readonly what: MeasurementName;
  readonly job: BenchJob;
}

/** Figures that differ in one number of the job, to see how cost grows with it. */
export interface Series {
  readonly title: string;
  readonly what: MeasurementName;
  readonly over: 'stages' | 'microbatches' | 'chunks' | 'pipelines' | 'iterations' | 'unitTimeMs';
  readonly values: readonly number[];
  readonly job: BenchJob;
}

/** A figure by itself. */
export interface Single extends Case {
  readonly title: string;
  /** The things counted, and the time by which their rate is given; no rate if left out. */
  readonly rate?: { readonly of: string; readonly by: 'cpuS' | 'wallS' };
}

const A100: BenchJob = {
  catalog: 'gpt3-175b-a100-sxm',
  unitTimeMs: 1,
  stages: 8,
  microbatches: 96,
  chunks: 1,
  pipelines: 128,
  iterations: 1,
};
const A40: BenchJob = { ...A100, catalog: 'gpt3-175b-a40', unitTimeMs: 0.1 };
/** A tick that rounds the shortest instruction by up to 1 %. */
const COARSE = { unitTimeMs: 5 };
const SMALL: BenchJob = { ...A100, microbatches: 24 };

/** The growth of cost. */
export const SERIES: readonly Series[] = [
  {
    title: 'frontier, A100, 8 stages',
    what: 'frontier',
    over: 'microbatches',
    values: [24, 48, 96, 192],
    job: A100,
  },
  {
    title: 'frontier, A100, 32 microbatches',
    what: 'frontier',
    over: 'stages',
    values: [4, 8, 16, 32],
    job: { ...A100, microbatches: 32 },
  },
  {
    title: 'frontier, A100, 8 × 24, tick in ms',
    what: 'frontier',
    over: 'unitTimeMs',
    values: [2, 1, 0.5, 0.25],
    job: SMALL,
  },
  {
    title: 'outline of a frontier, A100, 8 × 24, tick in ms',
    what: 'outline',
    over: 'unitTimeMs',
    values: [1, 0.3, 0.1, 0.03],
    job: SMALL,
  },
  {
    title: 'frontier, A100, 8 × 24, interleaved',
    what: 'frontier',
    over: 'chunks',
    values: [2, 4, 8],
    job: SMALL,
  },
  {
    title: 'bound, A100, 8 stages',
    what: 'bound',
    over: 'microbatches',
    values: [24, 48, 96, 192],
    job: A100,
  },
  {
    title: 'simulator, 8 × 96',
    what: 'simulator',
    over: 'pipelines',
    values: [32, 128, 512],
    job: A100,
  },
  {
    title: 'run with jitter, 8 × 24, 64 pipelines',
    what: 'jitter',
    over: 'iterations',
    values: [8, 16, 32, 64],
    job: { ...SMALL, pipelines: 64 },
  },
];

/** Figures by themselves. */
export const SINGLES: readonly Single[] = [
  { title: 'frontier, A40, 8 × 96, 0.1 ms', what: 'frontier', job: A40 },
  {
    title: 'frontier, A100, 32 × 512, 5 ms',
    what: 'frontier',
    job: { ...A100, ...COARSE, stages: 32, microbatches: 512 },
  },
  {
    title: 'plans rebuilt, A40, 8 × 96',
    what: 'rebuild',
    job: A40,
    rate: { of: 'plans', by: 'cpuS' },
  },
  {
    title: 'frontier, A100, 64 × 512, 5 ms',
    what: 'frontier',
    job: { ...A100, ...COARSE, stages: 64, microbatches: 512 },
  },
  { title: 'bound, A100, 8 × 96', what: 'bound', job: A100 },
  { title: 'page, imbalance slider, A100, 8 × 96', what: 'page', job: { ...A100, pipelines: 64 } },
  { title: 'page, imbalance slider, A40, 8 × 96', what: 'page', job: { ...A40, pipelines: 64 } },
  {
    title: 'Llama 3 70B, H100, interleaved, 5 chunks × 8 stages × 64',
    what: 'modelled',
    job: { ...A100, microbatches: 64, chunks: 5, pipelines: 16 },
  },
  { title: 'one deadline, A100, 8 × 96', what: 'deadline', job: A100 },
  { title: 'one deadline, A40, 8 × 96, 0.1 ms', what: 'deadline', job: A40 },
  {
    title: 'simulator, 8 × 96, 128 pipelines',
    what: 'simulator',
    job: A100,
    rate: { of: 'instructions', by: 'cpuS' },
  },
  {
    title: 'simulator by events, the same',
    what: 'simulator by events',
    job: A100,
    rate: { of: 'instructions', by: 'cpuS' },
  },
  {
    title: 'run with jitter, 8 × 96, 128 pipelines, 20 iterations',
    what: 'jitter',
    job: { ...A100, iterations: 20 },
    rate: { of: 'instructions', by: 'cpuS' },
  },
  { title: 'sweep on two workers', what: 'sweep', job: A100, rate: { of: 'runs', by: 'wallS' } },
  { title: '`pipewatt --help`', what: 'help', job: A100 },
  { title: '`npm start`', what: 'start', job: A100 },
];
