import { jsonText } from '../results/finite.js';
import { availableParallelism } from 'node:os';
import { InputError } from '../../src/errors.js';
import { ProblemGathering } from '../../src/problem-list.js';
import { understood } from '../../src/vocabulary.js';
import { parseBaseline, type Baseline } from '../judge/baseline.js';
import { comparePlanners, type Comparison, type Verdict } from '../judge/comparison.js';
import { boundTimes } from '../judge/distances.js';
import { isBroken, type Judgement } from '../judge/judge-planner.js';
import { SUITE_NAMES, suiteCases, type JudgedCase, type SuiteName } from '../judge/suites.js';
import { boundCases, checkLoadable, judgeCases } from '../plugins/judge-cases.js';
import { findPlanner, type PlannerSource } from '../plugins/planner-source.js';
import { comparisonMarkdown, type ComparisonHeading } from '../report/text/comparison-report.js';
import { CommandFiles } from './command-files.js';
import { readUserFile } from '../disk/files.js';
import { withProgress } from './judging.js';
import { OptionReader, type RawOptions } from './options.js';
import { measuredJobCases, paperProfiles } from './paper-profiles.js';
import type { Terminal } from './terminal.js';
import { VERSION } from './version.js';

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
  const files = new CommandFiles('compare', terminal);
  const { settings, cases, base, candidate, stored } = prepared(planners, options, files);
  const { suite, timeLimitS } = settings;
  const candidateName = planners.at(-1)!;
  const baseName = stored?.planner ?? planners[0]!;
  await checkLoadable('cases' in base ? [candidate] : [base, candidate], timeLimitS);
  const judge: Judge = (what, planner, alsoAtS, of = cases) =>
    withProgress(what, settings, terminal, (each) => judgeCases(planner, of, alsoAtS, each));
  const alone = cases.map(() => []);
  const first = 'cases' in base ? base.cases : await judge('base', base, alone);
  const judged = await judge('candidate', candidate, first.map(timesToMeet));
  const late = judged.map((each, k) => (isLater(first[k]!, each) ? timesToMeet(each) : []));
  const ofBase = 'cases' in base ? first : await judgedAgain(first, cases, late, judge, base);
  if (stored !== undefined) checkSameCases(stored, judged, options['against']!);
  const times = judged.map((each, k) => boundTimes(ofBase[k]!, each));
  const bounds = await withProgress('least energy', settings, terminal, (each) =>
    boundCases(cases, times, each),
  );
  const comparison = comparePlanners(ofBase, judged, settings, bounds);
  const heading = {
    base: baseName,
    candidate: candidateName,
    suite,
    isTimed: stored === undefined,
  };
  if (options['store'] !== undefined) {
    const document: Baseline = { version: VERSION, suite, planner: candidateName, cases: judged };
    files.write(options['store'], storedText(document));
  }
  if (options['report'] !== undefined) {
    const { compareReport } = await import('../report/html/compare-report.js');
    const command = commandOf(planners, settings, options['against']);
    const made = { version: VERSION, command };
    files.write(options['report'], await compareReport(heading, comparison, made));
  }
  files.deliver(printed(heading, comparison, settings.format), options['output']);
  return comparison.verdict;
}

/**
 * Reads what is compared.
 * @throws InputError with all that is wrong with options, planners, a stored base and the outputs.
 */
function prepared(planners: readonly string[], options: RawOptions, files: CommandFiles) {
  const gathering = new ProblemGathering();
  const settings = gathering.attempt(() => settingsOf(planners, options));
  for (const name of ['output', 'store', 'report']) files.writes(`--${name}`, options[name]);
  const { against } = options;
  if (against !== undefined) files.reads(against);
  const suite = understood({ names: SUITE_NAMES }, options['suite'] ?? '');
  const cases =
    suite === undefined
      ? []
      : suiteCases(suite, paperProfiles('compare'), measuredJobCases('compare'));
  const stored = suite && gathering.attempt(() => storedBase(against, suite, cases));
  const find = (name: string, field: string) =>
    gathering.attempt(() =>
      findPlanner(name, { source: 'pipewatt compare', field }, settings?.timeLimitS ?? 1),
    );
  const base = against === undefined ? find(planners[0]!, 'base') : stored;
  const candidate = find(planners.at(-1)!, 'candidate');
  for (const planner of [base, candidate]) {
    if (planner !== undefined && 'kind' in planner) files.readsPlanner(planner);
  }
  gathering.attempt(() => {
    files.checkOutputs();
  });
  gathering.throwIfAny();
  return { settings: settings!, cases, base: base!, candidate: candidate!, stored };
}

/** What is to be typed for the same comparison. */
function commandOf(
  planners: readonly string[],
  { suite, level, regressionPct, seed }: CompareSettings,
  against: string | undefined,
): string {
  const quoted = planners.map((name) => (name.includes(' ') ? `'${name}'` : name));
  const stored = against === undefined ? [] : ['--against', against];
  const tests = ['--level', level, '--regression', regressionPct, '--seed', seed];
  return ['npx pipewatt compare', ...quoted, '--suite', suite, ...stored, ...tests].join(' ');
}

function settingsOf(planners: readonly string[], options: RawOptions): CompareSettings {
  const reader = new OptionReader('compare', options);
  const settings = {
    suite: reader.choice('--suite', SUITE_NAMES),
    format: reader.choice('--format', ['markdown', 'json'] as const),
    seed: reader.number('--seed', { min: 0, whole: true }),
    level: reader.number('--level', { above: 0 }),
    regressionPct: reader.number('--regression', { min: 0, unit: '%' }),
    timeLimitS: reader.number('--time-limit', { above: 0, max: 1e6, unit: 's' }),
    workers: reader.optionalNumber('--workers', { min: 1, whole: true }) ?? availableParallelism(),
  };
  if (settings.level >= 1) {
    reader.complain('--level', `found "${settings.level}", expected a probability below 1`);
  }
  const expected = options['against'] === undefined ? 2 : 1;
  if (planners.length !== expected) {
    const what = expected === 2 ? 'two: base and candidate' : 'one beside --against: the candidate';
    reader.complain('planners', `found ${planners.length}, expected ${what}`);
  }
  reader.finish();
  return settings;
}

function storedBase(
  path: string | undefined,
  suite: SuiteName,
  cases: readonly JudgedCase[],
): Baseline | undefined {
  if (path === undefined) return undefined;
  const stored = parseBaseline(readUserFile(path, 'baseline'), path);
  if (stored.suite !== suite) {
    const message = `is of the suite ${stored.suite}, found --suite ${suite}; name the same one`;
    throw InputError.of({ source: path, message });
  }
  const differs = cases.findIndex(({ name }, k) => stored.cases[k]?.name !== name);
  if (differs >= 0 || stored.cases.length !== cases.length) throw otherCases(path);
  return stored;
}

/** Cases of the same names may have been made otherwise since. */
function checkSameCases({ cases }: Baseline, judged: readonly Judgement[], path: string): void {
  const isSame = cases.every((before, k) => {
    const now = judged[k]!;
    if (isBroken(before) || isBroken(now)) return true;
    return Math.abs(now.leastTimeS / before.leastTimeS - 1) < 1e-9;
  });
  if (!isSame) throw otherCases(path);
}

function otherCases(path: string): InputError {
  const message = 'was stored when the suite had other cases; store it again with --store';
  return InputError.of({ source: path, message });
}

/** Planning times are of one machine on one day: a stored base has none. */
function storedText({ cases, ...rest }: Baseline): string {
  const lines = cases.map((judged) =>
    JSON.stringify(isBroken(judged) ? judged : { ...judged, planningTimeS: 0 }),
  );
  const head = JSON.stringify(rest).slice(0, -1);
  return `${head},"cases":[\n${lines.join(',\n')}\n]}\n`;
}

type Judge = (
  what: string,
  planner: PlannerSource,
  alsoAtS: readonly (readonly number[])[],
  cases?: readonly JudgedCase[],
) => Promise<Judgement[]>;

/** Whether both are compared where the candidate is fastest, because it is the slower one. */
function isLater(base: Judgement, candidate: Judgement): boolean {
  if (isBroken(base) || isBroken(candidate)) return false;
  return candidate.fastest.timeS > base.fastest.timeS * (1 + 1e-9);
}

/** The base where it was not asked for the time at which it is compared: it is now. */
async function judgedAgain(
  base: readonly Judgement[],
  cases: readonly JudgedCase[],
  alsoAtS: readonly (readonly number[])[],
  judge: Judge,
  planner: PlannerSource,
): Promise<Judgement[]> {
  const which = [...cases.keys()].filter((k) => alsoAtS[k]!.length > 0);
  const anew = await judge(
    'base',
    planner,
    which.map((k) => alsoAtS[k]!),
    which.map((k) => cases[k]!),
  );
  const result = [...base];
  which.forEach((k, at) => (result[k] = anew[at]!));
  return result;
}

/** The time of a planner's fastest plan, where both are compared if the other is faster. */
function timesToMeet(judged: Judgement): number[] {
  return isBroken(judged) ? [] : [judged.fastest.timeS];
}

function printed(
  heading: ComparisonHeading,
  comparison: Comparison,
  format: CompareSettings['format'],
): string {
  return format === 'markdown'
    ? comparisonMarkdown(heading, comparison)
    : jsonText({ ...heading, ...comparison }, 2);
}
