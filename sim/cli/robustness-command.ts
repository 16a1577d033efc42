import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { robustnessRows, type RobustnessRow } from '../judge/robustness.js';
import { robustnessCases } from '../judge/suites.js';
import { checkLoadable, disturbCases } from '../plugins/judge-cases.js';
import { findPlanner } from '../plugins/planner-source.js';
import { standaloneSvg } from '../report/charts/vega-svg.js';
import { robustnessFigure } from '../report/figures.js';
import { robustnessCsv, robustnessMarkdown } from '../report/robustness-report.js';
import { makeUserFolder, writeUserFile } from './files.js';
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
  const timeLimitS = reader.number('--time-limit', { above: 0, unit: 's' });
  const workers =
    reader.optionalNumber('--workers', { min: 1, whole: true }) ?? availableParallelism();
  const twice = planners.find((name, k) => planners.indexOf(name) < k);
  if (twice !== undefined) reader.complain('planners', `found ${twice} twice, expected it once`);
  reader.finish();
  const folder = options['output'];
  if (folder !== undefined) makeUserFolder(folder);
  const where = { source: 'pipewatt robustness', field: 'planners' };
  const sources = planners.map((name) => findPlanner(name, where, timeLimitS));
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
  writeUserFile(join(folder, 'robustness.md'), markdown);
  writeUserFile(join(folder, 'robustness.csv'), robustnessCsv(rows));
  writeUserFile(join(folder, 'robustness.svg'), standaloneSvg(await robustnessFigure(rows)));
}
