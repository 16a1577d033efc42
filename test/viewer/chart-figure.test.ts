import { lineY } from '@observablehq/plot';
import test from 'ava';
import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { chartSvg } from '../../sim/report/charts/chart-svg.js';
import { ChartDrawing, ChartFigure } from '../../sim/viewer/chart-figure.js';

test('a chart rendered without a browser is SVG with its description, the same each time', (t) => {
  const chart = { marks: [lineY([1, 3, 2])], width: 320 };
  const html = () =>
    renderToString(
      h(ChartDrawing.Provider, {
        value: chartSvg,
        children: h(ChartFigure, { chart, label: 'three values' }),
      }),
    );
  t.regex(html(), /^<div class="chart" role="img" aria-label="three values"><svg /);
  t.regex(html(), /<path d="M40,/);
  t.is(html(), html());
});
