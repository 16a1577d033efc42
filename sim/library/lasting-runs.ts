import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { InputError } from '../../src/errors.js';
import type { PlannerModule } from '../../src/planner/planner.js';
import { catalogOnDisk } from '../disk/catalog-files.js';
import { readAnyText, readUserText } from '../disk/files.js';
import { CatalogLibrary } from '../hardware/catalog-library.js';
import { PlanCache } from '../run/plan-cache.js';
import { loadProfile } from '../scenario/scenario-profile.js';
import {
  loadScenario,
  loadScenarioObject,
  type LoadedScenario,
  type ProfileLoader,
} from '../scenario/scenario.js';
import { profileKey } from '../sweep/profile-reader.js';
import { Recent } from './recent.js';
import { ownPlanners, simulated, type RunWishes, type SimulatedRun } from './runs.js';
import { fromAnywhere } from './scenarios.js';

/** A scenario as it was given: an object, or the text of a YAML file. */
export interface GivenScenario {
  readonly content: { readonly object: unknown } | { readonly yaml: string };
  /** Its name in messages; for a file its path. */
  readonly source: string;
  /** The absolute path of the folder that the files which it names are relative to. */
  readonly folder: string;
}

/** Wishes for one run of many. */
export interface LastingWishes extends Omit<RunWishes, 'more' | 'cache'> {
  readonly planners: readonly PlannerModule[];
}

/** Frontiers kept: a loop over a parameter of plans makes a new one at every step. */
const MOST_PLANS = 24;
const MOST_PROFILES = 64;
/** Bytes on the heap and beside it above which everything is forgotten: huge frontiers were kept. */
const MOST_BYTES = 2 ** 30;

/** A profile, and the user's files that it was read from. */
interface KnownProfile {
  readonly profile: LoadedScenario['profile'];
  readonly files: readonly string[];
}

/**
 * Runs that share what they need: profiles, frontiers, bounds. A frontier is planned once, whatever the
 * stragglers and seeds of the runs. Files are read for every run, and if one has changed, everything is
 * forgotten; plans of a caller's own planners are never kept.
 */
export class LastingRuns {
  private cache = new PlanCache(MOST_PLANS);
  private readonly profiles = new Recent<KnownProfile>(MOST_PROFILES);
  private readonly digests = new Map<string, string>();

  /** @throws InputError with every problem of the scenario and its profile. */
  load({ content, source, folder }: GivenScenario): LoadedScenario {
    const load: ProfileLoader = (scenario, path) => {
      const key = `${path} ${profileKey(fromAnywhere(scenario, folder))}`;
      const known = this.profiles.get(key);
      if (known !== undefined && known.files.every((file) => this.isUnchanged(file))) {
        return known.profile;
      }
      const files: string[] = [];
      const profile = loadProfile(scenario, path, this.libraryOf(folder, files));
      this.profiles.set(key, { profile, files });
      return profile;
    };
    const library = this.libraryOf(folder, []);
    const { scenario, profile } =
      'yaml' in content
        ? loadScenario(content.yaml, source, library, load)
        : loadScenarioObject(content.object, source, library, load);
    return { scenario: fromAnywhere(scenario, folder), profile };
  }

  /**
   * Runs a scenario that was loaded here.
   * @param call its name in messages.
   * @throws InputError if a planner has the name of another policy.
   */
  async run(
    loaded: LoadedScenario,
    call: string,
    { planners, ...wishes }: LastingWishes,
  ): Promise<SimulatedRun> {
    const more = ownPlanners(planners, loaded.scenario.policies, call);
    const { cache } = this;
    try {
      return await simulated(loaded, { ...wishes, more, cache });
    } finally {
      // Another function may have the same name next time.
      for (const { name } of more) cache.forget(name);
      this.forgetIfLarge();
    }
  }

  private libraryOf(folder: string, files: string[]): CatalogLibrary {
    return new CatalogLibrary({
      ...catalogOnDisk(() => undefined),
      userFile: (path, wanted, askedBy) => {
        const file = resolve(folder, path);
        const read = readUserText(file, wanted, askedBy);
        this.noteText(file, read.text);
        files.push(file);
        return { ...read, source: path };
      },
    });
  }

  /** Forgets everything that was made of a file with another text. */
  private noteText(file: string, text: string): void {
    const digest = digestOf(text);
    const known = this.digests.get(file);
    if (known !== undefined && known !== digest) this.forget();
    this.digests.set(file, digest);
  }

  private isUnchanged(file: string): boolean {
    try {
      return this.digests.get(file) === digestOf(readAnyText(file).text);
    } catch (error) {
      // Reading it again says why it cannot be read.
      if (error instanceof InputError) return false;
      throw error;
    }
  }

  private forgetIfLarge(): void {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    if (heapUsed + arrayBuffers > MOST_BYTES) this.forget();
  }

  private forget(): void {
    this.cache = new PlanCache(MOST_PLANS);
    this.profiles.clear();
    this.digests.clear();
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
