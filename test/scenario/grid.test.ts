import test from 'ava';
import { InputError } from '../../src/errors.js';
import { parseScenario } from '../../sim/scenario/scenario.js';

function problemsOf(grid: string): string[] {
  const text = `name: x\nprofile: { catalog: gpt3-175b-a100-sxm }\npipeline: { stages: 8, microbatches: 24 }\ngrid: ${grid}\n`;
  try {
    parseScenario(text, 'x.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.problems.map(({ field, message }) => `${field ?? ''}: ${message}`);
  }
}

test('limits of a grid have defaults', (t) => {
  const text = `name: x\nprofile: { catalog: a }\npipeline: { stages: 2, microbatches: 2 }\ngrid: { peakW: 2e6, bands: [{ fromHz: 0.1, toHz: 0.1, mostW: 1e3 }] }\n`;
  const { grid } = parseScenario(text, 'x.yaml');
  t.deepEqual(grid, {
    ...{ peakW: 2e6, overS: 1 },
    bands: [{ fromHz: 0.1, toHz: 0.1, mostW: 1e3 }],
  });
  t.deepEqual(problemsOf('{ rampDownMWPerMin: 5 }'), []);
});

test('a grid without limits, and what is said twice, are problems', (t) => {
  t.deepEqual(problemsOf('{ overS: 3 }'), [
    'grid: has no limit; give one or more of peakW, rampUpWPerS, rampUpMWPerMin, rampDownWPerS, rampDownMWPerMin, dynamicRangeW, dynamicRangePct, bands',
  ]);
  t.deepEqual(
    problemsOf(
      '{ rampUpWPerS: 1, rampUpMWPerMin: 1, rampDownWPerS: 1, rampDownMWPerMin: 1, dynamicRangeW: 1, dynamicRangePct: 1 }',
    ),
    [
      'grid.rampUpMWPerMin: is said by grid.rampUpWPerS; leave one out',
      'grid.rampDownMWPerMin: is said by grid.rampDownWPerS; leave one out',
      'grid.dynamicRangePct: is said by grid.dynamicRangeW; leave one out',
    ],
  );
});

test('all wrong fields of a grid are named, each with what is allowed', (t) => {
  t.deepEqual(
    problemsOf(
      '{ peakMW: 3, dynamicRangePct: 170, overS: 0, bands: [{ fromHz: 3, toHz: 2, mostW: 1e3 }, { fromHz: 3, mostW: -1 }] }',
    ).sort(),
    [
      'grid.bands[0].toHz: found 2, expected at least fromHz, 3',
      'grid.bands[1].mostW: found -1, expected a number from 1 to 100000000000 W',
      'grid.bands[1].toHz: found nothing, expected a number',
      'grid.dynamicRangePct: found 170, expected a number from 0.001 to 100 % (a part of the peak)',
      'grid.overS: found 0, expected a number from 0.001 to 1000000 s',
      'grid.peakMW: is not a field here; did you mean "peakW"?',
    ].sort(),
  );
});
