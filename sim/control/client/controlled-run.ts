import { entryOf } from '../../../src/groups.js';
import type { FrequencyPlan, FrontierPoint } from '../../../src/planner/planner.js';
import { singlePlan } from '../../../src/planner/single-plan.js';
import type { PipelineClocks, StageClocks } from '../../plans/clock-lists.js';
import { planOfClocks } from '../../plans/given-plan.js';
import { clocksOfPlan } from '../../plans/plan-clocks.js';
import type { LivePlans, LivePolicy } from '../../run/live-plans.js';
import type { DeployedPlans } from '../../run/policy-plans.js';
import type { ExecutedIteration } from '../../run/training-run.js';
import type { Setting } from '../../scenario/scenario-setting.js';
import { dataParallelJob, type Straggler } from '../../training/data-parallel.js';
import { simulateJob } from '../../training/job.js';
import type { JobCalls } from './control-answers.js';
import type { ControlServer } from './control-server.js';
import { iterationReports } from './iteration-reports.js';
import type { SimulatedRank } from './simulated-ranks.js';
import { stragglerReports } from './straggler-reports.js';

/** The row of a policy whose plans come from a server. */
const CONTROL = 'control';

/** A registered job, and what it runs. */
export interface ControlledJob {
  readonly server: ControlServer;
  readonly calls: JobCalls;
  readonly setting: Setting;
  readonly ranks: readonly SimulatedRank[];
}

/** More iterations of profiling than this mean that it does not come to an end. */
const MOST_PROFILING = 20_000;

/**
 * A simulated job under a server: before each iteration every rank asks for its schedule, after it
 * every rank reports what it measured. Stragglers are reported when they are noticed, and when they
 * are gone.
 */
export class ControlledRun implements LivePlans {
  /** Iterations run to profile the job before the run. */
  profilingIterations = 0;
  private fastest: FrequencyPlan | undefined;
  /** Reports that the server has acknowledged, by pipeline. */
  private readonly reportedAs = new Map<number, string>();
  /** An iteration that was run and not yet reported. */
  private unreported: Pick<ExecutedIteration, 'job' | 'record'> | undefined;
  /** Reports so far: their numbers tell repeated ones from new ones. */
  private rounds = 0;
  private readonly foreseen = new Map<string, DeployedPlans>();
  /** By clocks and promise: iterations with the same plans are simulated once. */
  private readonly plans = new Map<string, FrequencyPlan>();

  constructor(private readonly job: ControlledJob) {}

  /** Lets the server profile the job, if it does, and learns the fastest plan. */
  async begin(): Promise<LivePolicy> {
    const { setting } = this.job;
    await this.profiled();
    const deployed = await this.asked([], this.job.ranks);
    this.fastest = deployed.healthy;
    return {
      policy: CONTROL,
      problem: setting.problem,
      fastest: this.fastest,
      plans: singlePlan(this.fastest),
      forStragglers: (known) => this.foreseen.get(keyOf(known))!,
      live: this,
    };
  }

  async deploy(known: readonly Straggler[]): Promise<DeployedPlans> {
    return this.asked(known, this.job.ranks);
  }

  async foresee(known: readonly Straggler[]): Promise<DeployedPlans> {
    const same = this.foreseen.get(keyOf(known));
    if (same !== undefined) return same;
    const slow = new Set(known.map(({ pipeline }) => pipeline));
    const healthy = this.job.ranks.find(({ dp }) => !slow.has(dp))?.dp;
    const some = this.job.ranks.filter(
      ({ dp, tp }) => tp === 0 && (slow.has(dp) || dp === healthy),
    );
    return this.asked(known, some);
  }

  ran(iteration: ExecutedIteration): void {
    this.unreported = iteration;
  }

  async reported(): Promise<void> {
    const { unreported } = this;
    if (unreported === undefined) return;
    const reports = iterationReports(unreported, this.job.setting.gpus);
    const round = this.rounds++;
    const post = ({ rank, dp, pp }: SimulatedRank) => {
      return this.job.calls.postResult({ rank, round, ...reports(dp, pp) });
    };
    await Promise.all(this.job.ranks.map(post));
    this.unreported = undefined;
  }

  /** Runs the clocks that the server wants to know about, until it knows enough. */
  private async profiled(): Promise<void> {
    const { calls, setting, server, ranks } = this.job;
    while ((await calls.status()).state === 'profiling') {
      if (++this.profilingIterations > MOST_PROFILING) {
        throw server.error(`still profiles after ${MOST_PROFILING} iterations`);
      }
      const clocks = await this.clocksOfPipelines(ranks);
      const plansOf = new Map([...clocks].map(([dp, of]) => [dp, this.planOf(of, undefined)]));
      const job = dataParallelJob({
        ...setting,
        pipelineCount: setting.scenario.pipelines,
        plan: plansOf.get(0)!,
        plansOf,
        stragglers: [],
      });
      this.unreported = { job, record: simulateJob(job) };
      await this.reported();
    }
  }

  /** The plans that ranks get while these stragglers are known. */
  private async asked(
    known: readonly Straggler[],
    ranks: readonly SimulatedRank[],
  ): Promise<DeployedPlans> {
    await this.reported();
    await this.report(known);
    const clocks = await this.clocksOfPipelines(ranks);
    const { fastest, chosen, stragglerTimeS } = await this.job.calls.status();
    const slow = new Set(known.map(({ pipeline }) => pipeline));
    const [first] = [...clocks.keys()].filter((dp) => !slow.has(dp));
    const healthyText = textOf(clocks.get(first ?? 0)!);
    const healthy = this.planOf(clocks.get(first ?? 0)!, first === undefined ? fastest : chosen);
    const fastestText = this.fastest && textOf(clocksOfPlan(this.fastest, this.job.setting.dag));
    const others = [...clocks].filter(([dp, of]) => slow.has(dp) || textOf(of) !== healthyText);
    const ofStragglers = new Map(
      others.map(([dp, of]) => {
        const isFastest = textOf(of) === fastestText;
        return [dp, isFastest ? this.fastest! : this.planOf(of, undefined)];
      }),
    );
    return this.remembered(known, {
      // Zero says that the server has a plan and does not know its time.
      stragglerTimeS: Math.max(stragglerTimeS ?? 0, healthy.plannedTimeS),
      healthy,
      ofStragglers,
    });
  }

  /** The same object for the same plans: what was simulated with it is known. */
  private remembered(known: readonly Straggler[], deployed: DeployedPlans): DeployedPlans {
    const key = keyOf(known);
    const before = this.foreseen.get(key);
    const isSame =
      before?.healthy === deployed.healthy &&
      before.ofStragglers.size === deployed.ofStragglers.size &&
      [...deployed.ofStragglers].every(([dp, plan]) => before.ofStragglers.get(dp) === plan);
    if (isSame) return before;
    this.foreseen.set(key, deployed);
    return deployed;
  }

  /** Tells the server of stragglers that came, changed or are gone. */
  private async report(known: readonly Straggler[]): Promise<void> {
    if (known.length === 0 && this.reportedAs.size === 0) return;
    const { calls, setting } = this.job;
    const reports = stragglerReports(setting, this.fastest!, known);
    const now = new Map(reports.map((report) => [report.pipeline, report]));
    for (const pipeline of [...this.reportedAs.keys()]) {
      if (now.has(pipeline)) continue;
      await calls.removeStraggler(pipeline);
      this.reportedAs.delete(pipeline);
    }
    for (const [pipeline, report] of now) {
      const text = JSON.stringify(report);
      if (this.reportedAs.get(pipeline) === text) continue;
      await calls.postStraggler(report);
      this.reportedAs.set(pipeline, text);
    }
  }

  /**
   * The clocks that ranks are given, pipeline by pipeline.
   * @throws InputError if GPUs of one stage are given different clocks: they run as one.
   */
  private async clocksOfPipelines(
    ranks: readonly SimulatedRank[],
  ): Promise<Map<number, PipelineClocks>> {
    const { calls, server } = this.job;
    const given = await Promise.all(
      ranks.map(async (rank) => ({ ...rank, clocks: await calls.schedule(rank.rank) })),
    );
    const ofPipelines = new Map<number, StageClocks[]>();
    for (const { rank, dp, pp, clocks } of given) {
      const stages = entryOf(ofPipelines, dp, (): StageClocks[] => []);
      const other = (stages[pp] ??= clocks);
      if (other !== clocks && JSON.stringify(other) !== JSON.stringify(clocks)) {
        const others = `other ranks of stage ${pp} of pipeline ${dp}`;
        throw server.error(`gave rank ${rank} other clocks than ${others}, expected the same`);
      }
    }
    return ofPipelines;
  }

  /** The plan with these clocks. @param promise of the server, where it tells one. */
  private planOf(clocks: PipelineClocks, promise: FrontierPoint | null | undefined): FrequencyPlan {
    const { server, setting } = this.job;
    return entryOf(this.plans, `${JSON.stringify(promise ?? null)} ${textOf(clocks)}`, () => {
      const file = { source: server.name, clocks, ...(promise ?? {}) };
      return planOfClocks(CONTROL, file, setting.problem);
    });
  }
}

function keyOf(known: readonly Straggler[]): string {
  return JSON.stringify(known);
}

function textOf(clocks: PipelineClocks): string {
  return JSON.stringify(clocks);
}
