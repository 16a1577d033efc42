/** A unit as named in the headers of tables. */
export interface NamedUnit {
  /** `ms` */
  readonly name: string;
  /** One of it in the proper unit. */
  readonly factor: number;
}

/** Kinds of columns that have a unit, by their proper unit. */
export type UnitKind = 's' | 'J' | 'MHz' | 'W';

/** By kind: names of units, in lower case except where only case distinguishes them. */
const NAMES: Readonly<Record<UnitKind, readonly (readonly [number, string, ...string[]])[]>> = {
  s: [
    [1, 's', 'sec', 'secs', 'second', 'seconds'],
    [1e-3, 'ms', 'msec', 'msecs', 'millis', 'millisecond', 'milliseconds'],
    [1e-6, 'µs', 'us', 'μs', 'usec', 'usecs', 'micros', 'microsecond', 'microseconds'],
    [1e-9, 'ns', 'nsec', 'nsecs', 'nanos', 'nanosecond', 'nanoseconds'],
    [60, 'min', 'mins', 'minute', 'minutes'],
  ],
  J: [
    [1, 'J', 'joule', 'joules'],
    [1e6, 'MJ', 'megajoule', 'megajoules'],
    [1e-3, 'mJ', 'millijoule', 'millijoules'],
    [1e-6, 'µJ', 'uj', 'μj', 'microjoule', 'microjoules'],
    [1e3, 'kJ', 'kilojoule', 'kilojoules'],
    [3.6e6, 'kWh', 'kilowatthours'],
    [3.6e9, 'MWh'],
    [3.6, 'mWh', 'milliwatthours'],
    [3600, 'Wh', 'watthours'],
  ],
  MHz: [
    [1, 'MHz', 'megahertz'],
    [1e3, 'GHz', 'gigahertz'],
    [1e-3, 'kHz', 'kilohertz'],
    [1e-6, 'Hz', 'hertz'],
  ],
  W: [
    [1, 'W', 'watt', 'watts'],
    [1e-3, 'mW', 'milliwatt', 'milliwatts'],
    [1e-6, 'µW', 'uw', 'μw', 'microwatt', 'microwatts'],
    [1e3, 'kW', 'kilowatt', 'kilowatts'],
    [1e6, 'MW', 'megawatt', 'megawatts'],
    [1e9, 'GW', 'gigawatt', 'gigawatts'],
  ],
};

/**
 * The unit of a kind that a header names. Exact case wins (`MJ`, `mJ`); otherwise case does not
 * matter, and the smaller of two is meant (`mj`: no instruction takes megajoules).
 */
export function namedUnit(kind: UnitKind, text: string): NamedUnit | undefined {
  const named = (isIt: (name: string) => boolean) =>
    NAMES[kind]
      .filter(([, ...names]) => names.some(isIt))
      .map(([factor, name]) => ({ name, factor }))
      .sort((a, b) => a.factor - b.factor)[0];
  return (
    named((name) => name === text) ?? named((name) => name.toLowerCase() === text.toLowerCase())
  );
}

/** A parsed header: what the column holds, in lower case, and the unit that it names. */
export interface HeaderName {
  readonly base: string;
  readonly unit: string | undefined;
}

/** Longer headers name no unit; taking them apart would take long. */
const LONGEST_HEADER = 200;

/** `time_ms`, `time (ms)`, `time [ms]`, `Time, ms`, `time/ms`, `time in ms` → `time` and `ms`. */
export function headerName(header: string): HeaderName {
  if (header.length > LONGEST_HEADER) return { base: header.toLowerCase(), unit: undefined };
  const bracketed = /^(.+?)[\s_]*[([{]\s*([^)\]}]+?)\s*[)\]}]$/.exec(header.trim());
  const parts = bracketed ?? /^(.+?)(?:\s+in\s+|[\s_.,/:-]+)([^\s_.,/:-]+)$/.exec(header.trim());
  const plain = (text: string) =>
    text
      .trim()
      .toLowerCase()
      .replace(/[\s_.-]+/g, '_');
  if (parts === null) return { base: plain(header), unit: undefined };
  return { base: plain(parts[1]!), unit: parts[2]! };
}
