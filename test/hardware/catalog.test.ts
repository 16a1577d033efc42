import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { parse, stringify } from 'yaml';
import {
  catalogEntry,
  catalogProfile,
  parseCatalogEntry,
  printCatalogEntry,
  type CatalogEntry,
} from '../../sim/hardware/catalog.js';
import { InputError } from '../../src/errors.js';
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

test('an entry that is not one is refused, with everything that is wrong', (t) => {
  const entry = parse(readEntryText('gpt3-175b-a100-sxm')) as CatalogEntry;
  const { time, power } = entry.stages[0]!.forward;
  const broken = {
    ...entry,
    blockingPowerW: 'much',
    stages: [
      {
        forward: {
          ...entry.stages[0]!.forward,
          time: { ...time, coefficients: time.coefficients.toReversed() },
          power: { ...power, coefficients: power.coefficients.slice(1) },
        },
      },
    ],
    colour: 'red',
  };
  const error = t.throws(() => parseCatalogEntry(stringify(broken), 'entry.yaml'), {
    instanceOf: InputError,
  });
  t.deepEqual(error.message.split('\n'), [
    'entry.yaml, blockingPowerW: found "much", expected a number',
    'entry.yaml, stages.0.forward.time.coefficients: found [0.0501611,0.0501859,0.0502856,0.0516404…, expected coefficients that never rise: no clock is slower than a lower one',
    'entry.yaml, stages.0.forward.power.coefficients: found [237.468,247.096,267.2,273.346,308.088,3…, expected two more coefficients than knots',
    'entry.yaml, stages.0.backward: found nothing, expected an object',
    'entry.yaml: found colour, expected no such field',
  ]);
  t.throws(() => parseCatalogEntry('stages: ['), {
    instanceOf: InputError,
    message: /catalog entry: is not YAML/,
  });
});

test('an entry in other units is refused, with the unit that it is likely to be in', (t) => {
  const entry = parseCatalogEntry(readEntryText('gpt3-175b-a100-sxm'));
  const [stage] = entry.stages;
  const { time, power } = stage!.forward;
  const inKilowatts = {
    ...entry,
    blockingPowerW: 1e9,
    clocks: { ...entry.clocks, lowestMHz: 1500 },
    stages: [
      {
        ...stage!,
        forward: {
          ...stage!.forward,
          time: { ...time, knots: time.knots.map((clockMHz) => clockMHz / 1000) },
          power: { ...power, coefficients: power.coefficients.map((powerW) => powerW * 1000) },
        },
      },
    ],
  };
  const { message } = t.throws(() => parseCatalogEntry(stringify(inKilowatts), 'e.yaml'), {
    instanceOf: InputError,
  });
  t.regex(message, /^e\.yaml, blockingPowerW: found 1000000000, expected a number from 1 to 2000/m);
  t.regex(message, /^e\.yaml, clocks\.lowestMHz: found 1500, expected at most highestMHz$/m);
  t.regex(message, /^e\.yaml, stages\.0\.forward\.time\.knots\.0: found 0\.\d+, .*GHz/m);
  t.regex(message, /^e\.yaml, stages\.0\.forward\.power\.coefficients\.0: found \d+\.?\d*, .*mW/m);
});

test('what the curves smooth away is noted', (t) => {
  const notes = (name: string) => parseCatalogEntry(readEntryText(name)).notes;
  t.deepEqual(notes('gpt3-175b-a100-sxm'), []);
  t.true(
    notes('bloom-176b-a40').some((note) => /^stages 0–6 forward: .* off at 1080 MHz/.test(note)),
  );
  t.true(
    notes('bloom-176b-a100-sxm').some((note) =>
      note.includes('1395 MHz was measured 0.38 % faster than 1410 MHz'),
    ),
  );
});
