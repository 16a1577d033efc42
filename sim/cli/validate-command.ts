import { visibleLine } from '../../src/visible.js';
import type { MeasuredJob } from '../fit/measured-runs.js';
import { plainTable } from '../report/text/plain-table.js';
import { overallErrors } from '../fit/overall-errors.js';
import { validateRuns, type Validation } from '../fit/validate.js';
import { readMeasuredFolder } from './measured-folder.js';
import { gpuOfWorkload, knownPowers } from './measured-gpu.js';
import { OptionReader } from './options.js';
import type { Call } from './declare.js';
import { printed } from './formats.js';
import type { validate as declared } from './validate-options.js';

/** `pipewatt validate`: fits on one set of executed plans and predicts the plans of another. */
export async function validateCommand(call: Call<typeof declared>): Promise<void> {
  const { terminal } = call;
  const options = new OptionReader(call);
  const fit = options.get('--fit');
  const test = options.get('--test');
  const format = options.get('--format');
  const gathering = options.gathered();
  const read = (folder: string) =>
    folder === '' ? undefined : gathering.attempt(() => readMeasuredFolder(folder));
  const fitJobs = read(fit);
  const testJobs = test === fit ? fitJobs : read(test);
  gathering.throwIfAny();
  const sets = {
    fit: fitJobs!,
    test: testJobs!,
    metadataOf: ({ workloadId }: MeasuredJob) => ({
      ...knownPowers(workloadId, options.get('--gpu'), options.at('--gpu')),
      name: workloadId,
      gpu: gpuOfWorkload(workloadId),
      source: fit,
    }),
  };
  const { results, skipped } = validateRuns(sets, options.get('--workload'));
  for (const { workloadId, reason } of skipped) {
    terminal.err(`${visibleLine(`skipped: ${workloadId} ${reason}`)}\n`);
  }
  for (const warning of results.flatMap((result) => result.warnings))
    terminal.err(`${visibleLine(warning)}\n`);
  const contents = { table: () => toTable(results), json: () => documentOf(results) };
  terminal.out(await printed(format, contents));
}

function documentOf(results: readonly Validation[]): object[] {
  return results.map((result) => ({
    workload_id: result.workloadId,
    plans: result.plans,
    time_mape_pct: result.timeMeanPct,
    time_worst_pct: result.timeWorstPct,
    energy_mape_pct: result.energyMeanPct,
    energy_worst_pct: result.energyWorstPct,
    energy_at_measured_time_mape_pct: result.energyAtMeasuredTimeMeanPct,
    network_bound: result.networkBound,
  }));
}

function toTable(results: readonly Validation[]): string {
  const rows = results.map((result) => [
    result.workloadId + (result.networkBound ? ' (network-bound)' : ''),
    String(result.plans),
    result.timeMeanPct.toFixed(2),
    result.timeWorstPct.toFixed(2),
    result.energyMeanPct.toFixed(2),
    result.energyWorstPct.toFixed(2),
    result.energyAtMeasuredTimeMeanPct.toFixed(2),
  ]);
  const head = [
    'job',
    'plans',
    'time error %\nmean',
    '\nworst',
    'energy error %\nmean',
    '\nworst',
    'in measured time\nmean',
  ];
  const overall = overallErrors(results);
  const lines = overall === undefined ? '' : `${overall}.\n`;
  return `${plainTable(head, rows)}\n\n${lines}Simulated against measured, absolute error in percent of the measured value.\nIn measured time: of the energy, if the iteration took as long as measured.\n`;
}
