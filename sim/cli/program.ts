import { Command, CommanderError } from 'commander';
import { BrokenPlannerError, InfeasibleDeadlineError, InputError } from '../../src/errors.js';
import { visibleLine } from '../../src/visible.js';
import { shownProblems } from '../../src/problem-list.js';
import type { RawOptions } from './options.js';
import { guardedTerminal, type Terminal } from './terminal.js';
import { VERSION } from './version.js';

/** How a command ended, for the shell. */
export const EXIT = {
  ...{ ok: 0, bug: 1, wrongInput: 2 },
  /** Of `compare`. */
  ...{ worse: 3, broken: 4 },
  /** Of `sweep`: all runs failed, or one did with --fail-fast; stopped, as shells number signals. */
  ...{ failed: 3, SIGINT: 130, SIGTERM: 143 },
} as const;

/**
 * Runs the command line.
 *
 * @param args without the program's name.
 * @returns the exit code; never throws for wrong input.
 */
export async function runProgram(args: readonly string[], shown: Terminal): Promise<number> {
  const terminal = guardedTerminal(shown);
  try {
    let code: number = EXIT.ok;
    const program = buildProgram(terminal, (found) => {
      code = found;
    });
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    return reportFailure(error, terminal);
  }
}

/**
 * The commands with their options. Each is loaded when it is called: all of them together take
 * longer than most runs.
 */
export function buildProgram(terminal: Terminal, endWith: (code: number) => void): Command {
  const program = new Command('pipewatt')
    .description('What-if simulation of the energy of large-model training')
    .version(VERSION)
    .showHelpAfterError('(see pipewatt --help)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        terminal.out(text);
      },
      writeErr: (text) => {
        terminal.err(text);
      },
      outputError: (text, write) => {
        write(`${visibleLine(text.trimEnd())}\n`);
      },
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  program
    .command('run')
    .description('plan and simulate a training job, and tabulate the energy bloat removed')
    .argument('<scenario.yaml>', 'a scenario; see scenarios/')
    .option('--format <format>', 'table, json or csv', 'table')
    .option('--output <file>', 'write there instead of to standard output')
    .option('--planner <planner>', "one more besides the scenario's policies; as for compare")
    .option('--time-limit <s>', 'for a planner from elsewhere, simulation included', '600')
    .option(
      '--no-bound',
      'leave out the least energy possible, which large pipelines take seconds for',
    )
    .option('--trace <file>', 'write every instruction there, .json.gz or .json, for Perfetto')
    .option('--report <file>', 'also write a page that shows it all: one HTML file')
    .option('--pictures <folder>', 'also write its pictures there, as SVG')
    .addHelpText(
      'after',
      '\nExample:\n  pipewatt run scenarios/straggler-1.2x.yaml --report run.html',
    )
    .action(async (path: string, options: RawOptions) => {
      const { runCommand } = await import('./run-command.js');
      await runCommand(path, options, terminal);
    });
  program
    .command('explore')
    .description('the what-if page: serve it to a browser, until stopped')
    .option('--port <n>', 'where; 0 is any port that is free', '4200')
    .option('--host <host>', 'name or address of this machine', '127.0.0.1')
    .addHelpText('after', '\nExample:\n  pipewatt explore --port 8080')
    .action(async (options: RawOptions) => {
      const { exploreCommand } = await import('./explore-command.js');
      await exploreCommand(options, terminal);
    });
  program
    .command('plan')
    .description('the time–energy frontier of one pipeline, or the plan for a deadline')
    .argument('<profile.csv>', 'stage,instruction,frequency,time,energy in MHz, s, J of one GPU')
    .option('--stages <n>', 'pipeline stages, as many as the profile has (default: those)')
    .option('--microbatches <n>', 'microbatches per iteration')
    .option('--blocking-power <W>', 'power of one GPU that waits')
    .option(
      '--unit-time <s>',
      "the planner's tick, in the profile's own time, before --scale (default: rounds at most 0.1 % off)",
    )
    .option('--tensor-parallel <n>', 'GPUs of one stage', '1')
    .option('--scale <x>', 'times and energies of the profile are multiplied by this', '1')
    .option('--deadline <s>', 'print the plan that meets this iteration time')
    .option('--straggler <r>', "print the plan for a straggler that is r = T'/T times slower")
    .option('--format <format>', 'table, csv or json', 'table')
    .option('--planner <planner>', 'as for compare', 'perseus')
    .option('--time-limit <s>', 'for a planner from elsewhere', '600')
    .addHelpText(
      'after',
      '\nExample:\n  pipewatt plan profile.csv --stages 8 --microbatches 24 --blocking-power 83.64 --unit-time 0.001 --format csv',
    )
    .action(async (path: string, options: RawOptions) => {
      const { planCommand } = await import('./plan-command.js');
      await planCommand(path, options, terminal);
    });
  program
    .command('fit')
    .description('fit time and power curves over the clock, and say how good they are')
    .argument('<profile.csv>', 'stage,instruction,frequency,time,energy in MHz, s, J of one GPU')
    .option('--format <format>', 'table, json, or yaml (a catalog entry)', 'table')
    .option('--name <name>', 'of the catalog entry')
    .option('--model <model>', 'of the catalog entry')
    .option('--gpu <gpu>', 'of the catalog entry')
    .option('--source <text>', 'of the catalog entry: where the measurements come from')
    .option('--clock-step <MHz>', "step of the GPU's clocks", '15')
    .option('--blocking-power <W>', 'power of one GPU that waits')
    .option('--scale <x>', 'real work of a stage divided by the profiled work', '1')
    .addHelpText('after', '\nExample:\n  pipewatt fit profile.csv')
    .action(async (path: string, options: RawOptions) => {
      const { fitCommand } = await import('./fit-command.js');
      fitCommand(path, options, terminal);
    });
  program
    .command('fit-runs')
    .description('fit models of jobs to their executed plans: times, powers, transfers')
    .argument('<folder>', 'with plans.csv(.gz), iterations.csv, instructions.csv, load_times.csv')
    .option('--workload <id>', 'only this job')
    .option('--gpu <name>', 'GPU of the catalog or a .yaml file; default: by the name of the job')
    .option('--source <text>', 'of the catalog entries: where the measurements come from')
    .option('--output <folder>', 'write a catalog entry per job there')
    .option('--format <format>', 'table, json or yaml', 'table')
    .action(async (folder: string, options: RawOptions) => {
      const { fitRunsCommand } = await import('./fit-runs-command.js');
      fitRunsCommand(folder, options, terminal);
    });
  program
    .command('validate')
    .description('fit on some executed plans, simulate others, and compare with what was measured')
    .option('--fit <folder>', 'plans to fit, as for fit-runs')
    .option('--test <folder>', 'plans to predict: plans.csv(.gz) and iterations.csv')
    .option('--workload <id>', 'only this job')
    .option('--gpu <name>', 'GPU of the catalog or a .yaml file; default: by the name of the job')
    .option('--format <format>', 'table or json', 'table')
    .action(async (options: RawOptions) => {
      const { validateCommand } = await import('./validate-command.js');
      validateCommand(options, terminal);
    });
  program
    .command('reproduce')
    .description("the paper's tables and figures beside ours, as Markdown, CSV and SVG")
    .argument('[table]', 'table1, table3 … table6, figure7, figure8, figure9 or all', 'all')
    .option('--output <folder>', 'where to write', 'results')
    .option('--profiles <folder>', "plan from the artifact's raw stage profiles instead of curves")
    .option(
      '--measured <folder>',
      'executed plans to draw into figure 9, as fit-runs reads them; or a folder of such folders',
    )
    .option('--report <file>', 'also write a page that shows it all: one HTML file')
    .action(async (table: string, options: RawOptions) => {
      const { reproduceCommand } = await import('./reproduce-command.js');
      await reproduceCommand(table, options, terminal);
    });
  program
    .command('replay')
    .description(
      'replay a production trace: its slowdown, what-ifs, and the energy clocks would save',
    )
    .argument(
      '<trace.parquet>',
      'columns dp_rank, stage, rank, step, optype, start_ts, duration, seq_id, mc, gmc',
    )
    .option('--catalog <name>', 'power and relative time over the clock, from this catalog entry')
    .option('--profile <csv>', 'instead: from a stage profile, also one that synth made')
    .option('--tensor-parallel <n>', 'GPUs that did what a traced rank did [from rank numbers]')
    .option(
      '--blocking-power <W>',
      'power of a GPU that waits [of the catalog entry]; needed with --profile',
    )
    .option('--format <format>', 'table, json or csv (a row per step)', 'table')
    .action(async (path: string, options: RawOptions) => {
      const { replayCommand } = await import('./replay-command.js');
      await replayCommand(path, options, terminal);
    });
  program
    .command('synth')
    .description(
      'a stage profile of a model and a GPU that nobody profiled, with its likely errors',
    )
    .option('--model <name>', 'of scenarios/catalog/models, or a .yaml file like those')
    .option('--gpu <name>', 'of scenarios/catalog/gpus, or a .yaml file like those')
    .option('--stages <n>', 'pipeline stages')
    .option('--microbatch <n>', 'sequences per microbatch')
    .option('--tensor-parallel <n>', 'GPUs of one stage', '1')
    .option('--sequence <n>', "tokens per sequence (default: the model's)")
    .option('--efficiency <x>', 'part of the peak that matrix products reach (default: calibrated)')
    .option('--format <format>', 'csv (a stage profile) or table', 'csv')
    .option('--output <file>', 'write there instead of to standard output')
    .addHelpText(
      'after',
      '\nExample:\n  pipewatt synth --model llama-3-70b --gpu h100-sxm --stages 8 --microbatch 1 --tensor-parallel 8 --format table',
    )
    .action(async (options: RawOptions) => {
      const { synthCommand } = await import('./synth-command.js');
      synthCommand(options, terminal);
    });
  program
    .command('predict')
    .description('time, memory and power of jobs that nobody profiled, beside measurements if any')
    .argument('<cases.csv>', 'a row per job: gpu, model, tp, pp, microbatches, … (docs/predict.md)')
    .option('--gpu <name>', 'of scenarios/catalog/operators, for rows that name none')
    .option('--model <name>', 'of scenarios/catalog/models, or a file, for rows that name none')
    .option('--format <format>', 'table, csv or json', 'table')
    .option('--output <file>', 'write there instead of to standard output')
    .addHelpText(
      'after',
      '\nExample:\n  pipewatt predict scenarios/predict-cases.csv --gpu h100-sxm',
    )
    .action(async (path: string, options: RawOptions) => {
      const { predictCommand } = await import('./predict-command.js');
      predictCommand(path, options, terminal);
    });
  program
    .command('partition')
    .description(
      "cut a model's layers into stages: evenly, with the least bottleneck, the least imbalance",
    )
    .option('--blocks <n>', 'transformer blocks')
    .option('--embedding <x>', 'work of the embedding, in blocks', '0')
    .option('--head <x>', 'work of the language-model head, in blocks', '0')
    .option('--stages <n>', 'pipeline stages')
    .option('--format <format>', 'table or json', 'table')
    .addHelpText('after', '\nExample:\n  pipewatt partition --blocks 96 --head 1.5 --stages 8')
    .action(async (options: RawOptions) => {
      const { partitionCommand } = await import('./partition-command.js');
      partitionCommand(options, terminal);
    });
  program
    .command('sweep')
    .description('run many scenarios on all cores, into one file of results; goes on after a stop')
    .argument('<sweep.yaml>', 'a base scenario and what varies; see scenarios/sweeps/')
    .option('--output <file>', 'DuckDB file (default: results/NAME.duckdb)')
    .option('--workers <n>', 'processes (default: all cores)')
    .option('--memory <MB>', "of one process (default: its share of the machine's)")
    .option('--export <file>', 'write the table of results there too, as .parquet, .csv or .arrow')
    .option('--report <file>', 'also write a page that shows the results: one HTML file')
    .option('--shard <i/n>', 'only every n-th run, from the i-th; or slurm, in an array job')
    .option('--fail-fast', 'stop at the first run that fails')
    .option('--rerun-changed', 'do runs again that were of another scenario or version')
    .option('--rerun-failed', 'do runs again that failed')
    .option('--redis <url>', 'hand the runs to workers by way of this Redis')
    .option('--dry-run', 'say how many runs there are, and how long they take')
    .addHelpText(
      'after',
      '\nEnds with 0 when all runs are done, 3 when all failed or, with --fail-fast, one; 130 after Ctrl-C.' +
        '\n\nExample:\n  pipewatt sweep scenarios/sweeps/straggler-imbalance.yaml --dry-run',
    )
    .action(async (path: string, options: RawOptions) => {
      const { sweepCommand } = await import('./sweep-command.js');
      const end = await sweepCommand(path, options, terminal);
      if (end !== 'done') endWith(EXIT[end]);
    });
  program
    .command('worker')
    .description('do runs of sweeps that wait in a Redis, until stopped')
    .option('--redis <url>', 'such as redis://host:6379')
    .option('--threads <n>', 'runs at once (default: all cores)')
    .option('--memory <MB>', "of one run's process (default: its share of the machine's)")
    .action(async (options: RawOptions) => {
      const { workerCommand } = await import('./worker-command.js');
      await workerCommand(options, terminal);
    });
  const results = program
    .command('results')
    .description('tabulate the results of a sweep, or ask them anything; changes nothing')
    .argument('<file.duckdb>', 'what a sweep has written, finished or not')
    .option('--group-by <columns>', 'a row for each combination of these (default: policy)')
    .option('--metric <columns>', 'what is averaged (default: simulated_saving_pct)')
    .option('--best <column>', 'the rows with the least of it; with a minus before it, the most')
    .option('--count <n>', 'how many rows of --best, of each group (default: 10)')
    .option('--pareto <a,b>', 'rows that no other row beats in both columns, less being better')
    .option('--sql <query>', 'any query; tables results, runs, policies, ledger, provenance, sweep')
    .option('--export <file>', 'write the table of results too, as .parquet, .csv or .arrow')
    .option('--format <format>', 'table, csv or json', 'table')
    .addHelpText(
      'after',
      '\nWith --best and --pareto, --group-by is of which groups, and --metric what else is shown.' +
        '\n\nExample:\n  pipewatt results results/straggler-imbalance.duckdb --group-by policy,profile.catalog --metric simulated_saving_pct',
    )
    .action(async (path: string, options: RawOptions) => {
      const { resultsCommand } = await import('./results-command.js');
      await resultsCommand(path, options, terminal);
    });
  results
    .command('merge')
    .description('put the shards of a sweep into one file of results')
    .argument('<output.duckdb>', 'a new file')
    .argument('<inputs...>', 'files of results')
    .addHelpText(
      'after',
      '\nExample:\n  pipewatt results merge all.duckdb results/straggler-imbalance.*-of-8.duckdb',
    )
    .action(async (output: string, inputs: string[]) => {
      const { mergeCommand } = await import('./merge-command.js');
      await mergeCommand(output, inputs, terminal);
    });
  program
    .command('compare')
    .description('judge a planner against another: better, same, worse or broken')
    .argument('<planners...>', 'base and candidate; with --against, only the candidate')
    .option('--suite <name>', 'smoke, paper, measured, wild, adversarial or tiny', 'smoke')
    .option('--against <file.json>', 'a stored base instead of the first planner')
    .option('--store <file.json>', 'keep what the candidate did, for --against')
    .option('--format <format>', 'markdown or json', 'markdown')
    .option('--output <file>', 'write there instead of to standard output')
    .option('--report <file>', 'also write a page that shows it all: one HTML file')
    .option('--level <p>', 'of the paired permutation test', '0.05')
    .option(
      '--regression <pct>',
      'a single case worse than this is worse whatever the mean says',
      '25',
    )
    .option('--time-limit <s>', 'for one planner in one case', '120')
    .option('--workers <n>', 'processes (default: all cores)')
    .option('--seed <n>', 'of the permutations and the bootstrap', '1')
    .addHelpText(
      'after',
      '\nA planner is a built-in name, a compiled .js file, an npm package, or a command that reads and writes JSON.' +
        '\nEnds with 0 for better or same, 3 for worse, 4 for broken.' +
        '\n\nExample:\n  pipewatt compare perseus perseus-hull --suite smoke',
    )
    .action(async (planners: string[], options: RawOptions) => {
      const { compareCommand } = await import('./compare-command.js');
      const verdict = await compareCommand(planners, options, terminal);
      if (verdict === 'worse' || verdict === 'broken') endWith(EXIT[verdict]);
    });
  program
    .command('robustness')
    .description("how much of planners' savings survives when the world is not as planned")
    .argument('<planners...>', 'as for compare')
    .option('--seeds <n>', 'how many disturbances of each kind and level', '8')
    .option('--format <format>', 'markdown or csv (every point of every curve)', 'markdown')
    .option('--output <folder>', 'write robustness.md, .csv and .svg there')
    .option('--time-limit <s>', 'for one planner in one job', '600')
    .option('--workers <n>', 'processes (default: all cores)')
    .addHelpText('after', '\nExample:\n  pipewatt robustness perseus perseus-hull --output results')
    .action(async (planners: string[], options: RawOptions) => {
      const { robustnessCommand } = await import('./robustness-command.js');
      await robustnessCommand(planners, options, terminal);
    });
  program
    .command('schema')
    .description('the JSON Schema of scenarios, for editors')
    .action(async () => {
      const { scenarioJsonSchema } = await import('../scenario/scenario-schema.js');
      terminal.out(scenarioJsonSchema());
    });
  return program;
}

function reportFailure(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) {
    // Help and version end this way too. Commander has written its message already.
    return error.exitCode === 0 ? EXIT.ok : EXIT.wrongInput;
  }
  if (error instanceof InputError) {
    terminal.err(`${shownProblems(error).join('\n')}\n`);
    return EXIT.wrongInput;
  }
  if (error instanceof BrokenPlannerError) {
    terminal.err(`${error.message}\n`);
    return EXIT.broken;
  }
  if (error instanceof InfeasibleDeadlineError) {
    terminal.err(`${error.message}\n`);
    return EXIT.wrongInput;
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const details = process.env['PIPEWATT_DEBUG'] === '1' ? stack : visibleLine(message);
  terminal.err(
    `pipewatt failed, and that is a bug of pipewatt's: ${details ?? message}\n` +
      'Please report it with the command and its input. PIPEWATT_DEBUG=1 shows where it happened.\n',
  );
  return EXIT.bug;
}
