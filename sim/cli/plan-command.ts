import { jsonText } from '../results/finite.js';
import { InfeasibleDeadlineError, InputError, type Problem } from '../../src/errors.js';
import { most } from '../../src/extremes.js';
import { ProblemGathering } from '../../src/problem-list.js';
import { scaleProfile, type StageProfile } from '../../src/profile/stage-profile.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { INSTRUCTION_KINDS } from '../../src/profile/operation.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { checkUnitTime, defaultUnitTime } from '../../src/profile/operation-costs.js';
import { checkFrontierSize, slowFrontierAdvice } from '../../src/planner/perseus/frontier-size.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import type { FrequencyPlan, FrontierPoint, PlanningProblem } from '../../src/planner/planner.js';
import { secondsFromTicks } from '../../src/units.js';
import { askPlanner, type PlannerAnswer, type Question } from '../plugins/ask-planner.js';
import { askExternal, type ExternalPlanner } from '../plugins/external-planner.js';
import { frontierTable, planTable } from '../report/text/plan-table.js';
import { estimateNotes, profileNotes } from '../report/text/run-sentences.js';
import { FRONTIER_POLICIES } from '../run/policy-plans.js';
import { MOST_INSTRUCTIONS } from '../../src/pipeline/schedules.js';
import { POLICIES } from '../../src/planner/policies.js';
import { estimateOfFile } from '../scenario/scenario-profile.js';
import { LIBRARY } from '../disk/catalog-files.js';
import { readUserText } from '../disk/files.js';
import { namedPlanner } from './named-planner.js';
import { OptionReader, type RawOptions } from './options.js';
import { progressBar } from './progress.js';
import { tell, type Terminal } from './terminal.js';

type Format = 'table' | 'csv' | 'json';

/** `pipewatt plan PROFILE.csv`: the frontier, or the plan for a deadline or a straggler. */
export async function planCommand(
  path: string,
  options: RawOptions,
  terminal: Terminal,
): Promise<void> {
  const reader = new OptionReader('plan', options);
  const stages = reader.optionalNumber('--stages', { min: 1, max: 1024, whole: true });
  const microbatches = reader.number('--microbatches', { min: 1, max: 100_000, whole: true });
  const blockingPowerW = reader.number('--blocking-power', { quantity: 'waitingPowerW' });
  const unitTime = reader.optionalNumber('--unit-time', { quantity: 'unitTimeS' });
  const gpusPerStage = reader.number('--tensor-parallel', { min: 1, max: 1024, whole: true });
  const scale = reader.number('--scale', { quantity: 'scale' });
  const deadlineS = reader.optionalNumber('--deadline', { above: 0, max: 1e9, unit: 's' });
  const straggler = reader.optionalNumber('--straggler', { quantity: 'slowdown' });
  const format = reader.choice<Format>('--format', ['table', 'csv', 'json']);
  const timeLimitS = reader.number('--time-limit', { above: 0, max: 1e6, unit: 's' });
  if (deadlineS !== undefined && straggler !== undefined) {
    reader.complain('--straggler', 'cannot be used with --deadline; choose one');
  }
  const gathering = new ProblemGathering();
  gathering.attempt(() => {
    reader.finish();
  });
  const planner = gathering.attempt(() => namedPlanner(options['planner'], 'plan', timeLimitS));
  const file = gathering.attempt(() => readUserText(path, 'profile'));
  const read = file && gathering.attempt(() => readStageProfile(file.text, path, file.note));
  const unitTimeS = unitTime ?? (read === undefined ? NaN : defaultUnitTime(read));
  if (read !== undefined) {
    gathering.attempt(() => {
      checkSize(read, path, stages, microbatches);
    });
    if (reader.isRight('--blocking-power')) {
      gathering.attempt(() => {
        checkBlockingPower(read, blockingPowerW);
      });
    }
    if (reader.isRight('--unit-time')) {
      gathering.attempt(() => {
        checkUnitTime(read, unitTimeS, { source: 'pipewatt plan', field: '--unit-time' });
      });
    }
  }
  gathering.throwIfAny();
  const profile = read!;
  const estimate = estimateOfFile(file!.text, LIBRARY);
  tell(
    [...(estimate === undefined ? [] : estimateNotes(estimate)), ...profileNotes(profile.notes)],
    terminal,
  );
  const dag = oneFOneB(profile.stages.length, microbatches);
  const problem = planningProblem(dag, scaleProfile(profile, scale), {
    // Ticks are of the profile's own time, so that a scaled frontier is the profile's, multiplied.
    unitTimeS: unitTimeS * scale,
    blockingPowerW,
    gpusPerStage,
  });
  const question = questionOf(deadlineS, straggler);
  const { source } = planner!;
  if (source.kind === 'built-in' && FRONTIER_POLICIES.has(source.name)) {
    checkFrontier(problem, question, scale, terminal);
  }
  const { points, plan } = await ask(planner!, problem, question, terminal);
  terminal.out(
    plan === undefined ? printFrontier(points, format) : printPlan(plan, problem, format),
  );
}

/** Points that are listed: with more the list does not fit into memory. */
const MOST_LISTED = 2_000_000;

/** Refuses frontiers that do not fit into memory, and says what to do about those that take long. */
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

function questionOf(deadlineS: number | undefined, slowdown: number | undefined): Question {
  if (deadlineS !== undefined) return { ask: 'deadline', deadlineS };
  if (slowdown !== undefined) return { ask: 'straggler', slowdown };
  return { ask: 'frontier' };
}

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

function printFrontier(points: readonly FrontierPoint[], format: Format): string {
  if (format === 'table') return frontierTable(points);
  if (format === 'csv') {
    return ['time_s,energy_j', ...points.map((p) => `${p.timeS},${p.energyJ}`), ''].join('\n');
  }
  const document = { points: points.map((p) => ({ time_s: p.timeS, energy_j: p.energyJ })) };
  return jsonText(document, 1);
}

function printPlan(plan: FrequencyPlan, problem: PlanningProblem, format: Format): string {
  if (format === 'table') return planTable(plan, problem);
  const { dag, unitTimeS } = problem;
  const rows = Array.from({ length: dag.instructionCount }, (_, i) => ({
    stage: dag.stage[i]!,
    index: i - dag.stageStart[dag.stage[i]!]!,
    instruction: INSTRUCTION_KINDS[dag.kind[i]!]!,
    microbatch: dag.microbatch[i]!,
    frequency_mhz: plan.frequencyMHz[i]!,
    duration_s: secondsFromTicks(plan.durationTicks[i]!, unitTimeS),
  }));
  if (format === 'csv') {
    const header = Object.keys(rows[0]!).join(',');
    return [header, ...rows.map((row) => Object.values(row).join(',')), ''].join('\n');
  }
  const document = {
    planned_time_s: plan.plannedTimeS,
    planned_energy_j: plan.plannedEnergyJ,
    instructions: rows,
  };
  return jsonText(document, 1);
}
