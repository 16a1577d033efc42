import { readdirSync, readFileSync } from 'node:fs';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { PowerAverager, type PowerSeries, type PowerSteps } from '../../sim/power/power-series.js';
import { loadDuration } from '../../sim/power/figures/load-duration.js';
import { powerFigures } from '../../sim/power/figures/power-figures.js';
import { jobSteps, stagesOfJob, type StageSteps } from '../../sim/power/trace/job-steps.js';
import { loadScenarioObject } from '../../sim/scenario/scenario.js';
import { scenarioSetting, type Setting } from '../../sim/scenario/scenario-setting.js';
import { dataParallelJob } from '../../sim/training/data-parallel.js';
import { simulateJob } from '../../sim/training/job.js';
import { perseusPlanAt } from '../../src/planner/deadline/deadline-plan.js';
import { perseusFlat } from '../../src/planner/flat/perseus-flat.js';
import { maxFrequency } from '../../src/planner/max-frequency.js';
import { perseusHull } from '../../src/planner/perseus-hull/perseus-hull.js';
import type { FrequencyPlan } from '../../src/planner/planner.js';
import { zeusGlobal } from '../../src/planner/zeus-global.js';
import { parse } from 'yaml';
import { projectFile } from '../support/files.js';

/** Interval of the series: the resolution of what is stated. */
const EVERY_S = 0.02;
/** Iterations in a series, all alike. */
const ITERATIONS = 10;
/** Floors of each GPU's power, parts of its stage's mean computing power. */
const FLOORS = [0.9, 0.8, 0.7] as const;
/** A floor that stays where it is when clocks fall: a part of max-frequency's computing power. */
const FIXED_FLOOR = 0.7;

/** Figures of one plan of one job; powers in percent of the mean power. */
interface PlanPower {
  readonly plan: string;
  readonly timeS: number;
  /** Of an iteration, all GPUs. */
  readonly energyJ: number;
  /** Of one GPU. */
  readonly meanW: number;
  readonly peakPct: number;
  readonly sdPct: number;
  /** P99 − P1. */
  readonly rangePct: number;
  readonly linePct: number;
  readonly lineHz: number;
  /** Rise within 1 s. */
  readonly rampPct: number;
  /** Energy that each floor adds, percent of the energy without. */
  readonly floorPct: readonly number[];
  /** The same of a floor at a part of what max-frequency draws while it computes. */
  readonly fixedFloorPct: number;
}

/** A job of today: not profiled, predicted from the model's operators. */
function today(model: string, gpu: string, microbatch: number): object {
  return {
    name: `${model} on ${gpu}`,
    profile: { model, gpu, microbatch, sequence: 8192, precision: 'bf16', recompute: 'selective' },
    pipeline: { schedule: '1f1b', stages: 8, microbatches: 32 },
    tensorParallel: 8,
    pipelines: 16,
    job: { zeroStage: 1 },
  };
}

/** The paper's 16 jobs, as one pipeline each, and two of today's. */
export function jobsOfPower(): { readonly name: string; readonly setting: Setting }[] {
  const folder = projectFile('scenarios');
  const paper = readdirSync(folder)
    .filter((file) => /-mb\d+\.yaml$/.test(file))
    .map((file) => {
      const document = parse(readFileSync(`${folder}/${file}`, 'utf8')) as object;
      return { ...document, pipelines: 1, stragglers: [] };
    });
  return [...paper, today('llama-3-70b', 'h100-sxm', 1), today('gpt3-175b', 'b200-sxm', 1)].map(
    (document) => {
      const { scenario, profile } = loadScenarioObject(document, 'power-of-plans', LIBRARY);
      return { name: scenario.name, setting: scenarioSetting(scenario, profile) };
    },
  );
}

/** The plans whose power is compared. */
export function plansOfPower({ problem }: Setting): (readonly [string, FrequencyPlan])[] {
  const hull = perseusHull.plan(problem);
  const flat = perseusFlat.plan(problem);
  const fastestS = hull.fastest.plannedTimeS;
  const later = (factor: number) =>
    [
      [`zeus-global, ${factor} T`, zeusGlobal.plan(problem).planAt(factor * fastestS)],
      [`perseus, ${factor} T`, perseusPlanAt(problem, factor * fastestS)],
      [`perseus-flat, ${factor} T`, flat.planAt(factor * fastestS)],
    ] as const;
  return [
    ['max-frequency', maxFrequency.plan(problem).fastest],
    ['perseus', perseusPlanAt(problem, fastestS)],
    ['perseus-hull', hull.fastest],
    ['perseus-flat', flat.fastest],
    ...later(1.05),
    ...later(1.2),
  ];
}

/** The figures of plans that a job repeats, all pipelines in step; the first is the base. */
export function powersOfPlans(
  setting: Setting,
  plans: readonly (readonly [string, FrequencyPlan])[],
): PlanPower[] {
  const { scenario, gpus, dag } = setting;
  const pipelineCount = scenario.pipelines;
  const gpuCount = pipelineCount * dag.stageCount * gpus.gpusPerStage;
  let fixedW: readonly number[] | undefined;
  return plans.map(([plan, clocks]) => {
    const job = dataParallelJob({ ...setting, pipelineCount, stragglers: [], plan: clocks });
    const record = simulateJob(job);
    const stages = stagesOfJob({ job, record }, gpus);
    const ownW = stages.map((stage) => computingW(stage, gpus.blockingPowerW));
    fixedW ??= ownW;
    const series = repeated(jobSteps({ job, record }, gpus));
    const { meanW, ...figures } = powerFigures(series, 0, record.iterationTimeS);
    const percentOfMean = (powerW: number) => (100 * powerW) / meanW;
    const load = loadDuration(series);
    const energyJ = meanW * record.iterationTimeS;
    const floorPct = (levelsW: readonly number[], part: number) =>
      (100 * floorJ(stages, levelsW, part)) / energyJ;
    return {
      plan,
      timeS: record.iterationTimeS,
      energyJ,
      meanW: meanW / gpuCount,
      peakPct: percentOfMean(figures.peakW),
      sdPct: percentOfMean(figures.sdW),
      rangePct: percentOfMean(load.percentileW(0.99) - load.percentileW(0.01)),
      linePct: percentOfMean(figures.gridModes.largestW),
      lineHz: figures.gridModes.largestHz ?? NaN,
      rampPct: percentOfMean(figures.rampsWPerS[1].up.wPerS),
      floorPct: FLOORS.map((part) => floorPct(ownW, part)),
      fixedFloorPct: floorPct(fixedW, FIXED_FLOOR),
    };
  });
}

function repeated(steps: PowerSteps): PowerSeries {
  const powerW: number[] = [];
  const averager = new PowerAverager(EVERY_S, (meanW) => powerW.push(meanW));
  for (let k = 0; k < ITERATIONS; k++) averager.append(steps);
  const { durationS } = averager.finish();
  return { everyS: EVERY_S, powerW: Float64Array.from(powerW), durationS };
}

/** Mean power of a GPU while it draws more than waiting does. */
function computingW({ steps: { untilS, powerW } }: StageSteps, blockingW: number): number {
  let [computingS, computingJ] = [0, 0];
  powerW.forEach((nowW, k) => {
    if (nowW <= blockingW * (1 + 1e-9)) return;
    const heldS = untilS[k]! - (untilS[k - 1] ?? 0);
    computingS += heldS;
    computingJ += heldS * nowW;
  });
  return computingS > 0 ? computingJ / computingS : 0;
}

/** The energy of an iteration that floors under the power of each stage's GPUs add. */
function floorJ(stages: readonly StageSteps[], levelsW: readonly number[], part: number): number {
  return stages.reduce((sumJ, { steps: { untilS, powerW }, gpuCount }, s) => {
    const addedJ = powerW.reduce((addJ, nowW, k) => {
      const heldS = untilS[k]! - (untilS[k - 1] ?? 0);
      return addJ + heldS * Math.max(0, part * levelsW[s]! - nowW);
    }, 0);
    return sumJ + gpuCount * addedJ;
  }, 0);
}

const HEADINGS = [
  'plan',
  'time, s',
  'energy, %',
  'mean, W a GPU',
  'peak',
  'σ',
  'P99 − P1',
  'largest line, 0.1–2 Hz',
  'rise in 1 s',
  ...FLOORS.map((part) => `floor ${100 * part} %`),
  `fixed floor ${100 * FIXED_FLOOR} %`,
];

/** A table of a job's plans, in Markdown. */
export function powerTable(name: string, powers: readonly PlanPower[]): string {
  const [first] = powers;
  const percent = (value: number) => `${value.toFixed(1)} %`;
  const rows = powers.map((power) => [
    power.plan,
    power.timeS.toFixed(3),
    (100 * (power.energyJ / first!.energyJ - 1)).toFixed(1),
    power.meanW.toFixed(1),
    percent(power.peakPct),
    percent(power.sdPct),
    percent(power.rangePct),
    `${percent(power.linePct)} (${power.lineHz.toFixed(2)} Hz)`,
    percent(power.rampPct),
    ...power.floorPct.map((pct) => `+${percent(pct)}`),
    `+${percent(power.fixedFloorPct)}`,
  ]);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = `| --- |${' ---: |'.repeat(HEADINGS.length - 1)}`;
  return [`### ${name}`, '', line(HEADINGS), rule, ...rows.map(line), ''].join('\n');
}

/** Means over jobs, plan by plan. */
function meansOf(jobs: readonly (readonly PlanPower[])[]): PlanPower[] {
  const mean = (of: (power: PlanPower) => number, k: number) =>
    jobs.reduce((sum, powers) => sum + of(powers[k]!), 0) / jobs.length;
  const baseJ = (powers: readonly PlanPower[]) => powers[0]!.energyJ;
  return jobs[0]!.map(({ plan }, k): PlanPower => {
    const of = (figure: (power: PlanPower) => number) => mean(figure, k);
    return {
      plan,
      timeS: of(({ timeS }) => timeS),
      energyJ: jobs.reduce((sum, each) => sum + each[k]!.energyJ / baseJ(each), 0) / jobs.length,
      meanW: of(({ meanW }) => meanW),
      peakPct: of(({ peakPct }) => peakPct),
      sdPct: of(({ sdPct }) => sdPct),
      rangePct: of(({ rangePct }) => rangePct),
      linePct: of(({ linePct }) => linePct),
      lineHz: of(({ lineHz }) => lineHz),
      rampPct: of(({ rampPct }) => rampPct),
      floorPct: FLOORS.map((_, f) => of(({ floorPct }) => floorPct[f]!)),
      fixedFloorPct: of(({ fixedFloorPct }) => fixedFloorPct),
    };
  });
}

interface JobPower {
  readonly name: string;
  readonly powers: readonly PlanPower[];
}

/** The answer in words, from the figures. */
function answer(means: readonly PlanPower[], jobs: readonly JobPower[]): string {
  const of = (plan: string) => means.find((power) => power.plan === plan)!;
  const [max, least, flat] = ['max-frequency', 'perseus', 'perseus-flat'].map(of);
  const [later, flatLater] = ['perseus, 1.05 T', 'perseus-flat, 1.05 T'].map(of);
  const [last, flatLast] = ['perseus, 1.2 T', 'perseus-flat, 1.2 T'].map(of);
  const sd = (power: PlanPower | undefined) => power!.sdPct.toFixed(1);
  /** Energy of an 80 % floor, percent of what max-frequency uses without one. */
  const floor = (power: PlanPower | undefined) => (power!.floorPct[1]! * power!.energyJ).toFixed(1);
  const fixed = (power: PlanPower | undefined) =>
    (power!.fixedFloorPct * power!.energyJ).toFixed(1);
  const worse = jobs.filter(({ powers }) => powers[1]!.sdPct > powers[0]!.sdPct);
  return `# What clocks do to the swing of power

In the mean of the paper's ${jobs.filter(isOfPaper).length} jobs (below), in words:

- **Perseus at T_min hardly flattens.** σ of the power over an iteration is ${sd(max)} % of the mean at the highest
  clocks and ${sd(least)} % with Perseus: it removes energy where GPUs wait for others, which lowers the
  plateau and the dips together. In watts the swing falls with the mean; in percent of the mean it even rises in ${worse.length} of ${jobs.length} jobs
  (${worse.map(({ name }) => name).join(', ')}).
- **A little time flattens much more**: ${sd(later)} % at 1.05 T, because the plateau, in which all
  stages compute, falls further than what the few stages draw that compute at the iteration's ends.
- **perseus-flat takes off more**, for about 1 % of the energy or less: ${sd(flat)} % at T_min, ${sd(flatLater)} % at 1.05 T, and
  ${sd(flatLast)} % instead of ${sd(last)} % at 1.2 T, such as beside a straggler.
- **Smoothing costs less after planning**, but is not saved. A floor under each GPU at 80 % of what it draws while it
  computes adds, in percent of the energy at the highest clocks without a floor, ${floor(max)} (highest clocks),
  ${floor(least)} (Perseus, T_min), ${floor(flat)} (perseus-flat, T_min), ${floor(later)} (Perseus, 1.05 T), ${floor(flatLater)} (perseus-flat, 1.05 T). A
  floor burns what planning saved: less bubble helps more than flatter clocks, and flatter clocks at the level of the
  job are not flatter ones of each GPU.
- **A floor must follow the clocks.** Left at 70 % of what the GPUs draw at the highest clocks, it adds ${fixed(max)}
  (highest clocks), ${fixed(least)} (Perseus, T_min), ${fixed(later)} (Perseus, 1.05 T) and ${fixed(last)} (Perseus, 1.2 T) of the same 100 %.
- **Today's jobs swing where grids do.** Their iterations take 5 to 9 s, so that the first line of the spectrum, 1 / T, lies
  above 0.1 Hz: 27 % of the mean at the highest clocks, as much or more with Perseus at T_min (27 and 31 %), 17 and 22 % at
  1.05 T, 10 and 8 % with perseus-flat at 1.2 T. The paper's iterations take longer: their first line lies below the band.
- **Ramps are not what is minimised**: the steepest rise within 1 s falls less than σ, and with perseus-flat may be steeper than with
  Perseus (in the paper's jobs 23.7 instead of 18.6 % of the mean at T_min).

T is the least time. energy: an iteration against max-frequency. peak to rise: percent of the mean power; σ, P99 − P1 and
the largest line of the spectrum between 0.1 and 2 Hz are of ${ITERATIONS} equal iterations of the whole job, all pipelines in step,
in means over ${1000 * EVERY_S} ms. floor: the energy that a floor under each GPU adds, percent of the plan's own; its level is
that part of the GPU's mean power while computing. fixed floor: its level stays that of max-frequency.

How far to trust this: the profile knows the mean power of an instruction, so nothing within one is seen, and no
line above 1 / (2 · the shortest instruction) means anything; the lines given lie far below that. The paper's jobs
have no gradients' reduction and no optimizer (the artifact measured none): their dips are the pipeline's
bubbles alone. Today's jobs come from operators, not from measurements: their powers are off by 8 % on
average, their times after the pipeline are modelled. On a real H100 the first 0.1 s after waiting draws up to 35 %
above its power limit, which no profile shows: real peaks after each dip are higher, with every plan.

Made by \`node dist/test/bench/power-of-plans.js > results/power.md\`; \`test/planner/flat\` repeats one of its tables.
`;
}

function isOfPaper({ name }: JobPower): boolean {
  return /-mb\d+$/.test(name);
}

if (process.argv[1]?.endsWith('power-of-plans.js') === true) {
  const jobs = jobsOfPower().map(({ name, setting }): JobPower => {
    return { name, powers: powersOfPlans(setting, plansOfPower(setting)) };
  });
  const means = meansOf(jobs.filter(isOfPaper).map(({ powers }) => powers));
  const tables = [powerTable("Mean of the paper's jobs", means)];
  for (const { name, powers } of jobs) tables.push(powerTable(name, powers));
  process.stdout.write(`${answer(means, jobs)}\n${tables.join('\n')}`);
}
