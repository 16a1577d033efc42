import { ProblemGathering } from '../../src/problem-list.js';
import { PROFILED_KINDS } from '../../src/profile/stage-profile.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { catalogEntry, printCatalogEntry, type CatalogEntry } from '../hardware/catalog.js';
import { plainTable } from '../report/plain-table.js';
import { estimateNotes } from '../report/run-sentences.js';
import { readUserFile } from './files.js';
import { OptionReader, type RawOptions } from './options.js';
import { estimateOfFile } from '../studies/scenario-profile.js';
import { LIBRARY } from './catalog-files.js';
import type { Terminal } from './terminal.js';

/** `pipewatt fit PROFILE.csv`: time and power curves, and how well they repeat the profile. */
export function fitCommand(path: string, options: RawOptions, terminal: Terminal): void {
  const reader = new OptionReader('fit', options);
  const format = reader.choice('--format', ['table', 'json', 'yaml']);
  const isEntry = format === 'yaml';
  const text = (flag: string, what: string) =>
    isEntry ? reader.string(flag, what) : (options[flag.slice(2)] ?? path);
  const metadata = {
    name: text('--name', 'the name of the catalog entry'),
    model: text('--model', 'the model, such as "GPT-3 175B"'),
    gpu: text('--gpu', 'the GPU, such as "A100 SXM"'),
    source: text('--source', 'where the measurements come from'),
    clockStepMHz: reader.number('--clock-step', { above: 0, unit: 'MHz' }),
    blockingPowerW: isEntry
      ? reader.number('--blocking-power', { above: 0, unit: 'W' })
      : (reader.optionalNumber('--blocking-power', { above: 0, unit: 'W' }) ?? 0),
    scale: reader.number('--scale', { above: 0 }),
  };
  const gathering = new ProblemGathering();
  gathering.attempt(() => {
    reader.finish();
  });
  const read = gathering.attempt(() => {
    const text = readUserFile(path, 'profile');
    return { text, profile: readStageProfile(text, path) };
  });
  gathering.throwIfAny();
  const entry = catalogEntry(read!.profile, metadata);
  const estimate = estimateOfFile(read!.text, LIBRARY);
  if (estimate !== undefined) terminal.err(`${estimateNotes(estimate).join('\n')}\n`);
  if (format === 'yaml') terminal.out(printCatalogEntry(entry));
  else if (format === 'json') terminal.out(`${JSON.stringify(entry.stages, undefined, 2)}\n`);
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
