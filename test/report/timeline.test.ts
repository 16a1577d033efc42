import test from 'ava';
import fc from 'fast-check';
import { runPipeline } from '../../sim/training/pipeline-run.js';
import { instructionTiming } from '../../sim/training/timing.js';
import { FOR_PICTURES, type KeptRun } from '../../sim/run/kept-run.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import type { Scenario } from '../../sim/scenario/scenario-schema.js';
import {
  labelColour,
  levelColour,
  LEVELS,
  POWER_COLOURS,
  powerLevel,
} from '../../sim/report/timeline/power-colours.js';
import { PALETTE } from '../../sim/report/looks.js';
import { CRITICAL_PART } from '../../sim/report/timeline/critical-instructions.js';
import { atRest } from '../../sim/report/timeline/moment.js';
import { panelShapes } from '../../sim/report/timeline/panel-shapes.js';
import {
  ACTIVITIES,
  SPAN_UNITS,
  type LaneCourse,
  type Timeline,
  type TimelineLane,
} from '../../sim/report/timeline/timeline-data.js';
import { TIMELINE_STYLE, timelineLayout } from '../../sim/report/timeline/timeline-layout.js';
import { timelineSvg } from '../../sim/report/timeline/timeline-svg.js';
import { pipelineNames, timelineOf } from '../../sim/report/timeline/timeline.js';
import { exactSum } from '../support/exact-sum.js';
import { profileOf, scenarioOf } from '../support/made-up.js';
import { checkProperty } from '../support/properties.js';

const POWERS = new Set(POWER_COLOURS.map(({ light }) => light));
const LAYOUT = timelineLayout(TIMELINE_STYLE, { stages: 2, panels: 4, legendPx: 20 });
const SOURCE = profileOf([0.1, 0.13]);
const STRAGGLING = scenarioOf({
  pipelines: 4,
  timing: { loadingS: 0.01, transferS: 0.004, iterationConstantS: 0.2 },
  stragglers: [{ pipeline: 2, slowdown: 1.3, cause: 'stall' }],
});

async function keptRun(scenario: Scenario, source = SOURCE): Promise<KeptRun> {
  return (await runScenario(scenario, source, { keep: FOR_PICTURES })).kept;
}

/** The length of each box of a lane under a policy, s. */
function lengthsS({ spanS }: Timeline, { until }: LaneCourse): number[] {
  return until.map((units, k) => ((units - (until[k - 1] ?? 0)) / SPAN_UNITS) * spanS);
}

/** Indices of the boxes of a lane with an activity. */
function boxesOf({ activity }: TimelineLane, wanted: (typeof ACTIVITIES)[number]): number[] {
  return [...activity.keys()].filter((k) => ACTIVITIES[activity[k]!] === wanted);
}

test('the slowest pipeline comes first, others with their numbers, before planning and after', async (t) => {
  const timeline = timelineOf(await keptRun(STRAGGLING));
  t.deepEqual(timeline.policies, ['max-frequency', 'perseus']);
  t.deepEqual(
    timeline.pipelines.map(({ name, isStraggler }) => [name, isStraggler]),
    [
      ['pipeline 2', true],
      ['3 pipelines such as 0', false],
    ],
  );
  t.is(timeline.slowest, 'the straggler');
  for (const { lanes } of timeline.pipelines) {
    t.is(lanes.length, 2);
    for (const { courses } of lanes) {
      for (const { until } of courses) {
        t.true(until.at(-1)! <= SPAN_UNITS);
        t.true(until.every((units, k) => units >= (until[k - 1] ?? 0)));
      }
    }
  }
  t.is(pipelineNames([4]), 'pipeline 4');
  t.is(pipelineNames([1, 2, 3]), 'pipelines 1 to 3');
});

test('boxes of one policy are paired with those of the other: the same activity and instruction', async (t) => {
  const kept = await keptRun(STRAGGLING);
  const { pipelines, instructions, spanS } = timelineOf(kept);
  const { dag } = kept.setting;
  pipelines.forEach(({ lanes }, p) => {
    const member = p === 0 ? 2 : 0;
    lanes.forEach((lane, stage) => {
      const computing = boxesOf(lane, 'computing');
      const numbers = computing.map((k) => lane.instruction[k]!);
      t.deepEqual(
        numbers,
        [...instructions[stage]!.kind.keys()],
        'every instruction once, in order',
      );
      kept.policies.forEach(({ shown }, a) => {
        const { finishS, executed } = shown.record.pipelines[member]!;
        const { until, clockMHz, waitsFor } = lane.courses[a]!;
        for (const k of computing) {
          const i = dag.stageStart[stage]! + lane.instruction[k]!;
          const doneS = finishS[i]! - executed.stallS[i]!;
          t.true(Math.abs((until[k]! / SPAN_UNITS) * spanS - doneS) < 1e-6 * spanS);
          t.is(clockMHz[lane.instruction[k]!], executed.clockMHz[i]);
        }
        for (const k of boxesOf(lane, 'waiting for a stage')) t.is(waitsFor[k], 1 - stage);
      });
    });
  });
});

test('waiting areas add up to the waiting of the ledger', async (t) => {
  const { kept, policies } = await runScenario(STRAGGLING, SOURCE, { keep: FOR_PICTURES });
  const timeline = timelineOf(kept, { policies: policies.map(({ policy }) => policy) });
  const members = [1, 3];
  const waits = [
    ['waiting for a stage', 'pipelineBlockingJ', 'stageWaitPart'],
    ['waiting for a pipeline', 'stragglerBlockingJ', 'pipelineWaitPart'],
  ] as const;
  policies.forEach(({ ledger }, a) => {
    for (const [activity, account, part] of waits) {
      const gpuSeconds = timeline.pipelines.map(({ lanes }, p) => {
        const timesS = lanes.flatMap((lane) => {
          const lengths = lengthsS(timeline, lane.courses[a]!);
          return boxesOf(lane, activity).map((k) => lengths[k]!);
        });
        return members[p]! * exactSum(timesS);
      });
      const { blockingPowerW, gpusPerStage } = kept.setting.gpus;
      const energyJ = exactSum(gpuSeconds) * blockingPowerW * gpusPerStage;
      t.true(
        Math.abs(energyJ - ledger[account]) <= 1e-4 * ledger.totalJ,
        `${activity}: ${energyJ}`,
      );
      const parts = timeline.pipelines.map(
        ({ summaries }, p) => members[p]! * summaries[a]![part] * summaries[a]!.iterationS * 2,
      );
      t.true(Math.abs(exactSum(parts) - exactSum(gpuSeconds)) < 1e-4 * timeline.spanS);
    }
  });
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
      timeline.instructions.flatMap(({ kind, microbatch }, stage) => {
        const { critical } = timeline.pipelines[0]!.lanes[stage]!.courses[0]!;
        return critical.flatMap((is, i) =>
          is === 1 ? [`${stage} ${kind[i]!} ${microbatch[i]!}`] : [],
        );
      }),
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

test('columns hold the energy of computing and the waiting of the boxes they replace', async (t) => {
  const kept = await keptRun(STRAGGLING);
  const exact = timelineOf(kept);
  const coarse = timelineOf(kept, { mostBoxes: 7 });
  t.true(exact.pipelines.every(({ columns }) => columns.length === 0));
  const columnS = coarse.spanS / 7;
  coarse.pipelines.forEach(({ lanes, columns }, p) => {
    t.deepEqual(lanes, []);
    columns.forEach(({ courses }, s) => {
      const lane = exact.pipelines[p]!.lanes[s]!;
      courses.forEach((course, a) => {
        const own = lane.courses[a]!;
        const timesS = lengthsS(exact, own);
        const sum = (activity: (typeof ACTIVITIES)[number], valueOf = (k: number) => timesS[k]!) =>
          exactSum(boxesOf(lane, activity).map(valueOf));
        const total = (parts: readonly number[]) => (exactSum([...parts]) / 1000) * columnS;
        const close = (found: number, expected: number) => {
          t.true(Math.abs(found - expected) < 0.002 * expected + 1e-3, `${found} ${expected}`);
        };
        t.is(course.computing.length, 7);
        close(total(course.stageWait), sum('waiting for a stage'));
        close(total(course.pipelineWait), sum('waiting for a pipeline'));
        const energies = course.computing.map((part, k) => part * course.powerW[k]!);
        close(
          total(energies),
          sum('computing', (k) => timesS[k]! * own.powerW[k]!),
        );
        t.is(course.critical.includes(1), own.critical.includes(1));
      });
    });
  });
});

test('boxes are drawn where they are, one path a colour', async (t) => {
  const timeline = timelineOf(await keptRun(STRAGGLING));
  const layout = LAYOUT;
  timeline.policies.forEach((_, a) => {
    timeline.pipelines.forEach(({ lanes }, p) => {
      const { shapes } = panelShapes(timeline, p, atRest(a), { layout });
      const computed = shapes.filter(({ colour }) => POWERS.has(colour));
      t.is(new Set(computed.map(({ colour }) => colour)).size, computed.length);
      const drawn = computed.flatMap(({ d }) => [...d.matchAll(/M([\d.]+) [\d.]+h([\d.]+)/g)]);
      const expected = lanes.flatMap((lane) => {
        const lengths = lengthsS(timeline, lane.courses[a]!);
        return boxesOf(lane, 'computing').map((k) => lengths[k]!);
      });
      t.is(drawn.length, expected.length);
      const widthPx = exactSum(drawn.map(([, , width]) => Number(width) + 0.6));
      const expectedPx = (exactSum(expected) / timeline.spanS) * layout.plotPx;
      t.true(Math.abs(widthPx - expectedPx) < 0.02 * expected.length, `${widthPx} ${expectedPx}`);
      t.true(drawn.every(([, x, width]) => Number(x) + Number(width) <= layout.plotPx + 0.01));
    });
  });
  t.is(timelineSvg(timeline), timelineSvg(timeline), 'the same bytes');
});

test('halfway between two policies every edge is halfway, and the ends are the policies', async (t) => {
  const timeline = timelineOf(await keptRun(STRAGGLING));
  const layout = LAYOUT;
  const edges = (part: number, from = 0, to = 1) => {
    const { shapes } = panelShapes(timeline, 1, { from, to, part }, { layout });
    const boxes = shapes
      .filter(({ colour }) => POWERS.has(colour))
      .flatMap(({ d }) => [...d.matchAll(/M([\d.]+) ([\d.]+)h/g)])
      .map(([, x, y]) => [Math.floor(Number(y) / layout.lanePx), Number(x)] as const);
    return boxes.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, x]) => x);
  };
  const [before, halfway, after] = [edges(0), edges(0.5), edges(1)];
  t.notDeepEqual(before, after);
  halfway.forEach((x, k) => {
    t.true(Math.abs(x - (before[k]! + after[k]!) / 2) < 0.02, `box ${k}`);
  });
  t.deepEqual(after, edges(0, 1, 1));
});

test('waiting for a stage and for a straggler differ in colour and stripes, and fill the lane', async (t) => {
  const timeline = timelineOf(await keptRun(STRAGGLING));
  const layout = LAYOUT;
  const { shapes } = panelShapes(timeline, 1, atRest(0), { layout });
  const stripes = shapes.filter(({ paint }) => paint === 'stroke');
  const tints = shapes.filter(({ opacity }) => opacity !== undefined);
  const [stage, straggler] = [PALETTE.orange.light, PALETTE.vermilion.light];
  for (const colour of [stage, straggler]) {
    t.true(stripes.some((shape) => shape.colour === colour));
    const tint = tints.find((shape) => shape.colour === colour)!;
    const heights = [...tint.d.matchAll(/v([\d.]+)h/g)].map(([, height]) => Number(height));
    t.true(heights.length > 0 && heights.every((height) => height === layout.boxPx));
  }
  const rises = (colour: string) => {
    const d = stripes.find((shape) => shape.colour === colour)!.d;
    const lines = [...d.matchAll(/M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)/g)];
    t.true(lines.length > 5);
    return lines.every(([, , from, , to]) => Number(to) < Number(from));
  };
  t.false(rises(stage));
  t.true(rises(straggler));
});

test('a timeline of a column of a paper has letters of the asked size, and fits', async (t) => {
  const timeline = timelineOf(await keptRun(STRAGGLING), { mostPipelines: 1 });
  const svg = timelineSvg(timeline, { widthPx: 320, fontPx: 8, fontFamily: 'Times' });
  t.regex(svg, /viewBox="0 0 320 \d+" fill="currentColor" font-family="Times" font-size="8"/);
  const sizes = [...svg.matchAll(/font-size="([\d.]+)"/g)].map(([, size]) => Number(size));
  t.true(sizes.every((size) => size >= 6));
  t.true(svg.includes('>stage</text>'));
  const high = timelineSvg(timeline, {
    widthPx: 320,
    heightPx: 240,
    fontPx: 8,
    fontFamily: 'Times',
  });
  t.true(Math.abs(Number(/viewBox="0 0 320 (\d+)"/.exec(high)![1]) - 240) <= 1);
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
