import { dirname, join } from 'node:path';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { catalogProfile } from '../hardware/catalog.js';
import { toCsv } from '../report/csv.js';
import { runLedgers, runRows, runTable } from '../report/run-table.js';
import { runScenario, type ScenarioProfile, type ScenarioResult } from '../studies/run-scenario.js';
import { parseScenario } from '../studies/scenario.js';
import type { Scenario } from '../studies/scenario-schema.js';
import { readCatalogEntry, readUserFile, writeUserFile } from './files.js';
import { OptionReader, type RawOptions } from './options.js';
import { progressBar } from './progress.js';
import type { Terminal } from './terminal.js';
import { VERSION } from './version.js';

/** `pipewatt run SCENARIO`: plan, simulate, tabulate. */
export async function runCommand(
  path: string,
  options: RawOptions,
  terminal: Terminal,
): Promise<void> {
  const reader = new OptionReader('run', options);
  const format = reader.choice('--format', ['table', 'json', 'csv']);
  reader.finish();
  const scenario = parseScenario(readUserFile(path), path);
  const profile = loadProfile(scenario, path);
  const progress = progressBar(terminal);
  const result = await runScenario(scenario, profile, progress.update).finally(progress.stop);
  const text = print(result, format);
  const output = options['output'];
  if (output === undefined) terminal.out(text);
  else writeUserFile(output, text);
}

function loadProfile(scenario: Scenario, path: string): ScenarioProfile {
  const { profile } = scenario;
  if ('csv' in profile) {
    const file = join(dirname(path), profile.csv);
    return {
      askedBy: path,
      profile: readStageProfile(readUserFile(file), file),
      scale: 1,
      blockingPowerW: profile.blockingPowerW,
      title: profile.csv,
    };
  }
  const entry = readCatalogEntry(profile.catalog, path);
  const fits = entry.stages.flatMap((stage) => [stage.forward.fit, stage.backward.fit]);
  return {
    askedBy: path,
    profile: catalogProfile(entry),
    scale: entry.scale,
    blockingPowerW: entry.blockingPowerW,
    title: `${entry.model} on ${entry.gpu}`,
    fit: {
      timeRmsPct: Math.max(...fits.map((fit) => fit.timeRmsPct)),
      powerRmsPct: Math.max(...fits.map((fit) => fit.powerRmsPct)),
    },
  };
}

function print(result: ScenarioResult, format: 'table' | 'json' | 'csv'): string {
  if (format === 'table') return runTable(result);
  if (format === 'csv') return toCsv(runRows(result));
  const { scenario, title, fit, unitTimeS, roundingPct, gpus, simulatedPipelines, bound } = result;
  const document = {
    pipewatt: VERSION,
    title,
    scenario,
    gpus,
    unitTimeS,
    roundingPct,
    curveFit: fit ?? null,
    simulatedPipelines,
    boundMethod: bound?.method ?? null,
    policies: runRows(result),
    ledgers: runLedgers(result),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
