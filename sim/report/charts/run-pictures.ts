import type { KeptRun } from '../../run/kept-run.js';
import type { ScenarioResult } from '../../run/run-scenario.js';
import { timelineSvg } from '../timeline/timeline-svg.js';
import { timelineOf } from '../timeline/timeline.js';
import { chartSvg } from './chart-svg.js';
import { clockChart, clockShares } from './clock-chart.js';
import { drawnPower } from './drawn-power.js';
import { frontierChart, frontierPicture } from './frontier-chart.js';
import { ledgerBars, ledgerChart } from './ledger-chart.js';
import type { PictureName } from './picture-names.js';
import { powerChart } from './power-chart.js';
import { powerPicture } from './power-picture.js';
import { standaloneSvg } from './standalone-svg.js';

/** A run's pictures by name, each a standalone SVG file. */
export function runPictures(
  result: ScenarioResult,
  kept: KeptRun,
): (readonly [name: PictureName, svg: string])[] {
  const charts = [
    ['power', powerChart(drawnPower(powerPicture(kept)))],
    ['frontier', frontierChart(frontierPicture(kept))],
    ['ledger', ledgerChart(ledgerBars(result))],
    ['clocks', clockChart(clockShares(kept))],
  ] as const;
  return [
    ['timeline', standaloneSvg(timelineSvg(timelineOf(kept)))],
    ...charts.map(([name, chart]) => [name, standaloneSvg(chartSvg(chart))] as const),
  ];
}
