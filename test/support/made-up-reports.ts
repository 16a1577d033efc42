import { readFileSync } from 'node:fs';
import type { ComparedCase, Comparison } from '../../sim/judge/comparison.js';
import type { ComparisonHeading } from '../../sim/report/text/comparison-report.js';
import { extrinsicFigure } from '../../sim/report/charts/figures.js';
import { compareReport } from '../../sim/viewer/pages/compare-report.js';
import { reportScript } from '../../sim/disk/report-script.js';
import { reproducedReport } from '../../sim/viewer/pages/reproduced-report.js';
import { runReport } from '../../sim/viewer/pages/run-report.js';
import { sweepReport, type FinishedSweep } from '../../sim/viewer/pages/sweep-report.js';
import { FOR_PICTURES } from '../../sim/run/kept-run.js';
import { readPublished } from '../../sim/paper/published.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import { readCatalogEntry } from '../../sim/disk/catalog-files.js';
import { catalogProfile } from '../../sim/hardware/catalog.js';
import { energyEstimate } from '../../sim/replay/replay-energy.js';
import { watchedReplay } from '../../sim/replay/replay-trace.js';
import { traceOfRows } from '../../sim/replay/read-trace.js';
import { shownStep } from '../../sim/replay/step-courses.js';
import { replayTimeline } from '../../sim/report/replay/replay-timeline.js';
import { slowWorkers } from '../../sim/report/replay/slow-workers.js';
import { replayReport } from '../../sim/viewer/pages/replay-report.js';
import { projectFile } from './files.js';
import { profileOf, scenarioOf } from './made-up.js';
import { traceRows } from './traces.js';

/** Reports of all kinds by name, each with everything that such a report can have. */
export async function madeUpReports(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['run', await madeUpRun()],
    ['sweep', sweepReport(MADE_UP_SWEEP)],
    ['reproduce', madeUpReproduction()],
    ['compare', madeUpComparison()],
    ['replay', madeUpReplay()],
  ]);
}

/** Every policy, and energy in every account. */
async function madeUpRun(): Promise<string> {
  const source = profileOf([0.1, 0.13, 0.11, 0.12]);
  const scenario = scenarioOf({
    name: 'made up',
    pipeline: { stages: 4, microbatches: 8 },
    pipelines: 3,
    stragglers: [{ pipeline: 0, slowdown: 1.2, cause: 'stall' }],
    timing: { loadingS: 0.01, transferS: 0.004, iterationConstantS: 0.2 },
    policies: [
      'max-frequency',
      'zeus-global',
      'zeus-per-stage',
      'envpipe',
      'perseus',
      'perseus-hull',
    ],
  });
  const result = await runScenario(scenario, source, { keep: FOR_PICTURES });
  const text = `name: made up\ndescription: ${'a line that is much longer than a page is wide, '.repeat(4)}\n`;
  return runReport(result, result.kept, {
    version: '0',
    script: reportScript(),
    file: 'made-up.yaml',
    text,
  });
}

/** Two policies in four runs, and one that failed: two slowdowns, each with two schedules. */
export const MADE_UP_SWEEP: FinishedSweep = {
  name: 'made-up',
  script: reportScript(),
  version: '0',
  commit: '2ef9f6df972a827c410eb5a54fa3436c72815ceb',
  columns: {
    run: [0, 0, 1, 1, 2, 2, 3, 3],
    'stragglers[0].slowdown': [1, 1, 1, 1, 1.2, 1.2, 1.2, 1.2],
    schedule: ['1f1b', '1f1b', 'gpipe', 'gpipe', '1f1b', '1f1b', 'gpipe', 'gpipe'],
    policy: Array.from({ length: 8 }, (_, k) => (k % 2 === 0 ? 'max-frequency' : 'perseus')),
    simulated_time_s: [10, 10, 11, 11.1, 12, 12, 13, 13.2],
    simulated_energy_j: [1000, 900, 1100, 968, 1200, 960, 1300, 962],
    simulated_saving_pct: [0, 10, 0, 12, 0, 20, 0, 26],
    slowdown_pct: [0, 0, 0, 0.1, 0, 0, 0, 0.2],
    intrinsic_pct: [0, 10, 0, 12, 0, 11, 0, 13],
    extrinsic_pct: [0, 0, 0, 0, 0, 9, 0, 13],
  },
  fields: ['stragglers[0].slowdown', 'schedule'],
  runs: 5,
  failures: [{ run: 4, error: `no <plan> fits: ${'the reason takes long to tell; '.repeat(8)}` }],
  files: [
    { name: 'made-up.yaml', text: 'name: made-up' },
    { name: '../base.yaml', text: 'name: base' },
  ],
};

function madeUpReproduction(): string {
  const path = 'scenarios/published/perseus-sosp24.csv';
  const figures = readPublished(readFileSync(projectFile(path), 'utf8'), path)
    .filter(({ table }) => table === 'figure8')
    .slice(0, 80)
    .map((figure) => ({
      ...figure,
      plannedPct: figure.valuePct + 0.1,
      simulatedPct: figure.valuePct - 0.2,
    }));
  const text = { name: 'figure8', title: 'Figure 8', remarks: ['From curves.'] };
  const picture = extrinsicFigure(figures);
  const short = figures.slice(0, 5);
  return reproducedReport(
    [
      { text, figures, counted: figures, picture },
      {
        text: { ...text, title: 'Table 9' },
        figures: short,
        counted: short,
        picture: undefined,
      },
    ],
    { version: '0', script: reportScript(), command: 'npx pipewatt reproduce figure8' },
  );
}

/** A slow rank, several ranks of a stage, planned clocks. */
function madeUpReplay(): string {
  const shape = { pipelines: 3, stages: 3, microbatches: 5, steps: 12, seed: 4, ranksPerStage: 2 };
  const trace = traceOfRows(traceRows({ ...shape, slowRank: 5 }), 'made-up.parquet');
  const watched = watchedReplay(trace);
  const entry = readCatalogEntry('gpt3-175b-a100-sxm', { source: 'test', field: 'catalog' });
  const gpus = { profile: catalogProfile(entry), title: entry.model, blockingPowerW: 80 };
  const energy = energyEstimate(trace, gpus, 1);
  return replayReport(
    {
      ...{ name: 'made-up.parquet', replay: watched.replay, energy: energy.estimate },
      workers: slowWorkers(trace, watched),
      timeline: replayTimeline(trace, shownStep(trace, watched, energy, 3), 80),
    },
    { version: '0', script: reportScript(), command: 'npx pipewatt replay made-up.parquet' },
  );
}

/** A better planner with a long name. */
export function madeUpVerdict(): { heading: ComparisonHeading; comparison: Comparison } {
  const names = ['T_min', ...['T_min', 1.02, 1.05, 1.1, 1.2, 1.4].map((at) => `energy at ${at}`)];
  const cases = Array.from({ length: 12 }, (_, k): ComparedCase => ({
    name: `${k}: interleaved, 4 stages, ${k + 1} microbatches, 24 clocks`,
    verdict: 'better',
    differencePct: Object.fromEntries(names.map((name, n) => [name, -0.1234 * n * k])),
    distances: [],
    planningS: [0.000123, 0.0456],
  }));
  const comparison: Comparison = {
    verdict: 'better',
    reason: 'energy is lower',
    metrics: names.map((metric, n) => ({
      ...{ metric, meanPct: -0.7 * n, interval: { low: -0.9 * n, high: -0.4 * n } },
      ...{ pValue: 0.001, verdict: 'better', lower: 11, equal: 1, higher: 0 },
    })),
    cases,
    distances: [],
    basePlanningS: 0.1,
    candidatePlanningS: 0.2,
  };
  const heading = {
    base: 'perseus',
    candidate: './dist/a-planner-of-ones-own.js',
    suite: 'smoke',
    isTimed: true,
  };
  return { heading, comparison };
}

function madeUpComparison(): string {
  const { heading, comparison } = madeUpVerdict();
  return compareReport(heading, comparison, {
    version: '0',
    script: reportScript(),
    command: 'npx pipewatt compare',
  });
}
