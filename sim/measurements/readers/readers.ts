import type { MeasurementReader } from '../measurement-reader.js';

/** The formats of other programs, those that are easily mistaken for another after it. */
export const READERS: readonly MeasurementReader[] = [];
