import { perseus } from '../../src/planner/perseus/perseus.js';
import type { PlanningProblem } from '../../src/planner/planner.js';
import { projectFile } from '../support/files.js';
import { LineProcess } from './line-process.js';
import { planningOf, type BenchJob } from './measurements.js';
import { growth, markdown, shownTime, threeDigits } from './table.js';

const SCRIPT = 'test/bench/lowtime_driver.py';

const SIZES = [4, 8, 16];

/** Small jobs: the reference takes seconds to minutes for them. */
function jobOf(microbatches: number): BenchJob {
  return {
    catalog: 'gpt3-175b-a100-sxm',
    unitTimeMs: 4,
    stages: 8,
    microbatches,
    chunks: 1,
    pipelines: 1,
    iterations: 1,
  };
}

interface Answer {
  readonly cpuS: number;
  /** The length of each plan in ticks and Σ c(d), slowest first. */
  readonly points: readonly (readonly [ticks: number, costJ: number])[];
  readonly version: string;
  /** Its minimum cuts: `rust`, or `python` where its compiled part is not installed. */
  readonly cuts: string;
}

/**
 * Plans the same frontiers with the public reference, lowtime, and with `perseus`, and compares time
 * and costs. The driver gets the costs that `perseus` plans with, over the same ticks.
 *
 * @param command a Python that can import lowtime, with its arguments.
 */
export async function compareWithLowtime(command: string): Promise<string[]> {
  const [python, ...args] = command.split(' ');
  const driver = new LineProcess(python!, [...args, projectFile(SCRIPT)]);
  const rows: string[][] = [];
  const times: [ours: [number, number], theirs: [number, number]][] = [];
  let last: Answer | undefined;
  try {
    for (const microbatches of SIZES) {
      const { problem } = planningOf(jobOf(microbatches));
      const { instructionCount } = problem.dag;
      const answer = (await driver.ask(asData(problem))) as Answer | { error: string };
      if ('error' in answer) return ['## Against lowtime', `It did not answer: ${answer.error}.`];
      last = answer;
      const ours = planned(problem);
      times.push([
        [instructionCount, ours.cpuS],
        [instructionCount, answer.cpuS],
      ]);
      rows.push([
        `8 × ${microbatches}`,
        String(instructionCount),
        `${ours.costs.size} / ${answer.points.length}`,
        shownTime(ours.cpuS),
        shownTime(answer.cpuS),
        `${threeDigits(answer.cpuS / ours.cpuS)} ×`,
        ...differences(answer, ours.costs),
      ]);
    }
  } finally {
    driver.end();
  }
  const exponents = [0, 1].map((k) => growth(times.map((both) => both[k]!)).exponent.toFixed(2));
  return [
    '## Against lowtime',
    `lowtime ${last!.version} (minimum cuts in ${last!.cuts}) and \`perseus\` plan the same problems: GPT-3 175B on A100, 8 stages, ticks of 4 ms, the same costs for each tick. Processor time, once for lowtime, least of twenty for pipewatt. The reference leaves out its starting point. Cost: Σ c(d) at the times that both planned; pipewatt below lowtime is negative. Exponents over instructions: pipewatt ${exponents[0]!}, lowtime ${exponents[1]!}.`,
    markdown(
      [
        'stages × microbatches',
        'instructions',
        'points, pipewatt / lowtime',
        'pipewatt',
        'lowtime',
        'lowtime / pipewatt',
        'cost, least difference',
        'greatest',
      ],
      rows,
    ),
  ];
}

/** The problem as the driver reads it. */
function asData({ dag, operations }: PlanningProblem) {
  return {
    operations: operations.map(({ minTicks, costJ }) => ({ minTicks, costJ: [...costJ] })),
    operation: [...dag.operation],
    successors: Array.from(dag.operation, (_, i) => [
      ...dag.successor.subarray(dag.successorStart[i], dag.successorStart[i + 1]),
    ]),
  };
}

function planned(problem: PlanningProblem) {
  let cpuS = Infinity;
  let plans = perseus.plan(problem);
  for (let k = 0; k < 20; k++) {
    const before = process.cpuUsage();
    plans = perseus.plan(problem);
    const { user, system } = process.cpuUsage(before);
    cpuS = Math.min(cpuS, (user + system) / 1e6);
  }
  const { unitTimeS, blockingPowerW, dag } = problem;
  const costs = new Map<number, number>();
  for (let k = 0; k < plans.pointCount; k++) {
    const { timeS, energyJ } = plans.point(k);
    costs.set(Math.round(timeS / unitTimeS), energyJ - dag.stageCount * blockingPowerW * timeS);
  }
  return { cpuS, costs };
}

/** Least and greatest relative difference, ours minus theirs, where both have a plan. */
function differences({ points }: Answer, costs: ReadonlyMap<number, number>): string[] {
  const found = points.flatMap(([ticks, costJ]) => {
    const ours = costs.get(ticks);
    return ours === undefined ? [] : [ours / costJ - 1];
  });
  return [Math.min(...found), Math.max(...found)].map((part) => part.toExponential(1));
}
