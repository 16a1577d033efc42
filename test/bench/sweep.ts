import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { DuckDBInstance } from '@duckdb/node-api';
import { begin } from '../support/command.js';
import { projectFile } from '../support/files.js';

/** The speed-up of a sweep on two workers over one. */
export interface SweepSpeed {
  readonly runs: number;
  readonly oneWorkerS: number;
  readonly twoWorkersS: number;
  /** Of the ideal, twice as fast. */
  readonly efficiencyPct: number;
}

const SWEEP = 'scenarios/sweeps/straggler-imbalance.yaml';
/** Every fortieth run of the shipped sweep. */
const SHARD = '1/40';
/** Other work on the machine makes times longer, never shorter: the least of this many counts. */
const ROUNDS = 2;

/** Times a part of the shipped sweep on one worker and on two in turn, in processes of their own. */
export async function measureSweep(): Promise<SweepSpeed> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    let round = 0;
    const timed = async (workers: number) => {
      const output = join(folder, `${workers}-${round++}.duckdb`);
      const startMs = performance.now();
      const args = ['sweep', projectFile(SWEEP), '--shard', SHARD, '--output', output];
      const { code, out, err } = await begin([...args, '--workers', String(workers)]).ended;
      if (code !== 0) throw new Error(err);
      const runs = Number(/: (\d+) of/.exec(out)![1]);
      return { runs, timeS: (performance.now() - startMs) / 1e3 };
    };
    let [runs, oneWorkerS, twoWorkersS] = [0, Infinity, Infinity];
    for (let k = 0; k < ROUNDS; k++) {
      const one = await timed(1);
      const two = await timed(2);
      runs = one.runs;
      oneWorkerS = Math.min(oneWorkerS, one.timeS);
      twoWorkersS = Math.min(twoWorkersS, two.timeS);
    }
    const efficiencyPct = (100 * oneWorkerS) / (2 * twoWorkersS);
    return { runs, oneWorkerS, twoWorkersS, efficiencyPct };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Typical queries of results. */
const QUESTIONS: Readonly<Record<string, readonly string[]>> = {
  'by group': ['--group-by', 'policy,pipelines'],
  best: ['--best', '-simulated_saving_pct'],
  Pareto: ['--pareto', 'simulated_time_s,simulated_energy_j', '--group-by', 'policy'],
  SQL: ['--sql', 'SELECT policy, avg(simulated_time_s) FROM results GROUP BY policy'],
};

/**
 * The time that `pipewatt results` takes on a file of more than 100,000 rows, as its users see it: the
 * least of three times, in ms, by question.
 */
export async function measureResults(): Promise<ReadonlyMap<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const file = join(folder, 'large.duckdb');
    const args = ['sweep', projectFile('test/fixtures/sweeps/small.yaml'), '--output', file];
    const { code, err } = await begin(args).ended;
    if (code !== 0) throw new Error(err);
    await multiply(file, 760);
    const times = new Map<string, number>();
    for (const [name, question] of Object.entries(QUESTIONS)) {
      let bestMs = Infinity;
      for (let k = 0; k < 3; k++) {
        const startMs = performance.now();
        const answer = await begin(['results', file, ...question]).ended;
        if (answer.code !== 0) throw new Error(answer.err);
        bestMs = Math.min(bestMs, performance.now() - startMs);
      }
      times.set(name, bestMs);
    }
    return times;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Makes a file of results larger by a factor: each run again, with a number of its own. */
async function multiply(file: string, times: number): Promise<void> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  for (const table of ['runs', 'provenance', 'policies', 'ledger', 'results']) {
    await connection.run(
      `INSERT INTO ${table} SELECT t.* REPLACE (run + 1000 * k AS run) FROM ${table} t, range(1, ${times}) s(k)`,
    );
  }
  connection.closeSync();
  instance.closeSync();
}
