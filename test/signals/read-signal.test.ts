import test from 'ava';
import { InputError } from '../../src/errors.js';
import { readSignal } from '../../sim/signals/read-signal.js';
import type { SignalName } from '../../sim/signals/signal-kinds.js';
import type { SignalWish } from '../../sim/signals/signal-columns.js';
import { zoneClock } from '../../sim/signals/zone-clock.js';

const UTC = zoneClock('UTC')!;
const BERLIN = zoneClock('Europe/Berlin')!;

function read(
  name: SignalName,
  lines: readonly string[],
  wish: Partial<SignalWish> = {},
  clock = UTC,
) {
  return readSignal(name, `${lines.join('\n')}\n`, 'f.csv', { csv: 'f.csv', ...wish }, clock);
}

/** Messages of what is wrong with a table. */
function problemsOf(...input: Parameters<typeof read>): readonly string[] {
  try {
    read(...input);
    return [];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.problems.map(({ line, message }) => `${line ?? ''}: ${message}`);
  }
}

const seconds = (date: string) => Date.parse(date) / 1000;

const ELECTRICITY_MAPS =
  'Datetime (UTC),Country,Zone name,Zone id,Carbon intensity gCO₂eq/kWh (direct),Carbon intensity gCO₂eq/kWh (Life cycle),Carbon-free energy percentage (CFE%),Data source,Data estimated';

test('Electricity Maps: hours of UTC, life-cycle intensity, said so', (t) => {
  const signal = read('carbon', [
    ELECTRICITY_MAPS,
    '2026-01-01 00:00:00,Sweden,Sweden,SE,2.54,30.02,99.42,svk.se,true',
    '2026-01-01 01:00:00,Sweden,Sweden,SE,2.6,30.32,99.4,svk.se,true',
  ]);
  t.deepEqual([...signal.startS], [seconds('2026-01-01T00:00Z'), seconds('2026-01-01T01:00Z')]);
  t.deepEqual([...signal.values], [30.02, 30.32]);
  t.is(signal.untilS[1], seconds('2026-01-01T02:00Z'));
  t.true(signal.isDated);
  t.regex(signal.notes.join(), /Life cycle\)" is read, not .*direct/);
  const direct = read(
    'carbon',
    [ELECTRICITY_MAPS, '2026-01-01 00:00:00,Sweden,Sweden,SE,2.54,30.02,99.42,svk.se,true'],
    { column: 'carbon intensity gCO₂eq/kWh (direct)' },
  );
  t.deepEqual([...direct.values], [2.54]);
});

test('WattTime: pounds for a megawatt-hour, in both of its forms', (t) => {
  const first = [
    'point_time,value',
    '2026-01-01T00:00:00+00:00,1000',
    '2026-01-01T00:05:00+00:00,500',
  ];
  const second = [
    'timestamp,MOER,MOER version,frequency',
    '2026-01-01T00:00:00Z,1000,3.0,300',
    '2026-01-01T00:05:00Z,500,3.0,300',
  ];
  for (const lines of [first, second]) {
    const { values, untilS } = read('carbon', lines);
    t.true(Math.abs(values[0]! - 453.59237) < 1e-9);
    t.is(untilS[1], seconds('2026-01-01T00:10Z'));
  }
});

test('ENTSO-E: prices by intervals on a clock of Brussels, negative ones too', (t) => {
  const old = read('price', [
    '"MTU (CET/CEST)","Day-ahead Price [EUR/MWh]","Currency","BZN|DE-LU"',
    '"01.07.2026 00:00 - 01.07.2026 01:00","65.50","EUR",""',
    '"01.07.2026 01:00 - 01.07.2026 02:00","-3.20","EUR",""',
  ]);
  t.deepEqual([...old.startS], [seconds('2026-06-30T22:00Z'), seconds('2026-06-30T23:00Z')]);
  t.deepEqual([...old.values], [65.5, -3.2]);
  t.is(old.currency, 'EUR');
  const fresh = read('price', [
    '"MTU (CET/CEST)","Area","Sequence","Day-ahead Price (EUR/MWh)","Intraday Period (CET/CEST)","Intraday Price (EUR/MWh)"',
    '"01/01/2026 00:00:00 - 01/01/2026 00:15:00","BZN|GR","Sequence 1","104.05","",""',
    '"01/01/2026 00:15:00 - 01/01/2026 00:30:00","BZN|GR","Sequence 1","99.00","",""',
  ]);
  t.deepEqual([...fresh.values], [104.05, 99]);
  t.is(fresh.untilS[1], seconds('2025-12-31T23:30Z'));
});

test('lines that are quoted as a whole are unwrapped', (t) => {
  const { values } = read('price', [
    '"MTU (CET/CEST),""Area"",""Day-ahead Price (EUR/MWh)"""',
    '"01/01/2026 00:00:00 - 01/01/2026 00:15:00,""BZN|GR"",""138.70"""',
    '"01/01/2026 00:15:00 - 01/01/2026 00:30:00,""BZN|GR"",""90"""',
  ]);
  t.deepEqual([...values], [138.7, 90]);
});

test('Vessim: seconds from 0, each value held', (t) => {
  const signal = read('cap', ['time,cap_mw', '0,1.5', '3600,0.75']);
  t.false(signal.isDated);
  t.deepEqual([...signal.values], [1.5e6, 0.75e6]);
  t.deepEqual([...signal.untilS], [3600, Infinity]);
  t.deepEqual(signal.gaps, []);
});

test('units: of the heading, of the scenario, or the usual one', (t) => {
  const value = (name: SignalName, heading: string, cell: string, unit?: string) =>
    read(name, [`time,${heading}`, `0,${cell}`, `3600,${cell}`], unit === undefined ? {} : { unit })
      .values[0]!;
  const near = (found: number, expected: number) => {
    t.true(Math.abs(found - expected) <= 1e-9 * Math.abs(expected), `${found}, not ${expected}`);
  };
  near(value('price', 'price_eur_per_kwh', '0.05'), 50);
  near(value('price', 'Preis (ct/kWh)', '5'), 50);
  near(value('price', 'price [$/MWh]', '50'), 50);
  near(value('price', 'price', '0.05', 'EUR/kWh'), 50);
  near(value('carbon', 'co2_kg_per_mwh', '400'), 400);
  near(value('carbon', 'carbon intensity (kg/kWh)', '0.4'), 400);
  near(value('carbon', 'tCO2/MWh', '0.4'), 400);
  near(value('carbon', 'co2', '1000', 'lbs/MWh'), 453.59237);
  near(value('cap', 'limit [kW]', '1500'), 1.5e6);
  near(value('cap', 'limit', '1.5', 'MW'), 1.5e6);
});

test('a price for kilowatt-hours, and a limit without a unit, are refused with advice', (t) => {
  t.regex(
    problemsOf('price', ['time,price', '0,0.21', '3600,0.3'])[0]!,
    /looks like a price per kWh.*EUR\/kWh/,
  );
  t.regex(problemsOf('cap', ['time,limit', '0,1.5'])[0]!, /does not say its unit.*unit: MW/);
  t.regex(problemsOf('carbon', ['time,co2', '0,99999'])[0]!, /found 99999, expected/);
  t.regex(
    problemsOf('price', ['time,price', '0,5'], { unit: 'EUR/apple' })[0]!,
    /found the unit "EUR\/apple" for its price, expected one such as EUR\/MWh/,
  );
});

test('an hour that a clock shows twice in autumn is two hours; the one it skips in spring is none', (t) => {
  const hour = (date: string, price: string) => `${date},${price}`;
  const autumn = [
    'time,price',
    ...['01', '02', '02', '03'].map((h, k) => hour(`2026-10-25 ${h}:00`, `${k}0`)),
  ];
  const expected = ['T23:00Z', 'T00:00Z', 'T01:00Z', 'T02:00Z'].map((time, k) =>
    seconds(`2026-10-2${k === 0 ? 4 : 5}${time}`),
  );
  t.deepEqual([...read('price', autumn, {}, BERLIN).startS], expected);
  // Newest first: still the second one is the later.
  const reversed = [autumn[0]!, ...autumn.slice(1).toReversed()];
  t.deepEqual([...read('price', reversed, {}, BERLIN).values], [0, 10, 20, 30]);
  t.regex(
    problemsOf('price', autumn)[0]!,
    /4: has the same time as line 3.*name its zone, such as signals.zone/,
  );
  const spring = [
    'time,price',
    ...['01:00,10', '02:00,', '03:00,20'].map((rest) => `2026-03-29 ${rest}`),
  ];
  const { startS, gaps } = read('price', spring, {}, BERLIN);
  t.deepEqual([...startS], [seconds('2026-03-29T00:00Z'), seconds('2026-03-29T01:00Z')]);
  t.deepEqual(gaps, []);
  t.regex(
    problemsOf('price', spring.with(2, '2026-03-29 02:00,15'), {}, BERLIN)[0]!,
    /3: found "2026-03-29 02:00", a time that no clock in Europe\/Berlin shows/,
  );
});

test('ENTSO-E marks the hours of the change of clocks', (t) => {
  const { startS } = read('price', [
    '"MTU (CET/CEST)","Area","Day-ahead Price (EUR/MWh)"',
    '"25/10/2026 02:00:00 (CEST) - 25/10/2026 02:00:00 (CET)","BZN|CZ","10"',
    '"25/10/2026 02:00:00 (CET) - 25/10/2026 03:00:00 (CET)","BZN|CZ","20"',
  ]);
  t.deepEqual([...startS], [seconds('2026-10-25T00:00Z'), seconds('2026-10-25T01:00Z')]);
});

test('rows of several areas are told apart by a text, which the message proposes', (t) => {
  const lines = [
    'time,Area,price (EUR/MWh)',
    '2026-01-01T00:00Z,BZN|FR,10',
    '2026-01-01T00:00Z,BZN|DE-LU,20',
  ];
  t.regex(problemsOf('price', lines)[0]!, /3: has the same time as line 2.*only: \["BZN\|FR"\]/);
  t.deepEqual([...read('price', lines, { only: ['bzn|de-lu'] }).values], [20]);
  t.regex(problemsOf('price', lines, { only: ['BZN|IT'] })[0]!, /has no row with "BZN\|IT"/);
});

test('missing hours and missing values are gaps; a finer resolution is none', (t) => {
  const hours = (texts: readonly string[]) => [
    'time,price',
    ...texts.map((text, k) => `2026-01-01T${String(k).padStart(2, '0')}:00Z,${text}`),
  ];
  const all = ['10', '11', '12', '13', '14', '15'];
  const without = hours(all).filter((_, k) => k !== 3 && k !== 4);
  const lost = read('price', without).gaps;
  t.deepEqual(lost, [
    { fromS: seconds('2026-01-01T02:00Z'), untilS: seconds('2026-01-01T04:00Z'), line: 3 },
  ]);
  const empty = read('price', hours(all.with(2, 'n/e')));
  t.deepEqual(empty.gaps, [
    { fromS: seconds('2026-01-01T02:00Z'), untilS: seconds('2026-01-01T03:00Z'), line: 4 },
  ]);
  t.deepEqual([...empty.values], [10, 11, 11, 13, 14, 15]);
  const quarters = [0, 15, 30, 45].map((m) => `2026-01-01T06:${String(m).padStart(2, '0')}Z,9`);
  t.deepEqual(read('price', [...hours(all), ...quarters]).gaps, []);
});

test('dates with slashes: the day first or the month, or neither', (t) => {
  const prices = (dates: readonly string[]) => ['date,price', ...dates.map((date) => `${date},50`)];
  const us = read('price', prices(['01/13/2026 1:00 PM', '01/13/2026 2:00 PM']));
  t.is(us.startS[0], seconds('2026-01-13T13:00Z'));
  const eu = read('price', prices(['13/01/2026 13:00', '13/01/2026 14:00']));
  t.is(eu.startS[0], seconds('2026-01-13T13:00Z'));
  t.regex(
    problemsOf('price', prices(['01/02/2026 13:00']))[0]!,
    /whose day may come first or second/,
  );
});

test('a table without times, or with several columns that fit, is refused with the columns found', (t) => {
  t.regex(problemsOf('price', ['a,b', 'x,1', 'y,2'])[0]!, /found "a", "b", but no column of times/);
  t.regex(
    problemsOf('price', ['time,price DE,price FR', '0,50,60', '3600,50,60'])[0]!,
    /several columns that may be the price: "price DE", "price FR"; name one as signals.price/,
  );
  t.regex(
    problemsOf('price', ['time,price', '0,50'], { column: 'prize' })[0]!,
    /has no column "prize".*did you mean "price"/,
  );
  t.regex(problemsOf('price', [''])[0]!, /the file is empty/);
  t.regex(problemsOf('price', ['time,price'])[0]!, /no row below it/);
});

test('decimal commas and semicolons are read', (t) => {
  const { values } = read('price', [
    'Zeit;Preis EUR/MWh',
    '01.01.2026 00:00;50,5',
    '01.01.2026 01:00;-3,25',
  ]);
  t.deepEqual([...values], [50.5, -3.25]);
});

test('all wrong cells are told, the first five of them by line', (t) => {
  const rows = Array.from({ length: 8 }, (_, k) => `${k * 3600},${k < 2 ? 50 : 'many'}`);
  const found = problemsOf('price', ['time,price', ...rows], { column: 'price' });
  t.is(found.length, 6);
  t.regex(found[0]!, /4: found "many", expected a number/);
  t.regex(found[5]!, /and 1 more lines/);
});
