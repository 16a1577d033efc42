import { declare, format } from './declare.js';

/** The kinds of names that can be listed. */
export const LISTED_KINDS = [
  ...(['scenarios', 'catalog', 'gpus', 'models'] as const),
  ...(['policies', 'schedules', 'suites'] as const),
] as const;

export const list = declare({
  name: 'list',
  about: 'name what comes with pipewatt: scenarios, GPUs, models, policies, schedules',
  arguments: [['[kind]', LISTED_KINDS.join(', '), 'scenarios']],
  completes: LISTED_KINDS,
  options: { '--format': format('table', 'json', 'csv') },
  example: 'pipewatt list gpus',
});
