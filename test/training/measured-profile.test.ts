import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { bookEnergy } from '../../sim/energy/ledger.js';
import { profilePhysics } from '../../sim/hardware/operation-physics.js';
import { dataParallelJob } from '../../sim/training/data-parallel.js';
import { simulateJob } from '../../sim/training/job.js';
import { noOverheads } from '../../sim/training/timing.js';
import { readSharedData, testWithSharedData } from '../support/shared-data.js';

const PROFILE = 'sosp24/stage_profiles/gpt3-175b+a100_sxm_bf16.csv';
const GPUS = { blockingPowerW: 83.64, gpusPerStage: 8 };

function simulateAt(frequencyMHz: number, microbatches: number) {
  const profile = readStageProfile(readSharedData(PROFILE), PROFILE);
  const dag = oneFOneB(profile.stages.length, microbatches);
  const job = dataParallelJob({
    dag,
    physics: profilePhysics(profile, dag.operations),
    timing: noOverheads(dag.stageCount),
    pipelineCount: 128,
    plan: { frequencyMHz: new Float64Array(dag.instructionCount).fill(frequencyMHz) },
  });
  const record = simulateJob(job);
  return { profile, record, ledger: bookEnergy(job, record, GPUS) };
}

testWithSharedData('GPT-3 175B on A100, 12 microbatches at 1410 MHz: 2.8365 s', (t) => {
  const { record } = simulateAt(1410, 12);
  t.is(record.iterationTimeS.toFixed(4), '2.8365');
  t.is(record.simulatedPipelines, 1);
  t.is(record.pipelines.length, 128);
});

testWithSharedData('the ledger equals the paper’s baseline energy', (t) => {
  // Perseus' emulation: Σ stages [M · (forward + backward energy) + tp · P_blocking · (T − busy)].
  const microbatches = 12;
  const { profile, record, ledger } = simulateAt(1410, microbatches);
  let pipelineJ = 0;
  for (const stage of profile.stages) {
    const [forward, backward] = [stage.forward, stage.backward].map((options) =>
      options.find((option) => option.frequencyMHz === 1410),
    );
    const busyS = microbatches * (forward!.timeS + backward!.timeS);
    pipelineJ +=
      GPUS.gpusPerStage *
      (microbatches * (forward!.energyJ + backward!.energyJ) +
        GPUS.blockingPowerW * (record.iterationTimeS - busyS));
  }
  t.true(Math.abs(ledger.totalJ / (128 * pipelineJ) - 1) < 1e-12);
});
