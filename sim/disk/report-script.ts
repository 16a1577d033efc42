import { readFileSync } from 'node:fs';

/** The built script; this file runs as dist/sim/disk/report-script.js. */
const SCRIPT = new URL('../../viewer/report.js', import.meta.url);

/**
 * The script that every report contains: it gives pictures their tooltips and the width of their place.
 * @returns undefined in a checkout whose scripts were not built; reports then show the same without it.
 */
export function reportScript(): string | undefined {
  try {
    return readFileSync(SCRIPT, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
