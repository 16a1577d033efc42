import test from 'ava';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { shownRun } from '../../sim/viewer/shown-run.js';
import { runReport } from '../../sim/viewer/pages/run-report.js';
import { runTable } from '../../sim/report/text/run-table.js';
import { unitColumns, UNITS_TITLE } from '../../sim/report/text/unit-table.js';
import { runRows } from '../../sim/results/run-rows.js';
import { FOR_PICTURES } from '../../sim/run/kept-run.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import { loadScenarioObject } from '../../sim/scenario/scenario.js';

const SCENARIO = {
  name: 'units',
  profile: { model: 'llama-3-8b', gpu: 'h100-sxm', microbatch: 1 },
  pipeline: { stages: 2, microbatches: 4 },
  tensorParallel: 4,
  pipelines: 2,
  job: { zeroStage: 1 },
};
const PRICED = {
  site: { overheadWPerGpu: 270, pue: 1.2 },
  prices: { perKWh: 0.08, currency: 'EUR', carbonGPerKWh: 300 },
};

function resultOf(fields: object) {
  const { scenario, profile } = loadScenarioObject(fields, 's.yaml', LIBRARY);
  return runScenario(scenario, profile, { keep: FOR_PICTURES });
}

test('the second table has what is known, in the digits that it is worth', async (t) => {
  const headings = async (fields: object) =>
    unitColumns(await resultOf(fields)).map(({ heading }) => heading.join(' ').trim());
  const plain = ['policy', 'tokens/s', 'MFU %', 'W a GPU', 'J a token'];
  t.deepEqual(await headings(SCENARIO), [...plain, 'per 10⁹ tokens MWh', 'per day MWh']);
  t.deepEqual(await headings({ ...SCENARIO, ...PRICED }), [
    ...[...plain, 'bill saved %'],
    ...['MWh', 'EUR', 'kg CO2'].map((unit) => `per 10⁹ tokens ${unit}`),
    ...['MWh', 'EUR', 'kg CO2'].map((unit) => `per day ${unit}`),
  ]);
  const catalog = {
    profile: { catalog: 'gpt3-175b-a100-sxm' },
    pipeline: { stages: 8, microbatches: 8 },
  };
  t.deepEqual(await headings({ ...catalog, name: 'unknown' }), []);
  const result = await resultOf({ ...SCENARIO, ...PRICED });
  const cells = unitColumns(result).map((column) => column.cells[1]!.replaceAll(',', ''));
  const row = runRows(result)[1]!;
  const isShown = (cell: string, value: number) =>
    Math.abs(Number(cell) - value) <= 0.005 * Math.abs(value);
  t.true(isShown(cells[1]!, row.tokens_per_s!));
  t.true(isShown(cells[2]!, 100 * row.mfu!));
  t.true(isShown(cells[3]!, row.gpu_power_w!));
  t.true(isShown(cells[4]!, row.j_per_token!));
  t.true(isShown(cells[5]!, row.site_saving_pct!));
  t.true(isShown(cells[7]!, row.money_per_1e9_tokens!));
  t.true(isShown(cells[11]!, row.carbon_per_day_kg!));
});

test('table, report and page show it', async (t) => {
  const result = await resultOf({ ...SCENARIO, ...PRICED });
  t.regex(runTable(result), /^policy +tokens\/s +MFU/m);
  const report = runReport(result, result.kept, { version: '0', file: 's.yaml', text: '' });
  t.true(report.includes(UNITS_TITLE));
  t.true(report.includes('percent of the bill') || report.includes('% of the bill is saved'));
  const shown = shownRun(result);
  t.deepEqual(shown.unitColumns, unitColumns(result));
  t.true(shown.heading.some((line) => line.startsWith('memory: at most ')));
  t.true(shown.headline.sentences.some((sentence) => sentence.includes('J per token')));
});
