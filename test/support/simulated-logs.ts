import { readFileSync } from 'node:fs';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { FORWARD } from '../../src/profile/operation.js';
import type { StageProfile } from '../../src/profile/stage-profile.js';
import { catalogProfile, parseCatalogEntry } from '../../sim/hardware/catalog.js';
import { drawNormal } from '../../sim/kernel/distributions.js';
import { randomStream, type RandomStream } from '../../sim/kernel/random-streams.js';
import { runPipeline } from '../../sim/training/pipeline-run.js';
import { instructionTiming, noOverheads } from '../../sim/training/timing.js';
import { projectFile } from './files.js';

/** The clock of the machines whose logs are made up: a morning in 2026. */
export const EPOCH_S = 1_780_000_000;

/** One run of a pipeline, at one clock. */
export interface LoggedRun {
  readonly clockMHz: number;
  readonly spans: readonly LoggedSpan[];
  readonly ranks: readonly LoggedRank[];
  readonly endS: number;
}

export interface LoggedSpan {
  readonly rank: number;
  readonly stage: number;
  readonly kind: 'forward' | 'backward';
  readonly iteration: number;
  readonly startS: number;
  readonly endS: number;
}

/** The power of a GPU over time: constant between moments. */
interface LoggedRank {
  readonly untilS: readonly number[];
  readonly powerW: readonly number[];
  /** Energy from 0 s to each moment. */
  readonly energyJ: readonly number[];
}

export interface LogSettings {
  readonly microbatches: number;
  readonly iterations: number;
  readonly blockingPowerW: number;
  /** Standard deviation of instructions' times, relative. */
  readonly jitter: number;
  readonly seed: number;
  /** Between iterations. */
  readonly pauseS?: number;
  readonly pauseW?: number;
  /** GPUs of a stage, by how much their times and powers differ. */
  readonly gpus?: readonly { readonly time: number; readonly power: number }[];
  /** Iterations at the beginning that take half as long again. */
  readonly cold?: number;
}

/** A known profile, with curves for all clocks. */
export function knownProfile(name: string): StageProfile {
  const path = projectFile(`scenarios/catalog/${name}.yaml`);
  return catalogProfile(parseCatalogEntry(readFileSync(path, 'utf8'), path));
}

/** The profile's first stages at some of its clocks, with `scale` times the work. */
export function partOf(
  profile: StageProfile,
  stages: number,
  clocks: readonly number[],
  scale = 1,
): StageProfile {
  const options = (list: StageProfile['stages'][number]['forward']) =>
    list
      .filter(({ frequencyMHz }) => clocks.includes(frequencyMHz))
      .map((each) => ({ ...each, timeS: each.timeS * scale, energyJ: each.energyJ * scale }));
  return {
    ...profile,
    stages: profile.stages
      .slice(0, stages)
      .map(({ forward, backward }) => ({ forward: options(forward), backward: options(backward) })),
  };
}

/** Executes iterations of a 1F1B pipeline with all instructions at one clock. */
export function loggedRun(
  profile: StageProfile,
  clockMHz: number,
  settings: LogSettings,
): LoggedRun {
  const { microbatches, iterations, blockingPowerW, jitter, seed, pauseS = 0, cold = 0 } = settings;
  const { pauseW = blockingPowerW, gpus = [{ time: 1, power: 1 }] } = settings;
  const stages = profile.stages.length;
  const dag = oneFOneB(stages, microbatches);
  const n = dag.instructionCount;
  const uniform = randomStream(seed, `jitter at ${clockMHz}`);
  const kindOf = (i: number) => (dag.kind[i] === FORWARD ? 'forward' : 'backward');
  const optionOf = (i: number) =>
    profile.stages[dag.stage[i]!]![kindOf(i)].find((each) => each.frequencyMHz === clockMHz)!;
  const slowest = Math.max(...gpus.map(({ time }) => time));
  const spans: LoggedSpan[] = [];
  const ranks = Array.from({ length: stages * gpus.length }, () => new PowerLog());
  let nowS = 1;
  ranks.forEach((rank) => {
    rank.add(1, blockingPowerW);
  });
  for (let iteration = 0; iteration < iterations; iteration++) {
    const factor = Array.from(
      { length: n },
      () => (1 + jitter * drawNormal(uniform)) * (iteration < cold ? 1.5 : 1),
    );
    const { startS, finishS, endS } = runPipeline(
      dag,
      instructionTiming(dag, noOverheads(stages)),
      {
        durationS: Float64Array.from(
          { length: n },
          (_, i) => optionOf(i).timeS * factor[i]! * slowest,
        ),
        stallS: new Float64Array(n),
        powerW: new Float64Array(n),
        clockMHz: new Float64Array(n).fill(clockMHz),
      },
    );
    for (let i = 0; i < n; i++) {
      const { timeS, energyJ } = optionOf(i);
      gpus.forEach((gpu, g) => {
        const rank = dag.stage[i]! * gpus.length + g;
        const beginS = nowS + startS[i]!;
        const doneS = beginS + timeS * factor[i]! * gpu.time;
        const kind = kindOf(i);
        spans.push({ rank, stage: dag.stage[i]!, kind, iteration, startS: beginS, endS: doneS });
        ranks[rank]!.add(beginS, blockingPowerW);
        ranks[rank]!.add(doneS, (energyJ / timeS) * gpu.power);
        ranks[rank]!.add(nowS + finishS[i]!, blockingPowerW);
      });
    }
    nowS += endS;
    ranks.forEach((rank) => {
      rank.add(nowS, blockingPowerW);
    });
    nowS += pauseS;
    ranks.forEach((rank) => {
      rank.add(nowS, pauseW);
    });
  }
  ranks.forEach((rank) => {
    rank.add(nowS + 1, blockingPowerW);
  });
  return { clockMHz, spans, ranks, endS: nowS + 1 };
}

class PowerLog implements LoggedRank {
  readonly untilS: number[] = [];
  readonly powerW: number[] = [];
  readonly energyJ: number[] = [];

  add(untilS: number, powerW: number): void {
    const fromS = this.untilS.at(-1) ?? 0;
    if (untilS <= fromS) return;
    this.untilS.push(untilS);
    this.powerW.push(powerW);
    this.energyJ.push((this.energyJ.at(-1) ?? 0) + powerW * (untilS - fromS));
  }
}

/** The energy that a rank has used at moments in rising order. */
function energiesAt({ untilS, powerW, energyJ }: LoggedRank, moments: readonly number[]) {
  let k = 0;
  return moments.map((moment) => {
    while (k < untilS.length - 1 && untilS[k]! < moment) k++;
    return energyJ[k]! - powerW[k]! * (untilS[k]! - Math.max(0, moment));
  });
}

/** Moments of samples, each a little late. */
function sampleMoments(endS: number, intervalS: number, uniform: RandomStream): number[] {
  const count = Math.floor(endS / intervalS) - 1;
  return Array.from({ length: count }, (_, k) => (k + 1) * intervalS + 0.004 * uniform());
}

/** A table of instructions with their begin and end, as of `examples/measure_pipeline.py`. */
export function instructionTable({ spans }: LoggedRun, originS = EPOCH_S): string {
  const rows = spans.map(({ rank, stage, kind, iteration, startS, endS }) =>
    [rank, stage, kind, iteration, stamp(originS + startS), stamp(originS + endS)].join(','),
  );
  return `rank,stage,instruction,iteration,start,end\n${rows.join('\n')}\n`;
}

function stamp(timeS: number): string {
  return timeS.toFixed(6);
}

export interface SampleSettings {
  readonly intervalS: number;
  /** Power samples are the mean over this time. */
  readonly windowS: number;
  /** Standard deviation of power, relative. */
  readonly noise: number;
  readonly seed: number;
}

/** `nvidia-smi --query-gpu=timestamp,index,power.draw,clocks.current.sm --format=csv`. */
export function smiLog(
  run: LoggedRun,
  { intervalS, windowS, noise, seed }: SampleSettings,
): string {
  const uniform = randomStream(seed, `samples at ${run.clockMHz}`);
  const moments = sampleMoments(run.endS, intervalS, uniform);
  const series = run.ranks.map((rank) => {
    const [until, from] = [
      energiesAt(rank, moments),
      energiesAt(
        rank,
        moments.map((t) => t - windowS),
      ),
    ];
    return until.map(
      (each, k) => ((each - from[k]!) / windowS) * (1 + noise * drawNormal(uniform)),
    );
  });
  const lines = moments.flatMap((moment, k) =>
    series.map((powers, gpu) => {
      const time = new Date((EPOCH_S + moment) * 1000).toISOString().replaceAll('-', '/');
      const at = time.replace('T', ' ').replace('Z', '');
      return `${at}, ${gpu}, ${powers[k]!.toFixed(2)} W, ${run.clockMHz} MHz`;
    }),
  );
  const head = 'timestamp, index, power.draw [W], clocks.current.sm [MHz]';
  return `${head}\n${lines.join('\n')}\n`;
}

/** Time between two updates of a GPU's energy counter. */
const UPDATE_S = 0.1;

/** The energy counter at moments, J: whole millijoules, as old as its last update. */
function counterAt(rank: LoggedRank, moments: readonly number[], phaseS: number): number[] {
  const updates = moments.map(
    (moment) => Math.floor((moment - phaseS) / UPDATE_S) * UPDATE_S + phaseS,
  );
  return energiesAt(rank, updates).map((each) => Math.floor(each * 1000) / 1000);
}

/** Metrics of DCGM as Prometheus text: the energy counter in mJ and the clock. */
export function dcgmLog(run: LoggedRun, { intervalS, seed }: SampleSettings): string {
  const uniform = randomStream(seed, `samples at ${run.clockMHz}`);
  const moments = sampleMoments(run.endS, intervalS, uniform);
  const lines = run.ranks.flatMap((rank, gpu) => {
    const counted = counterAt(rank, moments, UPDATE_S * uniform());
    return moments.flatMap((moment, k) => {
      const at = Math.round((EPOCH_S + moment) * 1000);
      return [
        `DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu="${gpu}"} ${Math.round(counted[k]! * 1000)} ${at}`,
        `DCGM_FI_DEV_SM_CLOCK{gpu="${gpu}"} ${run.clockMHz} ${at}`,
      ];
    });
  });
  return `${lines.join('\n')}\n`;
}

/** Windows of ZeusMonitor, one file for each rank: energies by the counter at begin and end. */
export function zeusLogs(run: LoggedRun, seed: number): string[] {
  const uniform = randomStream(seed, `windows at ${run.clockMHz}`);
  return run.ranks.map((rank, r) => {
    const own = run.spans.filter((span) => span.rank === r).sort((a, b) => a.startS - b.startS);
    const counted = counterAt(
      rank,
      own.flatMap(({ startS, endS }) => [startS, endS]),
      UPDATE_S * uniform(),
    );
    const rows = own.map(({ stage, kind, startS, endS }, k) => {
      const energyJ = counted[2 * k + 1]! - counted[2 * k]!;
      return `${stamp(EPOCH_S + startS)},stage${stage}/${kind},${(endS - startS).toFixed(6)},${energyJ.toFixed(3)}`;
    });
    return `start_time,window_name,elapsed_time,gpu${r}_energy\n${rows.join('\n')}\n`;
  });
}
