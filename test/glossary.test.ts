import test from 'ava';
import { SCHEDULE_NAMES } from '../src/pipeline/schedules.js';
import { POLICY_NAMES } from '../src/planner/policy-names.js';
import { ACCOUNTS } from '../sim/energy/accounts.js';
import { COLUMN_ENTRIES } from '../sim/results/columns.js';
import { CAUSE_VOCABULARY } from '../sim/scenario/straggler-schema.js';
import { textOf } from './support/docs.js';

const GLOSSARY = textOf('docs/glossary.md').replaceAll('\\*', '∗');

/** The terms that the glossary explains: its headings, and its words in italics or code. */
function explained(): ReadonlySet<string> {
  const headings = [...GLOSSARY.matchAll(/^### (.+)$/gm)].flatMap(([, heading]) =>
    heading!.split(/, | and /),
  );
  const marked = [...GLOSSARY.matchAll(/(?<![\w])[_`]([^_`\n]+)[_`](?!\w)/g)].map(
    ([, term]) => term!,
  );
  return new Set([...headings, ...marked].map((term) => term.toLowerCase()));
}

const TERMS = explained();

/** Words that say little by themselves: “regret in time” is not explained by “time”. */
const PLAIN: ReadonlySet<string> = new Set(['time', 'energy']);

/** Whether a term is explained, or is made of one that is: “regret in time” of “regret”. */
function isExplained(term: string): boolean {
  const wanted = term.toLowerCase();
  if (TERMS.has(wanted)) return true;
  const isPart = (part: string) => ` ${wanted} `.includes(` ${part} `);
  return [...TERMS].some((part) => !PLAIN.has(part) && isPart(part));
}

test('the glossary explains every heading of the table', (t) => {
  const headings = COLUMN_ENTRIES.flatMap(([, { shown }]) =>
    shown === undefined ? [] : [shown.heading],
  );
  t.true(headings.length >= 16);
  for (const heading of headings) t.true(isExplained(heading), heading);
});

test('the glossary explains schedules, policies, causes of stragglers and accounts', (t) => {
  const titles = Object.values(ACCOUNTS).map(({ title }) => title);
  const names = [...SCHEDULE_NAMES, ...POLICY_NAMES, ...CAUSE_VOCABULARY.names, ...titles];
  for (const name of names) t.true(TERMS.has(name), name);
});

test('the glossary explains the words that pages use without explaining them', (t) => {
  const words =
    'bubble intrinsic extrinsic stage microbatch instruction iteration frontier straggler ledger account chunk schedule swing PUE MFU tick lag slack regret';
  const terms = [
    ...words.split(' '),
    'blocking power',
    'unit time',
    'frequency plan',
    'T_min',
    'T∗',
  ];
  for (const term of terms) t.true(TERMS.has(term.toLowerCase()), term);
});

test('the glossary explains each term once', (t) => {
  const headings = [...GLOSSARY.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading!);
  t.deepEqual(headings, [...new Set(headings)]);
  t.true(headings.length >= 45);
});
