import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { InputError } from '../../src/errors.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { runTable } from '../../sim/report/text/run-table.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import { loadProfile } from '../../sim/scenario/scenario-profile.js';
import { parseScenario } from '../../sim/scenario/scenario.js';
import { parseGpu } from '../../sim/hardware/gpu-description.js';
import { parseModel } from '../../sim/hardware/model-description.js';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { projectFile } from '../support/files.js';

/** Quantities in another unit than the field's: refused, with the likely unit. */

const CSV = projectFile('test/fixtures/good/two-stages.csv');

function scenario(lines: string): string {
  const profile = lines.includes('profile:')
    ? ''
    : `profile: { csv: ${CSV}, blockingPowerW: 80 }\n`;
  return `name: s\n${profile}pipeline: { stages: 2, microbatches: 4 }\n${lines}\n`;
}

/** What is wrong with a scenario, found while reading or beside its profile. */
async function problemsOf(lines: string): Promise<string[]> {
  try {
    const parsed = parseScenario(scenario(lines), 's.yaml');
    await runScenario(parsed, loadProfile(parsed, 's.yaml', LIBRARY));
    return [];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.problems.map(({ field, message }) => `${field}: ${message}`);
  }
}

const LINK = 'bandwidthGBs: 25';

for (const [lines, expected] of [
  // Powers.
  [
    `profile: { csv: ${CSV}, blockingPowerW: 80000 }`,
    /^profile\.blockingPowerW: .*looks like mW: write 80 \(W\)$/,
  ],
  [
    `profile: { csv: ${CSV}, blockingPowerW: 0.08 }`,
    /^profile\.blockingPowerW: .*looks like kW: write 80 \(W\)$/,
  ],
  [
    `profile: { csv: ${CSV}, blockingPowerW: 1.0e+9 }`,
    /^profile\.blockingPowerW: found 1000000000, expected a number from 1 to 2000 W/,
  ],
  [
    `profile: { csv: ${CSV}, blockingPowerW: 900 }`,
    /^profile\.blockingPowerW: found 900, expected at most what computing draws at the highest clock, 400 W$/,
  ],
  ['power: { blockingW: 0.09 }', /looks like kW: write 90/],
  ['power: { gpuLimitW: 0.3 }', /looks like kW: write 300/],
  ['power: { gpuLimitW: 300000 }', /looks like mW: write 300/],
  ['power: { jobLimitW: 0.006 }', /looks like MW: write 6000/],
  [
    `communication: { powerW: 95000, betweenNodes: { ${LINK} } }`,
    /^communication\.powerW: .*looks like mW: write 95/,
  ],
  [
    `communication: { powerW: 500, betweenNodes: { ${LINK} } }`,
    /^communication\.powerW: found 500, expected at most what computing draws/,
  ],
  // Clocks.
  ['clocks: { highestMHz: 1.41 }', /looks like GHz: write 1410 \(MHz\)$/],
  ['clocks: { lowestMHz: 1410000 }', /looks like kHz: write 1410 \(MHz\)$/],
  ['clocks: { stepMHz: 0.015 }', /looks like GHz: write 15 \(MHz\)$/],
  [
    'stragglers: [{ pipeline: 0, cause: throttle, clockLimitMHz: 1.2 }]',
    /looks like GHz: write 1200/,
  ],
  ['clocks: { switchS: 10 }', /looks like ms: write 0\.01 \(s\)$/],
  // Times within an iteration: longer than any instruction.
  [
    'timing: { loadingS: 5 }',
    /^timing\.loadingS: found 5, expected at most 20 times the longest instruction, 2\.8 s; that looks like ms: write 0\.005 \(s\)$/,
  ],
  ['timing: { loadingS: [0, 5] }', /^timing\.loadingS\[1\]: found 5/],
  ['timing: { transferS: 12 }', /^timing\.transferS: .*looks like ms: write 0\.012 \(s\)$/],
  [
    'timing: { transferS: 250000 }',
    /^timing\.transferS: found 250000, expected a number from 0 to 1000 s/,
  ],
  ['timing: { iterationConstantS: 1200 }', /looks like ms: write 1\.2 \(s\)$/],
  ['unitTimeS: 1', /^unitTimeS: .*looks like ms: write 0\.001 \(s\)$/],
  ['unitTimeS: 100', /^unitTimeS: .*looks like ms: write 0\.1 \(s\)$/],
  // Communication.
  [
    `communication: { activationMB: 25165824, betweenNodes: { ${LINK} } }`,
    /^communication\.activationMB: .*looks like bytes: write 25\.1658 \(MB\)$/,
  ],
  [
    'communication: { activationMB: 100, betweenNodes: { bandwidthGBs: 25000 } }',
    /^communication\.betweenNodes\.bandwidthGBs: .*looks like MB\/s: write 25 \(GB\/s\)$/,
  ],
  [
    'communication: { activationMB: 100, betweenNodes: { bandwidthGBs: 2.5e+10 } }',
    /looks like bytes\/s: write 25 \(GB\/s\)$/,
  ],
  [
    'communication: { activationMB: 100, betweenNodes: { bandwidthGBs: 2.0e+11 } }',
    /looks like bytes\/s: write 200 \(GB\/s\)$/,
  ],
  [
    `communication: { activationMB: 100, betweenNodes: { ${LINK}, latencyS: 5 } }`,
    /^communication\.betweenNodes\.latencyS: .*looks like µs: write 0\.000005 \(s\)$/,
  ],
  [
    'communication: { activationMB: 100, betweenNodes: { bandwidthGBs: 0.02 } }',
    /^communication\.activationMB: found 100, expected a transfer of at most 20 times the longest instruction, 2\.8 s; it takes 5 s: is a size or a bandwidth in another unit/,
  ],
  [
    `communication: { gradientMB: 4.0e+9, betweenNodes: { ${LINK} } }`,
    /^communication\.gradientMB: .*looks like bytes: write 4000 \(MB\)$/,
  ],
  // Parts and multiples.
  ['jitter: { instructionSd: 2 }', /^jitter\.instructionSd: .*looks like percent: write 0\.02$/],
  ['jitter: { gpuSd: 4 }', /looks like percent: write 0\.04$/],
  ['sequenceLengths: { forwardSd: 25 }', /looks like percent: write 0\.25$/],
  [
    'stragglers: [{ pipeline: 0, slowdown: 120 }]',
    /^stragglers\[0\]\.slowdown: .*looks like percent: write 1\.2$/,
  ],
  [
    'stragglers: [{ pipeline: 0, slowdown: 0.2 }]',
    /^stragglers\[0\]\.slowdown: found 0\.2, expected a number from 1 to 100 \(a factor on the time; 1\.2 is 20 % slower\)$/,
  ],
  ['scale: 5.0e-324', /^scale: found 5e-324, expected a number from 0\.001 to 10000/],
  ['scale: 1.0e+300', /^scale: found 1e\+300, expected a number from 0\.001 to 10000/],
  [
    'profile: { model: llama-3-8b, gpu: a40, microbatch: 1, efficiency: 40 }',
    /^profile\.efficiency: .*looks like percent: write 0\.4$/,
  ],
  [
    'profile: { model: llama-3-8b, gpu: a40, microbatch: 1000000, sequence: 100000000 }',
    /^profile: makes an instruction of 14500000000000 s, expected a number from 0\.000001 to 100 s/,
  ],
  // Prices.
  [
    'prices: { perKWh: 120, currency: EUR }',
    /^prices\.perKWh: found 120 EUR, .*looks like a price per MWh: write 0\.12$/,
  ],
  ['prices: { perKWh: 0.00012 }', /looks like a price per Wh: write 0\.12$/],
  ['prices: { carbonGPerKWh: 0.4 }', /looks like kg: write 400 \(g\)$/],
  ['prices: { carbonGPerKWh: 400000 }', /looks like g per MWh: write 400 \(g\)$/],
] as const) {
  test(`refused: ${lines.replace(CSV, 'p.csv')}`, async (t) => {
    const problems = await problemsOf(lines);
    t.is(problems.length, 1, problems.join('\n'));
    t.regex(problems[0]!, expected);
  });
}

for (const lines of [
  'prices: { perKWh: 0, carbonGPerKWh: 0 }',
  'prices: { perKWh: 30, currency: JPY }',
  'timing: { loadingS: 0.5, transferS: 0.02 }',
  'clocks: { stepMHz: 7.5 }',
]) {
  test(`accepted: ${lines}`, async (t) => {
    t.deepEqual(await problemsOf(lines), []);
  });
}

/** The problem of a description with one line changed. */
function problemOf(read: () => unknown): string {
  try {
    read();
    return '';
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.message;
  }
}

const GPU = readFileSync(projectFile('scenarios/catalog/gpus/a100-sxm.yaml'), 'utf8');
const withValue = (field: string, value: string) =>
  GPU.replace(new RegExp(`(${field}:\\n  value: )\\S+`), `$1${value}`);

for (const [field, value, advice] of [
  ['peakTflops', '312.0e+12', 'looks like FLOP/s: write 312 (TFLOP/s)'],
  ['peakTflops', '0.312', 'looks like PFLOP/s: write 312 (TFLOP/s)'],
  ['peakAtMHz', '1.41', 'looks like GHz: write 1410 (MHz)'],
  ['memoryBandwidthGBs', '2.039', 'looks like TB/s: write 2039 (GB/s)'],
  ['memoryBandwidthGBs', '2.039e+12', 'looks like bytes/s: write 2039 (GB/s)'],
  ['memoryGB', '80000', 'looks like MB: write 80 (GB)'],
  ['memoryGB', '85.9e+9', 'looks like bytes: write 85.9 (GB)'],
  ['powerLimitW', '400000', 'looks like mW: write 400 (W)'],
  ['highestMHz', '1.41', 'looks like GHz: write 1410 (MHz)'],
  ['blockingPowerW', '0.084', 'looks like kW: write 84 (W)'],
] as const) {
  test(`a GPU's ${field} of ${value} is refused`, (t) => {
    t.true(problemOf(() => parseGpu(withValue(field, value), 'gpu.yaml')).includes(advice));
  });
}

test('a GPU that waits draws no less than an idle one', (t) => {
  t.is(
    problemOf(() => parseGpu(withValue('idlePowerW', '120'), 'gpu.yaml')),
    'gpu.yaml, idlePowerW.value: found 120, which must not be above blockingPowerW',
  );
});

test('what nothing is computed from may be left out of descriptions, but the catalog has it', (t) => {
  const bare = GPU.replaceAll(/^ {2}source: .*\n/gm, '').replace(/idlePowerW:\n( {2}.*\n)+/, '');
  t.is(
    problemOf(() => parseGpu(bare, 'gpu.yaml')),
    '',
  );
  for (const folder of ['gpus', 'models']) {
    for (const name of readdirSync(projectFile(`scenarios/catalog/${folder}`))) {
      if (!name.endsWith('.yaml')) continue;
      const text = readFileSync(projectFile(`scenarios/catalog/${folder}/${name}`), 'utf8');
      const values = text.match(/^ {2}value: /gm)?.length ?? 1;
      t.is(text.match(/source: "/g)?.length, values, name);
    }
  }
});

const LAMDA = `name: LaMDA 137B
family: gpt
parametersB: 137
layers: 64
hidden: 8192
sequence: 2048
vocabulary: 32000
`;

test('declared parameters match the dimensions', (t) => {
  t.regex(
    problemOf(() => parseModel(LAMDA, 'lamda.yaml')),
    /^lamda\.yaml, parametersB: the dimensions give 51\.8 · 10⁹ parameters, 137 · 10⁹ are declared; /,
  );
  t.is(
    problemOf(() => parseModel(LAMDA.replace('137\n', '52\n'), 'lamda.yaml')),
    '',
  );
  t.true(
    problemOf(() => parseModel(LAMDA.replace('137\n', '51.8e+9\n'), 'lamda.yaml')).endsWith(
      'looks like a plain count: write 51.8 (10⁹)',
    ),
  );
  t.true(
    problemOf(() => parseModel(LAMDA.replace('64\n', '100000000\n'), 'lamda.yaml')).endsWith(
      'layers: found 100000000, expected a number of at most 2000',
    ),
  );
});

async function tableOf(lines: string): Promise<string> {
  const parsed = parseScenario(`name: s\n${lines}policies: [max-frequency]\n`, 's.yaml');
  const result = await runScenario(parsed, loadProfile(parsed, 's.yaml', LIBRARY));
  const table = runTable(result, { isExplained: true });
  return table.replaceAll(/\n +/g, ' ');
}

test('a job that does not fit into its GPUs is told what it needs', async (t) => {
  const table = await tableOf(
    'profile: { model: llama-3-405b, gpu: v100-sxm2, microbatch: 1, sequence: 4096 }\npipeline: { stages: 4, microbatches: 8 }\n',
  );
  // 126 blocks of 3.19 · 10⁹ weights each, and embeddings of 2.1 · 10⁹: 810 GB in half precision.
  t.regex(
    table,
    /^memory: stage 0 needs 2100 GB on each GPU and NVIDIA V100 SXM2 32 GB has 32\.0 GB: 202 GB of weights in half precision, 1615 GB of gradients and Adam \(nothing sharded\), 283 GB of activations; no single change makes it fit; one after another: full recomputation \(\d+ GB\), tensor parallel 8 \(\d+ GB\); it needs more GPUs or stages$/m,
  );
  const fits = await tableOf(
    'profile: { model: llama-3-8b, gpu: h100-sxm, microbatch: 1 }\npipeline: { stages: 4, microbatches: 8 }\ntensorParallel: 4\n',
  );
  t.regex(fits, /^memory: at most [\d.]+ GB of 80\.0 GB on a GPU /m);
});

test('notes on how a profile was read are part of the table', async (t) => {
  const text = readFileSync(CSV, 'utf8').replace('time', 'time_s');
  const profile = readStageProfile(`${text}0,load,1410,0.001,0.1\n`, CSV);
  const parsed = parseScenario(scenario(''), 's.yaml');
  const source = { ...loadProfile(parsed, 's.yaml', LIBRARY), profile };
  t.regex(
    runTable(await runScenario(parsed, source)).replaceAll(/\n +/g, ' '),
    /^profile: rows of instructions other than forward and backward are left out: "load" \(1\)$/m,
  );
});
