import { availableParallelism } from 'node:os';
import { reportScript } from '../disk/report-script.js';
import { InputError } from '../../src/errors.js';
import { parseBaseline, type Baseline } from '../judge/baseline.js';
import { comparePlanners } from '../judge/comparison.js';
import { boundTimes } from '../judge/distances.js';
import { isBroken, type Judgement } from '../judge/judge-planner.js';
import type { SuiteName } from '../judge/suite-names.js';
import { suiteCases, type JudgedCase } from '../judge/suites.js';
import { boundCases, checkLoadable, judgeCases } from '../plugins/judge-cases.js';
import { findPlanner, type PlannerSource } from '../plugins/planner-source.js';
import {
  comparisonLatex,
  comparisonMarkdown,
  comparisonText,
} from '../report/text/comparison-report.js';
import { CommandFiles } from './command-files.js';
import type { compare as declared } from './compare-options.js';
import type { Call } from './declare.js';
import { readUserFile } from '../disk/files.js';
import { printed } from './formats.js';
import { withProgress } from './judging.js';
import { OptionReader, type OptionValue } from './options.js';
import { measuredJobCases, paperProfiles } from './paper-profiles.js';
import { VERSION } from './version.js';

type Options = OptionReader<typeof declared>;

interface CompareSettings {
  readonly suite: SuiteName;
  readonly format: OptionValue<typeof declared, '--format'>;
  readonly seed: number;
  readonly level: number;
  readonly regressionPct: number;
  readonly timeLimitS: number;
  readonly workers: number;
}

/** `pipewatt compare BASE CANDIDATE`: judges a planner better, the same, worse or broken. */
export async function compareCommand(
  call: Call<typeof declared>,
): Promise<'ok' | 'worse' | 'broken'> {
  const { terminal } = call;
  const [planners] = call.args;
  const options = new OptionReader(call);
  const files = new CommandFiles(call);
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
  if (stored !== undefined) checkSameCases(stored, judged, options.get('--against')!);
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
  const store = options.get('--store');
  if (store !== undefined) {
    const document: Baseline = { version: VERSION, suite, planner: candidateName, cases: judged };
    files.write(store, storedText(document));
  }
  const report = options.get('--report');
  if (report !== undefined) {
    const { compareReport } = await import('../viewer/pages/compare-report.js');
    const command = commandOf(planners, settings, options.get('--against'));
    const made = { version: VERSION, script: reportScript(), command };
    files.write(report, compareReport(heading, comparison, made));
  }
  const contents = {
    table: () => comparisonText(heading, comparison),
    markdown: () => comparisonMarkdown(heading, comparison),
    json: () => ({ ...heading, ...comparison }),
    latex: () => comparisonLatex(heading, comparison),
  };
  files.deliver(await printed(settings.format, contents), options.get('--output'));
  const { verdict } = comparison;
  return verdict === 'worse' || verdict === 'broken' ? verdict : 'ok';
}

/**
 * Reads the planners, stored base and settings of a comparison.
 * @throws InputError with all problems of options, planners, a stored base and the outputs.
 */
function prepared(planners: readonly string[], options: Options, files: CommandFiles) {
  const settings = settingsOf(planners, options);
  const gathering = options.gathered();
  for (const flag of ['--output', '--store', '--report'] as const) {
    files.writes(flag, options.get(flag));
  }
  const against = options.get('--against');
  if (against !== undefined) files.reads(against);
  const suite = options.isRight('--suite') ? settings.suite : undefined;
  const cases =
    suite === undefined
      ? []
      : suiteCases(suite, paperProfiles('compare'), measuredJobCases('compare'));
  const stored = suite && gathering.attempt(() => storedBase(against, suite, cases));
  const find = (name: string, field: 'base' | 'candidate') =>
    gathering.attempt(() => findPlanner(name, options.at(field), settings.timeLimitS));
  const base = against === undefined ? find(planners[0]!, 'base') : stored;
  const candidate = find(planners.at(-1)!, 'candidate');
  for (const planner of [base, candidate]) {
    if (planner !== undefined && 'kind' in planner) files.readsPlanner(planner);
  }
  files.checkOutputs(gathering);
  gathering.throwIfAny();
  return { settings, cases, base: base!, candidate: candidate!, stored };
}

/** The command line that repeats the comparison. */
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

function settingsOf(planners: readonly string[], options: Options): CompareSettings {
  const settings = {
    suite: options.get('--suite'),
    format: options.get('--format'),
    seed: options.get('--seed'),
    level: options.get('--level'),
    regressionPct: options.get('--regression'),
    timeLimitS: options.get('--time-limit'),
    workers: options.get('--workers') ?? availableParallelism(),
  };
  if (settings.level >= 1) {
    options.complain('--level', `found "${settings.level}", expected a probability below 1`);
  }
  const expected = options.get('--against') === undefined ? 2 : 1;
  if (planners.length !== expected) {
    const what = expected === 2 ? 'two: base and candidate' : 'one beside --against: the candidate';
    options.complain('planners', `found ${planners.length}, expected ${what}`);
  }
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

/** Cases of the same names may have changed since. */
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

/** Runs the base again in cases where it was not asked for the time at which it is compared. */
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

/** The time of a planner's fastest plan: both are compared there if the other is faster. */
function timesToMeet(judged: Judgement): number[] {
  return isBroken(judged) ? [] : [judged.fastest.timeS];
}
