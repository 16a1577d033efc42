import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { DuckDBInstance } from '@duckdb/node-api';
import { begin } from '../support/command.js';
import { projectFile } from '../support/files.js';

/** How much faster a sweep is on two workers than on one. */
export interface SweepSpeed {
  readonly runs: number;
  readonly oneWorkerS: number;
  readonly twoWorkersS: number;
  /** Of the ideal, twice as fast. */
  readonly efficiencyPct: number;
}

const SWEEP = 'scenarios/sweeps/straggler-imbalance.yaml';
/** Every twentieth run of the shipped sweep. */
const SHARD = '1/20';

/** Times a part of the shipped sweep on one worker and on two, in processes of their own. */
export async function measureSweep(): Promise<SweepSpeed> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const timed = async (workers: number) => {
      const output = join(folder, `${workers}.duckdb`);
      const startMs = performance.now();
      const args = ['sweep', projectFile(SWEEP), '--shard', SHARD, '--output', output];
      const { code, out, err } = await begin([...args, '--workers', String(workers)]).ended;
      if (code !== 0) throw new Error(err);
      const runs = Number(/: (\d+) of/.exec(out)![1]);
      return { runs, timeS: (performance.now() - startMs) / 1e3 };
    };
    const { runs, timeS: oneWorkerS } = await timed(1);
    const { timeS: twoWorkersS } = await timed(2);
    const efficiencyPct = (100 * oneWorkerS) / (2 * twoWorkersS);
    return { runs, oneWorkerS, twoWorkersS, efficiencyPct };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** How long `pipewatt results` takes on a file of 100,000 rows, as its users see it. */
export async function measureResults(rows = 100_000): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const file = join(folder, 'large.duckdb');
    const instance = await DuckDBInstance.create(file);
    const connection = await instance.connect();
    await connection.run(
      `CREATE TABLE results AS SELECT (i // 5)::INTEGER AS run, 'policy ' || (i % 5) AS policy,
         'gpu ' || (i % 7) AS gpu, random() * 30 AS simulated_saving_pct FROM range(${rows}) t(i)`,
    );
    connection.closeSync();
    instance.closeSync();
    const startMs = performance.now();
    const { code, err } = await begin(['results', file, '--group-by', 'policy,gpu']).ended;
    if (code !== 0) throw new Error(err);
    return performance.now() - startMs;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
