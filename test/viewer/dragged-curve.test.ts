import test from 'ava';
import { SCREEN_STYLE, textPx } from '../../sim/report/charts/chart-style.js';
import { chartSvg } from '../../sim/report/charts/chart-svg.js';
import type { Chart } from '../../sim/report/charts/chart.js';
import { energyUnit } from '../../sim/report/numbers.js';
import {
  draggedCurve,
  leastEnergy,
  pointAt,
  savedPct,
} from '../../sim/viewer/frontier/dragged-curve.js';
import {
  frontierFigure,
  frontierLayout,
  placeOf,
  timeNames,
} from '../../sim/viewer/frontier/frontier-layout.js';
import type { ShownFrontier } from '../../sim/viewer/shown-run.js';

const POINTS = [
  { timeS: 10, energyJ: 900 },
  { timeS: 11, energyJ: 800 },
  { timeS: 12.5, energyJ: 750 },
  { timeS: 14, energyJ: 760 },
];

const FRONTIER: ShownFrontier = {
  policies: [
    {
      policy: 'max-frequency',
      points: [{ timeS: 10, energyJ: 1000 }],
      chosen: { timeS: 10, energyJ: 1000 },
    },
    { policy: 'perseus', points: POINTS, chosen: POINTS[1]! },
  ],
  stragglerTimeS: 11.4,
};

test('a deadline is kept by the slowest point that takes no longer', (t) => {
  const curve = draggedCurve(FRONTIER)!;
  t.is(curve.policy, 'perseus');
  const at = (timeS: number) => pointAt(curve, timeS);
  t.deepEqual(
    [at(0), at(10), at(10.99), at(11), at(12.4), at(13), at(14), at(99)],
    [0, 0, 0, 1, 1, 2, 3, 3],
  );
  t.is(leastEnergy(curve), POINTS[2]!);
  t.is(savedPct(curve, POINTS[1]!), 100 * (1 - 0.8));
  t.is(
    savedPct(curve, { timeS: 9, energyJ: 1100 }) < 0,
    true,
    'more energy than the highest clocks',
  );
});

test('without a frontier there is nothing to drag', (t) => {
  t.is(draggedCurve({ ...FRONTIER, policies: [FRONTIER.policies[0]!] }), undefined);
});

test('the handle is where the chart draws its point, and a pixel is the time below it', (t) => {
  const unit = energyUnit(1000);
  for (const widthPx of [320, 640, 1000]) {
    const chart = frontierFigure(FRONTIER, widthPx);
    const layout = frontierLayout(chart, unit);
    t.is(layout.widthPx, widthPx);
    const { x, y } = placeOf(layout, POINTS[0]!);
    t.true(x > layout.leftPx && x < layout.rightPx && y > layout.topPx && y < layout.footPx);
    t.true(placeOf(layout, POINTS[2]!).x > x && placeOf(layout, POINTS[2]!).y > y);
    t.true(Math.abs(layout.timeS(x) - 10) < 1e-9);
    const chosen = placeOf(layout, POINTS[1]!);
    const drawn = [...chartSvg(chart).matchAll(/translate\(([\d.]+),\s*([\d.]+)\)/g)];
    const isThere = ([, left, top]: RegExpExecArray) =>
      Math.abs(Number(left) - chosen.x) < 0.6 && Math.abs(Number(top) - chosen.y) < 0.6;
    t.true(drawn.some(isThere), `${chosen.x} ${chosen.y}`);
  }
});

test('the names of T min and T* never meet and stay in the picture', (t) => {
  const boxOf = ({ text, side }: { text: string; side: 'start' | 'end' }, x: number) => {
    const px = textPx(text, SCREEN_STYLE);
    return side === 'start' ? { left: x, right: x + px } : { left: x - px, right: x };
  };
  const seen = new Set<string>();
  for (const widthPx of [300, 480, 900]) {
    for (let firstX = 45; firstX < widthPx - 20; firstX += 7) {
      for (let bestX = firstX; bestX < widthPx - 20; bestX += 7) {
        const { first, best } = timeNames({ leftPx: 40, widthPx }, firstX, bestX);
        const [a, b] = [boxOf(first, firstX), boxOf(best, bestX)];
        seen.add(`${first.side} ${best.text} ${best.side}`);
        t.is(first.text, 'T min');
        t.true(best.text === '' || a.right < b.left, `${widthPx} ${firstX} ${bestX}`);
        t.true(a.left >= 40 && b.right <= widthPx, `${widthPx} ${firstX} ${bestX}`);
      }
    }
  }
  t.true(seen.size >= 4);
  const wide = timeNames({ leftPx: 40, widthPx: 900 }, 60, 600);
  t.deepEqual([wide.first.side, wide.best.side], ['start', 'end']);
});

/** The least and the greatest energy of a chart. */
const domainOf = ({ y }: Chart) => (y as { readonly domain: readonly [number, number] }).domain;

/** The names of a picture's legend and labels. */
const namesIn = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, name]) => name);

test('a pinned plan is a hollow mark of its own shape, and the range grows to hold it', (t) => {
  const own = frontierFigure(FRONTIER, 640);
  const inside = { policy: 'perseus', timeS: 12, energyJ: 850 };
  const marked = frontierFigure(FRONTIER, 640, inside);
  t.deepEqual(marked.x, own.x, 'a plan within the range does not change it');
  t.is(domainOf(marked)[1], domainOf(own)[1]);
  t.is(namesIn(chartSvg(marked)).filter((name) => name === 'pinned').length, 2);
  t.false(namesIn(chartSvg(own)).includes('pinned'));
  for (const [timeS, energyJ] of [
    [24, 850],
    [6, 850],
    [12, 1600],
    [12, 100],
  ] as const) {
    const beyond = { policy: 'perseus', timeS, energyJ };
    const chart = frontierFigure(FRONTIER, 640, beyond);
    const layout = frontierLayout(chart, energyUnit(1000));
    const { x, y } = placeOf(layout, beyond);
    t.true(x > layout.leftPx && x < layout.rightPx && y > layout.topPx && y < layout.footPx);
    t.true(namesIn(chartSvg(chart)).includes('pinned'));
  }
});

test('a pinned plan that would make the curve a dot is named beyond the picture', (t) => {
  const own = frontierFigure(FRONTIER, 640);
  for (const [timeS, energyJ] of [
    [60, 850],
    [12, 9000],
  ] as const) {
    const chart = frontierFigure(FRONTIER, 640, { policy: 'envpipe', timeS, energyJ });
    t.deepEqual(chart.x, own.x);
    t.is(domainOf(chart)[1], domainOf(own)[1]);
    const names = namesIn(chartSvg(chart));
    t.true(names.includes('pinned: beyond this picture'));
    t.false(names.includes('pinned'));
  }
});
