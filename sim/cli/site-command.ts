import { InputError } from '../../src/errors.js';
import { siteTable } from '../report/text/site-table.js';
import { PlanCache } from '../run/plan-cache.js';
import { loadScenario, withLines, type LoadedScenario } from '../scenario/scenario.js';
import { fillSite } from '../site/given-megawatts.js';
import { siteRows } from '../site/site-rows.js';
import { CommandFiles } from './command-files.js';
import type { Call } from './declare.js';
import { printed } from './formats.js';
import { OptionReader } from './options.js';
import { tellOfProfile } from './profile-notes.js';
import type { site as declared } from './site-options.js';
import { VERSION } from './version.js';

/** `pipewatt site FILE`: what the power of a site is best used for. */
export async function siteCommand(
  call: Call<typeof declared>,
  cache = new PlanCache(),
): Promise<void> {
  const [path] = call.args;
  const options = new OptionReader(call);
  const format = options.get('--format');
  const mw = options.get('--mw');
  const output = options.get('--output');
  const files = new CommandFiles(call);
  files.writes('--output', output);
  const gathering = options.gathered();
  const text = gathering.attempt(() => files.read(path, 'scenario'));
  const loaded =
    text === undefined
      ? undefined
      : gathering.attempt(() => readScenario(text, path, files, mw !== undefined));
  files.checkOutputs(gathering);
  gathering.throwIfAny();
  const { scenario, profile } = loaded!;
  const answer = located(text!, path, () => fillSite({ scenario, source: profile, cache }, mw));
  const contents = {
    table: () => siteTable(answer),
    csv: () => siteRows(answer),
    json: () => ({
      pipewatt: VERSION,
      title: answer.title,
      scenario,
      mw: answer.mw ?? null,
      surroundings: answer.surroundings,
      gpusPerPipeline: answer.gpusPerPipeline,
      tokensPerMicrobatch: answer.tokensPerMicrobatch ?? null,
      rows: siteRows(answer),
    }),
  };
  files.deliver(await printed(format, contents), output);
  tellOfProfile(profile.estimate, profile.profile.notes, call.terminal);
}

/** @throws InputError with the scenario's problems, and with those of filling its site. */
function readScenario(
  text: string,
  path: string,
  files: CommandFiles,
  hasOtherMW: boolean,
): LoadedScenario {
  const loaded = loadScenario(text, path, files.library);
  const { site, power } = loaded.scenario;
  const refuse = (field: string, message: string) =>
    withLines(InputError.of({ source: path, field, message }), text, path);
  if (site === undefined && !hasOtherMW) {
    throw refuse('site', 'found nothing, expected the mw of a site, or its overheadWPerGpu');
  }
  if (power.jobLimitW !== undefined) {
    const message = `found ${power.jobLimitW}, but a site is filled by its megawatts; leave it out`;
    throw refuse('power.jobLimitW', message);
  }
  return loaded;
}

/** What `make` returns. @throws InputError with the lines of its problems. */
function located<T>(text: string, path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof InputError ? withLines(error, text, path) : error;
  }
}
