import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { catalogProfile, parseCatalogEntry } from '../../sim/hardware/catalog.js';
import { parseMeasuredJob } from '../../sim/hardware/measured-job.js';
import { planMeasuredJob } from '../../sim/paper/reproduce-measured.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import type { PlanningProblem } from '../../src/planner/planner.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import { readTable } from '../../src/profile/csv-table.js';
import { projectFile } from '../support/files.js';
import { MICROBATCHES, STAGES, TABLE_6 } from '../support/paper.js';

/** The processor time that a whole frontier takes. */
interface PlanningTime {
  readonly job: string;
  readonly instructions: number;
  readonly points: number;
  readonly timeS: number;
}

/** Repetitions; the fastest counts. */
const REPETITIONS = 3;

function measure(job: string, problem: PlanningProblem): PlanningTime {
  const runs = Array.from({ length: REPETITIONS }, () => {
    const start = process.cpuUsage();
    const { pointCount } = perseus.plan(problem);
    const { user, system } = process.cpuUsage(start);
    return { pointCount, timeS: (user + system) / 1e6 };
  });
  const fastest = runs.reduce((a, b) => (b.timeS < a.timeS ? b : a));
  return {
    job,
    instructions: problem.dag.instructionCount,
    points: fastest.pointCount,
    timeS: fastest.timeS,
  };
}

function emulated(): PlanningTime[] {
  return TABLE_6.flatMap(({ catalog, unitTimeS, blockingPowerW }) => {
    const text = readFileSync(projectFile(`scenarios/catalog/${catalog}.yaml`), 'utf8');
    const profile = catalogProfile(parseCatalogEntry(text));
    return MICROBATCHES.map((microbatches) =>
      measure(
        `${catalog} × ${microbatches}`,
        planningProblem(oneFOneB(STAGES, microbatches), profile, {
          unitTimeS,
          blockingPowerW,
          gpusPerStage: 1,
        }),
      ),
    );
  });
}

function measured(): PlanningTime[] {
  const folder = projectFile('scenarios/catalog/measured');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => {
      const model = parseMeasuredJob(readFileSync(`${folder}/${name}`, 'utf8'));
      return measure(model.workloadId, planMeasuredJob(model).problem);
    });
}

/** `node dist/test/bench/planning-time.js`: results/planning-time.md on standard output. */
function main(): void {
  const published = new Map(
    readTable(
      readFileSync(projectFile('scenarios/published/perseus-sosp24-planning-time.csv'), 'utf8'),
      'scenarios/published/perseus-sosp24-planning-time.csv',
      { statistic: 'text', seconds: 'positive' },
    ).map((row) => [row.statistic, row.seconds]),
  );
  const times = [...emulated(), ...measured()];
  const seconds = times.map(({ timeS }) => timeS).sort((a, b) => a - b);
  const ours = new Map([
    ['mean', seconds.reduce((sum, timeS) => sum + timeS, 0) / seconds.length],
    ['fastest', seconds[0]!],
    ['slowest', seconds.at(-1)!],
  ]);
  const lines = [
    '# Planning time: a whole frontier',
    '',
    "Seconds of processor time, least of three, from costs to the last stored plan; emulated jobs at the published unit times (1 ms on A100, 0.1 ms on A40), measured jobs at 0.5 ms. Published: what is stated for Perseus' own planner (`scenarios/published/`), on its authors' machine and over their jobs, of which these are a part; the times compare orders of magnitude.",
    '',
    `Made by \`node dist/test/bench/planning-time.js\` with Node.js ${process.version} on ${cpus()[0]!.model}.`,
    '',
    '| | published s | ours s |',
    '|---|---:|---:|',
    ...[...ours].map(([name, timeS]) => {
      return `| ${name} | ${published.get(name)!} | ${timeS.toFixed(3)} |`;
    }),
    '',
    '| job | instructions | points | s |',
    '|---|---:|---:|---:|',
    ...times.map(({ job, instructions, points, timeS }) => {
      return `| ${job} | ${instructions} | ${points} | ${timeS.toFixed(3)} |`;
    }),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

main();
