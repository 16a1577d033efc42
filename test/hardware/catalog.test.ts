import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import {
  catalogEntry,
  catalogProfile,
  parseCatalogEntry,
  printCatalogEntry,
} from '../../sim/hardware/catalog.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { TABLE_6 } from '../support/paper.js';
import { projectFile, readSharedData, testWithSharedData } from '../support/shared-data.js';

const readEntryText = (name: string) =>
  readFileSync(projectFile(`scenarios/catalog/${name}.yaml`), 'utf8');

for (const { profile, catalog } of TABLE_6) {
  testWithSharedData(`${catalog} is what fitting its profile gives, byte for byte`, (t) => {
    const file = `sosp24/stage_profiles/${profile}_bf16.csv`;
    const committed = parseCatalogEntry(readEntryText(catalog));
    const { name, model, gpu, source, clocks, blockingPowerW, scale } = committed;
    const metadata = { name, model, gpu, source, blockingPowerW, scale };
    const entry = catalogEntry(readStageProfile(readSharedData(file), file), {
      ...metadata,
      clockStepMHz: clocks.stepMHz,
    });
    t.is(printCatalogEntry(entry), readEntryText(catalog));
  });
}

test('every entry has its name, its source and clocks that were measured', (t) => {
  const names = readdirSync(projectFile('scenarios/catalog')).filter((file) =>
    file.endsWith('.yaml'),
  );
  t.true(names.length >= TABLE_6.length);
  for (const { catalog } of TABLE_6) {
    const entry = parseCatalogEntry(readEntryText(catalog));
    t.is(entry.name, catalog);
    t.regex(entry.source, /SOSP '24/);
    for (const { fit } of entry.stages.flatMap((stage) => [stage.forward, stage.backward])) {
      t.true(fit.lowestMHz <= entry.clocks.lowestMHz && fit.highestMHz >= entry.clocks.highestMHz);
    }
    const profile = catalogProfile(entry);
    t.is(profile.stages.length, entry.stages.length);
    t.is(profile.stages[0]!.forward[0]!.frequencyMHz, entry.clocks.highestMHz);
  }
});

test('an entry that is not one is refused', (t) => {
  t.throws(() => parseCatalogEntry('name: nothing else'));
});
