import test from 'ava';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { runTable } from '../../sim/report/text/run-table.js';
import { threeDigits } from '../../sim/report/text/unit-sentences.js';
import { runRows } from '../../sim/results/run-rows.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import { loadScenarioObject } from '../../sim/scenario/scenario.js';
import { InputError } from '../../src/errors.js';

const load = (fields: object) => loadScenarioObject({ name: 's', ...fields }, 's.yaml', LIBRARY);

async function resultOf(fields: object) {
  const { scenario, profile } = load(fields);
  return runScenario(scenario, profile);
}

/** GPT-3 175B on 64 A100s of the catalog. */
const GPT3 = {
  profile: { catalog: 'gpt3-175b-a100-sxm' },
  pipeline: { stages: 8, microbatches: 4 },
  tensorParallel: 8,
};

const isNear = (found: number | null | undefined, expected: number, relative = 1e-9) =>
  Math.abs(found! - expected) <= relative * Math.abs(expected);

/**
 * By hand: 96 blocks of 12 · 12288² weights, a head of 12288 · 50257, six operations for each of them,
 * and 6 · 12288 · 2048 for each block’s attention, its mask counted as half.
 */
const GPT3_FLOPS = 6 * (96 * 12 * 12288 ** 2 + 12288 * 50257) + 96 * 6 * 12288 * 2048;

test('tokens, MFU and energy per token of GPT-3 175B, by hand', async (t) => {
  t.true(isNear(GPT3_FLOPS, 1.0618e12, 1e-3), '6 × 175 · 10⁹, and 1 % for attention');
  const result = await resultOf({ ...GPT3, pipelines: 2, iterations: 3, job: { microbatch: 8 } });
  const tokens = 3 * 2 * 4 * 8 * 2048;
  for (const row of runRows(result)) {
    const timeS = row.simulated_time_s!;
    const energyJ = row.simulated_energy_j!;
    t.true(isNear(row.tokens_per_s, tokens / timeS));
    t.true(isNear(row.j_per_token, energyJ / tokens));
    t.true(isNear(row.tokens_per_j, tokens / energyJ));
    t.true(isNear(row.mfu, (tokens * GPT3_FLOPS) / timeS / (128 * 312e12)));
    t.true(isNear(row.gpu_power_w, energyJ / timeS / 128));
    t.true(isNear(row.mwh_per_1e9_tokens, ((energyJ / tokens) * 1e9) / 3.6e9));
    t.true(isNear(row.mwh_per_day, ((energyJ / timeS) * 86_400) / 3.6e9));
    t.deepEqual([row.money_per_day, row.carbon_per_1e9_tokens_kg], [null, null]);
    t.deepEqual([row.site_energy_j, row.site_saving_pct], [null, null]);
  }
});

test('a published step of GPT-3 175B has the published MFU', (t) => {
  // 256 sequences in 8.309 s on 128 H100s: 53.5 % (NVIDIA/dgxc-benchmarking).
  const mfu = (256 * 2048 * GPT3_FLOPS) / 8.309 / (128 * 989.4e12);
  t.true(Math.abs(mfu - 0.535) < 0.01, String(mfu));
});

test('the bill: nodes and PUE, in percent of it, in money and carbon dioxide', async (t) => {
  const prices = { perKWh: 0.08, currency: 'EUR', carbonGPerKWh: 300 };
  const site = { overheadWPerGpu: 270, pue: 1.25 };
  const fields = { ...GPT3, job: { microbatch: 8 }, prices };
  const result = await resultOf({ ...fields, site });
  const rows = runRows(result);
  const plain = runRows(await resultOf(fields));
  const siteJ = (row: (typeof rows)[number]) =>
    (row.simulated_energy_j! + 270 * 64 * row.simulated_time_s!) * 1.25;
  const [base, perseus] = [rows[0]!, rows.at(-1)!];
  const tokens = 4 * 8 * 2048;
  t.true(isNear(perseus.site_energy_j, siteJ(perseus)));
  t.true(isNear(perseus.site_saving_pct, 100 - (100 * siteJ(perseus)) / siteJ(base)));
  t.is(base.site_saving_pct, 0);
  t.true(perseus.site_saving_pct! < perseus.simulated_saving_pct!, 'percent of the bill is less');
  const kWh = siteJ(perseus) / tokens / 3.6e6;
  t.true(isNear(perseus.mwh_per_1e9_tokens, kWh * 1e6));
  t.true(isNear(perseus.money_per_1e9_tokens, 0.08 * kWh * 1e9));
  t.true(isNear(perseus.carbon_per_1e9_tokens_kg, 0.3 * kWh * 1e9));
  const perDay = (siteJ(perseus) / perseus.simulated_time_s!) * (86_400 / 3.6e6);
  t.true(isNear(perseus.money_per_day, 0.08 * perDay));
  t.true(isNear(perseus.carbon_per_day_kg, 0.3 * perDay));
  t.true(isNear(perseus.saved_money, (0.08 * (siteJ(base) - siteJ(perseus))) / 3.6e6));
  t.is(perseus.simulated_energy_j, plain.at(-1)!.simulated_energy_j, 'the GPUs use what they used');
  t.is(perseus.j_per_token, plain.at(-1)!.j_per_token, 'of GPU energy');
  const table = runTable(result).replaceAll(/\n +/g, ' ');
  t.regex(table, /With 270 W beside each GPU and a PUE of 1\.25 the site uses [\d.]+ kJ: /);
  t.regex(table, /perseus trains [\d,]+ tokens\/s at [\d.]+ J per token \(max-frequency [\d.]+\)/);
});

test('what is not known is left out', async (t) => {
  const result = await resultOf(GPT3);
  const [row] = runRows(result);
  for (const name of ['tokens_per_s', 'j_per_token', 'mfu', 'memory_gib'] as const) {
    t.is(row![name], null, name);
  }
  t.false(runTable(result).includes('token'));
  const noGpu = { csv: 'p.csv', blockingPowerW: 80 };
  t.throws(() => load({ ...GPT3, profile: noGpu, job: { microbatch: 1 } }));
  const measured = await resultOf({
    profile: { catalog: 'a40-gpt3-2.7b-dp1-pp8-tp1' },
    pipeline: { stages: 8, microbatches: 16 },
    job: { model: 'gpt3-2.7b', microbatch: 4 },
  });
  const mfu = runRows(measured)[0]!.mfu!;
  t.true(mfu > 0.1 && mfu < 0.6, `${mfu} of an A40`);
});

const problemsOf = (fields: object) => {
  const error = t0(() => load({ ...GPT3, ...fields }));
  return error.problems.map(({ field, message }) => `${field ?? ''}: ${message}`);
};

function t0(action: () => unknown): InputError {
  try {
    action();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('nothing is wrong');
}

test('a job that cannot be is refused, all of it at once', (t) => {
  const synthesized = { model: 'llama-3-8b', gpu: 'h100-sxm', microbatch: 1 };
  t.deepEqual(
    problemsOf({ profile: synthesized, job: { microbatch: 3, sequence: 8, recompute: 'full' } }),
    [
      'job.microbatch: is said by profile.microbatch; leave it out here',
      'job.sequence: is said by profile.sequence; leave it out here',
      'job.recompute: is said by profile.recompute; leave it out here',
    ],
  );
  t.deepEqual(problemsOf({ job: { zeroStage: 1 } }), [
    'job.microbatch: found nothing, expected the sequences of a microbatch, which the profile does not say',
  ]);
  t.regex(
    problemsOf({ job: { microbatch: 100 } })[0]!,
    /^job\.microbatch: found 100, expected at most 2\d: .* 7\.\d+ times as fast/,
  );
  t.regex(
    problemsOf({ job: { microbatch: 1, model: 'gpt5', gpu: 'x100' } }).join('\n'),
    /^job\.model: found "gpt5", expected one of [^]*\njob\.gpu: found "x100", expected one of /,
  );
  t.regex(
    problemsOf({ site: { overheadWPerGpu: 0.27, pue: 120 } }).join('\n'),
    /overheadWPerGpu: found 0\.27, .*looks like kW: write 270 \(W\)\nsite\.pue: found 120, .*looks like percent: write 1\.2$/,
  );
});

test('figures have the digits that they are worth', (t) => {
  const texts = [38_213, 0.10449, 2.995, 999.6, 1_234_567, 0, 78.02, 0.02256].map(threeDigits);
  t.deepEqual(texts, ['38,200', '0.104', '3.00', '1,000', '1,230,000', '0', '78.0', '0.0226']);
});
