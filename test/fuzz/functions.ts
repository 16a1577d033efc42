import { readdirSync, readFileSync } from 'node:fs';
import { InfeasibleDeadlineError, InputError, BrokenLinkError } from '../../src/errors.js';
import { shownProblems } from '../../src/problem-list.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import type { PlanningProblem } from '../../src/planner/planner.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { answerTo } from '../../sim/explorer/answer.js';
import { bundledCatalog, type CatalogTexts } from '../../sim/explorer/bundled-catalog.js';
import { contentOfLink } from '../../sim/explorer/link.js';
import { parseBaseline } from '../../sim/judge/baseline.js';
import { checkedPlanner } from '../../sim/judge/check-plan.js';
import { askPlanner, type Question } from '../../sim/plugins/ask-planner.js';
import { plansFromAnswer } from '../../sim/plugins/planner-json.js';
import { runLedgers, runRows } from '../../sim/results/run-rows.js';
import { PlanCache } from '../../sim/run/plan-cache.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import { parseScenario } from '../../sim/scenario/scenario.js';
import { loadProfile } from '../../sim/scenario/scenario-profile.js';
import { projectFile } from '../support/files.js';
import type { FuzzInput } from './fuzz-input.js';

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Calls what the command line's files do not reach, and ends as the command line does. */
export async function callFunction(input: FuzzInput): Promise<Ended> {
  try {
    return { code: 0, out: await answer(input), err: '' };
  } catch (error) {
    if (isForUsers(error, input))
      return { code: 2, out: '', err: `${input.call}: ${shownMessage(error)}\n` };
    const { stack } = error instanceof Error ? error : new Error(String(error));
    return { code: 1, out: '', err: stack ?? '' };
  }
}

/** As the command line shows it: not more problems than people read. */
function shownMessage(error: Error): string {
  return error instanceof InputError ? shownProblems(error).join('\n') : error.message;
}

function isForUsers(error: unknown, { call }: FuzzInput): error is Error {
  if (error instanceof InputError || error instanceof BrokenLinkError) return true;
  if (error instanceof InfeasibleDeadlineError) return true;
  // A planner's fault is reported in an Error's sentence; ours in one of JavaScript's own.
  if (call !== 'planner answer' || !(error instanceof Error)) return false;
  return error.constructor === Error || error.name === 'BrokenPlanError';
}

async function answer({ call, args, files }: FuzzInput): Promise<string> {
  const text = (path: string) => {
    const content = files[path];
    return typeof content === 'string' ? content : Buffer.from(content ?? []).toString('utf8');
  };
  if (call === 'link') {
    const { files: opened } = await contentOfLink(args[0]!);
    const answered = await answerTo(opened, catalogTexts(), { cache: new PlanCache() });
    if (answered?.kind === 'problems') throw new InputError(answered.problems);
    return JSON.stringify(answered);
  }
  if (call === 'catalog') {
    const texts = new Map([...catalogTexts(), ['fuzzed.yaml', text('fuzzed.yaml')]]);
    const scenario = parseScenario(text('s.yaml'), 's.yaml');
    const profile = loadProfile(scenario, 's.yaml', bundledCatalog(texts));
    const result = await runScenario(scenario, profile);
    return JSON.stringify({ scenario, policies: runRows(result), ledgers: runLedgers(result) });
  }
  if (call === 'baseline') return JSON.stringify(parseBaseline(text('base.json'), 'base.json'));
  return askAnswer(text('answer.json'), JSON.parse(args[0]!) as Question);
}

/** The catalog's files as the page has them. */
function catalogTexts(): CatalogTexts {
  const root = projectFile('scenarios/catalog');
  return new Map(
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.yaml'))
      .map((path) => [path.replaceAll('\\', '/'), readFileSync(`${root}/${path}`, 'utf8')]),
  );
}

/** The problem whose plans are made up: two stages, four microbatches. */
export function answeredProblem(): PlanningProblem {
  const csv = readFileSync(projectFile('test/fixtures/good/two-stages.csv'), 'utf8');
  return planningProblem(oneFOneB(2, 4), readStageProfile(csv, 'two-stages.csv'), {
    unitTimeS: 0.0005,
    blockingPowerW: 80,
    gpusPerStage: 1,
  });
}

function askAnswer(text: string, question: Question): string {
  const problem = answeredProblem();
  const planner = { name: 'fuzzed', plan: () => plansFromAnswer(text, problem) };
  const { points, plan } = askPlanner(checkedPlanner(planner), problem, question);
  const { plannedTimeS, plannedEnergyJ, frequencyMHz } = plan ?? {};
  return JSON.stringify({
    points,
    plannedTimeS,
    plannedEnergyJ,
    clocks: [...(frequencyMHz ?? [])],
  });
}
