import { readdirSync, readFileSync } from 'node:fs';
import { catalogProfile } from '../hardware/catalog.js';
import { measuredProfile, type MeasuredJobModel } from '../hardware/measured-job.js';
import {
  imbalanceTable,
  sizeTable,
  type JobSize,
  type JobTable,
} from '../report/text/job-tables.js';
import { leastImbalance, profiledImbalance } from '../paper/imbalance.js';
import type { PublishedFigure } from '../paper/published.js';
import { parseScenario } from '../scenario/scenario.js';
import { LIBRARY, readCatalogEntry } from '../disk/catalog-files.js';

const SCENARIOS = new URL('../../../scenarios/', import.meta.url);
const ASKED_BY = { source: 'pipewatt reproduce' };

/** Numbers of stages that the paper cuts models into. */
const STAGE_COUNTS = [4, 8];

/**
 * Table 1: the imbalance of stages, of the fitted jobs as they ran and of the catalog's models with
 * the least imbalance.
 *
 * @param entries names of the catalog's entries that are listed.
 */
export function imbalances(
  jobs: readonly MeasuredJobModel[],
  entries: readonly string[],
): JobTable {
  const models = namesIn('catalog/models/').map((name) => LIBRARY.model(name, ASKED_BY));
  return imbalanceTable(
    {
      name: 'table1',
      title: 'Table 1: imbalance of stages',
      remarks: [
        'Slowest stage over fastest: of the measured and emulated jobs as they ran, forward and backward together at the highest clock, from the curves that come with pipewatt; of models of the catalog, cut into 4 and 8 stages with the least imbalance, in floating-point operations, the language-model head being one more layer.',
        'The published ratios are not beside them: no machine-readable source of them is at hand, and the artifact does not have them.',
      ],
    },
    [
      ...jobs.map((model) => profiledImbalance(model.workloadId, measuredProfile(model))),
      ...entries.map((name) =>
        profiledImbalance(name, catalogProfile(readCatalogEntry(name, ASKED_BY))),
      ),
      ...models.flatMap((model) => STAGE_COUNTS.map((stages) => leastImbalance(model, stages))),
    ],
  );
}

/** Table 5: sizes of the emulated jobs, from the names of the artifact's workloads and ours. */
export function jobSizes(published: readonly PublishedFigure[], entries: readonly string[]) {
  const ofTable6 = published.filter(
    ({ table, system }) => table === 'table6' && system === 'Perseus',
  );
  const sizes = ofTable6.map(({ workloadId, microbatches, pipelines }): JobSize => {
    const [gpu, model] = workloadId.split('+');
    const entry = entries.find((name) => {
      return name.startsWith(model!) && name.endsWith(gpu!.replace('_', '-'));
    })!;
    const name = `${entry}-mb${microbatches}`;
    const text = readFileSync(new URL(`${name}.yaml`, SCENARIOS), 'utf8');
    const { pipeline, tensorParallel, pipelines: ours } = parseScenario(text, `${name}.yaml`);
    return {
      scenario: name,
      microbatches,
      publishedPipelines: pipelines,
      pipelines: ours,
      publishedGpus: gpusIn(workloadId),
      gpus: ours * pipeline.stages * tensorParallel,
    };
  });
  return sizeTable(
    {
      name: 'table5',
      title: 'Table 5: sizes of the emulated jobs',
      remarks: [
        'Strong scaling of a global batch of 1536: as the names and figures of the artifact’s workloads have it (`scenarios/published/perseus-sosp24.csv`), and as the scenarios that come with pipewatt run it.',
      ],
    },
    sizes,
  );
}

/** `a40+bloom+dp128+pp8+tp8`: 128 · 8 · 8. */
function gpusIn(workloadId: string): number {
  return [...workloadId.matchAll(/\+(?:dp|pp|tp)(\d+)/g)].reduce((n, [, k]) => n * Number(k), 1);
}

function namesIn(folder: string): string[] {
  return readdirSync(new URL(folder, SCENARIOS))
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => name.slice(0, -'.yaml'.length));
}
