import { LEAST_MEMORY_MB } from '../processes/memory-share.js';

/** What `--memory` takes, wherever something is done in processes of its own. */
export const MEMORY_RULE = { min: LEAST_MEMORY_MB, max: 1e7, whole: true, unit: 'MB' } as const;
