import type { FuzzTarget } from './target.js';
import { addresses } from './targets/addresses.js';
import { plannerAnswers } from './targets/answers.js';
import { baselines } from './targets/baselines.js';
import { catalogEntries, descriptions } from './targets/descriptions.js';
import { figures } from './targets/figures.js';
import { imports } from './targets/imports.js';
import { links } from './targets/links.js';
import { measuredRuns } from './targets/measured.js';
import { options } from './targets/options.js';
import { plans } from './targets/plans.js';
import { predictions } from './targets/predictions.js';
import { profiles, rewrittenProfiles } from './targets/profiles.js';
import { replays } from './targets/replays.js';
import { results } from './targets/results.js';
import { scenarioFields, scenarioProfiles, scenarioTexts } from './targets/scenarios.js';
import { sites } from './targets/sites.js';
import { signals } from './targets/signals.js';
import { sweeps } from './targets/sweeps.js';
import { traces } from './targets/traces.js';

/** All fuzzers. */
export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  ...[scenarioFields, scenarioTexts, scenarioProfiles, profiles, rewrittenProfiles, options],
  ...[descriptions, catalogEntries, measuredRuns, traces, links, plannerAnswers, sweeps, addresses],
  results,
  baselines,
  predictions,
  imports,
  plans,
  sites,
  signals,
  figures,
  replays,
];
