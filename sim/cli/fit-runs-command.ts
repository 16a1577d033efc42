import { join } from 'node:path';
import { InputError } from '../../src/errors.js';
import type { MeasuredJob } from '../fit/measured-runs.js';
import { printMeasuredJob, type MeasuredJobModel } from '../hardware/measured-job.js';
import { plainTable } from '../report/text/plain-table.js';
import { fitRuns } from '../fit/fit-runs.js';
import { CommandFiles } from './command-files.js';
import type { Call } from './declare.js';
import type { fitRuns as declared } from './fit-runs-options.js';
import { FORMATS, printed } from './formats.js';
import { readMeasuredFolder } from './measured-folder.js';
import { gpuOfWorkload, knownPowers } from './measured-gpu.js';
import { OptionReader } from './options.js';

/** `pipewatt fit-runs DIR`: models of jobs from their executed plans. */
export async function fitRunsCommand(call: Call<typeof declared>): Promise<void> {
  const { terminal } = call;
  const [folder] = call.args;
  const options = new OptionReader(call);
  const format = options.get('--format');
  const source = options.get('--source') ?? `executed plans in ${folder}`;
  const output = options.get('--output');
  const files = new CommandFiles(call);
  const gathering = options.gathered();
  const onRead = (path: string) => {
    files.reads(path);
  };
  const jobs = gathering.attempt(() =>
    chosenJobs(readMeasuredFolder(folder, onRead), options.get('--workload')),
  );
  const names = (jobs ?? []).map((job) => entryFile(entryName(job.workloadId)));
  files.writesInto('--output', output, names);
  files.checkOutputs(gathering);
  gathering.throwIfAny();
  const models = jobs!.map((job) =>
    fitRuns(job, {
      ...knownPowers(job.workloadId, options.get('--gpu'), options.at('--gpu')),
      name: entryName(job.workloadId),
      gpu: gpuOfWorkload(job.workloadId),
      source,
    }),
  );
  if (output !== undefined) {
    for (const model of models) {
      files.write(join(output, entryFile(model.name)), printMeasuredJob(model));
    }
  }
  const contents = {
    table: () => fitRunsTable(models),
    json: () => models,
    yaml: () => models.map(printMeasuredJob),
  };
  terminal.out(await printed(format, contents));
}

const entryFile = (name: string) => `${name}.${FORMATS.yaml.extension}`;

function chosenJobs(jobs: readonly MeasuredJob[], workload: string | undefined): MeasuredJob[] {
  const chosen = jobs.filter((job) => workload === undefined || job.workloadId === workload);
  if (chosen.length > 0) return chosen;
  throw InputError.of({
    source: 'pipewatt fit-runs',
    field: '--workload',
    message: `found "${workload ?? ''}", expected one of ${jobs.map((job) => job.workloadId).join(', ')}`,
  });
}

/** `A40+gpt3-2.7b+dp1+pp8+tp1` → `a40-gpt3-2.7b-dp1-pp8-tp1`. */
function entryName(workloadId: string): string {
  return workloadId.toLowerCase().replaceAll(/[^a-z0-9.]+/g, '-');
}

function fitRunsTable(models: readonly MeasuredJobModel[]): string {
  const ms = (timesS: readonly number[]) =>
    timesS.map((timeS) => (timeS * 1e3).toFixed(0)).join(' ');
  const rows = models.map(({ workloadId, overheads, blockingPowerW, fit, networkBound }) => [
    workloadId + (networkBound ? ' (network-bound)' : ''),
    String(fit.plans),
    ms(overheads.transferS),
    (overheads.synchronisationS ?? overheads.iterationConstantS).toFixed(2),
    blockingPowerW.toFixed(0),
    `${fit.timeMeanPct.toFixed(2)} / ${fit.timeWorstPct.toFixed(2)}`,
    `${fit.energyMeanPct.toFixed(2)} / ${fit.energyWorstPct.toFixed(2)}`,
  ]);
  const head = [
    'job',
    'plans',
    'transfer\nms per link',
    'constant\ns',
    'blocking\nW',
    'time error %\nmean / worst',
    'energy error %\nmean / worst',
  ];
  return `${plainTable(head, rows)}\n\nThe constant comes after each iteration; of jobs of several pipelines it is gradient reduction and optimizer.\nErrors are of the plans that were fitted; pipewatt validate shows those of other plans.\n`;
}
