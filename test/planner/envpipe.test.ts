import test from 'ava';
import { pathTimes } from '../../src/pipeline/critical-path.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { envpipe, searchEnvPipe } from '../../src/planner/envpipe.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { STAGES } from '../support/paper.js';
import { checkProperty } from '../support/properties.js';
import { anyProblem } from '../support/random-problems.js';
import { readSharedData, testWithSharedData } from '../support/shared-data.js';

/** The published profiles hold a tenth of each stage's layers, on one of eight GPUs. */
const SCALE = 10;
const TENSOR_PARALLEL = 8;

testWithSharedData('the 16 emulated jobs: times to all digits given, energies', (t) => {
  const rows = readSharedData('sosp24/envpipe_emulation.csv').trim().split('\n').slice(1);
  t.is(rows.length, 16);
  for (const row of rows) {
    const [model, , device, microbatches, , time, energy] = row.split(',');
    const file = `sosp24/stage_profiles/${model!}+${device!}_bf16.csv`;
    const isA40 = device === 'a40';
    const problem = planningProblem(
      oneFOneB(STAGES, Number(microbatches)),
      readStageProfile(readSharedData(file), file),
      {
        unitTimeS: isA40 ? 1e-4 : 1e-3,
        blockingPowerW: isA40 ? 70.38 : 83.64,
        gpusPerStage: TENSOR_PARALLEL,
      },
    );
    const plan = envpipe.plan(problem).point(0);
    const difference = (plan.energyJ * SCALE) / Number(energy) - 1;
    t.is((plan.timeS * SCALE).toFixed(3), time!);
    t.true(Math.abs(difference) < 1e-5, `energy off by ${difference}`);
    // The last stage is the heaviest of GPT-3, not of Bloom: there the original never ends.
    const outcome = model === 'bloom' ? 'nothing-to-raise' : 'envelope';
    t.is(searchEnvPipe(problem).outcome, outcome);
  }
});

test('it ends on every input; the envelope runs at the highest clock', async (t) => {
  await checkProperty(t, anyProblem, (problem) => {
    const { option, iterationTimeS } = searchEnvPipe(problem);
    const { dag } = problem;
    const timeS = option.map((chosen) => chosen.timeS);
    if (pathTimes(dag, timeS).length !== iterationTimeS) throw new Error('wrong iteration time');
    for (let i = dag.stageStart[dag.stageCount - 1]!; i < dag.instructionCount; i++) {
      const clocks = problem.operations[dag.operation[i]!]!.allOptions.map((o) => o.frequencyMHz);
      if (option[i]!.frequencyMHz !== Math.max(...clocks)) throw new Error('the envelope is slow');
    }
  });
});
