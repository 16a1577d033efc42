import { measurePlanner } from './planner.js';
import { measureServing } from './serve.js';
import { measureSimulator } from './simulator.js';
import { measureResults, measureSweep } from './sweep.js';

/** `npm run bench`: figures to read, nothing is asserted. */
function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

for (const { name, points, medianMs, worstMs, largestDifference } of measurePlanner()) {
  const golden =
    largestDifference === undefined
      ? 'reference frontier left out: ../shared is not there'
      : `largest relative difference to the reference ${largestDifference.toExponential(1)}`;
  print(
    `planner ${name}: ${points} points in ${medianMs.toFixed(0)} ms (median; worst ${worstMs.toFixed(0)} ms); ${golden}`,
  );
}
const simulator = measureSimulator();
print(
  `simulator: ${(simulator.instructionsPerS / 1e6).toFixed(1)} million instructions/s; ` +
    `${simulator.instructions} instructions in ${simulator.medianMs.toFixed(1)} ms (median), ${simulator.coldMs.toFixed(1)} ms cold`,
);
const sweep = await measureSweep();
print(
  `sweep: ${sweep.runs} runs in ${sweep.oneWorkerS.toFixed(1)} s on one worker, ${sweep.twoWorkersS.toFixed(1)} s on two: ${sweep.efficiencyPct.toFixed(0)} % of twice as fast`,
);
const questions = [...(await measureResults())].map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`);
print(`results of 100,000 rows: ${questions.join(', ')}`);
for (const { how, ranks, p50Ms, p99Ms } of await measureServing()) {
  print(
    `serve: ${ranks} ranks that ask ${how} have a known schedule after ${p50Ms.toFixed(1)} ms (median), ${p99Ms.toFixed(1)} ms (p99; wanted: below 50 ms)`,
  );
}
