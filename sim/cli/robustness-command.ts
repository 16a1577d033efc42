import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { robustnessRows, type RobustnessRow } from '../judge/robustness.js';
import { robustnessCases } from '../judge/suites.js';
import { checkLoadable, disturbCases } from '../plugins/judge-cases.js';
import { findPlanner } from '../plugins/planner-source.js';
import { standaloneSvg } from '../report/charts/standalone-svg.js';
import { robustnessFigure } from '../report/charts/robustness-figure.js';
import {
  robustnessCsv,
  robustnessMarkdown,
  robustnessText,
} from '../report/text/robustness-report.js';
import { CommandFiles } from './command-files.js';
import type { Call } from './declare.js';
import { FORMATS, printed } from './formats.js';
import { withProgress } from './judging.js';
import { OptionReader } from './options.js';
import { paperProfiles } from './paper-profiles.js';
import type { robustness as declared } from './robustness-options.js';

/** Files of `--output`. */
const FILES = {
  markdown: `robustness.${FORMATS.markdown.extension}`,
  csv: `robustness.${FORMATS.csv.extension}`,
  picture: 'robustness.svg',
};

/** `pipewatt robustness PLANNER…`: computes how much of each planner's saving survives. */
export async function robustnessCommand(call: Call<typeof declared>): Promise<void> {
  const { terminal } = call;
  const [planners] = call.args;
  const options = new OptionReader(call);
  const seeds = options.get('--seeds');
  const format = options.get('--format');
  const timeLimitS = options.get('--time-limit');
  const workers = options.get('--workers') ?? availableParallelism();
  const twice = planners.find((name, k) => planners.indexOf(name) < k);
  if (twice !== undefined) options.complain('planners', `found ${twice} twice, expected it once`);
  const folder = options.get('--output');
  const files = new CommandFiles(call);
  files.writesInto('--output', folder, Object.values(FILES));
  const gathering = options.gathered();
  const where = options.at('planners');
  const sources = planners.flatMap(
    (name) => gathering.attempt(() => findPlanner(name, where, timeLimitS)) ?? [],
  );
  for (const source of sources) files.readsPlanner(source);
  files.checkOutputs(gathering);
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
  const world = { jobs: cases.map(({ name }) => name), seeds };
  const contents = {
    table: () => robustnessText(rows, world),
    markdown: () => robustnessMarkdown(rows, world),
    csv: () => robustnessCsv(rows),
  };
  if (folder === undefined) {
    terminal.out(await printed(format, contents));
    return;
  }
  for (const name of ['markdown', 'csv'] as const) {
    files.write(join(folder, FILES[name]), await printed(name, contents));
  }
  files.write(join(folder, FILES.picture), standaloneSvg(robustnessFigure(rows)));
}
