import { pathTimes } from '../../src/pipeline/critical-path.js';
import { scheduleDag, type ScheduleName } from '../../src/pipeline/schedules.js';
import { INSTRUCTION_KINDS, operationOptions } from '../../src/profile/operation.js';
import type { StageProfile } from '../../src/profile/stage-profile.js';
import { drawNormal } from '../../sim/kernel/distributions.js';
import { randomStream } from '../../sim/kernel/random-streams.js';
import type { Degrees } from '../../sim/control/planning/planning-request.js';
import type { SweptRank } from '../../sim/control/profiling/clock-sweep.js';
import type { RankReport } from '../../sim/control/profiling/stage-work.js';
import type { StageClocks } from '../../sim/plans/clock-lists.js';

/** A job of GPUs that take and draw what a profile says, with noise. */
export interface SimulatedJob {
  readonly profile: StageProfile;
  readonly degrees: Degrees;
  readonly schedule?: ScheduleName;
  readonly microbatches: number;
  readonly chunks?: number;
  readonly blockingPowerW: number;
  readonly seed: number;
  /** Standard deviations, relative: of instructions, of an iteration as a whole, between GPUs. */
  readonly noise?: {
    readonly instruction: number;
    readonly iteration: number;
    readonly gpu: number;
  };
  /** Factors on a rank's times and energies in an iteration. */
  readonly change?: (rank: SweptRank, iteration: number) => { timeBy?: number; energyBy?: number };
}

/** Scatter as it was measured on real jobs; see the scenario's `jitter`. */
const MEASURED_NOISE = { instruction: 0.02, iteration: 0.014, gpu: 0.004 };

/** Ranks of a job, in Megatron's order: tensor parallel first, then data parallel, then stages. */
export function ranksOf({ pp, dp, tp }: Degrees, clocksMHz: readonly number[]): SweptRank[] {
  return Array.from({ length: pp * dp * tp }, (_, rank) => ({
    rank,
    tp_rank: rank % tp,
    dp_rank: Math.floor(rank / tp) % dp,
    pp_rank: Math.floor(rank / (tp * dp)),
    available_frequencies: clocksMHz,
  }));
}

/** Simulates the reports of a job's ranks, iteration by iteration. */
export class SimulatedRanks {
  readonly ranks: readonly SweptRank[];
  private readonly dag;
  private readonly options;
  private iteration = 0;

  constructor(private readonly job: SimulatedJob) {
    const { profile, degrees, schedule = '1f1b', microbatches, chunks = 1 } = job;
    this.dag = scheduleDag(schedule, { stages: degrees.pp, microbatches, chunks });
    this.options = this.dag.operations.map((operation) => operationOptions(profile, operation));
    const clocks = profile.stages[0]!.forward.map(({ frequencyMHz }) => frequencyMHz);
    this.ranks = ranksOf(degrees, clocks);
  }

  /** One iteration of all ranks with the clocks that each of them has. */
  run(clocksOf: (rank: number) => StageClocks): RankReport[] {
    const { degrees, blockingPowerW, seed, noise = MEASURED_NOISE, change } = this.job;
    const { dag } = this;
    const iteration = this.iteration++;
    const figures = this.ranks.map((rank) => {
      const uniform = randomStream(seed, `${rank.rank}/${iteration}`);
      const own = randomStream(seed, `gpu ${rank.rank}`);
      const [gpuTime, gpuPower] = [
        1 + noise.gpu * drawNormal(own),
        1 + 4 * noise.gpu * drawNormal(own),
      ];
      const common = 1 + noise.iteration * drawNormal(uniform);
      const commonPower = 1 + noise.iteration * drawNormal(uniform);
      const { timeBy = 1, energyBy = 1 } = change?.(rank, iteration) ?? {};
      const start = dag.stageStart[rank.pp_rank]!;
      return clocksOf(rank.rank).map(({ frequencyMHz }, k) => {
        const list = this.options[dag.operation[start + k]!]!;
        const option = list.find((o) => o.frequencyMHz === frequencyMHz) ?? list[0]!;
        const scatter = (1 + noise.instruction * drawNormal(uniform)) * common * gpuTime;
        return {
          timeS: option.timeS * scatter * timeBy,
          energyJ: option.energyJ * scatter * commonPower * gpuPower * energyBy,
        };
      });
    });
    const meetS = Math.max(
      ...Array.from({ length: degrees.dp }, (_, pipeline) => this.pipelineTime(pipeline, figures)),
    );
    return this.ranks.map(({ rank, pp_rank }, r) => {
      const of = figures[r]!;
      const busyS = of.reduce((sum, { timeS }) => sum + timeS, 0);
      const busyJ = of.reduce((sum, { energyJ }) => sum + energyJ, 0);
      const start = dag.stageStart[pp_rank]!;
      const named = (value: (figure: (typeof of)[number]) => number) =>
        Object.fromEntries(
          INSTRUCTION_KINDS.flatMap((kind, index): [string, number[][]][] => {
            const list = of.filter((_, k) => dag.kind[start + k] === index).map(value);
            return list.length === 0 ? [] : [[kind, [list]]];
          }),
        );
      return {
        rank,
        iter_time: [meetS],
        iter_energy: [busyJ + blockingPowerW * (meetS - busyS)],
        time_breakdown: named(({ timeS }) => timeS),
        energy_breakdown: named(({ energyJ }) => energyJ),
      };
    });
  }

  private pipelineTime(
    pipeline: number,
    figures: readonly (readonly { timeS: number }[])[],
  ): number {
    const { dag } = this;
    const durationS = new Float64Array(dag.instructionCount);
    this.ranks.forEach(({ dp_rank, pp_rank }, r) => {
      if (dp_rank !== pipeline) return;
      figures[r]!.forEach(({ timeS }, k) => {
        const i = dag.stageStart[pp_rank]! + k;
        durationS[i] = Math.max(durationS[i]!, timeS);
      });
    });
    return pathTimes(dag, durationS).length;
  }
}
