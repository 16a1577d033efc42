import { envpipe } from './envpipe.js';
import { maxFrequency } from './max-frequency.js';
import { perseusFlat } from './flat/perseus-flat.js';
import { perseus } from './perseus/perseus.js';
import { perseusHull } from './perseus-hull/perseus-hull.js';
import type { Planner } from './planner.js';
import type { PolicyName } from './policy-names.js';
import { zeusGlobal } from './zeus-global.js';
import { zeusPerStage } from './zeus-per-stage.js';

/** The planner behind each policy. */
export const POLICIES: Readonly<Record<PolicyName, Planner>> = {
  'max-frequency': maxFrequency,
  'zeus-global': zeusGlobal,
  'zeus-per-stage': zeusPerStage,
  envpipe,
  perseus,
  'perseus-hull': perseusHull,
  'perseus-flat': perseusFlat,
};
