import { ProblemList } from '../../src/problem-list.js';
import { importMeasurements, profileCsvRows } from '../measurements/import-measurements.js';
import { runsOf } from '../measurements/runs.js';
import { waitingPower } from '../measurements/waiting-power.js';
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
  const waiting = options.get('--waiting');
  const blockingPowerW = options.get('--blocking-power');
  if (waiting !== undefined && blockingPowerW !== undefined) {
    options.complain('--waiting', 'found --blocking-power too; leave one of them out');
  }
  const settings = {
    warmUp: options.get('--warm-up'),
    offsetS: options.get('--offset'),
    energyBy: options.get('--energy-by'),
  };
  const hints = {
    stages: options.get('--stages'),
    microbatches: options.get('--microbatches'),
    gpus: options.get('--gpus'),
  };
  const files = new CommandFiles(call);
  files.writes('--output', output);
  const gathering = options.gathered();
  const filesAt = (list: readonly string[]) => {
    const found = gathering.attempt(() => foundFiles(list)) ?? [];
    for (const { path } of found) files.reads(path);
    return runsOf(found);
  };
  const [runs, waitingRuns] = [filesAt(paths), filesAt(waiting === undefined ? [] : [waiting])];
  files.checkOutputs(gathering);
  gathering.throwIfAny();
  const problems = new ProblemList('pipewatt import');
  const notes: string[] = [];
  const told = { gathering, notes };
  const waitingFiles = [...readRuns(waitingRuns, hints, told)].flatMap((run) => run.files);
  const measured =
    waiting === undefined
      ? undefined
      : waitingPower(
          waitingFiles.map((file) => file.measured),
          problems,
        );
  if (measured !== undefined) notes.push(measured.note);
  const imported = importMeasurements(
    readRuns(runs, hints, told),
    { ...settings, blockingPowerW: blockingPowerW ?? measured?.powerW },
    problems,
  );
  tell([...notes, ...imported.notes], terminal);
  // A file that cannot be read may hold the missing rows.
  gathering.throwIfAny();
  problems.throwIfAny();
  files.deliver(await printed('csv', { csv: () => profileCsvRows(imported.stages) }), output);
}
