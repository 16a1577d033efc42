import { InputError } from '../../src/errors.js';
import { ProblemList } from '../../src/problem-list.js';
import { importMeasurements, profileCsvRows } from '../measurements/import-measurements.js';
import { runsOf } from '../measurements/runs.js';
import { waitingPower } from '../measurements/waiting-power.js';
import type { CatalogLibrary } from '../hardware/catalog-library.js';
import { machineOf } from '../operators/catalog-operators.js';
import type { Machine } from '../operators/operator-time.js';
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
  const gpu = options.get('--gpu');
  const files = new CommandFiles(call);
  files.writes('--output', output);
  const gathering = options.gathered();
  const machine =
    gpu === undefined
      ? undefined
      : gathering.attempt(() => machineFor(files.library, gpu, options.at('--gpu')));
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
    { ...settings, machine, blockingPowerW: blockingPowerW ?? measured?.powerW },
    problems,
  );
  tell([...notes, ...imported.notes], terminal);
  // A file that cannot be read may hold the missing rows.
  gathering.throwIfAny();
  problems.throwIfAny();
  files.deliver(await printed('csv', { csv: () => profileCsvRows(imported) }), output);
}

/** The GPU by whose law clocks are modelled. @throws InputError if the catalog has no law of it. */
function machineFor(
  library: CatalogLibrary,
  name: string,
  at: { readonly source: string; readonly field: string },
): Machine {
  const machine = machineOf(library, name, library.gpu(name, at));
  if (machine !== undefined) return machine;
  const known = library.names('operators').join(', ');
  throw InputError.of({
    ...at,
    message: `found ${name}, of which the catalog has no rates; expected ${known}`,
  });
}
