import test from 'ava';
import type { StageProfile } from '../../src/profile/stage-profile.js';
import {
  BLOCKING_W,
  CLOCKS,
  LOG,
  PROFILE,
  SAMPLES,
  dcgm,
  filesOf,
  imported,
  longer,
  worstErrors,
  zeus,
} from '../support/imported-logs.js';
import { EPOCH_S, instructionTable, smiLog } from '../support/simulated-logs.js';

for (const [how, log, profile, microbatches] of [
  ['windows of ZeusMonitor, where instructions take half a second', zeus, longer, 32],
] as const) {
  test(`a known profile comes back from ${how}`, async (t) => {
    const {
      code,
      err,
      profile: found,
    } = await imported(filesOf(log, profile, { ...LOG, microbatches }));
    t.is(code, 0, err);
    const { time, energy } = worstErrors(found!, profile);
    t.true(time < 1, `time off by ${time} %`);
    t.true(energy < 2, `energy off by ${energy} %`);
    t.regex(err, /the first 10 iterations are warm-up and left out; 20 are used/);
  });
}

test('least squares are right where instructions are shorter than the time between samples', async (t) => {
  const files = filesOf(dcgm);
  const fitted = await imported(files);
  const plain = await imported(files, '--energy-by', 'interpolation');
  t.true(worstErrors(fitted.profile!, PROFILE).energy < 2);
  t.true(worstErrors(plain.profile!, PROFILE).energy > 5);
  const long = await imported(filesOf(dcgm, longer), '--energy-by', 'interpolation');
  t.true(worstErrors(long.profile!, longer).energy < 2, 'interpolation of long instructions');
});

test('power that is a mean over a second tells forwards and backwards together', async (t) => {
  const { profile, err } = await imported(
    filesOf((run) => ({
      'spans.csv': instructionTable(run),
      'smi.csv': smiLog(run, { ...SAMPLES, windowS: 1 }),
    })),
  );
  t.regex(err, /samples of power are means over 1 s/);
  t.regex(err, /samples do not tell forwards from backwards on rank 3: both get their mean power/);
  const bothJ = ({ forward, backward }: StageProfile['stages'][number], k: number) =>
    forward[k]!.energyJ + backward[k]!.energyJ;
  const errors = PROFILE.stages.flatMap((stage, s) =>
    CLOCKS.map((_, k) => 100 * Math.abs(bothJ(profile!.stages[s]!, k) / bothJ(stage, k) - 1)),
  );
  t.true(Math.max(...errors) < 2, String(Math.max(...errors)));
});

test('samples and instructions that share no clock are laid over each other by correlation', async (t) => {
  const { code, profile, err } = await imported(
    filesOf((run) => ({
      'spans.csv': instructionTable(run, 5000),
      'smi.csv': smiLog(run, SAMPLES),
    })),
  );
  t.is(code, 0, err);
  const apartS = Number(/instructions are ([\d.]+) s apart, by correlation/.exec(err)![1]);
  t.true(Math.abs(apartS - (EPOCH_S - 5000)) < 0.1, `apart by ${apartS} s`);
  const { time, energy } = worstErrors(profile!, PROFILE);
  t.true(time < 1 && energy < 2, `off by ${time}, ${energy} %`);
});

/** Instructions that draw as much as waiting: nothing to be seen in samples. */
const FLAT = {
  ...PROFILE,
  stages: PROFILE.stages.map(({ forward, backward }) => {
    const flat = (list: typeof forward) =>
      list.map((each) => ({ ...each, energyJ: each.timeS * BLOCKING_W }));
    return { forward: flat(forward), backward: flat(backward) };
  }),
};

test('what cannot be laid over each other is said, and --offset helps', async (t) => {
  const files = filesOf(
    (run) => ({ 'spans.csv': instructionTable(run, 5000), 'smi.csv': smiLog(run, SAMPLES) }),
    FLAT,
  );
  const { code, err } = await imported(files);
  t.is(code, 2);
  t.regex(
    err,
    /run runs\/1110MHz: the samples of rank 0, 1, 2, 3 cannot be laid over its instructions/,
  );
  t.regex(err, /--offset/);
  const { profile } = await imported(files, '--offset', String(EPOCH_S - 5000));
  const { energy } = worstErrors(profile!, FLAT);
  t.true(energy < 4, `energy off by ${energy} %`);
});

test('energies that a file says of short instructions are those of the counter a moment before', async (t) => {
  const files = filesOf(zeus, longer, { ...LOG, microbatches: 32 });
  const plain = await imported(files, '--energy-by', 'interpolation');
  t.true(worstErrors(plain.profile!, longer).energy > 3);
  const short = await imported(filesOf(zeus));
  t.regex(short.err, /means are uncertain by [\d.]+ % \(one standard deviation\)/);
});
