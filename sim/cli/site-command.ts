import { InputError } from '../../src/errors.js';
import { kindOfFile } from '../../src/file-kinds.js';
import { scenarioPath } from '../disk/shipped-scenarios.js';
import { readUserText } from '../disk/files.js';
import { sharedSiteTable } from '../report/text/shared-site-table.js';
import { siteTable } from '../report/text/site-table.js';
import { PlanCache } from '../run/plan-cache.js';
import { loadScenario, withLines, type LoadedScenario } from '../scenario/scenario.js';
import { fillSite } from '../site/given-megawatts.js';
import { sharedSiteDocument, sharedSiteRows } from '../site/shared-site-rows.js';
import { shareSite } from '../site/shared-site.js';
import { loadSite, type LoadedSite } from '../site/site-file.js';
import { siteDocument, siteRows, type SiteRow } from '../site/site-rows.js';
import { CommandFiles } from './command-files.js';
import type { Call } from './declare.js';
import { printed } from './formats.js';
import { OptionReader } from './options.js';
import { tellOfProfile } from './profile-notes.js';
import type { site as declared } from './site-options.js';
import type { Terminal } from './terminal.js';
import { VERSION } from './version.js';

/** `pipewatt site FILE`: what the power of a site is best used for. */
export async function siteCommand(
  call: Call<typeof declared>,
  cache = new PlanCache(),
): Promise<void> {
  const path = scenarioPath(call.args[0]);
  const options = new OptionReader(call);
  const format = options.get('--format');
  const mw = options.get('--mw');
  const output = options.get('--output');
  const files = new CommandFiles(call);
  files.writes('--output', output);
  files.reads(path);
  const gathering = options.gathered();
  const text = gathering.attempt(() => readUserText(path, ['scenario', 'site']).text);
  const read =
    text === undefined ? undefined : gathering.attempt(() => readInput({ text, path }, files, mw));
  files.checkOutputs(gathering);
  gathering.throwIfAny();
  const answer = located({ text: text!, path }, () => answered(read!, path, cache, mw));
  const contents = {
    table: answer.table,
    csv: answer.rows,
    json: () => ({ pipewatt: VERSION, ...answer.document() }),
  };
  files.deliver(await printed(format, contents), output);
  tellOfProfiles(read!, call.terminal);
}

/** The text of the command's file. */
interface Text {
  readonly text: string;
  readonly path: string;
}

type Input = { readonly job: LoadedScenario } | { readonly shared: LoadedSite };

/** @throws InputError with the problems of the file, and of the scenarios that it names. */
function readInput(file: Text, files: CommandFiles, mw: number | undefined): Input {
  if (kindOfFile(Buffer.from(file.text)) !== 'site') return { job: readJob(file, files, mw) };
  const shared = loadSite(file.text, file.path, files.library);
  if (mw === undefined && shared.file.site.mw === undefined) {
    throw refused(file, 'site.mw', 'found nothing, expected megawatts, here or as --mw');
  }
  return { shared };
}

function readJob(file: Text, files: CommandFiles, mw: number | undefined): LoadedScenario {
  const loaded = loadScenario(file.text, file.path, files.library);
  const { site, power } = loaded.scenario;
  if (site === undefined && mw === undefined) {
    const message = 'found nothing, expected the mw of a site, or its overheadWPerGpu';
    throw refused(file, 'site', message);
  }
  if (power.jobLimitW !== undefined) {
    const message = `found ${power.jobLimitW}, but a site is filled by its megawatts; leave it out`;
    throw refused(file, 'power.jobLimitW', message);
  }
  return loaded;
}

function refused({ text, path }: Text, field: string, message: string): InputError {
  return withLines(InputError.of({ source: path, field, message }), text, path);
}

/** Returns the result of `make`. @throws InputError with the lines of its problems. */
function located<T>({ text, path }: Text, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof InputError ? withLines(error, text, path) : error;
  }
}

/** The answer in every format. */
interface Answer {
  readonly table: () => string;
  readonly rows: () => readonly SiteRow[];
  readonly document: () => object;
}

function answered(input: Input, path: string, cache: PlanCache, mw: number | undefined): Answer {
  if ('shared' in input) {
    const { shared } = input;
    const split = shareSite(shared, path, cache, mw ?? shared.file.site.mw!);
    return {
      table: () => sharedSiteTable(split),
      rows: () => sharedSiteRows(split),
      document: () => sharedSiteDocument(split),
    };
  }
  const { scenario, profile } = input.job;
  const filled = fillSite({ scenario, source: profile, cache }, mw);
  return {
    table: () => siteTable(filled),
    rows: () => siteRows(filled),
    document: () => siteDocument(filled),
  };
}

/** Prints notes on the profiles, each once. */
function tellOfProfiles(input: Input, terminal: Terminal): void {
  const loaded = 'shared' in input ? input.shared.jobs : [input.job];
  for (const profile of new Set(loaded.map((one) => one.profile))) {
    tellOfProfile(profile.estimate, profile.profile.notes, terminal);
  }
}
