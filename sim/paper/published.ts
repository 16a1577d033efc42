import { readTable } from '../../src/profile/csv-table.js';

/** A published figure: its location, and its value in percent. */
export interface PublishedFigure {
  readonly table: string;
  readonly workloadId: string;
  readonly slowdown: number;
  readonly microbatches: number;
  readonly pipelines: number;
  readonly system: string;
  readonly metric: string;
  readonly valuePct: number;
}

/** Reads the published figures that come with the project. */
export function readPublished(text: string, source: string): PublishedFigure[] {
  return readTable(text, source, {
    table: 'text',
    workload_id: 'text',
    straggler_slowdown: 'positive',
    num_microbatches: 'whole',
    num_pipelines: 'whole',
    system: 'text',
    metric: 'text',
    value: 'number',
  }).map((row) => ({
    table: row.table,
    workloadId: row.workload_id,
    slowdown: row.straggler_slowdown,
    microbatches: row.num_microbatches,
    pipelines: row.num_pipelines,
    system: row.system,
    metric: row.metric,
    valuePct: row.value,
  }));
}
