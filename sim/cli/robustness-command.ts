import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ProblemGathering } from '../../src/problem-list.js';
import { robustnessRows, type RobustnessRow } from '../judge/robustness.js';
import { robustnessCases } from '../judge/suites.js';
import { checkLoadable, disturbCases } from '../plugins/judge-cases.js';
import { findPlanner } from '../plugins/planner-source.js';
import { standaloneSvg } from '../report/charts/vega-svg.js';
import { robustnessFigure } from '../report/charts/figures.js';
import { robustnessCsv, robustnessMarkdown } from '../report/text/robustness-report.js';
import { CommandFiles } from './command-files.js';
import { withProgress } from './judging.js';
import { OptionReader, type RawOptions } from './options.js';
import { paperProfiles } from './paper-profiles.js';
import type { Terminal } from './terminal.js';

/** `pipewatt robustness PLANNER…`: how much of a plan's saving survives. */
export async function robustnessCommand(
  planners: readonly string[],
  options: RawOptions,
  terminal: Terminal,
): Promise<void> {
  const reader = new OptionReader('robustness', options);
  const seeds = reader.number('--seeds', { min: 1, whole: true });
  const format = reader.choice('--format', ['markdown', 'csv'] as const);
  const timeLimitS = reader.number('--time-limit', { above: 0, max: 1e6, unit: 's' });
  const workers =
    reader.optionalNumber('--workers', { min: 1, whole: true }) ?? availableParallelism();
  const twice = planners.find((name, k) => planners.indexOf(name) < k);
  if (twice !== undefined) reader.complain('planners', `found ${twice} twice, expected it once`);
  const folder = options['output'];
  const files = new CommandFiles('robustness', terminal);
  files.writesInto('--output', folder, ['robustness.md', 'robustness.csv', 'robustness.svg']);
  const gathering = new ProblemGathering();
  gathering.attempt(() => {
    reader.finish();
  });
  const where = { source: 'pipewatt robustness', field: 'planners' };
  const sources = planners.flatMap(
    (name) => gathering.attempt(() => findPlanner(name, where, timeLimitS)) ?? [],
  );
  for (const source of sources) files.readsPlanner(source);
  gathering.attempt(() => {
    files.checkOutputs();
  });
  gathering.throwIfAny();
  await checkLoadable(sources, timeLimitS);
  const cases = robustnessCases(paperProfiles('robustness'));
  const rows: RobustnessRow[] = [];
  for (const [k, source] of sources.entries()) {
    const name = planners[k]!;
    const outcomes = await withProgress(name, { workers, timeLimitS }, terminal, (each) =>
      disturbCases(name, source, cases, seeds, each),
    );
    rows.push(...robustnessRows(name, outcomes));
  }
  const markdown = robustnessMarkdown(rows, { jobs: cases.map(({ name }) => name), seeds });
  if (folder === undefined) {
    terminal.out(format === 'csv' ? robustnessCsv(rows) : markdown);
    return;
  }
  files.write(join(folder, 'robustness.md'), markdown);
  files.write(join(folder, 'robustness.csv'), robustnessCsv(rows));
  files.write(join(folder, 'robustness.svg'), standaloneSvg(await robustnessFigure(rows)));
}
