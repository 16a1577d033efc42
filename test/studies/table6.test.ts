import { readFileSync } from 'node:fs';
import test from 'ava';
import { catalogProfile, parseCatalogEntry } from '../../sim/hardware/catalog.js';
import { defaultUnitTime } from '../../src/profile/operation-costs.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { MICROBATCHES, TABLE_6 } from '../support/paper.js';
import { projectFile, readSharedData, testWithSharedData } from '../support/shared-data.js';
import { intrinsicSavingPct } from '../support/table6.js';

testWithSharedData('table 6 from the raw profiles: 16 of 16 within 0.1 points', (t) => {
  for (const { profile, reductionPct, ...settings } of TABLE_6) {
    const file = `sosp24/stage_profiles/${profile}_bf16.csv`;
    const stageProfile = readStageProfile(readSharedData(file), file);
    for (const microbatches of MICROBATCHES) {
      const pct = intrinsicSavingPct(stageProfile, microbatches, settings);
      const difference = pct - reductionPct[microbatches];
      t.log(`${profile} × ${microbatches}: ${pct.toFixed(3)} %, off by ${difference.toFixed(3)}`);
      t.true(Math.abs(difference) < 0.1);
    }
  }
});

// At the unit time that scenarios use by default: the published 1 ms rounds the A100's instructions
// by up to 2 %, and which clocks share a tick then decides half a point.
test('table 6 from the shipped curves: 12 of 16 within 0.5 points, all within 1.0', (t) => {
  let close = 0;
  for (const { catalog, reductionPct, blockingPowerW } of TABLE_6) {
    const file = projectFile(`scenarios/catalog/${catalog}.yaml`);
    const profile = catalogProfile(parseCatalogEntry(readFileSync(file, 'utf8')));
    for (const microbatches of MICROBATCHES) {
      const unitTimeS = defaultUnitTime(profile);
      const pct = intrinsicSavingPct(profile, microbatches, { unitTimeS, blockingPowerW });
      const difference = pct - reductionPct[microbatches];
      t.log(`${catalog} × ${microbatches}: ${pct.toFixed(2)} %, off by ${difference.toFixed(2)}`);
      t.true(Math.abs(difference) <= 1);
      if (Math.abs(difference) <= 0.5) close++;
    }
  }
  t.log(`${close} of 16 within 0.5 points`);
  t.true(close >= 12);
});
