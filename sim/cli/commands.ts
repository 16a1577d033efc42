import type { Action, Call, Declaration } from './declare.js';
import type { ExitName } from './exit-codes.js';

/** A command; its two files are loaded when they are needed. */
export interface LazyCommand {
  readonly declaration: () => Promise<Declaration>;
  /** Loads the action and calls it. */
  readonly run: (call: Call<Declaration>) => Promise<ExitName | undefined>;
}

/** Pairs a declaration with the action that takes its options; the compiler checks that they fit. */
function lazy<D extends Declaration>(
  declaration: () => Promise<D>,
  action: () => Promise<Action<D>>,
): LazyCommand {
  return {
    declaration,
    run: async (call) => {
      const act = await action();
      // The call was made from the declaration above.
      return (await act(call as Call<D>)) ?? undefined;
    },
  };
}

/**
 * All commands, in the order of the help. Each is two files side by side: X-options.ts declares it,
 * X-command.ts does it. They are separate because help and every start of the program need only
 * declarations; all actions together take longer to load than most runs take.
 */
export const COMMANDS = {
  run: lazy(
    async () => (await import('./run-options.js')).run,
    async () => (await import('./run-command.js')).runCommand,
  ),
  explore: lazy(
    async () => (await import('./explore-options.js')).explore,
    async () => (await import('./explore-command.js')).exploreCommand,
  ),
  plan: lazy(
    async () => (await import('./plan-options.js')).plan,
    async () => (await import('./plan-command.js')).planCommand,
  ),
  schedule: lazy(
    async () => (await import('./schedule-options.js')).schedule,
    async () => (await import('./schedule-command.js')).scheduleCommand,
  ),
  fit: lazy(
    async () => (await import('./fit-options.js')).fit,
    async () => (await import('./fit-command.js')).fitCommand,
  ),
  'fit-runs': lazy(
    async () => (await import('./fit-runs-options.js')).fitRuns,
    async () => (await import('./fit-runs-command.js')).fitRunsCommand,
  ),
  validate: lazy(
    async () => (await import('./validate-options.js')).validate,
    async () => (await import('./validate-command.js')).validateCommand,
  ),
  reproduce: lazy(
    async () => (await import('./reproduce-options.js')).reproduce,
    async () => (await import('./reproduce-command.js')).reproduceCommand,
  ),
  power: lazy(
    async () => (await import('./power-options.js')).power,
    async () => (await import('./power-command.js')).powerCommand,
  ),
  replay: lazy(
    async () => (await import('./replay-options.js')).replay,
    async () => (await import('./replay-command.js')).replayCommand,
  ),
  synth: lazy(
    async () => (await import('./synth-options.js')).synth,
    async () => (await import('./synth-command.js')).synthCommand,
  ),
  import: lazy(
    async () => (await import('./import-options.js')).importOptions,
    async () => (await import('./import-command.js')).importCommand,
  ),
  predict: lazy(
    async () => (await import('./predict-options.js')).predict,
    async () => (await import('./predict-command.js')).predictCommand,
  ),
  partition: lazy(
    async () => (await import('./partition-options.js')).partition,
    async () => (await import('./partition-command.js')).partitionCommand,
  ),
  site: lazy(
    async () => (await import('./site-options.js')).site,
    async () => (await import('./site-command.js')).siteCommand,
  ),
  sweep: lazy(
    async () => (await import('./sweep-options.js')).sweep,
    async () => (await import('./sweep-command.js')).sweepCommand,
  ),
  worker: lazy(
    async () => (await import('./worker-options.js')).worker,
    async () => (await import('./worker-command.js')).workerCommand,
  ),
  results: lazy(
    async () => (await import('./results-options.js')).results,
    async () => (await import('./results-command.js')).resultsCommand,
  ),
  'results merge': lazy(
    async () => (await import('./merge-options.js')).merge,
    async () => (await import('./merge-command.js')).mergeCommand,
  ),
  serve: lazy(
    async () => (await import('./serve-options.js')).serve,
    async () => (await import('./serve-command.js')).serveCommand,
  ),
  'serve-json': lazy(
    async () => (await import('./serve-json-options.js')).serveJson,
    async () => (await import('./serve-json-command.js')).serveJsonCommand,
  ),
  compare: lazy(
    async () => (await import('./compare-options.js')).compare,
    async () => (await import('./compare-command.js')).compareCommand,
  ),
  robustness: lazy(
    async () => (await import('./robustness-options.js')).robustness,
    async () => (await import('./robustness-command.js')).robustnessCommand,
  ),
  figure: lazy(
    async () => (await import('./figure-options.js')).figure,
    async () => (await import('./figure-command.js')).figureCommand,
  ),
  schema: lazy(
    async () => (await import('./schema-options.js')).schema,
    async () => (await import('./schema-command.js')).schemaCommand,
  ),
  init: lazy(
    async () => (await import('./init-options.js')).init,
    async () => (await import('./init-command.js')).initCommand,
  ),
  list: lazy(
    async () => (await import('./list-options.js')).list,
    async () => (await import('./list-command.js')).listCommand,
  ),
  completion: lazy(
    async () => (await import('./completion-options.js')).completion,
    async () => (await import('./completion-command.js')).completionCommand,
  ),
} as const satisfies Readonly<Record<string, LazyCommand>>;
