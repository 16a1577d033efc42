import { jsonText } from '../results/finite.js';
import { ProblemGathering } from '../../src/problem-list.js';
import { PROFILED_KINDS } from '../../src/profile/stage-profile.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { catalogEntry, printCatalogEntry, type CatalogEntry } from '../hardware/catalog.js';
import { plainTable } from '../report/text/plain-table.js';
import { estimateNotes, profileNotes } from '../report/text/run-sentences.js';
import { readUserText } from '../disk/files.js';
import { OptionReader, type RawOptions } from './options.js';
import { estimateOfFile } from '../scenario/scenario-profile.js';
import { LIBRARY } from '../disk/catalog-files.js';
import { tell, type Terminal } from './terminal.js';

/** `pipewatt fit PROFILE.csv`: time and power curves, and how well they repeat the profile. */
export function fitCommand(path: string, options: RawOptions, terminal: Terminal): void {
  const reader = new OptionReader('fit', options);
  const format = reader.choice('--format', ['table', 'json', 'yaml']);
  const isEntry = format === 'yaml';
  const described = (flag: string, what: string) =>
    isEntry ? reader.string(flag, what) : (options[flag.slice(2)] ?? path);
  const metadata = {
    name: described('--name', 'the name of the catalog entry'),
    model: described('--model', 'the model, such as "GPT-3 175B"'),
    gpu: described('--gpu', 'the GPU, such as "A100 SXM"'),
    source: described('--source', 'where the measurements come from'),
    clockStepMHz: reader.number('--clock-step', { quantity: 'clockStepMHz' }),
    blockingPowerW: isEntry
      ? reader.number('--blocking-power', { quantity: 'waitingPowerW' })
      : (reader.optionalNumber('--blocking-power', { quantity: 'waitingPowerW' }) ?? 0),
    scale: reader.number('--scale', { quantity: 'scale' }),
  };
  const gathering = new ProblemGathering();
  gathering.attempt(() => {
    reader.finish();
  });
  const read = gathering.attempt(() => {
    const { text, note } = readUserText(path, 'profile');
    return { text, profile: readStageProfile(text, path, note) };
  });
  gathering.throwIfAny();
  const { text, profile } = read!;
  const entry = catalogEntry(profile, metadata);
  const estimate = estimateOfFile(text, LIBRARY);
  tell(
    [...(estimate === undefined ? [] : estimateNotes(estimate)), ...profileNotes(profile.notes)],
    terminal,
  );
  if (format === 'yaml') terminal.out(printCatalogEntry(entry));
  else if (format === 'json') terminal.out(jsonText(entry.stages, 2));
  else terminal.out(fitTable(entry));
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
