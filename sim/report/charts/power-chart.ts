import {
  axisFy,
  axisX,
  axisY,
  gridY,
  pointerX,
  ruleX,
  ruleY,
  text,
  tip,
  type ScaleFunctions,
} from '@observablehq/plot';
import { PALETTE, policyLooks } from '../looks.js';
import { fixed, powerUnit, type PowerUnit } from '../numbers.js';
import type { Chart } from './chart.js';
import { framed, SCREEN_STYLE, textPx, type ChartStyle } from './chart-style.js';
import type { DrawnPower, DrawnPowerPanel } from './drawn-power.js';
import { svgMaker } from './svg-maker.js';

/** Free space above the largest power, as a part of it. */
const HEADROOM = 0.06;

/** The height of a panel without its title, in ems. */
const PANEL_EM = 13;

/** Ems left of a title, and those that bold letters need more. */
const TITLE_LEFT_EM = 6;

/** The style of pictures that need a page's width. */
export const WIDE_STYLE: ChartStyle = { ...SCREEN_STYLE, widthPx: 1200 };

/**
 * The power of a job before and after planning, one below the other on the same axes, from zero. Where
 * there are more steps than pixels the line is their mean, and a band reaches from the least to
 * the largest.
 */
export function powerChart(
  { panels, spanS, topW }: DrawnPower,
  style: ChartStyle = WIDE_STYLE,
): Chart {
  const { fontPx } = style;
  const unit = powerUnit(topW);
  const looks = policyLooks(panels.map(({ policy }) => policy));
  const policies = panels.map(({ policy }) => policy);
  const rows = panels.flatMap((panel) => tipRows(panel, unit));
  return {
    ...framed(style, { heightPx: (PANEL_EM * 1.15 * panels.length + 5) * fontPx, leftChars: 5 }),
    x: { domain: [0, spanS], label: 'time (s), two iterations' },
    y: {
      domain: [0, ((topW > 0 ? topW : 1) * (1 + HEADROOM)) / unit.watts],
      label: null,
    },
    fy: { domain: policies, label: null, padding: 0.15 },
    marks: [
      gridY({ tickSpacing: 3 * fontPx }),
      axisX(),
      axisY({ tickSpacing: 3 * fontPx, label: null, tickFormat: axisText(unit) }),
      axisFy({ text: null }),
      ...panels.flatMap((panel, k) => [
        curve(panel, unit, looks[k]!.colour.light),
        ...iterationEnds(panel, spanS),
        ...levelMarks(panel, unit, fontPx),
        text([panel], {
          ...{ fy: 'policy', frameAnchor: 'top-left', dy: -1.2 * fontPx, fontWeight: 600 },
          text: (shown: DrawnPowerPanel) => titleOf(shown, unit, style),
        }),
      ]),
      ruleY([0]),
      tip(
        rows,
        pointerX({ fy: 'policy', x: 'timeS', y: 'power', title: 'title', maxRadius: Infinity }),
      ),
    ],
  };
}

/** Labels of powers; zero has the unit. */
function axisText({ name }: PowerUnit): (power: number) => string {
  return (power) => (power === 0 ? `0 ${name}` : String(Number(power.toPrecision(6))));
}

/** `perseus: mean 1.322 MW, peak 1.651 MW, swing 1.111 MW`, or as much of it as fits. */
function titleOf(
  { policy, meanW, peakW, leastW }: DrawnPowerPanel,
  unit: PowerUnit,
  style: ChartStyle,
): string {
  const value = (powerW: number) => `${fixed(powerW / unit.watts, unit.digits)} ${unit.name}`;
  const facts = [`mean ${value(meanW)}`, `peak ${value(peakW)}`, `swing ${value(peakW - leastW)}`];
  const titles = facts.map((_, k) => `${policy}: ${facts.slice(0, facts.length - k).join(', ')}`);
  const mostPx = style.widthPx - TITLE_LEFT_EM * style.fontPx;
  return titles.find((title) => textPx(title, style) <= mostPx) ?? policy;
}

function tipRows({ policy, untilS, meansW, rangesW }: DrawnPowerPanel, unit: PowerUnit) {
  const value = (powerW: number) => `${fixed(powerW / unit.watts, unit.digits)} ${unit.name}`;
  return untilS.map((until, k) => {
    const from = untilS[k - 1] ?? 0;
    const range = rangesW?.[k];
    const within = range === undefined ? '' : `\nbetween ${value(range[0])} and ${value(range[1])}`;
    return {
      ...{ policy, timeS: (from + until) / 2, power: meansW[k]! / unit.watts },
      title: `${policy}\n${fixed(from, 3)} to ${fixed(until, 3)} s\n${value(meansW[k]!)}${within}`,
    };
  });
}

/** The end of the first iteration, and of the second if a longer one is beside it. */
function iterationEnds({ policy, iterationS }: DrawnPowerPanel, spanS: number) {
  const ends = [iterationS, 2 * iterationS].filter((endS) => endS < spanS * 0.999);
  const rows = ends.map((endS) => ({ policy, endS }));
  return [ruleX(rows, { fy: 'policy', x: 'endS', strokeOpacity: 0.4, strokeDasharray: '2 3' })];
}

/** The limits of a grid, with their names. */
function levelMarks({ policy, limits }: DrawnPowerPanel, unit: PowerUnit, fontPx: number) {
  const colour = PALETTE.vermilion.light;
  const rows = limits.map(({ name, powerW }) => ({ policy, name, power: powerW / unit.watts }));
  return [
    ruleY(rows, { fy: 'policy', y: 'power', stroke: colour, strokeDasharray: '6 4' }),
    text(rows, {
      ...{ fy: 'policy', y: 'power', frameAnchor: 'right', textAnchor: 'end', dy: -0.7 * fontPx },
      ...{ text: 'name', fill: colour, stroke: PALETTE.paper.light, strokeWidth: 3 },
    }),
  ];
}

/** The area under the power, the band of its least and largest values, and the line of its means. */
function curve(panel: DrawnPowerPanel, unit: PowerUnit, colour: string) {
  return text([panel], {
    ...{ fy: 'policy', frameAnchor: 'middle' },
    render: (_index, scales, _values, _dimensions, { document }) => {
      const make = svgMaker(document);
      const { x, y } = pathScales(scales, unit);
      const { untilS, meansW, rangesW } = panel;
      const line = stepPath(untilS.map(x), meansW.map(y), x(0));
      const group = make('g');
      const under = `M${x(0)} ${y(0)}V${line.slice(`M${x(0)} `.length)}V${y(0)}z`;
      group.append(make('path', { d: under, fill: colour, 'fill-opacity': 0.12 }));
      if (rangesW !== undefined) {
        const d = bandPath(
          untilS.map(x),
          rangesW.map(([leastW]) => y(leastW)),
          rangesW.map(([, mostW]) => y(mostW)),
          x(0),
        );
        group.append(make('path', { d, fill: colour, 'fill-opacity': 0.25 }));
      }
      group.append(make('path', { d: line, fill: 'none', stroke: colour, 'stroke-width': 1.2 }));
      return group;
    },
  });
}

/** Scales in tenths of a pixel, which keep paths short. */
function pathScales({ x, y }: ScaleFunctions, unit: PowerUnit) {
  return {
    x: (timeS: number) => fixed(x!(timeS) as number, 1),
    y: (powerW: number) => fixed(y!(powerW / unit.watts) as number, 1),
  };
}

/** A line in steps, from the left; steps that look the same are one. */
function stepPath(ends: readonly string[], heights: readonly string[], left: string): string {
  const steps = heights.map((height, k) => {
    const isLevel = height === heights[k + 1];
    return `${height === heights[k - 1] || k === 0 ? '' : `V${height}`}${isLevel ? '' : `H${ends[k]!}`}`;
  });
  return `M${left} ${heights[0]!}${steps.join('')}`;
}

/** The area between two lines in steps. */
function bandPath(
  ends: readonly string[],
  least: readonly string[],
  most: readonly string[],
  left: string,
): string {
  const back = [...ends.keys()].reverse().map((k) => {
    const isLevel = k > 0 && least[k] === least[k - 1];
    const from = isLevel ? '' : `H${ends[k - 1] ?? left}`;
    return `${least[k] === least[k + 1] ? '' : `V${least[k]!}`}${from}`;
  });
  return `${stepPath(ends, most, left)}${back.join('')}z`;
}
