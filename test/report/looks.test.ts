import test from 'ava';
import { ACCOUNTS } from '../../sim/energy/accounts.js';
import { PALETTE, ACCOUNT_LOOKS, policyLook, policyLooks } from '../../sim/report/looks.js';
import { LABEL_COLOURS, POWER_COLOURS } from '../../sim/report/timeline/power-colours.js';
import { POLICY_NAMES } from '../../src/planner/policy-names.js';
import { madeUpReports } from '../support/made-up-reports.js';

const COLOURS = [
  ...Object.values(PALETTE),
  ...POWER_COLOURS,
  ...LABEL_COLOURS.map(({ colour }) => colour),
];

test('no two colours share the name by which the dark one is found', (t) => {
  const names = COLOURS.map(({ light }) => light);
  t.is(new Set(names).size, names.length);
  for (const { light, dark } of COLOURS) {
    t.regex(light, /^#[\da-f]{6}$/);
    t.regex(dark, /^#[\da-f]{6}$/);
  }
});

test('policies differ in colour, and in shape; planners from elsewhere look like none of them', (t) => {
  const looks = policyLooks([...POLICY_NAMES, './mine.js', 'toString']);
  t.is(new Set(looks.map(({ colour }) => colour.light)).size, looks.length);
  t.is(
    new Set(looks.slice(0, POLICY_NAMES.length).map(({ shape }) => shape)).size,
    POLICY_NAMES.length,
  );
  t.is(policyLook('perseus').colour, PALETTE.blue);
  t.is(policyLooks(['perseus', 'max-frequency'])[0], policyLook('perseus'), 'in any order');
  const accounts = Object.values(ACCOUNT_LOOKS);
  t.is(new Set(accounts.map(({ colour }) => colour)).size, accounts.length);
  const titles = Object.values(ACCOUNTS).map(({ title }) => title);
  t.is(new Set(titles).size, accounts.length);
});

test('pictures draw in no colours but those that have a dark one', async (t) => {
  const known = new Set([...COLOURS.map(({ light }) => light), 'none', 'currentColor']);
  for (const [name, html] of await madeUpReports()) {
    const drawn = html.replace(/<script[^]*?<\/script>/g, '');
    const used = [...drawn.matchAll(/ (?:fill|stroke|color)="([^"]*)"/g)].map(
      ([, colour]) => colour!,
    );
    t.true(used.length > 5, name);
    t.deepEqual(
      // Stripes and the ground of tooltips are of colours that have a dark one.
      [...new Set(used)].filter(
        (colour) =>
          !known.has(colour) && !/^(?:url\(#hatch-?\d+\)|var\(--plot-background\))$/.test(colour),
      ),
      [],
      name,
    );
  }
});
