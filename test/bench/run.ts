import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { projectFile } from '../support/files.js';
import { SERIES, SINGLES, type Series } from './cases.js';
import { compareWithLowtime } from './lowtime.js';
import { Bench, type Measured } from './measure.js';
import { measureServing } from './serve.js';
import { measureResults, measureSweep } from './sweep.js';
import { growthTable, ratioTable, singlesTable } from './table.js';
import { versionBefore } from './version-before.js';

/** Rounds of each figure, after those that do not count. */
const ROUNDS = 5;
/** Pairs when two versions are compared: the median lies between their ends with 94 %. */
const PAIRS = 5;

const { values: options } = parseArgs({
  options: {
    against: { type: 'string' },
    lowtime: { type: 'string' },
    only: { type: 'string' },
    output: { type: 'string', default: projectFile('results/bench.md') },
    serve: { type: 'boolean', default: false },
  },
});

/**
 * `npm run bench`: results/bench.md. Figures to read, nothing is asserted.
 *
 * --against COMMIT  also measures that commit, in pairs
 * --lowtime PYTHON  also plans with the public reference, which this Python imports
 * --only WORDS      only figures with these words in their titles, printed and not written
 * --serve           servers, queries of results and the second worker of a sweep instead, printed
 */
async function main(): Promise<void> {
  if (options.serve) return servers();
  const before = options.against === undefined ? undefined : versionBefore(options.against);
  const bench = new Bench(before?.folder);
  try {
    const report = `${(await sections(bench)).join('\n\n')}\n`;
    if (options.only !== undefined) print(report);
    else writeFileSync(options.output, report);
  } finally {
    bench.end();
    before?.remove();
  }
}

async function sections(bench: Bench): Promise<string[]> {
  const { only, against, lowtime } = options;
  const isAsked = ({ title }: { readonly title: string }) =>
    only === undefined || title.includes(only);
  const rounds = against === undefined ? ROUNDS : PAIRS;
  const all: [string, Measured][] = [];
  const measure = async (title: string, asked: Parameters<Bench['measure']>[0]) => {
    const measured = await bench.measure(asked, rounds);
    all.push([title, measured]);
    process.stderr.write(`${title}: ${measured.now.cpuS.toPrecision(3)} s\n`);
    return measured;
  };
  const grown: [Series, Measured[]][] = [];
  for (const series of SERIES.filter(isAsked)) {
    const { title, what, over, values, job } = series;
    const figures: Measured[] = [];
    for (const value of values) {
      figures.push(await measure(`${title}, ${value}`, { what, job: { ...job, [over]: value } }));
    }
    grown.push([series, figures]);
  }
  const singles: [(typeof SINGLES)[number], Measured][] = [];
  for (const single of SINGLES.filter(isAsked)) {
    singles.push([single, await measure(single.title, { what: single.what, job: single.job })]);
  }
  return [
    '# Speed',
    `Made by \`npm run bench\` with Node.js ${process.version} on ${process.platform} ${process.arch}, ${availableParallelism()} cores. Processor time of all threads, median of ${rounds} rounds after half a second that does not count, of long figures one; planners and simulator run on one core.`,
    '## How cost grows',
    'Time ∝ value^exponent: least squares of the logarithms; r² is the part of their variance that this explains.',
    growthTable(grown),
    '## Figures',
    singlesTable(singles),
    ...(against === undefined
      ? []
      : [
          `## Against ${against}`,
          `Both versions in the same run, in turn; the median of ${PAIRS} pairs, and the least and the greatest ratio, between which the median of all pairs lies with 94 %.`,
          ratioTable(all),
        ]),
    ...(lowtime === undefined ? [] : await compareWithLowtime(lowtime)),
  ];
}

async function servers(): Promise<void> {
  for (const [name, ms] of await measureResults()) {
    print(`results of 100,000 rows: ${name} ${ms.toFixed(0)} ms\n`);
  }
  const { runs, oneWorkerS, twoWorkersS, efficiencyPct } = await measureSweep();
  print(
    `sweep: ${runs} runs take ${oneWorkerS.toFixed(1)} s on one worker, ${twoWorkersS.toFixed(1)} s on two: ${efficiencyPct.toFixed(0)} % of twice as fast\n`,
  );
  for (const { how, ranks, p50Ms, p99Ms } of await measureServing()) {
    print(
      `serve: ${ranks} ranks that ask ${how} have a known schedule after ${p50Ms.toFixed(1)} ms (median), ${p99Ms.toFixed(1)} ms (p99; wanted: below 50 ms)\n`,
    );
  }
}

function print(text: string): void {
  process.stdout.write(text);
}

await main();
