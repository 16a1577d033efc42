import { InfeasibleDeadlineError, InputError, type Problem } from '../../src/errors.js';
import { most } from '../../src/extremes.js';
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
import { MOST_INSTRUCTIONS } from '../../src/pipeline/schedules.js';
import { FRONTIER_POLICIES, POLICIES } from '../../src/planner/policies.js';
import { estimateOfFile } from '../scenario/scenario-profile.js';
import { LIBRARY } from '../disk/catalog-files.js';
import type { Call } from './declare.js';
import { readUserText } from '../disk/files.js';
import { printed } from './formats.js';
import { namedPlanner } from './named-planner.js';
import { OptionReader } from './options.js';
import { progressBar } from './progress.js';
import type { plan as declared } from './plan-options.js';
import { tellOfProfile } from './profile-notes.js';
import type { Terminal } from './terminal.js';

type Options = OptionReader<typeof declared>;

/** `pipewatt plan PROFILE.csv`: the frontier, or the plan for a deadline or a straggler. */
export async function planCommand(call: Call<typeof declared>): Promise<void> {
  const { terminal } = call;
  const options = new OptionReader(call);
  const { profile, text, unitTimeS, planner } = inputsOf(call.args[0], options);
  tellOfProfile(estimateOfFile(text, LIBRARY), profile.notes, terminal);
  const scale = options.get('--scale');
  const dag = oneFOneB(profile.stages.length, options.get('--microbatches'));
  const problem = planningProblem(dag, scaleProfile(profile, scale), {
    // Ticks count the profile's own time, so that a scaled frontier is the profile's, multiplied.
    unitTimeS: unitTimeS * scale,
    blockingPowerW: options.get('--blocking-power'),
    gpusPerStage: options.get('--tensor-parallel'),
  });
  const question = questionOf(options.get('--deadline'), options.get('--straggler'));
  const { source } = planner;
  if (source.kind === 'built-in' && FRONTIER_POLICIES.has(source.name)) {
    checkFrontier(problem, question, scale, terminal);
  }
  const { points, plan } = await ask(planner, problem, question, terminal);
  const contents = plan === undefined ? frontierContents(points) : planContents(plan, problem);
  terminal.out(await printed(options.get('--format'), contents, { indent: 1 }));
}

/** The job to plan, and its planner. */
interface Inputs {
  readonly profile: StageProfile;
  /** Of the profile's file. */
  readonly text: string;
  readonly unitTimeS: number;
  readonly planner: ExternalPlanner;
}

/** @throws InputError with all problems of options, planner and profile. */
function inputsOf(path: string, options: Options): Inputs {
  options.readAll();
  if (options.get('--deadline') !== undefined && options.get('--straggler') !== undefined) {
    options.complain('--straggler', 'cannot be used with --deadline; choose one');
  }
  const gathering = options.gathered();
  const planner = gathering.attempt(() =>
    namedPlanner(options.get('--planner'), options.at('--planner'), options.get('--time-limit')),
  );
  const file = gathering.attempt(() => readUserText(path, 'profile'));
  const profile = file && gathering.attempt(() => readStageProfile(file.text, path, file.note));
  const asked = options.get('--unit-time');
  const unitTimeS = asked ?? (profile === undefined ? NaN : defaultUnitTime(profile));
  if (profile !== undefined) {
    gathering.attempt(() => {
      checkSize(profile, path, options.get('--stages'), options.get('--microbatches'));
    });
    if (options.isRight('--blocking-power')) {
      gathering.attempt(() => {
        checkBlockingPower(profile, options.get('--blocking-power'));
      });
    }
    if (options.isRight('--unit-time')) {
      gathering.attempt(() => {
        checkUnitTime(profile, unitTimeS, options.at('--unit-time'));
      });
    }
  }
  gathering.throwIfAny();
  return { profile: profile!, text: file!.text, unitTimeS, planner: planner! };
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

/** A frontier has up to two million points: lines are made as they are printed. */
function frontierContents(points: readonly FrontierPoint[]) {
  return {
    table: () => frontierTable(points),
    csv: () => ['time_s,energy_j', ...points.map((p) => `${p.timeS},${p.energyJ}`), ''].join('\n'),
    json: () => ({ points: points.map((p) => ({ time_s: p.timeS, energy_j: p.energyJ })) }),
  };
}

function planContents(plan: FrequencyPlan, problem: PlanningProblem) {
  return {
    table: () => planTable(plan, problem),
    csv: () => {
      const rows = instructionRows(plan, problem);
      const header = Object.keys(rows[0]!).join(',');
      return [header, ...rows.map((row) => Object.values(row).join(',')), ''].join('\n');
    },
    json: () => ({
      planned_time_s: plan.plannedTimeS,
      planned_energy_j: plan.plannedEnergyJ,
      instructions: instructionRows(plan, problem),
    }),
  };
}

function instructionRows(plan: FrequencyPlan, { dag, unitTimeS }: PlanningProblem) {
  return Array.from({ length: dag.instructionCount }, (_, i) => ({
    stage: dag.stage[i]!,
    index: i - dag.stageStart[dag.stage[i]!]!,
    instruction: INSTRUCTION_KINDS[dag.kind[i]!]!,
    microbatch: dag.microbatch[i]!,
    frequency_mhz: plan.frequencyMHz[i]!,
    duration_s: secondsFromTicks(plan.durationTicks[i]!, unitTimeS),
  }));
}
