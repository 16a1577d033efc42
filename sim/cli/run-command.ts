import { basename, join } from 'node:path';
import { InputError } from '../../src/errors.js';
import { toCsv } from '../report/csv.js';
import { runPictures } from '../report/charts/run-pictures.js';
import { runReport } from '../report/html/run-report.js';
import { runLedgers, runRows } from '../report/run-rows.js';
import { runTable } from '../report/run-table.js';
import { energyBound } from '../studies/energy-bound.js';
import { observeRun } from '../studies/observed-run.js';
import { PlanCache } from '../studies/plan-cache.js';
import { runScenario, type ScenarioResult } from '../studies/run-scenario.js';
import { loadProfile } from '../studies/scenario-profile.js';
import type { ScenarioProfile } from '../studies/scenario-setting.js';
import { parseScenario, withLines } from '../studies/scenario.js';
import { LIBRARY } from './catalog-files.js';
import { checkWritable, makeFolder, readUserFile, writeUserFile } from './files.js';
import { OptionReader, type RawOptions } from './options.js';
import { progressBar } from './progress.js';
import type { Terminal } from './terminal.js';
import { VERSION } from './version.js';

/** `pipewatt run SCENARIO`: plan, simulate, tabulate, show. */
export async function runCommand(
  path: string,
  options: RawOptions,
  terminal: Terminal,
): Promise<void> {
  const reader = new OptionReader('run', options);
  const format = reader.choice('--format', ['table', 'json', 'csv']);
  reader.finish();
  const { output, report, pictures } = options;
  for (const file of [output, report]) if (file !== undefined) checkWritable(file);
  if (pictures !== undefined) makeFolder(pictures);
  const run = await runFile(path, terminal);
  const text = print(run.result, format);
  if (output === undefined) terminal.out(text);
  else writeUserFile(output, text);
  if (report === undefined && pictures === undefined) return;
  const observed = observeRun(run.result.scenario, run.profile, run.cache);
  if (report !== undefined) {
    const source = { version: VERSION, file: basename(path), text: run.text };
    writeUserFile(report, await runReport(run.result, observed, source));
  }
  if (pictures !== undefined) {
    for (const [name, svg] of await runPictures(run.result, observed)) {
      writeUserFile(join(pictures, `${name}.svg`), svg);
    }
  }
}

/** A run of a file, and what it takes to look at it closer. */
interface FileRun {
  readonly text: string;
  readonly profile: ScenarioProfile;
  readonly cache: PlanCache;
  readonly result: ScenarioResult;
}

async function runFile(path: string, terminal: Terminal): Promise<FileRun> {
  const text = readUserFile(path);
  const scenario = parseScenario(text, path);
  const progress = progressBar(terminal);
  try {
    const profile = loadProfile(scenario, path, LIBRARY);
    const cache = new PlanCache();
    const result = await runScenario(scenario, profile, {
      onProgress: progress.update,
      cache,
      findBound: energyBound,
    });
    return { text, profile, cache, result };
  } catch (error) {
    throw error instanceof InputError ? withLines(error, text, path) : error;
  } finally {
    progress.stop();
  }
}

function print(result: ScenarioResult, format: 'table' | 'json' | 'csv'): string {
  if (format === 'table') return runTable(result);
  if (format === 'csv') return toCsv(runRows(result));
  const { scenario, title, fit, unitTimeS, roundingPct, gpus, simulatedPipelines, bound } = result;
  const { peaks, balance, estimate } = result;
  const document = {
    pipewatt: VERSION,
    title,
    scenario,
    gpus,
    unitTimeS,
    roundingPct,
    curveFit: fit ?? null,
    estimate: estimate ?? null,
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
