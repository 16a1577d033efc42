import { InfeasibleDeadlineError, InputError, type Problem } from '../../src/errors.js';
import { most } from '../../src/extremes.js';
import { scaleProfile, type StageProfile } from '../../src/profile/stage-profile.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { MOST_INSTRUCTIONS } from '../../src/pipeline/schedules.js';
import { checkUnitTime, defaultUnitTime } from '../../src/profile/operation-costs.js';
import { checkFrontierSize, slowFrontierAdvice } from '../../src/planner/perseus/frontier-size.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import type { PlanningProblem } from '../../src/planner/planner.js';
import { POLICIES } from '../../src/planner/policies.js';
import { FRONTIER_POLICIES } from '../../src/planner/policy-names.js';
import type { DecodedText } from '../../src/decode-text.js';
import type { ProblemGathering } from '../../src/problem-list.js';
import {
  askPlanner,
  planAlone,
  type PlannerAnswer,
  type Question,
} from '../plugins/ask-planner.js';
import { askExternal, type ExternalPlanner } from '../plugins/external-planner.js';
import { withLikelyError } from '../scenario/estimate.js';
import { estimateOfFile } from '../scenario/scenario-profile.js';
import { LIBRARY } from '../disk/catalog-files.js';
import type { OptionReader } from './options.js';
import type { Planned } from './plan-contents.js';
import type { plan as declared } from './plan-options.js';
import { tellOfProfile } from './profile-notes.js';
import { progressBar } from './progress.js';
import type { Terminal } from './terminal.js';

type Options = OptionReader<typeof declared>;

/** A profile to plan, checked with the options that describe its job. */
export interface ProfileInputs {
  readonly profile: StageProfile;
  /** Of the profile's file. */
  readonly text: string;
  readonly microbatches: number;
  readonly blockingPowerW: number;
  readonly unitTimeS: number;
  readonly scale: number;
  readonly gpusPerStage: number;
}

/** Reads a profile, and gathers its problems and those of the options with it. */
export function profileInputs(
  file: DecodedText,
  path: string,
  options: Options,
  gathering: ProblemGathering,
): ProfileInputs | undefined {
  const microbatches = options.get('--microbatches') ?? NaN;
  const blockingPowerW = options.get('--blocking-power') ?? NaN;
  const profile = gathering.attempt(() => readStageProfile(file.text, path, file.note));
  if (profile === undefined) return undefined;
  const likely = withLikelyError(profile, estimateOfFile(file.text, LIBRARY));
  const unitTimeS = options.get('--unit-time') ?? defaultUnitTime(likely);
  gathering.attempt(() => {
    checkSize(profile, path, options.get('--stages'), microbatches);
  });
  if (options.isRight('--blocking-power')) {
    gathering.attempt(() => {
      checkBlockingPower(profile, blockingPowerW);
    });
  }
  if (options.isRight('--unit-time')) {
    gathering.attempt(() => {
      checkUnitTime(profile, unitTimeS, options.at('--unit-time'));
    });
  }
  return {
    ...{ profile, text: file.text, microbatches, blockingPowerW, unitTimeS },
    scale: options.get('--scale') ?? 1,
    gpusPerStage: options.get('--tensor-parallel') ?? 1,
  };
}

/**
 * Plans a 1F1B pipeline of a profile's stages.
 * @param isAlone whether one plan that is asked for may come without the frontier that it is on.
 */
export async function planProfile(
  { profile, text, scale, ...job }: ProfileInputs,
  planner: ExternalPlanner,
  question: Question,
  isAlone: boolean,
  terminal: Terminal,
): Promise<Planned> {
  tellOfProfile(estimateOfFile(text, LIBRARY), profile.notes, terminal);
  const dag = oneFOneB(profile.stages.length, job.microbatches);
  const problem = planningProblem(dag, scaleProfile(profile, scale), {
    ...job,
    // Ticks count the profile's own time, so that a scaled frontier is the profile's, multiplied.
    unitTimeS: job.unitTimeS * scale,
  });
  const { source } = planner;
  const plan =
    isAlone && source.kind === 'built-in' && source.name === 'perseus'
      ? planAlone(problem, question)
      : undefined;
  if (plan !== undefined) return { points: [], plan, planner: planner.name, problem, notes: [] };
  if (source.kind === 'built-in' && FRONTIER_POLICIES.has(source.name)) {
    checkFrontier(problem, question, scale, terminal);
  }
  const answer = await ask(planner, problem, question, terminal);
  return { ...answer, planner: planner.name, problem, notes: [] };
}

/** Most points listed: more do not fit into memory. */
const MOST_LISTED = 2_000_000;

/** Refuses frontiers that do not fit into memory, and advises on those that take long. */
function checkFrontier(
  problem: PlanningProblem,
  { ask }: Question,
  scale: number,
  terminal: Terminal,
): void {
  const unit = { source: 'pipewatt plan', field: '--unit-time', scale };
  checkFrontierSize(
    problem,
    ask === 'frontier'
      ? { ...unit, mostPoints: MOST_LISTED, instead: 'ask for one plan: --deadline or --straggler' }
      : { ...unit, instead: 'plan fewer microbatches' },
  );
  const advice = slowFrontierAdvice(problem, unit);
  if (advice !== undefined) terminal.err(`pipewatt: ${advice}\n`);
}

/** Asks a planner, an external one in a process of its own. */
async function ask(
  planner: ExternalPlanner,
  problem: PlanningProblem,
  question: Question,
  terminal: Terminal,
): Promise<PlannerAnswer> {
  if (planner.source.kind !== 'built-in') return askExternal(planner, problem, question);
  const builtIn = POLICIES[planner.source.name];
  const progress = progressBar(terminal);
  const plan = (of: PlanningProblem) =>
    builtIn.plan(of, (part) => {
      progress.update(part, 1, 'frontier');
    });
  const answer = askPlanner({ name: builtIn.name, plan }, problem, question);
  progress.stop();
  if (question.ask === 'deadline' && answer.plan === undefined) {
    throw new InfeasibleDeadlineError(question.deadlineS, answer.fastestTimeS!);
  }
  return answer;
}

function checkSize(
  profile: StageProfile,
  path: string,
  stages: number | undefined,
  microbatches: number,
): void {
  const profiled = profile.stages.length;
  const problems: Problem[] = [];
  if (stages !== undefined && Number.isInteger(stages) && stages !== profiled) {
    problems.push({
      source: path,
      message: `has ${profiled} stages, but --stages says ${stages}; they must be the same`,
    });
  }
  if (2 * profiled * microbatches > MOST_INSTRUCTIONS) {
    problems.push({
      source: 'pipewatt plan',
      field: '--microbatches',
      message: `found ${microbatches} for ${profiled} stages, expected at most ${Math.floor(MOST_INSTRUCTIONS / (2 * profiled))}`,
    });
  }
  if (problems.length > 0) throw new InputError(problems);
}

/** A GPU that waits draws no more than one that computes. */
function checkBlockingPower({ stages }: StageProfile, blockingPowerW: number): void {
  const highestW = most(
    stages.flatMap(({ forward, backward }) =>
      [...forward, ...backward].map(({ energyJ, timeS }) => energyJ / timeS),
    ),
  );
  if (blockingPowerW <= highestW) return;
  throw InputError.of({
    source: 'pipewatt plan',
    field: '--blocking-power',
    message: `found ${blockingPowerW}, expected at most what computing draws at the highest clock, ${Math.floor(highestW)} W`,
  });
}
