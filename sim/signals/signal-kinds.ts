import { implausible } from '../../src/plausible.js';
import type { QuantityName } from '../../src/quantities.js';

/** The values over time that a schedule follows. */
export const SIGNAL_NAMES = ['price', 'carbon', 'cap'] as const;

export type SignalName = (typeof SIGNAL_NAMES)[number];

/** A unit of a signal: one of it in the proper unit, and the currency if it has one. */
export interface SignalUnit {
  readonly factor: number;
  readonly currency?: string;
}

/** Facts about a kind of signal. */
interface SignalKind {
  /** The proper unit. */
  readonly unit: string;
  /** Examples of units, for messages. */
  readonly units: string;
  /** Names of columns that hold such values, the likeliest first. */
  readonly names: readonly RegExp[];
  /** Whether a file without a unit is taken to be in the proper one. */
  readonly isUnitKnown: boolean;
  /** The unit that a text names; undefined if it names none of this kind. */
  readonly unitIn: (text: string) => SignalUnit | undefined;
  /** The expectation for a value that cannot be true; undefined if it can. */
  readonly expectedOf: (value: number) => string | undefined;
}

const CURRENCIES: Readonly<Record<string, string>> = { '€': 'EUR', '£': 'GBP', $: 'USD' };

/** `EUR/MWh`, `€/kWh`, `ct/kWh`, `usd_per_mwh` */
const PRICE = /(€|£|\$|ct|cents?|[a-z]{3})\s*(?:\/|_per_|\bper\b|_)\s*(k|M)Wh/i;

function priceUnit(text: string): SignalUnit | undefined {
  const found = PRICE.exec(text);
  if (found === null) return undefined;
  const [, money, size] = found;
  const perMWh = size!.toLowerCase() === 'k' ? 1000 : 1;
  if (/^(ct|cent)/i.test(money!)) return { factor: perMWh / 100 };
  // `price_per_mwh` names no currency.
  if (/^(ice|per)$/i.test(money!)) return { factor: perMWh };
  const currency = CURRENCIES[money!] ?? money!.toUpperCase();
  return { factor: perMWh, currency };
}

const POUND_KG = 0.45359237;

/** `gCO₂eq/kWh`, `kg/MWh`, `lbs_co2_per_mwh`, `t/MWh`; grams for a kilowatt-hour. */
function carbonUnit(text: string): SignalUnit | undefined {
  const per = /(k|M)Wh/i.exec(text)?.[1]?.toLowerCase();
  // Numbers of WattTime are pounds, which its files leave unsaid.
  if (per === undefined) return /moer/i.test(text) ? { factor: POUND_KG } : undefined;
  const perKWh = per === 'k' ? 1 : 1e-3;
  if (/lbs?(?![a-z])|pounds?/i.test(text)) return { factor: 1000 * POUND_KG * perKWh };
  if (/(^|[^a-z])kg/i.test(text)) return { factor: 1000 * perKWh };
  if (/(^|[^a-z])(g|grams?)([^a-z]|co|$)/i.test(text)) return { factor: perKWh };
  if (/(^|[^a-z])(t|tons?|tonnes?)([^a-z]|co|$)/i.test(text)) return { factor: 1e6 * perKWh };
  return undefined;
}

const WATTS: Readonly<Record<string, number>> = { w: 1, kw: 1e3, mw: 1e6, gw: 1e9 };

function powerUnit(text: string): SignalUnit | undefined {
  const found = /(?:^|[^a-z])([kmg]?w|(?:kilo|mega|giga)?watts?)(?![a-z])/i.exec(text)?.[1];
  if (found === undefined) return undefined;
  const short = found.toLowerCase().replace(/^(k|m|g)?(?:ilo|ega|iga)?w.*$/, '$1w');
  const factor = WATTS[short];
  return factor === undefined ? undefined : { factor };
}

/** Prices of a megawatt-hour beyond which no market goes, in any currency. */
const MOST_PRICE = 1e7;

function quantityOf(name: QuantityName) {
  return (value: number) => (value === 0 ? undefined : implausible(name, value));
}

/** Facts about each kind. */
export const SIGNAL_KINDS: Readonly<Record<SignalName, SignalKind>> = {
  price: {
    unit: 'money/MWh',
    units: 'EUR/MWh, EUR/kWh, ct/kWh',
    names: [/day.?ahead.*price/i, /^price/i, /price(?!.*(area|zone))/i, /[€£$]|\beur\b|\busd\b/i],
    isUnitKnown: true,
    unitIn: priceUnit,
    expectedOf: (value) =>
      Math.abs(value) <= MOST_PRICE ? undefined : `a number from ${-MOST_PRICE} to ${MOST_PRICE}`,
  },
  carbon: {
    unit: 'g/kWh',
    units: 'g/kWh, kg/MWh, lbs/MWh',
    names: [
      /life.?cycle|\blca\b/i,
      /carbon.?intensity/i,
      /moer(?!.*version)/i,
      /co2|co₂|carbon|emission/i,
    ],
    isUnitKnown: true,
    unitIn: carbonUnit,
    expectedOf: quantityOf('carbonGPerKWh'),
  },
  cap: {
    unit: 'W',
    units: 'W, kW, MW',
    names: [/cap(?![a-z])|limit|maximum/i, /power/i],
    isUnitKnown: false,
    unitIn: powerUnit,
    expectedOf: quantityOf('jobPowerW'),
  },
};
