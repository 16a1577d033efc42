import { most } from '../../../src/extremes.js';
import type { PowerSteps } from '../../power/power-series.js';
import { stagesOfJob } from '../../power/trace/job-steps.js';
import { summedSteps, type WeightedSteps } from '../../power/trace/summed-steps.js';
import type { KeptPolicy, KeptRun } from '../../run/kept-run.js';

/** Iterations that are drawn. */
const ITERATIONS = 2;

/** The power of a job during an iteration and the next one like it, before and after planning. */
export interface PowerPicture {
  readonly panels: readonly PowerPanel[];
  /** The longest of the panels. */
  readonly spanS: number;
  /** The largest power or limit of all panels. */
  readonly topW: number;
}

/** The power of a job under one policy. */
export interface PowerPanel {
  readonly policy: string;
  readonly steps: PowerSteps;
  readonly iterationS: number;
  readonly meanW: number;
  readonly peakW: number;
  readonly leastW: number;
  /** Limits of the scenario's `grid`, as levels. */
  readonly limits: readonly PowerLevel[];
}

/** A level that power must not leave. */
export interface PowerLevel {
  readonly name: string;
  readonly powerW: number;
}

/** The power of all GPUs in the iteration that pictures show, under the first and the last policy. */
export function powerPicture(kept: KeptRun): PowerPicture {
  const drawn = [...new Set([kept.policies[0]!, kept.policies.at(-1)!])];
  const panels = drawn.map((policy) => panelOf(kept, policy));
  return {
    panels,
    spanS: most(panels.map(({ iterationS }) => ITERATIONS * iterationS)),
    topW: most(
      panels.flatMap(({ peakW, limits }) => [peakW, ...limits.map(({ powerW }) => powerW)]),
    ),
  };
}

function panelOf({ setting }: KeptRun, { policy, shown }: KeptPolicy): PowerPanel {
  const iterationS = shown.record.iterationTimeS;
  const steps = drawableSteps(stagesOfJob(shown, setting.gpus), iterationS);
  const peakW = most(steps.powerW);
  const leastW = steps.powerW.reduce((least, powerW) => Math.min(least, powerW), Infinity);
  let energyJ = 0;
  steps.powerW.forEach((powerW, k) => {
    energyJ += powerW * (steps.untilS[k]! - (steps.untilS[k - 1] ?? 0));
  });
  return {
    ...{ policy, steps: repeated(steps, iterationS), iterationS, peakW, leastW },
    meanW: energyJ / iterationS,
    limits: levels(setting.scenario.grid, peakW),
  };
}

/** Most steps that are added up one by one. */
const MOST_STEPS = 50_000;

/** Intervals of an iteration otherwise: some four for each pixel. */
const INTERVALS = 2400;

/**
 * The power of all parts: every step of it, or, of many different pipelines, the exact means of short
 * intervals, because adding up all steps would take longer than running them.
 */
function drawableSteps(parts: readonly WeightedSteps[], iterationS: number): PowerSteps {
  const count = parts.reduce((sum, { steps }) => sum + steps.untilS.length, 0);
  return count <= MOST_STEPS ? summedSteps(parts) : meansOf(parts, iterationS);
}

/** O(steps + parts · intervals). */
function meansOf(parts: readonly WeightedSteps[], iterationS: number): PowerSteps {
  const lengthS = iterationS / INTERVALS;
  const powerW = new Float64Array(INTERVALS);
  for (const { steps, gpuCount } of parts) {
    let at = 0;
    let fromS = 0;
    for (let k = 0; k < steps.untilS.length; k++) {
      const watts = (gpuCount * steps.powerW[k]!) / lengthS;
      const untilS = steps.untilS[k]!;
      for (; at < INTERVALS - 1 && (at + 1) * lengthS <= untilS; at++) {
        powerW[at]! += watts * ((at + 1) * lengthS - fromS);
        fromS = (at + 1) * lengthS;
      }
      powerW[at]! += watts * (untilS - fromS);
      fromS = untilS;
    }
  }
  const untilS = Float64Array.from({ length: INTERVALS }, (_, k) => (k + 1) * lengthS);
  return { untilS, powerW };
}

function levels(grid: KeptRun['setting']['scenario']['grid'], peakW: number): PowerLevel[] {
  if (grid === undefined) return [];
  const { peakW: mostW, dynamicRangeW, dynamicRangePct } = grid;
  const rangeW =
    dynamicRangeW ?? (dynamicRangePct === undefined ? undefined : (dynamicRangePct / 100) * peakW);
  return [
    ...(mostW === undefined ? [] : [{ name: 'limit of the peak', powerW: mostW }]),
    ...(rangeW === undefined || rangeW > peakW
      ? []
      : [{ name: 'limit of the dynamic range', powerW: peakW - rangeW }]),
  ];
}

/** The steps of several iterations, one after another. */
function repeated({ untilS, powerW }: PowerSteps, iterationS: number): PowerSteps {
  const count = untilS.length;
  const all = (of: (iteration: number, k: number) => number) =>
    Float64Array.from({ length: ITERATIONS * count }, (_, k) =>
      of(Math.floor(k / count), k % count),
    );
  return {
    untilS: all((iteration, k) => iteration * iterationS + untilS[k]!),
    powerW: all((_, k) => powerW[k]!),
  };
}
