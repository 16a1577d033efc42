import { InputError, type Problem } from '../../src/errors.js';
import { gridWatch } from '../power/figures/run-power.js';
import { defaultUnitTime } from '../../src/profile/operation-costs.js';
import { modelStages } from '../scenario/model-stages.js';
import { energyBound } from '../run/energy-bound.js';
import { FOR_PICTURES } from '../run/kept-run.js';
import type { PlanCache } from '../run/plan-cache.js';
import { runScenario, type ProgressListener } from '../run/run-scenario.js';
import { loadScenario, withLines } from '../scenario/scenario.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { ScenarioProfile } from '../scenario/scenario-setting.js';
import { bundledCatalog, type CatalogTexts } from './bundled-catalog.js';
import { shownRun, type ShownRun } from '../viewer/shown-run.js';
import type { WhatIfFiles } from './what-if.js';

/** The answer to a what-if: a run, or its problems. */
export type Answer = { readonly kind: 'run'; readonly run: ShownRun } | Problems;

/** The problems of a what-if that cannot be run. */
export interface Problems {
  readonly kind: 'problems';
  readonly problems: readonly Problem[];
  /** The number of further problems. */
  readonly unnamed: number;
}

/** A preview is planned in coarser ticks, which takes a tenth of the time. */
export type Precision = 'exact' | 'preview';

/** Largest rounding error of a preview's ticks, as a part of an instruction. */
const PREVIEW_ROUNDING = 0.02;

/**
 * Does what `pipewatt run` does with files; a preview leaves out the least energy possible.
 * @param cache of frontiers, shared by all what-ifs of a page.
 * @returns undefined if a preview would take as long as the answer itself.
 * @throws Error only for bugs in pipewatt.
 */
export async function answerTo(
  files: WhatIfFiles,
  texts: CatalogTexts,
  { cache, precision = 'exact', drawn, onProgress = () => undefined }: AnswerOptions,
): Promise<Answer | undefined> {
  const { name, yaml, csv } = files;
  try {
    const { scenario, profile } = loadScenario(yaml, name, bundledCatalog(texts, csv));
    return await locating(files, async () => {
      const asked = precision === 'exact' ? scenario : inCoarserTicks(scenario, profile);
      if (asked === undefined) return undefined;
      const result = await runScenario(asked, profile, {
        ...{ cache, onProgress },
        ...(precision === 'exact' ? { findBound: energyBound, isAlone: true } : {}),
        keep: FOR_PICTURES,
        watch: gridWatch(asked),
      });
      return { kind: 'run', run: shownRun(result, drawn) };
    });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return problemsOf(error);
  }
}

/** Most problems listed; readers would skip more. */
const MOST_PROBLEMS = 20;

function problemsOf({ problems }: InputError): Answer {
  const named = problems.slice(0, MOST_PROBLEMS);
  return { kind: 'problems', problems: named, unnamed: problems.length - named.length };
}

/** Optional inputs of an answer besides files and catalog. */
export interface AnswerOptions {
  readonly cache: PlanCache;
  readonly precision?: Precision;
  /** The policy to draw and to tell of; the best one if left out, or if it is not run. */
  readonly drawn?: string | undefined;
  readonly onProgress?: ProgressListener;
}

/** Adds their lines to problems found after parsing. */
async function locating<T>({ name, yaml }: WhatIfFiles, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof InputError ? withLines(error, yaml, name) : error;
  }
}

/** The scenario of a preview; undefined if the planner's ticks are already as coarse. */
function inCoarserTicks(scenario: Scenario, source: ScenarioProfile): Scenario | undefined {
  const stages = modelStages(scenario, source.profile, source.askedBy);
  const unitTimeS = defaultUnitTime(stages, PREVIEW_ROUNDING);
  const usualS = scenario.unitTimeS ?? defaultUnitTime(stages);
  return unitTimeS > usualS ? { ...scenario, unitTimeS } : undefined;
}
