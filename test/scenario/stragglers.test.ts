import { readFileSync } from 'node:fs';
import test from 'ava';
import { checkScenario } from '../../sim/scenario/scenario.js';
import { scenarioJsonSchema } from '../../sim/scenario/scenario-schema.js';
import { CAUSE_VOCABULARY } from '../../sim/scenario/straggler-schema.js';
import { isPlain } from '../../sim/training/plain-straggler.js';
import type { Slowdown } from '../../sim/training/slowdown.js';
import { projectFile } from '../support/files.js';

const scenario = (...stragglers: readonly object[]) =>
  checkScenario({
    name: 's',
    profile: { catalog: 'gpt3-175b-a40' },
    pipeline: { stages: 8, microbatches: 8 },
    pipelines: 4,
    timing: { transferS: 0.001 },
    stragglers,
  });

/** What is wrong with a straggler, as `field: message`. */
function wrong(...stragglers: readonly object[]): string[] {
  const found = scenario(...stragglers);
  if (!('length' in found)) return [];
  return found.map(({ path, message }) => `${path.slice(1).join('.')}: ${message}`);
}

/** Of every cause that is simulated: what it needs. */
const NEEDED: Readonly<Record<Slowdown['cause'], object>> = {
  busy: { slowdown: 1.2 },
  stall: { slowdown: 1.2 },
  throttle: { clockLimitMHz: 1000 },
  'slow-link': { slowdown: 2 },
  'data-stall': { delayS: 0.1 },
};

test('a cause left out is busy, and every cause that is simulated is read as it is', (t) => {
  const causes = Object.entries(NEEDED).map(([cause, fields]) => ({ cause, ...fields }));
  const stragglers = [NEEDED.busy, ...causes].map((fields, k) => ({ pipeline: k % 4, ...fields }));
  const read = scenario(...stragglers);
  t.deepEqual(
    'stragglers' in read && read.stragglers,
    stragglers.map((fields) => ({ cause: 'busy', ...fields })) as never,
  );
  t.deepEqual(CAUSE_VOCABULARY.names.toSorted(), Object.keys(NEEDED).toSorted() as never);
});

test('what goes with which cause follows from the declaration', (t) => {
  for (const [cause, fields] of Object.entries(NEEDED)) {
    const [needed] = Object.keys(fields);
    t.deepEqual(wrong({ pipeline: 0, cause }), [
      `0.${needed}: found nothing; cause "${cause}" needs it`,
    ]);
  }
  t.deepEqual(wrong({ pipeline: 0, cause: 'stall', slowdown: 2, link: 0 }), [
    '0.link: does not go with cause "stall", which has slowdown, backwardSlowdown and stage',
  ]);
  t.deepEqual(wrong({ pipeline: 0, clockLimitMHz: 1000 }), [
    '0.slowdown: found nothing; cause "busy" needs it',
    '0.clockLimitMHz: does not go with cause "busy", the default, which has slowdown, backwardSlowdown and stage; it goes with cause "throttle"',
  ]);
});

test('a slip of the finger is mended by a field of the cause, or else of another one', (t) => {
  const throttle = { pipeline: 0, cause: 'throttle', clockLimitMHz: 1000 };
  t.deepEqual(wrong({ ...throttle, stge: 2 }), [
    '0.stge: is not a field here; did you mean "stage"?',
  ]);
  t.deepEqual(wrong({ ...throttle, slowdwn: 2 }), [
    '0.slowdwn: is not a field here; did you mean "slowdown", which goes with cause "busy", "stall" or "slow-link"?',
  ]);
  t.deepEqual(wrong({ ...throttle, colour: 2 }), [
    '0.colour: is not a field here; there are pipeline, cause, clockLimitMHz, stage, fromS, untilS',
  ]);
});

test('with a wrong cause or without a field that it needs, all else is looked at', (t) => {
  const causes = CAUSE_VOCABULARY.names.map((name) => JSON.stringify(name)).join(', ');
  t.deepEqual(
    wrong(
      { pipeline: 9, cause: 'lazy', slowdown: 0.5, stage: -1 },
      { pipeline: 0, cause: 5, link: 99 },
      { cause: 'nothing', colour: 1 },
      { pipeline: 8, cause: 'throttle' },
      { pipeline: 7, slowdown: 2 },
    ).map((line) => line.replace(/there are pipeline, cause, .*/, 'there are …')),
    [
      `0.cause: found "lazy", expected one of ${causes}`,
      '0.slowdown: found 0.5, expected a number from 1 to 100 (a factor on the time; 1.2 is 20 % slower)',
      '0.stage: found -1, expected a number of at least 0',
      `1.cause: found 5, expected one of ${causes}`,
      '2.pipeline: found nothing, expected a number',
      `2.cause: found "nothing", expected one of ${causes}`,
      '2.colour: is not a field here; there are …',
      '3.clockLimitMHz: found nothing; cause "throttle" needs it',
      '0.pipeline: found 9, expected a number below 4, the number of pipelines (the first one is 0)',
      '1.link: found 99, expected a number below 7, the number of links (the first one is 0)',
      '3.pipeline: found 8, expected a number below 4, the number of pipelines (the first one is 0)',
      '4.pipeline: found 7, expected a number below 4, the number of pipelines (the first one is 0)',
    ],
  );
});

interface Published {
  readonly properties: Readonly<
    Record<string, { description?: string; const?: Slowdown['cause'] }>
  >;
  readonly required: readonly string[];
  readonly additionalProperties: boolean;
}

test('editors are told the fields of each cause, and the pages name it', (t) => {
  const { properties } = JSON.parse(scenarioJsonSchema()) as {
    readonly properties: {
      readonly stragglers: { readonly items: { readonly oneOf: Published[] } };
    };
  };
  const published = properties.stragglers.items.oneOf;
  t.deepEqual(
    published.map((one) => one.properties['cause']?.const),
    [...CAUSE_VOCABULARY.names],
  );
  for (const one of published) {
    const cause = one.properties['cause']!.const!;
    const own = Object.keys(NEEDED[cause]);
    const said = cause === 'busy' ? [] : ['cause'];
    t.deepEqual(one.required, ['pipeline', ...said, ...own], cause);
    t.false(one.additionalProperties);
    for (const [field, { description = '' }] of Object.entries(one.properties)) {
      t.true(description.length > 10, `${cause}: ${field} is not described`);
    }
  }
  const page = readFileSync(projectFile('docs/scenarios.md'), 'utf8');
  for (const cause of CAUSE_VOCABULARY.names) {
    t.true(page.includes(`\n| \`${cause}\` `), `docs/scenarios.md lacks a row for "${cause}"`);
  }
});

test('a straggler is plain if one number says how slow it is', (t) => {
  const plain = { pipeline: 0, cause: 'busy', slowdown: 1.2 } as const;
  t.true(isPlain(plain));
  t.true(isPlain({ ...plain, cause: 'stall', stage: undefined, fromS: undefined }));
  for (const more of [{ backwardSlowdown: 2 }, { stage: 0 }, { fromS: 0 }, { untilS: 9 }]) {
    t.false(isPlain({ ...plain, ...more }), JSON.stringify(more));
  }
  t.false(isPlain({ pipeline: 0, cause: 'slow-link', slowdown: 1.2 }));
  t.false(isPlain({ pipeline: 0, cause: 'throttle', clockLimitMHz: 1000 }));
});
