import test from 'ava';
import { PROFILED_KINDS } from '../../src/profile/stage-profile.js';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import type { RankFigure } from '../../sim/measurements/figures.js';
import { completedFigures, ONE_CLOCK_ERRORS } from '../../sim/measurements/modelled-clocks.js';
import { RunNotes } from '../../sim/measurements/sentences.js';
import { machineOf } from '../../sim/operators/catalog-operators.js';
import { knownProfile } from '../support/simulated-logs.js';

const PROFILES = [
  ['gpt3-175b-a100-sxm', 'a100-sxm'],
  ['bloom-176b-a100-sxm', 'a100-sxm'],
  ['gpt3-175b-a40', 'a40'],
  ['bloom-176b-a40', 'a40'],
] as const;

function machine(name: string) {
  return machineOf(LIBRARY, name, LIBRARY.gpu(name, { source: 'test', field: 'gpu' }))!;
}

test('known profiles come back from their highest clock as well as the sentence says', (t) => {
  const [times, powers]: [number[], number[]] = [[], []];
  for (const [profileName, gpu] of PROFILES) {
    const { stages } = knownProfile(profileName);
    for (const hasEnergy of [true, false]) {
      const top = stages.flatMap((stage, s) =>
        PROFILED_KINDS.map((kind): RankFigure => {
          const { frequencyMHz, timeS, energyJ } = stage[kind][0]!;
          const energy = hasEnergy ? energyJ : undefined;
          return { rank: '0', stage: s, kind, frequencyMHz, timeS, energyJ: energy };
        }),
      );
      const { figures, isModelled } = completedFigures(top, machine(gpu), new RunNotes());
      t.true(isModelled);
      for (const { stage, kind, frequencyMHz, timeS, energyJ } of figures) {
        const truth = stages[stage]![kind as 'forward'].find(
          (o) => o.frequencyMHz === frequencyMHz,
        );
        if (truth === undefined || truth === stages[stage]![kind as 'forward'][0]) continue;
        times.push(100 * Math.abs(timeS / truth.timeS - 1));
        powers.push(100 * Math.abs(energyJ! / timeS / (truth.energyJ / truth.timeS) - 1));
      }
    }
  }
  const figures = (errors: readonly number[]) => ({
    meanPct: Math.round((10 * errors.reduce((sum, each) => sum + each, 0)) / errors.length) / 10,
    worstPct: Math.round(10 * Math.max(...errors)) / 10,
  });
  t.deepEqual({ time: figures(times), power: figures(powers) }, ONE_CLOCK_ERRORS);
});

test('the measured clock keeps its time and energy', (t) => {
  const figure = { rank: '0', stage: 0, kind: 'forward', timeS: 0.1, energyJ: 30 } as const;
  const { figures } = completedFigures(
    [{ ...figure, frequencyMHz: 1200 }],
    machine('a100-sxm'),
    new RunNotes(),
  );
  const own = figures.find(({ frequencyMHz }) => frequencyMHz === 1200)!;
  t.is(own.timeS, 0.1);
  t.true(Math.abs(own.energyJ! - 30) < 1e-9);
  t.true(figures.every((each, k) => k === 0 || each.timeS >= figures[k - 1]!.timeS));
});

test('figures of several clocks keep all that was measured', (t) => {
  const figures = [1410, 1200].map((frequencyMHz) => ({
    ...{ rank: '0', stage: 0, kind: 'forward' as const, frequencyMHz },
    ...{ timeS: 100 / frequencyMHz, energyJ: 20 },
  }));
  const { figures: same, isModelled } = completedFigures(
    figures,
    machine('a100-sxm'),
    new RunNotes(),
  );
  t.false(isModelled);
  t.deepEqual(same, figures);
});
