import test from 'ava';
import { ACCOUNTS } from '../../sim/energy/accounts.js';
import { chartSvg } from '../../sim/report/charts/chart-svg.js';
import { clockShares } from '../../sim/report/charts/clock-chart.js';
import { frontierPicture } from '../../sim/report/charts/frontier-chart.js';
import { ledgerBars, ledgerChart } from '../../sim/report/charts/ledger-chart.js';
import { runPictures } from '../../sim/report/charts/run-pictures.js';
import { runReport } from '../../sim/viewer/pages/run-report.js';
import { ACCOUNT_LOOKS } from '../../sim/report/looks.js';
import { policyColumns } from '../../sim/report/text/policy-columns.js';
import { FOR_PICTURES } from '../../sim/run/kept-run.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import { profileOf, scenarioOf } from '../support/made-up.js';

const SOURCE = profileOf([0.1, 0.13]);
const HOSTILE = '</script><b>&"';

async function runOf(fields: object) {
  const scenario = scenarioOf(fields);
  const result = await runScenario(scenario, SOURCE, { keep: FOR_PICTURES });
  return { result, kept: result.kept };
}

const STRAGGLING = { pipelines: 3, stragglers: [{ pipeline: 0, slowdown: 1.2 }] };

async function reportOf(fields: object, text = 'name: x') {
  const { result, kept } = await runOf(fields);
  const source = { version: '0', file: 'x.yaml', text };
  return { result, html: runReport(result, kept, source) };
}

test('a report has every figure of the table, and is one file that fetches nothing', async (t) => {
  const { result, html } = await reportOf(STRAGGLING, 'name: my scenario\n');
  for (const { cells } of policyColumns(result)) {
    if (cells.every((cell) => cell === '—')) continue;
    for (const cell of cells) t.true(html.includes(`${cell}</t`), cell);
  }
  const headings = [...html.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, heading]) => heading);
  t.deepEqual(headings, [
    'One iteration, before and after planning',
    'Time and energy',
    'Where the energy goes',
    'Power over time, before and after planning',
    'Energy bloat removed',
    'What was run',
    'Clocks',
    'Activations kept at the fullest moment',
    'Run it again',
  ]);
  t.true(html.includes('name: my scenario'), 'the scenario is in it');
  const addresses = [...html.matchAll(/\b(?:https?:)?\/\/[\w.]+/g)].map(([address]) => address);
  t.deepEqual([...new Set(addresses)], ['http://www.w3.org'], 'names of namespaces only');
  t.false(/(?:src|href)\s*=\s*"(?!#)/.test(html), 'nothing is fetched');
});

test('the same run gives the same report and pictures', async (t) => {
  const { html } = await reportOf(STRAGGLING);
  t.is((await reportOf(STRAGGLING)).html, html);
  const { result, kept } = await runOf(STRAGGLING);
  const pictures = runPictures(result, kept);
  t.deepEqual(runPictures(result, kept), pictures);
  t.deepEqual(
    pictures.map(([name]) => name),
    ['timeline', 'power', 'frontier', 'ledger', 'clocks'],
  );
  for (const [name, svg] of pictures) {
    const ground = /^<svg [^>]*color="#1c2126"><style>(.*?)<\/style><rect [^>]*fill="#ffffff"/;
    const [, style] = ground.exec(svg) ?? [];
    t.true(style?.includes('prefers-color-scheme: dark'), `${name} reads on any page`);
  }
});

test('names that look like HTML are text', async (t) => {
  const { html } = await reportOf({ name: HOSTILE, ...STRAGGLING }, HOSTILE);
  t.false(html.includes(HOSTILE));
  t.true(html.includes('&lt;/script>&lt;b>&amp;&quot;'));
  const data = /<script type="application\/json">(.*?)<\/script>/s.exec(html)![1]!;
  t.notThrows(() => JSON.parse(data) as unknown);
});

test('every policy is on the frontier where its plans are; T′ is the straggler’s time', async (t) => {
  const { result, kept } = await runOf(STRAGGLING);
  const { lines, plans, deadlineS } = frontierPicture(kept);
  t.deepEqual([...new Set(lines.map(({ policy }) => policy))], ['perseus']);
  t.deepEqual(
    plans.map(({ policy, plan }) => `${policy} ${plan}`),
    ['max-frequency fastest', 'perseus fastest', 'perseus for the straggler'],
  );
  const [max, fastest, healthy] = plans;
  t.true(Math.abs(deadlineS! - result.policies[0]!.planned!.timeS) < 1e-9);
  t.true(healthy!.timeS > fastest!.timeS && healthy!.timeS <= deadlineS! + 1e-9);
  t.true(healthy!.energyJ < fastest!.energyJ && fastest!.energyJ < max!.energyJ);
  t.is(frontierPicture((await runOf({})).kept).deadlineS, undefined);
  const { policies } = (await runOf(STRAGGLING)).result;
  const longerS = 1.2 * policies[0]!.planned!.timeS;
  const later = frontierPicture((await runOf({ ...STRAGGLING, deadlineS: longerS })).kept);
  t.true(Math.abs(later.deadlineS! - deadlineS!) < 1e-3 * deadlineS!, 'a deadline is no straggler');
});

test('bars of the ledger add up to the energies of the table', async (t) => {
  const timing = { iterationConstantS: 0.1, synchronisationS: 0.2 };
  const { result } = await runOf({ ...STRAGGLING, timing, power: { synchronisationW: 90 } });
  const bars = ledgerBars(result);
  t.true(
    bars.every(({ account }) => account !== 'loadingJ'),
    'empty accounts are left out',
  );
  t.true(bars.some(({ account, energyJ }) => account === 'synchronisationJ' && energyJ > 0));
  const svg = chartSvg(ledgerChart(bars));
  for (const account of new Set(bars.map((bar) => bar.account))) {
    t.true(svg.includes(`>${ACCOUNTS[account].title}</text>`), `${account} is in the legend`);
    t.true(svg.split(`fill="${ACCOUNT_LOOKS[account].colour.light}"`).length >= 3, account);
  }
  for (const { policy, simulatedEnergyJ } of result.policies) {
    const sumJ = bars
      .filter((bar) => bar.policy === policy)
      .reduce((sum, { energyJ }) => sum + energyJ, 0);
    t.true(Math.abs(sumJ - simulatedEnergyJ) < 1e-9 * simulatedEnergyJ);
  }
});

test('clocks of a stage share all of its computing time; max-frequency has one', async (t) => {
  const shares = clockShares((await runOf(STRAGGLING)).kept);
  for (const policy of ['max-frequency', 'perseus']) {
    for (const stage of [0, 1]) {
      const own = shares.filter((share) => share.policy === policy && share.stage === stage);
      const sumPct = own.reduce((sum, { sharePct }) => sum + sharePct, 0);
      t.true(Math.abs(sumPct - 100) < 1e-9);
      if (policy === 'max-frequency') t.is(own.length, 1);
    }
  }
});
