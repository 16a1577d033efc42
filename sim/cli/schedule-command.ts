import { join } from 'node:path';
import { InputError } from '../../src/errors.js';
import { scenarioPath } from '../disk/shipped-scenarios.js';
import { checkFolder, makeUserFolder } from '../disk/files.js';
import { scheduleTable } from '../report/text/schedule-table.js';
import { PlanCache } from '../run/plan-cache.js';
import { loadScenario, withLines, type LoadedScenario } from '../scenario/scenario.js';
import {
  schedule as scheduled,
  scheduleInputs,
  type Schedule,
  type ScheduleInputs,
} from '../signals/schedule.js';
import { CommandFiles } from './command-files.js';
import type { Call } from './declare.js';
import { printed } from './formats.js';
import { OptionReader } from './options.js';
import { tellOfProfile } from './profile-notes.js';
import { progressBar } from './progress.js';
import { clockFiles, planRows, powerRows, scheduleDocument } from './schedule-contents.js';
import type { schedule as declared } from './schedule-options.js';
import { tell } from './terminal.js';

/** `pipewatt schedule SCENARIO`: chooses a pace for every hour until the work is done. */
export async function scheduleCommand(
  call: Call<typeof declared>,
  cache = new PlanCache(),
): Promise<void> {
  const { terminal } = call;
  const path = scenarioPath(call.args[0]);
  const options = new OptionReader(call);
  const format = options.get('--format');
  const files = new CommandFiles(call);
  for (const flag of ['--output', '--power'] as const) files.writes(flag, options.get(flag));
  const folder = options.get('--clocks');
  const gathering = options.gathered();
  gathering.attempt(() => {
    if (folder !== undefined) checkFolder(folder);
  });
  const text = gathering.attempt(() => files.read(path, 'scenario'));
  const loaded =
    text === undefined
      ? undefined
      : gathering.attempt(() => loadScenario(text, path, files.library));
  const inputs =
    loaded === undefined
      ? undefined
      : gathering.attempt(() => located(() => readInputs(loaded, path, files), text!, path));
  files.checkOutputs(gathering);
  gathering.throwIfAny();
  const progress = progressBar(terminal);
  const result = located(
    () =>
      scheduled(loaded!.scenario, loaded!.profile, inputs!, cache, (part) => {
        progress.update(part, 1, 'paces');
      }),
    text!,
    path,
  );
  progress.stop();
  await deliver(result, format, options, files);
  tell(inputs!.notes, terminal);
  tellOfProfile(loaded!.profile.estimate, loaded!.profile.profile.notes, terminal);
}

function readInputs(
  { scenario }: LoadedScenario,
  path: string,
  files: CommandFiles,
): ScheduleInputs {
  return scheduleInputs(scenario, path, (name, field) =>
    files.library.userFile(name, 'signal', { source: path, field }),
  );
}

/** Adds lines of the scenario to the problems of its fields. */
function located<T>(make: () => T, text: string, path: string): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof InputError ? withLines(error, text, path) : error;
  }
}

async function deliver(
  result: Schedule,
  format: 'table' | 'csv' | 'json',
  options: OptionReader<typeof declared>,
  files: CommandFiles,
): Promise<void> {
  const folder = options.get('--clocks');
  const power = options.get('--power');
  const content = await printed(format, {
    table: () => scheduleTable(result),
    csv: () => planRows(result),
    json: () => scheduleDocument(result),
  });
  if (folder !== undefined) {
    const written = clockFiles(result);
    makeUserFolder(folder);
    for (const { name, text } of written) files.writeQuietly(join(folder, name), text);
    files.wrote(`${written.length} plans into ${folder}`);
  }
  if (power !== undefined) await files.writePieces(power, powerRows(result));
  files.deliver(content, options.get('--output'));
}
