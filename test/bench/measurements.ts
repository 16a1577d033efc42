import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { sum } from 'simple-statistics';
import { catalogProfile, parseCatalogEntry } from '../../sim/hardware/catalog.js';
import { randomStream } from '../../sim/kernel/random-streams.js';
import { answerTo } from '../../sim/explorer/answer.js';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { energyBound } from '../../sim/run/energy-bound.js';
import { PlanCache } from '../../sim/run/plan-cache.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import { loadScenarioObject } from '../../sim/scenario/scenario.js';
import { simulateJob } from '../../sim/training/job.js';
import { noOverheads } from '../../sim/training/timing.js';
import type { Workload } from '../../sim/training/workload.js';
import { scheduleDag } from '../../src/pipeline/schedules.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import type { FrequencyPlan, PlanningProblem, Plans } from '../../src/planner/planner.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import { scaleStage } from '../../src/profile/stage-profile.js';
import { catalogTexts } from '../support/bundled.js';
import { projectFile } from '../support/files.js';

/** A job whose cost is measured: a catalog profile, whose stages are repeated, on a pipeline. */
export interface BenchJob {
  readonly catalog: string;
  readonly unitTimeMs: number;
  readonly stages: number;
  readonly microbatches: number;
  /** More than one: interleaved 1F1B, each chunk with this part of a stage's work. */
  readonly chunks: number;
  readonly pipelines: number;
  readonly iterations: number;
}

/** One measurement. */
export interface Cost {
  /** Processor time of all threads, s. */
  readonly cpuS: number;
  readonly wallS: number;
  /** The number of things done: points, plans, instructions, runs. */
  readonly count: number;
}

type Measurement = (job: BenchJob) => Promise<Cost>;

/** The measurements, by what they measure. The first call for a job prepares what it needs. */
export const MEASUREMENTS = {
  /** A whole frontier, from costs to the last stored plan. */
  frontier: (job) => {
    const { problem } = planningOf(job);
    return timed(() => perseus.plan(problem).pointCount);
  },
  /** The points that a frontier is drawn from without planning it. */
  outline: async (job) => {
    // Some versions that this one is compared with have no outlines.
    const { frontierOutline } = await import('../../src/planner/perseus/outline.js');
    const { problem } = planningOf(job);
    return timed(() => frontierOutline(problem, DRAWN).length);
  },
  /** Plans rebuilt from a stored frontier. */
  rebuild: (job) => {
    const plans = frontierOf(job);
    const deadlinesS = Array.from({ length: REBUILT }, (_, k) => {
      return plans.point(Math.floor(((k + 0.5) / REBUILT) * plans.pointCount)).timeS;
    });
    return timed(() => {
      for (const deadlineS of deadlinesS) plans.planAt(deadlineS);
      return REBUILT;
    });
  },
  /** The plan for one deadline, from nothing. */
  deadline: async (job) => {
    const planAt = await plannerForDeadlines();
    const { problem } = planningOf(job);
    const plans = frontierOf(job);
    const deadlineS = 1.1 * plans.point(plans.pointCount - 1).timeS;
    return timed(() => {
      planAt(problem, deadlineS);
      return 1;
    });
  },
  /** The least energy in 1.1 times the fastest time. */
  bound: (job) => {
    const planned = planningOf(job);
    const plans = frontierOf(job);
    const deadlineS = 1.1 * plans.point(plans.pointCount - 1).timeS;
    return timed(async () => {
      // Versions before the bound was found by its dual loaded a solver for it.
      const bound = await Promise.resolve(energyBound(planned));
      bound.ofJob({ pipelines: 1, stragglers: [] }, deadlineS);
      return 1;
    });
  },
  /** Pipelines with times of their own, which nothing changes while they run. */
  simulator: (job) => simulated(job, false),
  /** The same by events: times change in the middle of the iteration. */
  'simulator by events': (job) => simulated(job, true),
  /** A run with jitter, from the scenario to the table: random numbers, simulation, energy. */
  jitter: (job) => {
    const { scenario, profile } = loadScenarioObject(jitterScenario(job), 'bench', LIBRARY);
    return timed(async () => {
      await runScenario(scenario, profile);
      return 2 * job.stages * job.microbatches * job.pipelines * job.iterations;
    });
  },
  /** The page's answer to a slider that plans all anew, without its drawing in a browser. */
  page: async (job) => {
    const { cache, texts, asked } = remembered('page', job, () => ({
      ...{ cache: new PlanCache(MOST_PLANS), texts: catalogTexts(), asked: [] as number[] },
    }));
    const factor = 1.01 + 0.01 * asked.length;
    asked.push(factor);
    const yaml = JSON.stringify({
      ...{ name: 'bench', profile: { catalog: job.catalog }, pipelines: job.pipelines },
      pipeline: { stages: job.stages, microbatches: job.microbatches },
      stragglers: [{ pipeline: 0, slowdown: 1.2 }],
      imbalance: { factors: Array.from({ length: job.stages }, (_, s) => (s === 1 ? factor : 1)) },
    });
    return timed(async () => {
      const answer = await answerTo({ name: 'bench.yaml', yaml }, texts, { cache });
      if (answer?.kind !== 'run') throw new Error('the page has no answer');
      return 1;
    });
  },
  /** A job that was not measured, from its scenario to its result. */
  modelled: (job) => {
    const { scenario, profile } = loadScenarioObject(modelledScenario(job), 'bench', LIBRARY);
    return timed(async () => {
      await runScenario(scenario, profile, { findBound: energyBound, isAlone: true });
      return 1;
    });
  },
  help: () => ofProcess(['--help'], () => 1),
  start: () => ofProcess(['run', projectFile('scenarios/quick-start.yaml')], () => 1),
  sweep: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    try {
      const output = join(folder, 'runs.duckdb');
      const sweep = projectFile('scenarios/sweeps/straggler-imbalance.yaml');
      const args = ['sweep', sweep, '--shard', SHARD, '--workers', '2', '--output', output];
      return await ofProcess(args, (out) => Number(/: (\d+) of/.exec(out)![1]));
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
} as const satisfies Readonly<Record<string, Measurement>>;

export type MeasurementName = keyof typeof MEASUREMENTS;

/** Plans rebuilt in one measurement. */
const REBUILT = 20;
/** Every fourth run of the shipped sweep: its plans are shared by many runs, as in the whole. */
const SHARD = '1/4';

/** Points of a drawn frontier. */
const DRAWN = 400;

/** Frontiers kept by the page. */
const MOST_PLANS = 24;

const execFileAsync = promisify(execFile);

/** Prepared by a job's first measurement. */
const prepared = new Map<string, unknown>();

function remembered<T>(what: string, job: object, make: () => T): T {
  const key = `${what} ${JSON.stringify(job)}`;
  if (!prepared.has(key)) prepared.set(key, make());
  return prepared.get(key) as T;
}

interface Planned {
  readonly dag: PlanningProblem['dag'];
  readonly problem: PlanningProblem;
  readonly planning: { unitTimeS: number; blockingPowerW: number; gpusPerStage: number };
}

/** The planning problem that a planner is timed on. */
export function planningOf(job: BenchJob): Planned {
  return remembered('planned', job, () => {
    const { catalog, stages, microbatches, chunks, unitTimeMs } = job;
    const file = projectFile(`scenarios/catalog/${catalog}.yaml`);
    const entry = parseCatalogEntry(readFileSync(file, 'utf8'));
    const profile = catalogProfile(entry);
    const ofModel = Array.from({ length: stages * chunks }, (_, k) =>
      scaleStage(profile.stages[k % profile.stages.length]!, 1 / chunks),
    );
    const schedule = chunks === 1 ? '1f1b' : 'interleaved';
    const dag = scheduleDag(schedule, { stages, microbatches, chunks });
    const { blockingPowerW } = entry;
    const planning = { unitTimeS: unitTimeMs / 1e3, blockingPowerW, gpusPerStage: 1 };
    return {
      dag,
      planning,
      problem: planningProblem(dag, { ...profile, stages: ofModel }, planning),
    };
  });
}

function frontierOf(job: BenchJob): Plans {
  return remembered('frontier', job, () => perseus.plan(planningOf(job).problem));
}

function simulated(job: BenchJob, isChanged: boolean): Promise<Cost> {
  const { dag } = planningOf(job);
  const pipelines = remembered('workloads', { ...job, isChanged }, () =>
    Array.from({ length: job.pipelines }, (_, p): Workload => {
      const workload = ownTimes(dag, p);
      return isChanged ? { ...workload, later: [{ fromS: job.microbatches, workload }] } : workload;
    }),
  );
  return timed(() => {
    simulateJob({ dag, timing: noOverheads(job.stages), pipelines }, { simulateAll: true });
    return pipelines.length * dag.instructionCount;
  });
}

/** Times of a pipeline of its own, within 5 % of 1 s forward and 2 s backward. */
function ownTimes({ kind, instructionCount }: PlanningProblem['dag'], pipeline: number): Workload {
  const uniform = randomStream(1, `bench/pipeline-${pipeline}`);
  return {
    durationS: Float64Array.from(kind, (each) => (1 + each) * (0.95 + 0.1 * uniform())),
    stallS: new Float64Array(instructionCount),
    powerW: new Float64Array(instructionCount).fill(300),
    clockMHz: new Float64Array(instructionCount).fill(1410),
  };
}

function jitterScenario({ catalog, stages, microbatches, pipelines, iterations }: BenchJob) {
  return {
    name: 'bench',
    profile: { catalog },
    pipeline: { stages, microbatches },
    pipelines,
    iterations,
    jitter: {},
    policies: ['max-frequency'],
  };
}

/** Llama 3 70B as it is run: interleaved, on H100s, beside a straggler. */
function modelledScenario({ stages, microbatches, chunks, pipelines }: BenchJob) {
  return {
    name: 'bench',
    profile: { model: 'llama-3-70b', gpu: 'h100-sxm', microbatch: 1 },
    pipeline: { schedule: 'interleaved', stages, microbatches, chunks },
    tensorParallel: 8,
    pipelines,
    stragglers: [{ pipeline: 0, slowdown: 1.1 }],
  };
}

/** Versions before there was a planner for one deadline planned the frontier for it. */
async function plannerForDeadlines(): Promise<
  (problem: PlanningProblem, deadlineS: number) => FrequencyPlan
> {
  try {
    return (await import('../../src/planner/deadline/deadline-plan.js')).perseusPlanAt;
  } catch {
    return (problem, deadlineS) => perseus.plan(problem).planAt(deadlineS);
  }
}

async function timed(act: () => number | Promise<number>): Promise<Cost> {
  const beganMs = performance.now();
  const before = process.cpuUsage();
  const count = await act();
  const { user, system } = process.cpuUsage(before);
  return { cpuS: (user + system) / 1e6, wallS: (performance.now() - beganMs) / 1e3, count };
}

/**
 * Runs the command line in a process of its own. A shell tells the processor time of that process and
 * of all that it started, also of those that were killed.
 */
async function ofProcess(args: readonly string[], countOf: (out: string) => number): Promise<Cost> {
  const beganMs = performance.now();
  const main = projectFile('dist/sim/cli/main.js');
  const script = '"$@" && times >&2';
  const words = ['-c', script, 'bash', process.execPath, main, ...args];
  const { stdout, stderr } = await execFileAsync('bash', words);
  const wallS = (performance.now() - beganMs) / 1e3;
  // Two lines of user and system time, of the shell and of its children: 0m1.234s 0m0.056s
  const [minutes = [], seconds = []] = [/(\d+)m/g, /m([\d.]+)s/g].map((each) =>
    [...stderr.trimEnd().split('\n').at(-1)!.matchAll(each)].map(([, figure]) => Number(figure)),
  );
  return { cpuS: 60 * sum(minutes) + sum(seconds), wallS, count: countOf(stdout) };
}
