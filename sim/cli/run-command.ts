import { dirname, isAbsolute, join } from 'node:path';
import { InputError } from '../../src/errors.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { catalogProfile } from '../hardware/catalog.js';
import { toCsv } from '../report/csv.js';
import { runLedgers, runRows, runTable } from '../report/run-table.js';
import { runScenario, type ScenarioResult } from '../studies/run-scenario.js';
import type { ScenarioProfile } from '../studies/scenario-setting.js';
import { parseScenario, withLines } from '../studies/scenario.js';
import type { Scenario } from '../studies/scenario-schema.js';
import { checkWritable, readCatalogEntry, readUserFile, writeUserFile } from './files.js';
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
  const output = options['output'];
  if (output !== undefined) checkWritable(output);
  const text = print(await runFile(path, terminal), format);
  if (output === undefined) terminal.out(text);
  else writeUserFile(output, text);
}

async function runFile(path: string, terminal: Terminal): Promise<ScenarioResult> {
  const text = readUserFile(path);
  const scenario = parseScenario(text, path);
  const progress = progressBar(terminal);
  try {
    return await runScenario(scenario, loadProfile(scenario, path), progress.update);
  } catch (error) {
    throw error instanceof InputError ? withLines(error, text, path) : error;
  } finally {
    progress.stop();
  }
}

function loadProfile(scenario: Scenario, path: string): ScenarioProfile {
  const { profile } = scenario;
  if ('csv' in profile) {
    // An absolute path stays what it is.
    const file = isAbsolute(profile.csv) ? profile.csv : join(dirname(path), profile.csv);
    return {
      askedBy: path,
      profile: readStageProfile(readUserFile(file, { source: path, field: 'profile.csv' }), file),
      scale: 1,
      blockingPowerW: profile.blockingPowerW,
      title: profile.csv,
    };
  }
  const entry = readCatalogEntry(profile.catalog, { source: path, field: 'profile.catalog' });
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
  const { peaks, balance } = result;
  const document = {
    pipewatt: VERSION,
    title,
    scenario,
    gpus,
    unitTimeS,
    roundingPct,
    curveFit: fit ?? null,
    peakActivations: [...peaks.activations],
    peakCheckpoints: [...peaks.checkpoints],
    balance: balance ?? null,
    simulatedPipelines,
    boundMethod: bound?.method ?? null,
    policies: runRows(result),
    ledgers: runLedgers(result),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
