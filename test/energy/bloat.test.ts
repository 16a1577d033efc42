import test from 'ava';
import fc from 'fast-check';
import { bloatRemoved } from '../../sim/energy/bloat.js';
import { checkProperty } from '../support/properties.js';

const energy = fc.double({ min: 1, max: 1e6, noNaN: true });

test('by hand: what a policy saved', (t) => {
  t.deepEqual(bloatRemoved(1000, 880, 760), { savingPct: 24, intrinsicPct: 12, extrinsicPct: 12 });
});

test('a policy that cannot slow down for a straggler removes no extrinsic bloat', (t) => {
  t.deepEqual(bloatRemoved(1000, 900, 900), { savingPct: 10, intrinsicPct: 10, extrinsicPct: 0 });
});

test('the parts are the saving', async (t) => {
  await checkProperty(t, fc.tuple(energy, energy, energy), ([maxJ, unawareJ, awareJ]) => {
    const { savingPct, intrinsicPct, extrinsicPct } = bloatRemoved(maxJ, unawareJ, awareJ);
    if (Math.abs(intrinsicPct + extrinsicPct - savingPct) > 1e-9 * Math.abs(1e8 / maxJ)) {
      throw new Error('the parts are not the saving');
    }
  });
});
