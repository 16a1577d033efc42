import test from 'ava';
import { mean } from 'simple-statistics';
import { readCatalogEntry } from '../../sim/disk/catalog-files.js';
import { catalogProfile } from '../../sim/hardware/catalog.js';
import { energyEstimate } from '../../sim/replay/replay-energy.js';
import { watchedReplay } from '../../sim/replay/replay-trace.js';
import { traceOfRows } from '../../sim/replay/read-trace.js';
import { shownStep } from '../../sim/replay/step-courses.js';
import { stepTimeBars, workerMap, workerStepMap } from '../../sim/report/replay/replay-pictures.js';
import { replayHeadline } from '../../sim/report/replay/replay-sentences.js';
import { replayTimeline } from '../../sim/report/replay/replay-timeline.js';
import { slowWorkers } from '../../sim/report/replay/slow-workers.js';
import { boxText } from '../../sim/report/timeline/box-text.js';
import { legendItems } from '../../sim/report/timeline/legend.js';
import { ACTIVITIES, SPAN_UNITS, type Timeline } from '../../sim/report/timeline/timeline-data.js';
import { momentTitle } from '../../sim/report/timeline/panel-titles.js';
import { atRest } from '../../sim/report/timeline/moment.js';
import { traceRows, type TraceRow, type TraceShape } from '../support/traces.js';

const ENTRY = readCatalogEntry('gpt3-175b-a100-sxm', { source: 'test', field: 'catalog' });
const GPUS = { profile: catalogProfile(ENTRY), title: 'A100', blockingPowerW: 80 };
const SHAPE: TraceShape = {
  pipelines: 3,
  stages: 2,
  microbatches: 4,
  steps: 3,
  seed: 7,
  slowRank: 3,
};

function replayed(rows: readonly TraceRow[], isPlanned = false) {
  const trace = traceOfRows([...rows], 'made up');
  const watched = watchedReplay(trace);
  const energy = isPlanned ? energyEstimate(trace, GPUS, 1) : undefined;
  const timeline = (k: number): Timeline =>
    replayTimeline(trace, shownStep(trace, watched, energy, k), isPlanned ? 80 : undefined);
  return { watched, energy, timeline, workers: slowWorkers(trace, watched) };
}

/** Boxes of a stage by activity: times in seconds. */
function boxesOf({ pipelines, spanS }: Timeline, panel: number, stage: number) {
  const { activity, instruction, courses } = pipelines[panel]!.lanes[stage]!;
  let fromS = 0;
  return activity.map((number, k) => {
    const untilS = (courses[0]!.until[k]! / SPAN_UNITS) * spanS;
    const box = { activity: ACTIVITIES[number]!, instruction: instruction[k]!, fromS, untilS };
    fromS = untilS;
    return box;
  });
}

test('a step is drawn as it was recorded: computations when they ran, waiting in between', (t) => {
  const rows = traceRows(SHAPE);
  const { timeline, watched } = replayed(rows);
  const drawn = timeline(1);
  // Pipeline 1 has the slow rank 3; which one is done first is told from the rows.
  const ofStep = rows.filter(({ step }) => step === 1);
  const doneS = (pipeline: number) =>
    Math.max(
      ...ofStep
        .filter(({ dp_rank, optype }) => dp_rank === pipeline && optype.endsWith('compute'))
        .map(({ start_ts, duration }) => start_ts + duration),
    );
  const first = doneS(0) < doneS(2) ? 0 : 2;
  t.deepEqual(
    drawn.pipelines.map(({ name }) => name),
    [1, first].flatMap((p) => [`recorded, pipeline ${p}`, `replayed, pipeline ${p}`]),
  );
  t.deepEqual(drawn.policies, ['step 1']);
  const beginS = Math.min(...ofStep.map(({ start_ts }) => start_ts));
  const pixelS = (3 * drawn.spanS) / SPAN_UNITS;
  for (const [panel, pipeline] of [1, first].entries()) {
    for (const stage of [0, 1]) {
      const boxes = boxesOf(drawn, 2 * panel, stage);
      const computed = boxes.filter(({ activity }) => activity === 'computing');
      const expected = ofStep
        .filter((row) => row.dp_rank === pipeline && row.stage === stage)
        .filter(({ optype }) => optype.endsWith('compute'))
        .sort((a, b) => a.start_ts - b.start_ts);
      t.deepEqual(
        computed.map(({ instruction }) => instruction),
        expected.map((_, k) => k),
      );
      t.deepEqual(
        drawn.instructions[stage]!.microbatch,
        expected.map(({ mb_id }) => mb_id),
      );
      computed.forEach(({ fromS, untilS }, k) => {
        t.true(Math.abs(fromS - (expected[k]!.start_ts - beginS)) < pixelS);
        t.true(Math.abs(untilS - fromS - expected[k]!.duration) < pixelS);
      });
      const step = watched.replay.steps[1]!;
      t.true(Math.abs(boxes.at(-1)!.untilS - step.recordedS) < pixelS);
    }
  }
});

test('the pipelines without a slow rank wait for the one with it', (t) => {
  const { timeline } = replayed(traceRows(SHAPE));
  const [slow, , quick] = timeline(0).pipelines.map(({ summaries: [summary] }) => summary!);
  t.true(slow!.pipelineWaitPart < 0.02);
  t.true(quick!.pipelineWaitPart > 0.3);
});

test('without GPUs no powers and clocks are shown, with them those of the plan', (t) => {
  const rows = traceRows(SHAPE);
  const place = { pipeline: 0, stage: 0, box: 3 };
  const without = replayed(rows).timeline(0);
  const texts = (timeline: Timeline) =>
    [
      momentTitle(timeline, 0, atRest(0)),
      ...legendItems(timeline).map(({ text }) => text),
      ...boxText(timeline, place, atRest(0)),
    ].join('\n');
  t.notRegex(texts(without), / W |MHz|critical/);
  t.regex(texts(without), /forward of microbatch 0/);
  const planned = replayed(rows, true).timeline(0);
  t.is(planned.pipelines.length, 6);
  t.regex(texts(planned), /1410 MHz, \d+ W per GPU/);
  const clocks = (panel: number) => planned.pipelines[panel]!.lanes[1]!.courses[0]!.clockMHz;
  t.true(clocks(1).every((clock) => clock === 1410));
  // The pipeline that is done first has time to be slow.
  t.true(mean([...clocks(5)]) < 0.9 * 1410);
});

test('a stage with more boxes than pixels is drawn in columns', (t) => {
  const shape = { ...SHAPE, pipelines: 1, steps: 1, microbatches: 420 };
  const rows = traceRows({ ...shape, slowRank: 0 });
  const [panel] = replayed(rows).timeline(0).pipelines;
  t.deepEqual([panel!.lanes.length, panel!.columns.length], [0, 2]);
  const { computing } = panel!.columns[0]!.courses[0]!;
  const busyS = rows
    .filter(({ stage, optype }) => stage === 0 && optype.endsWith('compute'))
    .reduce((sum, { duration }) => sum + duration, 0);
  const drawnPart = computing.reduce((a, b) => a + b, 0) / 1000 / computing.length;
  t.true(Math.abs(drawnPart - busyS / panel!.summaries[0]!.iterationS) < 1e-3);
});

test('who is slow: computing over that of the same operations at the mean of their kind', (t) => {
  const rows = traceRows(SHAPE);
  const { workers, watched, energy } = replayed(rows, true);
  const computing = rows.filter(({ optype }) => optype.endsWith('compute'));
  const meanS = (kind: string) =>
    mean(computing.filter(({ optype }) => optype === kind).map(({ duration }) => duration));
  const usualS = {
    'forward-compute': meanS('forward-compute'),
    'backward-compute': meanS('backward-compute'),
  };
  const longer = (chosen: readonly TraceRow[]) =>
    100 *
    (chosen.reduce((sum, { duration }) => sum + duration, 0) /
      chosen.reduce((sum, { optype }) => sum + usualS[optype as keyof typeof usualS], 0) -
      1);
  t.deepEqual(
    workers.map(({ rank }) => rank),
    [0, 1, 2, 3, 4, 5],
  );
  for (const { rank, longerPct, steps } of workers) {
    const own = computing.filter((row) => row.rank === rank);
    t.true(Math.abs(longerPct - longer(own)) < 1e-9);
    for (const { step, longerPct: ofStep } of steps) {
      t.true(Math.abs(ofStep - longer(own.filter((row) => row.step === step))) < 1e-9);
    }
  }
  const map = workerMap(workers);
  const darkest = map.cells.toSorted((a, b) => b.value - a.value)[0]!;
  t.deepEqual([darkest.x, darkest.y], ['1', '1'], 'rank 3 is stage 1 of pipeline 1');
  t.is(workerStepMap(workers).cells.length, 6 * 3);
  const { sentences, lostPct } = replayHeadline(watched.replay, workers, energy!.estimate);
  t.is(lostPct, watched.replay.wastePct.toFixed(1));
  t.regex(sentences[1]!, /^Rank 3 \(pipeline 1, stage 1\) computes \d+\.\d % longer than the mean/);
  t.regex(sentences.at(-1)!, /^Clocks planned by Perseus would save \d+\.\d % of the energy/);
  const bars = stepTimeBars(watched.replay);
  t.is(bars.length, 3 + watched.replay.whatIfs.length);
  t.is(bars[0]!.timeS, watched.replay.meanRecordedS);
});

test('a stage that is slow in every pipeline has more to do; it is no straggler', (t) => {
  const { watched, workers } = replayed(traceRows({ ...SHAPE, slowRank: -1 }));
  const slow = workers.map((worker) => ({ ...worker, longerPct: worker.stage === 1 ? 20 : -20 }));
  t.is(
    replayHeadline(watched.replay, slow, undefined).sentences[1],
    'Stage 1 computes 20.0 % longer than the mean of all, in every pipeline: it has more to do.',
  );
  const equal = workers.map((worker) => ({ ...worker, longerPct: 0 }));
  t.is(
    replayHeadline(watched.replay, equal, undefined).sentences[1],
    'No rank computes 5 % longer than the mean of all.',
  );
});
