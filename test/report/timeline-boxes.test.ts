import test from 'ava';
import { boxAt, boxCount, boxEdges, nextBox } from '../../sim/report/timeline/box-at.js';
import { boxText } from '../../sim/report/timeline/box-text.js';
import { atRest } from '../../sim/report/timeline/moment.js';
import {
  momentLines,
  momentTitle,
  needsTwoLines,
  panelTitle,
} from '../../sim/report/timeline/panel-titles.js';
import { stripesPath } from '../../sim/report/timeline/stripes.js';
import { timelineOf } from '../../sim/report/timeline/timeline.js';
import { FOR_PICTURES } from '../../sim/run/kept-run.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import { profileOf, scenarioOf } from '../support/made-up.js';

const SCENARIO = scenarioOf({
  pipelines: 4,
  stragglers: [{ pipeline: 2, slowdown: 1.3, cause: 'stall' }],
});

async function timeline(mostBoxes?: number) {
  const { kept } = await runScenario(SCENARIO, profileOf([0.1, 0.13]), { keep: FOR_PICTURES });
  return timelineOf(kept, mostBoxes === undefined ? {} : { mostBoxes });
}

test('the box at a time is the one whose edges are around it, under a policy and between two', async (t) => {
  const data = await timeline();
  for (const moment of [atRest(0), atRest(1), { from: 0, to: 1, part: 0.3 }]) {
    for (const pipeline of [0, 1]) {
      for (const stage of [0, 1]) {
        const place = { pipeline, stage, box: 0 };
        let seen = 0;
        let lastUntil = 0;
        for (let box = 0; box < boxCount(data, pipeline, stage); box++) {
          const { from, until } = boxEdges(data, { ...place, box }, moment);
          t.is(from, lastUntil, 'without gaps');
          lastUntil = until;
          if (until - from < 1e-5) continue;
          seen++;
          t.deepEqual(boxAt(data, place, moment, (from + until) / 2), { ...place, box });
        }
        t.true(seen > 5);
        t.is(boxAt(data, place, moment, 1.01), undefined);
        t.is(boxAt(data, place, moment, -0.01), undefined);
      }
    }
  }
});

test('boxes say what is done, for whom they wait, how long and at what power', async (t) => {
  const data = await timeline();
  const lane = { pipeline: 1, stage: 1 };
  const texts = [...Array(boxCount(data, 1, 1)).keys()].map((box) =>
    boxText(data, { ...lane, box }, atRest(0)),
  );
  t.regex(texts[0]![0], /^stage 1 waits for stage 0, 0\.\d{3} s$/);
  t.regex(texts[1]![0], /^stage 1: forward of microbatch 0$/);
  t.regex(texts[1]![1]!, /^\d+ MHz, \d+ W per GPU(, critical)?$/);
  t.regex(texts[1]![2]!, /^0\.\d{3} to 0\.\d{3} s \(0\.\d{3} s\)$/);
  t.true(texts.some(([title]) => /^stage 1 waits for the straggler, \d\.\d{3} s$/.test(title)));
  const columns = await timeline(7);
  const [title, ...figures] = boxText(columns, { ...lane, box: 6 }, atRest(0));
  t.is(title, 'stage 1');
  t.true(figures.some((figure) => /^waits for the straggler \d+ %$/.test(figure)));
});

test('keys walk from box to box and skip empty ones', async (t) => {
  const data = await timeline();
  const moment = atRest(1);
  let place = boxAt(data, { pipeline: 1, stage: 0 }, moment, 0)!;
  let until = 0;
  for (let next = nextBox(data, place, moment, 1); next !== undefined;) {
    const edges = boxEdges(data, next, moment);
    t.true(edges.until > edges.from && edges.from >= until);
    until = edges.until;
    place = next;
    next = nextBox(data, place, moment, 1);
  }
  t.true(until > 0.99);
  t.true(nextBox(data, place, moment, -1)!.box < place.box);
});

test('titles say how much is waited, and become shorter where there is no room', async (t) => {
  const data = await timeline();
  t.regex(
    panelTitle(data, 0, 1),
    /^max-frequency, 3 pipelines such as 0: \d\.\d\d s, waiting \d+ % for stages, \d+ % for the straggler$/,
  );
  t.regex(panelTitle(data, 0, 0), /^max-frequency, pipeline 2 \(the straggler\): /);
  t.regex(panelTitle(data, 0, 1, 50), /^max-frequency, 3 pipelines such as 0: \d\.\d\d s$/);
  t.is(panelTitle(data, 0, 1, 10), 'max-frequency, 3 pipelines such as 0');
  const percent = (part: number) =>
    Number(
      /(\d+) % for the straggler/.exec(momentTitle(data, 1, { from: 0, to: 1, part }))?.[1] ?? 0,
    );
  t.true(percent(0) > percent(0.5) && percent(0.5) > percent(1));
});

test('titles have two lines where one is too short, and each line fits', async (t) => {
  const data = await timeline();
  const longest = '3 pipelines such as 0: waiting 88 % for stages, 88 % for the straggler'.length;
  t.false(needsTwoLines(data, longest));
  t.true(needsTwoLines(data, longest - 1));
  const lines = (pipeline: number, first: number, second = first) =>
    momentLines(data, pipeline, atRest(0), { first, second });
  t.regex(lines(0, 60)[0], /^pipeline 2 \(the straggler\): \d+ W per GPU$/);
  t.is(lines(0, 30)[0], 'pipeline 2 (the straggler)');
  t.regex(lines(0, 25)[0], /^pipeline 2: \d+ W per GPU$/);
  t.is(lines(0, 11)[0], 'pipeline 2');
  t.is(lines(0, 8)[0], 'pipelin…');
  const [stages, straggler] = /(\d+) % for stages, (\d+) % for the straggler$/
    .exec(lines(1, 60)[1])!
    .slice(1);
  t.is(lines(1, 60)[1], `waiting ${stages!} % for stages, ${straggler!} % for the straggler`);
  t.is(lines(1, 38)[1], `waits for stages ${stages!} %, straggler ${straggler!} %`);
  t.true(
    Math.abs(
      Number(/^waiting (\d+) %$/.exec(lines(1, 30)[1])![1]) - Number(stages) - Number(straggler),
    ) <= 1,
  );
  for (let letters = 8; letters < 80; letters++) {
    for (const pipeline of [0, 1]) {
      for (const line of lines(pipeline, letters)) t.true(line.length <= letters, line);
    }
  }
});

test('stripes stay inside their box, and are the same through every window', (t) => {
  const box = { left: 10, right: 31, top: 5, foot: 19 };
  for (const stripes of ['rising', 'falling', 'level', 'upright'] as const) {
    const d = stripesPath(box, stripes, 5);
    const halves = [
      { ...box, right: 20 },
      { ...box, left: 20 },
    ].map((half) => stripesPath(half, stripes, 5));
    const ends = (path: string) =>
      [...path.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(
        ([, x, y]) => [Number(x), Number(y)] as const,
      );
    t.true(ends(d).length >= 2, stripes);
    for (const [x, y] of ends(d)) t.true(x >= 10 && x <= 31 && y >= 5 && y <= 19, stripes);
    const line = ([x, y]: readonly [number, number]) =>
      stripes === 'rising' ? x + y : stripes === 'falling' ? x - y : stripes === 'level' ? y : x;
    const lines = (path: string) => new Set(ends(path).map((end) => line(end).toFixed(1)));
    const both = new Set(halves.flatMap((half) => [...lines(half)]));
    for (const one of lines(d)) t.true(both.has(one), `${stripes} ${one}`);
  }
});
