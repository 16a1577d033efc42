import test from 'ava';
import {
  BLOCKING_W,
  LOG,
  PROFILE,
  dcgm,
  filesOf,
  imported,
  smi,
  worstErrors,
} from '../support/imported-logs.js';

for (const [how, log, profile] of [
  ['nvidia-smi at 10 Hz', smi, PROFILE],
  ["DCGM's energy counter at 10 Hz", dcgm, PROFILE],
] as const) {
  test(`a known profile comes back from ${how}`, async (t) => {
    const { code, err, profile: found } = await imported(filesOf(log, profile));
    t.is(code, 0, err);
    const { time, energy } = worstErrors(found!, profile);
    t.true(time < 1, `time off by ${time} %`);
    t.true(energy < 2, `energy off by ${energy} %`);
    t.regex(err, /the first 10 iterations are warm-up and left out; 20 are used/);
  });
}

test('a stage takes as long as its slowest GPU, and uses the mean; cold iterations and pauses do not count', async (t) => {
  const gpus = [
    { time: 1, power: 1.06 },
    { time: 0.97, power: 0.94 },
  ];
  const settings = { ...LOG, gpus, pauseS: 0.4, pauseW: 190, cold: 8 };
  const { code, profile, err } = await imported(filesOf(smi, PROFILE, settings));
  t.is(code, 0, err);
  const part = (1.06 + 0.97 * 0.94) / 2;
  const truth = {
    ...PROFILE,
    stages: PROFILE.stages.map(({ forward, backward }) => {
      const used = (list: typeof forward) =>
        list.map((each) => ({ ...each, energyJ: each.energyJ * part }));
      return { forward: used(forward), backward: used(backward) };
    }),
  };
  const { time, energy } = worstErrors(profile!, truth);
  t.true(time < 1, `time off by ${time} %`);
  t.true(energy < 2, `energy off by ${energy} %`);
  const waitingW = Number(/between its instructions a GPU draws ([\d.]+) W/.exec(err)![1]);
  t.true(Math.abs(waitingW / BLOCKING_W - 1) < 0.05, `waiting ${waitingW} W`);
});
