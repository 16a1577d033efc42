import type { KeptRun } from '../../run/kept-run.js';
import type { ScenarioResult } from '../../run/run-scenario.js';
import type { PictureName } from './picture-names.js';
import { timelineSvg } from '../timeline/timeline-svg.js';
import { timelineOf } from '../timeline/timeline.js';
import { clockChart, clockShares } from './clock-chart.js';
import { frontierChart, frontierPicture } from './frontier-chart.js';
import { ledgerBars, ledgerChart } from './ledger-chart.js';
import { powerPicture } from './power-chart.js';
import { powerSvg } from './power-svg.js';
import { standaloneSvg } from './standalone-svg.js';
import { vegaSvg } from './vega-svg.js';

/** A run's pictures by name, each a standalone SVG file. */
export async function runPictures(
  result: ScenarioResult,
  kept: KeptRun,
): Promise<(readonly [name: PictureName, svg: string])[]> {
  const charts = [
    ['frontier', frontierChart(frontierPicture(kept))],
    ['ledger', ledgerChart(ledgerBars(result))],
    ['clocks', clockChart(clockShares(kept))],
  ] as const;
  const drawn = await Promise.all(
    charts.map(async ([name, spec]) => [name, standaloneSvg(await vegaSvg(spec))] as const),
  );
  return [
    ['timeline', standaloneSvg(timelineSvg(timelineOf(kept)))],
    ['power', standaloneSvg(powerSvg(powerPicture(kept)))],
    ...drawn,
  ];
}
