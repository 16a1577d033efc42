import { InputError } from '../../src/errors.js';
import { shownProblems } from '../../src/problem-list.js';
import { observeRun } from '../studies/observed-run.js';
import type { PlanCache } from '../studies/plan-cache.js';
import { runScenario, type ProgressListener } from '../studies/run-scenario.js';
import { loadProfile } from '../studies/scenario-profile.js';
import { parseScenario, withLines } from '../studies/scenario.js';
import { bundledCatalog, type CatalogTexts } from './bundled-catalog.js';
import { shownRun, type ShownRun } from './shown-run.js';
import type { WhatIfFiles } from './what-if.js';

/** What comes of a what-if: a run, or what is wrong with it, in the command line's sentences. */
export type Answer =
  | { readonly kind: 'run'; readonly run: ShownRun }
  | { readonly kind: 'problems'; readonly problems: readonly string[] };

/**
 * Does with files what `pipewatt run` does, but for the least energy possible.
 * @param cache of frontiers, shared by all what-ifs of a page.
 * @throws Error for bugs of pipewatt's only.
 */
export async function answerTo(
  files: WhatIfFiles,
  texts: CatalogTexts,
  cache: PlanCache,
  onProgress?: ProgressListener,
): Promise<Answer> {
  try {
    return { kind: 'run', run: await runOf(files, texts, cache, onProgress) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { kind: 'problems', problems: shownProblems(error) };
  }
}

async function runOf(
  { name, yaml, csv }: WhatIfFiles,
  texts: CatalogTexts,
  cache: PlanCache,
  onProgress: ProgressListener = () => undefined,
): Promise<ShownRun> {
  const scenario = parseScenario(yaml, name);
  try {
    const profile = loadProfile(scenario, name, bundledCatalog(texts, csv));
    const result = await runScenario(scenario, profile, { cache, onProgress });
    return shownRun(result, observeRun(scenario, profile, cache));
  } catch (error) {
    throw error instanceof InputError ? withLines(error, yaml, name) : error;
  }
}
