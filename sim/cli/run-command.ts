import { InputError } from '../../src/errors.js';
import { toCsv } from '../report/csv.js';
import { runLedgers, runRows, runTable } from '../report/run-table.js';
import { runWithExternal, type ExternalPlanner } from '../plugins/external-planner.js';
import { runScenario, type ScenarioResult } from '../studies/run-scenario.js';
import { parseScenario, withLines } from '../studies/scenario.js';
import { checkWritable, readUserFile, writeUserFile } from './files.js';
import { namedPlanner } from './named-planner.js';
import { OptionReader, type RawOptions } from './options.js';
import { progressBar } from './progress.js';
import { loadProfile } from './scenario-profile.js';
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
  const timeLimitS = reader.number('--time-limit', { above: 0, unit: 's' });
  reader.finish();
  const output = options['output'];
  if (output !== undefined) checkWritable(output);
  const planner = namedPlanner(options['planner'], 'run', timeLimitS);
  const text = print(await runFile(path, planner, terminal), format);
  if (output === undefined) terminal.out(text);
  else writeUserFile(output, text);
}

async function runFile(
  path: string,
  planner: ExternalPlanner | undefined,
  terminal: Terminal,
): Promise<ScenarioResult> {
  const text = readUserFile(path);
  const scenario = parseScenario(text, path);
  const progress = progressBar(terminal);
  try {
    const profile = loadProfile(scenario, path);
    if (planner === undefined) return await runScenario(scenario, profile, progress.update);
    if (planner.source.kind !== 'built-in') {
      return await runWithExternal(planner, scenario, profile);
    }
    const policies = [...new Set([...scenario.policies, planner.source.name])];
    return await runScenario({ ...scenario, policies }, profile, progress.update);
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
