import { InputError, type Problem } from '../../src/errors.js';
import { defaultUnitTime } from '../../src/profile/operation-costs.js';
import { modelStages } from '../scenario/model-stages.js';
import { FOR_PICTURES } from '../run/kept-run.js';
import type { PlanCache } from '../run/plan-cache.js';
import { runScenario, type ProgressListener } from '../run/run-scenario.js';
import { loadScenario, withLines } from '../scenario/scenario.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { ScenarioProfile } from '../scenario/scenario-setting.js';
import { bundledCatalog, type CatalogTexts } from './bundled-catalog.js';
import { shownRun, type ShownRun } from './shown-run.js';
import type { WhatIfFiles } from './what-if.js';

/** What comes of a what-if: a run, or what is wrong with it. */
export type Answer =
  | { readonly kind: 'run'; readonly run: ShownRun }
  | {
      readonly kind: 'problems';
      readonly problems: readonly Problem[];
      /** How many more there are than those. */
      readonly unnamed: number;
    };

/** A preview is planned in coarser ticks, which takes a tenth of the time. */
export type Precision = 'exact' | 'preview';

/** Of a preview: the most that its ticks take off an instruction, as a part of it. */
const PREVIEW_ROUNDING = 0.02;

/**
 * Does with files what `pipewatt run` does, but for the least energy possible.
 * @param cache of frontiers, shared by all what-ifs of a page.
 * @returns undefined where a preview would take as long as the answer itself.
 * @throws Error for bugs of pipewatt's only.
 */
export async function answerTo(
  files: WhatIfFiles,
  texts: CatalogTexts,
  { cache, precision = 'exact', onProgress = () => undefined }: AnswerOptions,
): Promise<Answer | undefined> {
  const { name, yaml, csv } = files;
  try {
    const { scenario, profile } = loadScenario(yaml, name, bundledCatalog(texts, csv));
    return await locating(files, async () => {
      const asked = precision === 'exact' ? scenario : inCoarserTicks(scenario, profile);
      if (asked === undefined) return undefined;
      const result = await runScenario(asked, profile, {
        ...{ cache, onProgress },
        keep: FOR_PICTURES,
      });
      return { kind: 'run', run: shownRun(result) };
    });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return problemsOf(error);
  }
}

/** Problems that are named: more of them nobody reads. */
const MOST_PROBLEMS = 20;

function problemsOf({ problems }: InputError): Answer {
  const named = problems.slice(0, MOST_PROBLEMS);
  return { kind: 'problems', problems: named, unnamed: problems.length - named.length };
}

/** What an answer may need besides files and catalog. */
export interface AnswerOptions {
  readonly cache: PlanCache;
  readonly precision?: Precision;
  readonly onProgress?: ProgressListener;
}

/** Problems that are found after parsing get their lines. */
async function locating<T>({ name, yaml }: WhatIfFiles, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof InputError ? withLines(error, yaml, name) : error;
  }
}

/** The scenario of a preview; undefined where the planner's ticks are as coarse already. */
function inCoarserTicks(scenario: Scenario, source: ScenarioProfile): Scenario | undefined {
  const stages = modelStages(scenario, source.profile, source.askedBy);
  const unitTimeS = defaultUnitTime(stages, PREVIEW_ROUNDING);
  const usualS = scenario.unitTimeS ?? defaultUnitTime(stages);
  return unitTimeS > usualS ? { ...scenario, unitTimeS } : undefined;
}
