import test from 'ava';
import fc from 'fast-check';
import { runPipeline } from '../../sim/training/pipeline-run.js';
import { instructionTiming } from '../../sim/training/timing.js';
import { FOR_PICTURES, type KeptRun } from '../../sim/run/kept-run.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import type { Scenario } from '../../sim/scenario/scenario-schema.js';
import { niceTicks } from '../../sim/report/timeline/ticks.js';
import {
  labelColour,
  levelColour,
  LEVELS,
  POWER_COLOURS,
  powerLevel,
} from '../../sim/report/timeline/power-colours.js';
import { PALETTE } from '../../sim/report/looks.js';
import { SPAN_UNITS, timelineSvg } from '../../sim/report/timeline/timeline-svg.js';
import {
  CRITICAL_PART,
  pipelineNames,
  timelineOf,
  type Timeline,
} from '../../sim/report/timeline/timeline.js';
import { exactSum } from '../support/exact-sum.js';
import { profileOf, scenarioOf } from '../support/made-up.js';
import { checkProperty } from '../support/properties.js';

const SOURCE = profileOf([0.1, 0.13]);
const STRAGGLING = scenarioOf({
  pipelines: 4,
  timing: { loadingS: 0.01, transferS: 0.004, iterationConstantS: 0.2 },
  stragglers: [{ pipeline: 2, slowdown: 1.3, cause: 'stall' }],
});

async function keptRun(scenario: Scenario, source = SOURCE): Promise<KeptRun> {
  return (await runScenario(scenario, source, { keep: FOR_PICTURES })).kept;
}

const energyOf = (boxes: Timeline['panels'][number]['lanes'][number]) =>
  exactSum(boxes.map(({ powerW, fromS, untilS }) => powerW * (untilS - fromS)));

test('the slowest pipeline comes first, others with their numbers, before planning and after', async (t) => {
  const { panels, spanS } = timelineOf(await keptRun(STRAGGLING));
  const titles = panels.map(({ title }) => title.replace(/: .*/, ''));
  t.deepEqual(titles, [
    'max-frequency, pipeline 2',
    'max-frequency, 3 pipelines such as 0',
    'perseus, pipeline 2',
    'perseus, 3 pipelines such as 0',
  ]);
  for (const { lanes } of panels) {
    t.is(lanes.length, 2);
    for (const lane of lanes) t.true(lane.at(-1)!.untilS <= spanS);
  }
  t.is(pipelineNames([4]), 'pipeline 4');
  t.is(pipelineNames([1, 2, 3]), 'pipelines 1 to 3');
});

test('property: critical is what makes the job later if it takes longer', async (t) => {
  const shapes = fc.record({
    works: fc.array(fc.double({ min: 0.05, max: 0.2, noNaN: true }), {
      minLength: 1,
      maxLength: 4,
    }),
    microbatches: fc.integer({ min: 1, max: 6 }),
    loadingS: fc.constantFrom(0, 0.02),
    transferS: fc.constantFrom(0, 0.015),
    slowdown: fc.constantFrom(1, 1.3),
    switchS: fc.constantFrom(0, 0.01),
  });
  await checkProperty(t, shapes, async (shape) => {
    const { works, microbatches, loadingS, transferS, slowdown, switchS } = shape;
    const scenario = scenarioOf({
      pipeline: { stages: works.length, microbatches },
      pipelines: 2,
      timing: { loadingS, transferS },
      clocks: { switchS },
      stragglers: slowdown > 1 ? [{ pipeline: 1, slowdown }] : [],
    });
    const kept = await keptRun(scenario, profileOf(works));
    const timeline = timelineOf(kept, { policies: ['perseus'], mostPipelines: 1 });
    const marked = new Set(
      timeline.panels[0]!.lanes.flatMap((lane, stage) =>
        lane.flatMap(({ isCritical, instruction, activity }) =>
          isCritical && activity === 'computing'
            ? [`${stage} ${instruction!.kind} ${instruction!.microbatch}`]
            : [],
        ),
      ),
    );
    compareWithDelays(kept, marked);
  });
});

/** Lengthens each instruction in turn, and sees whether the pipelines meet later. */
function compareWithDelays({ setting, policies }: KeptRun, marked: ReadonlySet<string>): void {
  const { dag, timing } = setting;
  const { record } = policies.at(-1)!.shown;
  const slowest = record.pipelines.reduce((a, b) => (b.endS > a.endS ? b : a));
  const toleranceS = CRITICAL_PART * record.meetS;
  for (let i = 0; i < dag.instructionCount; i++) {
    const durationS = slowest.executed.durationS.slice();
    durationS[i]! += 2 * toleranceS;
    const { endS } = runPipeline(dag, instructionTiming(dag, timing), {
      ...slowest.executed,
      durationS,
    });
    const spareS = 2 * toleranceS - (endS - slowest.endS);
    const name = `${dag.stage[i]!} ${dag.kind[i]!} ${dag.microbatch[i]!}`;
    // At the limit itself rounding decides.
    if (Math.abs(spareS - toleranceS) < 1e-9) continue;
    if (marked.has(name) !== spareS < toleranceS) {
      throw new Error(`${name}: ${spareS} s to spare, marked: ${marked.has(name)}`);
    }
  }
}

test('boxes that are put together hold the energy of what they cover', async (t) => {
  const kept = await keptRun(STRAGGLING);
  const exact = timelineOf(kept);
  const coarse = timelineOf(kept, { mostBoxes: 7 });
  t.false(exact.panels[0]!.isAggregated);
  coarse.panels.forEach(({ lanes, isAggregated }, p) => {
    t.true(isAggregated);
    lanes.forEach((lane, s) => {
      t.is(lane.length, 7);
      const expectedJ = energyOf(exact.panels[p]!.lanes[s]!);
      t.true(Math.abs(energyOf(lane) - expectedJ) < 1e-9 * expectedJ);
      const isCritical = exact.panels[p]!.lanes[s]!.some((box) => box.isCritical);
      t.is(
        lane.some((box) => box.isCritical),
        isCritical,
      );
    });
  });
});

test('boxes are drawn where they are, one path a colour', async (t) => {
  const timeline = timelineOf(await keptRun(STRAGGLING));
  const svg = timelineSvg(timeline);
  const panels = svg.split('class="lanes"').slice(1);
  t.is(panels.length, timeline.panels.length);
  panels.forEach((text, p) => {
    const lanes = text.slice(0, text.indexOf('</svg>'));
    const boxes = [...lanes.matchAll(/M(\d+) ([\d.]+)h(\d+)v(\d+)h/g)];
    // Computing is drawn 9 or 14 pixels high, its energy apart.
    const drawn = boxes.filter(([, , , , height]) => height === '9' || height === '14');
    const expected = timeline.panels[p]!.lanes.flat().filter((box) => box.activity === 'computing');
    t.is(drawn.length, expected.length);
    const units = drawn.reduce((sum, [, , , width]) => sum + Number(width), 0);
    const timeS = exactSum(expected.map(({ fromS, untilS }) => untilS - fromS));
    t.true(Math.abs(units / SPAN_UNITS - timeS / timeline.spanS) < 1e-5 * expected.length);
    t.true(boxes.every(([, x, , width]) => Number(x) + Number(width) <= SPAN_UNITS));
    t.true((lanes.match(/<path/g) ?? []).length <= LEVELS + 2);
  });
  t.is(timelineSvg(timeline), svg, 'the same bytes');
});

test('ticks are round numbers within the span', (t) => {
  t.deepEqual(niceTicks(0, 56.05, 10), [0, 10, 20, 30, 40, 50]);
  t.deepEqual(niceTicks(1.23, 1.31, 4), [1.24, 1.26, 1.28, 1.3]);
  t.deepEqual(niceTicks(0, 1, 10), [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
});

test('more power stands out more from light paper and from dark, and text on it can be read', (t) => {
  const luminance = (colour: string) => {
    const [r, g, b] = [1, 3, 5].map((k) => {
      const part = parseInt(colour.slice(k, k + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const contrast = (one: string, other: string) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high! + 0.05) / (low! + 0.05);
  };
  for (const scheme of ['light', 'dark'] as const) {
    const paper = PALETTE.paper[scheme];
    const onPaper = POWER_COLOURS.map((colour) => contrast(colour[scheme], paper));
    for (let k = 1; k < LEVELS; k++) t.true(onPaper[k]! > onPaper[k - 1]!, `${scheme}, level ${k}`);
    POWER_COLOURS.forEach((colour, level) => {
      const text = contrast(colour[scheme], labelColour(level)[scheme]);
      t.true(text >= 4.4, `${scheme}, level ${level}: ${text}`);
    });
  }
  t.is(new Set(POWER_COLOURS.map(({ light }) => light)).size, LEVELS);
  t.is(levelColour(3), POWER_COLOURS[3]!.light);
  t.is(powerLevel(80, 80, 400), 0);
  t.is(powerLevel(400, 80, 400), LEVELS - 1);
  t.is(powerLevel(100, 100, 100), 0, 'one power');
});
