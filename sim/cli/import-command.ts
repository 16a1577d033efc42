import { ProblemList } from '../../src/problem-list.js';
import { importMeasurements, profileCsvRows } from '../measurements/import-measurements.js';
import { runsOf } from '../measurements/runs.js';
import { CommandFiles } from './command-files.js';
import type { Call } from './declare.js';
import { printed } from './formats.js';
import { foundFiles, readRuns } from './import-files.js';
import type { importOptions as declared } from './import-options.js';
import { OptionReader } from './options.js';
import { tell } from './terminal.js';

/** `pipewatt import FILE…`: a stage profile of measurements. */
export async function importCommand(call: Call<typeof declared>): Promise<void> {
  const { terminal } = call;
  const [paths] = call.args;
  const options = new OptionReader(call);
  const output = options.get('--output');
  const settings = {
    warmUp: options.get('--warm-up'),
    offsetS: options.get('--offset'),
    energyBy: options.get('--energy-by'),
    blockingPowerW: options.get('--blocking-power'),
  };
  const hints = {
    stages: options.get('--stages'),
    microbatches: options.get('--microbatches'),
    gpus: options.get('--gpus'),
  };
  const files = new CommandFiles(call);
  files.writes('--output', output);
  const gathering = options.gathered();
  const found = gathering.attempt(() => foundFiles(paths)) ?? [];
  for (const { path } of found) files.reads(path);
  files.checkOutputs(gathering);
  gathering.throwIfAny();
  const problems = new ProblemList('pipewatt import');
  const notes: string[] = [];
  const runs = readRuns(runsOf(found), hints, { gathering, notes });
  const imported = importMeasurements(runs, settings, problems);
  tell([...notes, ...imported.notes], terminal);
  // A file that cannot be read may hold the missing rows.
  gathering.throwIfAny();
  problems.throwIfAny();
  files.deliver(await printed('csv', { csv: () => profileCsvRows(imported.stages) }), output);
}
