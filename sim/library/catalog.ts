import { SCHEDULE_NAMES, type ScheduleName } from '../../src/pipeline/schedules.js';
import { POLICY_NAMES, type PolicyName } from '../../src/planner/policy-names.js';
import { catalogOnDisk } from '../disk/catalog-files.js';
import { asPromise } from './as-promise.js';

/**
 * Names that scenarios and options may use.
 *
 * @example
 * ```ts
 * import { catalogNames, type CatalogNames } from 'pipewatt';
 *
 * const names: CatalogNames = await catalogNames();
 * console.log(names.gpus.includes('h100-sxm')); // true
 * ```
 */
export interface CatalogNames {
  /** Of `profile.catalog`: fitted curves, then jobs that were measured. */
  readonly profiles: readonly string[];
  /** Of `profile.model` and `profile.gpu`, and of `synthesizeProfile`. */
  readonly models: readonly string[];
  readonly gpus: readonly string[];
  /** Of `policies`. */
  readonly policies: readonly PolicyName[];
  /** Of `pipeline.schedule`. */
  readonly schedules: readonly ScheduleName[];
}

/**
 * Names of the profiles, models and GPUs that come with pipewatt, of its policies and its schedules.
 *
 * @throws Error if the package is incomplete.
 *
 * @example
 * ```ts
 * import { catalogNames } from 'pipewatt';
 *
 * const { policies } = await catalogNames();
 * console.log(policies[0]); // max-frequency
 * ```
 */
export function catalogNames(): Promise<CatalogNames> {
  return asPromise(() => {
    const catalog = catalogOnDisk(() => undefined);
    return {
      profiles: [...catalog.names('entries'), ...catalog.names('measured')],
      models: catalog.names('models'),
      gpus: catalog.names('gpus'),
      policies: POLICY_NAMES,
      schedules: SCHEDULE_NAMES,
    };
  });
}
