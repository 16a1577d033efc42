import { PROFILED_KINDS } from '../../src/profile/stage-profile.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { catalogEntry, printCatalogEntry, type CatalogEntry } from '../hardware/catalog.js';
import { plainTable } from '../report/text/plain-table.js';
import type { Call } from './declare.js';
import { readUserText } from '../disk/files.js';
import type { fit as declared } from './fit-options.js';
import { printed } from './formats.js';
import { OptionReader } from './options.js';
import { estimateOfFile } from '../scenario/scenario-profile.js';
import { LIBRARY } from '../disk/catalog-files.js';
import { tellOfProfile } from './profile-notes.js';

/** `pipewatt fit PROFILE.csv`: time and power curves, and how well they match the profile. */
export async function fitCommand(call: Call<typeof declared>): Promise<void> {
  const { terminal } = call;
  const [path] = call.args;
  const options = new OptionReader(call);
  const format = options.get('--format');
  const isEntry = format === 'yaml';
  const described = (flag: '--name' | '--model' | '--gpu' | '--source') =>
    isEntry ? options.needed(flag) : (options.get(flag) ?? path);
  const metadata = {
    name: described('--name'),
    model: described('--model'),
    gpu: described('--gpu'),
    source: described('--source'),
    clockStepMHz: options.get('--clock-step'),
    blockingPowerW: isEntry
      ? options.needed('--blocking-power')
      : (options.get('--blocking-power') ?? 0),
    scale: options.get('--scale'),
  };
  const gathering = options.gathered();
  const read = gathering.attempt(() => {
    const { text, note } = readUserText(path, 'profile');
    return { text, profile: readStageProfile(text, path, note) };
  });
  gathering.throwIfAny();
  const { text, profile } = read!;
  const entry = catalogEntry(profile, metadata);
  tellOfProfile(estimateOfFile(text, LIBRARY), profile.notes, terminal);
  const contents = {
    table: () => fitTable(entry),
    json: () => entry.stages,
    yaml: () => [printCatalogEntry(entry)],
  };
  terminal.out(await printed(format, contents));
}

function fitTable(entry: CatalogEntry): string {
  const rows = entry.stages.flatMap((stage, s) =>
    PROFILED_KINDS.map((kind) => {
      const { fit } = stage[kind];
      return [
        String(s),
        kind,
        `${fit.lowestMHz}–${fit.highestMHz}`,
        String(fit.measuredClocks),
        fit.timeRmsPct.toFixed(2),
        `${fit.timeWorstPct.toFixed(2)} @ ${fit.timeWorstAtMHz}`,
        fit.powerRmsPct.toFixed(2),
        `${fit.powerWorstPct.toFixed(2)} @ ${fit.powerWorstAtMHz}`,
      ];
    }),
  );
  const head = [
    'stage',
    'instruction',
    'measured\nMHz',
    'clocks',
    'time\nrms %',
    '\nworst % @ MHz',
    'power\nrms %',
    '\nworst % @ MHz',
  ];
  return `${plainTable(head, rows)}\n`;
}
