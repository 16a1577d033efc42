import fc from 'fast-check';
import { edgeNumber } from '../hostile.js';
import { csvMutation, mutatedCsv } from '../mutate-csv.js';
import { mutatedFile, textMutation } from '../mutate-text.js';
import { firstOf, notFinite, type Ended } from '../oracle.js';
import { profileCsv } from '../small-scenarios.js';
import { commandLine, type FuzzTarget } from '../target.js';

const hours = (row: (hour: string, next: string, k: number) => string) =>
  [0, 1, 2, 3, 4, 5].map((k) => row(`0${k}`, `0${k + 1}`, k)).join('\n');

/** A signal in each of the forms that programs write. */
const TABLES: readonly (readonly [signal: string, table: string])[] = [
  ['price', `time,price\n${hours((_h, _n, k) => `${3600 * k},${40 + 15 * k - 9 * k * k}`)}\n`],
  [
    'price',
    `"MTU (CET/CEST)","Area","Day-ahead Price (EUR/MWh)"\n${hours((h, n, k) => `"25/10/2026 ${h}:00:00 - 25/10/2026 ${n}:00:00","BZN|XX","${50 - 20 * k}.5"`)}\n`,
  ],
  [
    'carbon',
    `Datetime (UTC),Country,Zone id,Carbon intensity gCO₂eq/kWh (direct),Carbon intensity gCO₂eq/kWh (Life cycle)\n${hours((h, _n, k) => `2026-01-01 ${h}:00:00,Nowhere,XX,${200 + 9 * k}.25,${300 - 9 * k}`)}\n`,
  ],
  [
    'carbon',
    `point_time,value\n${hours((h, _n, k) => `2026-03-29T${h}:00:00+00:00,${900 - 50 * k}`)}\n`,
  ],
  ['cap', `timestamp;limit [kW]\n${hours((h, _n, k) => `2026/03/29 ${h}:00;${3 + k},5`)}\n`],
];

const WORK = 300;

function scenarioOf(signal: string, more: string): string {
  return `name: fuzzed
profile: { csv: p.csv, blockingPowerW: 80 }
unitTimeS: 0.01
pipelines: 2
pipeline: { stages: 2, microbatches: 2 }
signals:
  ${signal}: signal.csv
  work: { iterations: ${WORK} }
  ${more}
`;
}

/** Further fields of the section. */
const anyMore = fc.oneof(
  fc.constantFrom(
    '',
    'mayPause: true',
    'gaps: hold',
    'whenDone: idle',
    'zone: Europe/Berlin',
    'zone: Australia/Lord_Howe',
    'objective: energy',
    'events: [{from: 3600, until: 7200, cutPct: 25}]',
  ),
  fc
    .tuple(fc.constantFrom('from', 'until', 'hours', 'flexPct', 'pausedW'), edgeNumber)
    .map(([field, value]) => `${field}: ${value}`),
);

const anyTable = (table: string) =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constant<string | Uint8Array>(table) },
    {
      weight: 4,
      arbitrary: fc
        .array(csvMutation, { minLength: 1, maxLength: 3 })
        .map((changes) => mutatedCsv(table, changes)),
    },
    {
      weight: 2,
      arbitrary: fc
        .array(textMutation, { minLength: 1, maxLength: 2 })
        .map((changes) => mutatedFile(table, changes)),
    },
  );

/** Tables of prices, carbon and limits over time. */
export const signals: FuzzTarget = {
  name: 'signals over time',
  share: 5,
  inputs: () =>
    fc.constantFrom(...TABLES).chain(([signal, table]) =>
      fc.tuple(anyTable(table), anyMore).map(([changed, more]) =>
        commandLine(['schedule', 's.yaml', '--format', 'json'], {
          's.yaml': scenarioOf(signal, more),
          'p.csv': profileCsv(2),
          'signal.csv': changed,
        }),
      ),
    ),
  oracle: (_, ended) => (ended.code === 0 ? wrongSchedule(ended) : undefined),
};

interface Row {
  readonly from_s: number;
  readonly until_s: number;
  readonly iterations: number;
  readonly paid_power_w: number;
  readonly cap_w: number | null;
}

/** The plan covers the time without gaps, does the work, and keeps the limits. */
function wrongSchedule({ out }: Ended): string | undefined {
  const document = JSON.parse(out) as {
    readonly durationS: number;
    readonly chosen: { readonly plan: readonly Row[] };
  };
  const bad = notFinite(document, MAY_BE_NULL);
  if (bad.length > 0) return `not a number: ${bad.slice(0, 5).join(', ')}`;
  const { plan } = document.chosen;
  const done = plan.reduce((sum, { iterations }) => sum + iterations, 0);
  if (Math.abs(done - WORK) > 1e-6 * WORK) return `${done} iterations instead of ${WORK}`;
  if (Math.abs(plan.at(-1)!.until_s - document.durationS) > 1e-3) return 'the plan ends elsewhere';
  return firstOf(
    plan.map(({ from_s: fromS, paid_power_w: powerW, cap_w: capW }, k) => {
      if (Math.abs(fromS - (plan[k - 1]?.until_s ?? 0)) > 1e-3) return `a gap at ${fromS} s`;
      return capW !== null && powerW > capW * (1 + 1e-9) && `${powerW} W above ${capW} W`;
    }),
  );
}

/** Fields that have no value for some schedules. */
const MAY_BE_NULL = new Set([
  ...['startS', 'tokensPerIteration', 'endS', 'money', 'carbonKg', 'from', 'until', 'policy'],
  ...['pace_s', 'iteration_time_s', 'price_per_mwh', 'carbon_g_per_kwh', 'cap_w', 'carbon_kg'],
  ...['clocks'],
]);
