import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { begin } from '../support/command.js';
import { profileCsv } from './small-scenarios.js';

const SWEEP = `name: small
base:
  name: base
  profile: { csv: profile.csv, blockingPowerW: 80 }
  pipeline: { stages: 2, microbatches: 2 }
  unitTimeS: 0.001
  pipelines: 2
  stragglers: [{ pipeline: 0, slowdown: 1.2 }]
matrix:
  pipeline.microbatches: [2, 3]
  stragglers[0].slowdown: [1.1, 1.2]
`;

let made: Promise<Uint8Array> | undefined;

/** The bytes of a file of results of four runs; made once. */
export function smallResults(): Promise<Uint8Array> {
  return (made ??= makeResults());
}

async function makeResults(): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-results-'));
  try {
    writeFileSync(join(folder, 'sweep.yaml'), SWEEP);
    writeFileSync(join(folder, 'profile.csv'), profileCsv(2));
    const args = ['sweep', 'sweep.yaml', '--output', 'r.duckdb', '--workers', '1'];
    const { code, err } = await begin(args, folder).ended;
    if (code !== 0) throw new Error(`the sweep ends with ${String(code)}: ${err}`);
    return Uint8Array.from(readFileSync(join(folder, 'r.duckdb')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
