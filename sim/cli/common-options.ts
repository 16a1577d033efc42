import { LEAST_MEMORY_MB } from '../processes/memory-share.js';
import { optionalNumber, text } from './declare.js';

/** Options, arguments and rules that several commands declare. */

export const PROFILE_ARGUMENT = [
  '<profile.csv>',
  'stage,instruction,frequency,time,energy in MHz, s, J of one GPU',
] as const;

export const OUTPUT = text('<file>', 'write there instead of to standard output');

export const REPORT = text('<file>', 'also write a page that shows it all: one HTML file');

export const GPU_OF_RUNS = text(
  '<name>',
  'GPU of the catalog or a .yaml file; default: by the name of the job',
);

export const WORKERS = optionalNumber('<n>', 'processes (default: all cores)', {
  min: 1,
  whole: true,
});

/** Of a planner from elsewhere. */
export const TIME_LIMIT = { above: 0, max: 1e6, unit: 's' } as const;

export const TENSOR_PARALLEL = { min: 1, max: 1024, whole: true } as const;

/** Of a process in which something is done. */
export const MEMORY = { min: LEAST_MEMORY_MB, max: 1e7, whole: true, unit: 'MB' } as const;
