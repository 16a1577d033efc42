import type { FinishedSweep } from '../viewer/pages/sweep-report.js';
import { reportScript } from '../disk/report-script.js';
import type { SweepStore } from '../sweep/store.js';
import { VERSION } from './version.js';

/** Makes the page of a finished sweep. */
export async function sweepReportText(
  store: SweepStore,
  sweep: Pick<FinishedSweep, 'name' | 'fields' | 'commit' | 'files'>,
): Promise<string> {
  // Charts take longer to load than commands without them take.
  const { sweepReport } = await import('../viewer/pages/sweep-report.js');
  const described = await store.query('DESCRIBE results');
  const names = described.map((row) => String(row['column_name']));
  const failed = await store.query(
    "SELECT run, error FROM runs WHERE status = 'failed' ORDER BY run",
  );
  const finished: FinishedSweep = {
    ...sweep,
    version: VERSION,
    script: reportScript(),
    columns: await store.columns('results', names),
    runs: (await store.runs()).length,
    failures: failed.map((row) => ({ run: Number(row['run']), error: String(row['error']) })),
  };
  return sweepReport(finished);
}
