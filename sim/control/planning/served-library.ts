import { InputError } from '../../../src/errors.js';
import { catalogOnDisk } from '../../disk/catalog-files.js';
import { CatalogLibrary } from '../../hardware/catalog-library.js';

/** The name of a job's uploaded profile in messages. */
export const UPLOADED_PROFILE = 'the uploaded profile';

/** The problem of a scenario that names the job's own profile before that was sent. */
export const NEEDS_PROFILE = 'needs the profile of this job; send it by PUT /jobs/{job_id}/profile';

/**
 * The catalog for a scenario that came over the network: entries that come with the program, and as
 * the only file the job's own profile, whatever the scenario calls it.
 */
export function servedLibrary(profileCsv: string | undefined): CatalogLibrary {
  return new CatalogLibrary({
    ...catalogOnDisk(() => undefined),
    userFile: (path, wanted, askedBy) => {
      if (wanted !== 'profile') {
        throw InputError.of({
          ...askedBy,
          message: `found ${path}, but no file of the server is read; name one of the catalog`,
        });
      }
      if (profileCsv === undefined) {
        throw InputError.of({
          ...askedBy,
          message: NEEDS_PROFILE,
        });
      }
      return { text: profileCsv, source: UPLOADED_PROFILE };
    },
  });
}
