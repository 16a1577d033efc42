import type { StageImbalance } from '../../paper/imbalance.js';
import { toCsv } from '../../results/csv.js';
import type { TableText } from './reproduced-table.js';
import { documentTable, oneLineHeadings, type DocumentTable } from './document-table.js';

/** A table that has no published percentages: any columns. */
export interface JobTable {
  readonly text: TableText;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly csv: string;
  /** A line for the summary. */
  readonly summary: string;
}

/** The imbalance of stages, of jobs as they ran and of models as they could be cut. */
export function imbalanceTable(text: TableText, found: readonly StageImbalance[]): JobTable {
  const ratios = found.map(({ ratio }) => ratio);
  return {
    text,
    head: ['job or model', 'stages', 'layers of the stages', 'slowest stage over fastest'],
    rows: found.map(({ job, stages, layers, ratio }) => [
      job,
      String(stages),
      layers?.join(' ') ?? '',
      ratio.toFixed(3),
    ]),
    csv: toCsv(
      found.map(({ job, stages, layers, ratio }) => ({
        job,
        stages,
        layers: layers?.join(' ') ?? null,
        imbalance_ratio: Number(ratio.toFixed(4)),
      })),
    ),
    summary: `slowest stage over fastest: ${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)} in ${found.length} pipelines`,
  };
}

/** The size of an emulated job, as published and as the shipped scenario runs it. */
export interface JobSize {
  readonly scenario: string;
  readonly microbatches: number;
  readonly publishedPipelines: number;
  readonly pipelines: number;
  readonly publishedGpus: number;
  readonly gpus: number;
}

/** Sizes of the emulated jobs beside the published ones. */
export function sizeTable(text: TableText, sizes: readonly JobSize[]): JobTable {
  const same = sizes.filter(
    (size) => size.pipelines === size.publishedPipelines && size.gpus === size.publishedGpus,
  );
  return {
    text,
    head: [
      'scenario',
      'microbatches',
      'pipelines published',
      'ours',
      'GPUs published',
      'ours',
      'global batch',
    ],
    rows: sizes.map((size) => [
      size.scenario,
      String(size.microbatches),
      String(size.publishedPipelines),
      String(size.pipelines),
      String(size.publishedGpus),
      String(size.gpus),
      String(size.microbatches * size.pipelines),
    ]),
    csv: toCsv(
      sizes.map((size) => ({
        scenario: size.scenario,
        microbatches: size.microbatches,
        published_pipelines: size.publishedPipelines,
        pipelines: size.pipelines,
        published_gpus: size.publishedGpus,
        gpus: size.gpus,
        global_batch: size.microbatches * size.pipelines,
      })),
    ),
    summary: `${same.length} of ${sizes.length} jobs as large as published`,
  };
}

/** A job table as Markdown. */
export function jobTableMarkdown(table: JobTable): string {
  const { title, remarks } = table.text;
  return [
    `# ${title}`,
    '',
    ...remarks.flatMap((remark) => [remark, '']),
    documentTable('markdown', ofJobs(table)),
  ].join('\n');
}

/** A job table for LaTeX. */
export function jobTableLatex(table: JobTable): string {
  return `% ${table.text.title}\n${documentTable('latex', ofJobs(table))}`;
}

function ofJobs({ head, rows }: JobTable): DocumentTable {
  return { headings: oneLineHeadings(head), rows, leftColumns: 1 };
}
