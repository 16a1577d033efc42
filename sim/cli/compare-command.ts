import { availableParallelism } from 'node:os';
import { InputError } from '../../src/errors.js';
import { catalogProfile } from '../hardware/catalog.js';
import { comparePlanners, isBroken, type Comparison, type Verdict } from '../judge/comparison.js';
import { energyUntil, type Judgement } from '../judge/judge-planner.js';
import { parseBaseline, type Baseline } from '../judge/baseline.js';
import {
  SUITE_NAMES,
  suiteCases,
  type JudgedCase,
  type PaperProfile,
  type SuiteName,
} from '../judge/suites.js';
import { boundCases, judgeCases, type JudgingOptions } from '../plugins/judge-cases.js';
import { findPlanner } from '../plugins/planner-source.js';
import { comparisonMarkdown, type ComparisonHeading } from '../report/comparison-report.js';
import { readCatalogEntry } from './catalog-files.js';
import { readUserFile, writeUserFile } from './files.js';
import { OptionReader, type RawOptions } from './options.js';
import { progressBar } from './progress.js';
import type { Terminal } from './terminal.js';
import { VERSION } from './version.js';

/** The emulated jobs of the paper. */
const PAPER = ['gpt3-175b-a100-sxm', 'gpt3-175b-a40', 'bloom-176b-a100-sxm', 'bloom-176b-a40'];
/** Deadlines at which the distance to the least energy is shown. */
const BOUND_FACTORS = [1.05, 1.2];

interface CompareSettings {
  readonly suite: SuiteName;
  readonly format: 'markdown' | 'json';
  readonly seed: number;
  readonly level: number;
  readonly regressionPct: number;
  readonly timeLimitS: number;
  readonly workers: number;
}

/** `pipewatt compare BASE CANDIDATE`: is a planner better, the same, worse or broken? */
export async function compareCommand(
  planners: readonly string[],
  options: RawOptions,
  terminal: Terminal,
): Promise<Verdict> {
  const settings = settingsOf(planners, options);
  const { suite, timeLimitS } = settings;
  const candidateName = planners.at(-1)!;
  const candidate = findPlanner(candidateName, 'candidate', timeLimitS);
  const cases = suiteCases(suite, paperProfiles());
  const judging = judgingOptions(settings, terminal);
  const stored = storedBase(options['against'], suite, cases);
  const baseName = stored?.planner ?? planners[0]!;
  const base =
    stored?.cases ??
    (await judging('base', (each) =>
      judgeCases(
        findPlanner(baseName, 'base', timeLimitS),
        cases,
        cases.map(() => []),
        each,
      ),
    ));
  const judged = await judging('candidate', (each) =>
    judgeCases(candidate, cases, base.map(timesToMeet), each),
  );
  const bounds = await judging('least energy', (each) => boundCases(cases, BOUND_FACTORS, each));
  const comparison = comparePlanners(base, judged, settings);
  const heading = {
    base: baseName,
    candidate: candidateName,
    suite,
    distances: BOUND_FACTORS.map((factor, k) => distance(factor, k, base, judged, bounds)),
    isTimed: stored === undefined,
  };
  if (options['store'] !== undefined) {
    const document: Baseline = { version: VERSION, suite, planner: candidateName, cases: judged };
    writeUserFile(options['store'], storedText(document));
  }
  print(heading, comparison, settings.format, options['output'], terminal);
  return comparison.verdict;
}

function settingsOf(planners: readonly string[], options: RawOptions): CompareSettings {
  const reader = new OptionReader('compare', options);
  const settings = {
    suite: reader.choice('--suite', SUITE_NAMES),
    format: reader.choice('--format', ['markdown', 'json'] as const),
    seed: reader.number('--seed', { min: 0, whole: true }),
    level: reader.number('--level', { above: 0 }),
    regressionPct: reader.number('--regression', { min: 0, unit: '%' }),
    timeLimitS: reader.number('--time-limit', { above: 0, unit: 's' }),
    workers: reader.optionalNumber('--workers', { min: 1, whole: true }) ?? availableParallelism(),
  };
  const expected = options['against'] === undefined ? 2 : 1;
  if (planners.length !== expected) {
    const what = expected === 2 ? 'two: base and candidate' : 'one beside --against: the candidate';
    reader.complain('planners', `found ${planners.length}, expected ${what}`);
  }
  reader.finish();
  return settings;
}

function judgingOptions({ workers, timeLimitS }: CompareSettings, terminal: Terminal) {
  return async <T>(what: string, judge: (options: JudgingOptions) => Promise<T>): Promise<T> => {
    const progress = progressBar(terminal);
    try {
      return await judge({
        workers,
        timeLimitS,
        onProgress: (done, total) => {
          progress.update(done, total, what);
        },
      });
    } finally {
      progress.stop();
    }
  };
}

function paperProfiles(): PaperProfile[] {
  return PAPER.map((name) => {
    const entry = readCatalogEntry(name, { source: 'pipewatt compare', field: '--suite' });
    const { blockingPowerW } = entry;
    const profile = catalogProfile(entry);
    return { name, source: { askedBy: name, profile, scale: 1, blockingPowerW, title: name } };
  });
}

function storedBase(
  path: string | undefined,
  suite: SuiteName,
  cases: readonly JudgedCase[],
): Baseline | undefined {
  if (path === undefined) return undefined;
  const stored = parseBaseline(readUserFile(path), path);
  if (stored.suite !== suite) {
    const message = `is of the suite ${stored.suite}, found --suite ${suite}; name the same one`;
    throw InputError.of({ source: path, message });
  }
  const differs = cases.findIndex(({ name }, k) => stored.cases[k]?.name !== name);
  if (differs >= 0 || stored.cases.length !== cases.length) {
    const message = 'was stored when the suite had other cases; store it again with --store';
    throw InputError.of({ source: path, message });
  }
  return stored;
}

/** Planning times are of one machine on one day: a stored base has none. */
function storedText({ cases, ...rest }: Baseline): string {
  const lines = cases.map((judged) =>
    JSON.stringify(isBroken(judged) ? judged : { ...judged, planningTimeS: 0 }),
  );
  const head = JSON.stringify(rest).slice(0, -1);
  return `${head},"cases":[\n${lines.join(',\n')}\n]}\n`;
}

/** Both planners are compared where the base is fastest. */
function timesToMeet(judged: Judgement): number[] {
  return isBroken(judged) ? [] : [judged.fastest.timeS];
}

function distance(
  factor: number,
  index: number,
  base: readonly Judgement[],
  candidate: readonly Judgement[],
  bounds: readonly (number[] | undefined)[],
): ComparisonHeading['distances'][number] {
  const above = (judged: Judgement, leastJ: number | undefined) =>
    isBroken(judged) || leastJ === undefined
      ? Infinity
      : 100 * (energyUntil(judged, factor * judged.leastTimeS) / leastJ - 1);
  const pairs = bounds
    .map((least, k) => [above(base[k]!, least?.[index]), above(candidate[k]!, least?.[index])])
    .filter((pair) => pair.every(Number.isFinite));
  const meanOf = (side: 0 | 1) =>
    pairs.reduce((sum, pair) => sum + pair[side]!, 0) / Math.max(pairs.length, 1);
  return { factor, cases: pairs.length, basePct: meanOf(0), candidatePct: meanOf(1) };
}

function print(
  heading: ComparisonHeading,
  comparison: Comparison,
  format: CompareSettings['format'],
  output: string | undefined,
  terminal: Terminal,
): void {
  const text =
    format === 'markdown'
      ? comparisonMarkdown(heading, comparison)
      : `${JSON.stringify({ ...heading, ...comparison }, undefined, 2)}\n`;
  if (output === undefined) terminal.out(text);
  else writeUserFile(output, text);
}
