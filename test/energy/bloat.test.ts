import test from 'ava';
import fc from 'fast-check';
import { bloatRemoved, bloatView } from '../../sim/energy/bloat.js';
import { checkProperty } from '../support/properties.js';

const energy = fc.double({ min: 1, max: 1e6, noNaN: true });

test('by hand: what could be saved, and what a policy saved of it', (t) => {
  const view = bloatView(1000, { unawareJ: 850, awareJ: 700 }, { unawareJ: 880, awareJ: 760 });
  t.deepEqual(view, {
    oracleJ: 700,
    intrinsicJ: 150,
    extrinsicJ: 150,
    removedIntrinsicJ: 120,
    removedExtrinsicJ: 120,
    leftJ: 60,
  });
  t.deepEqual(bloatRemoved(1000, 880, 760), { savingPct: 24, intrinsicPct: 12, extrinsicPct: 12 });
});

test('a policy that cannot slow down for a straggler removes no extrinsic bloat', (t) => {
  const view = bloatView(1000, { unawareJ: 850, awareJ: 700 }, { unawareJ: 900, awareJ: 900 });
  t.is(view.removedExtrinsicJ, 0);
  t.is(view.leftJ, 200);
});

test('all of max-frequency’s energy is in the view, once', async (t) => {
  const energies = fc.tuple(energy, energy, energy, energy, energy);
  await checkProperty(t, energies, ([maxJ, boundJ, boundAwareJ, unawareJ, awareJ]) => {
    const view = bloatView(maxJ, { unawareJ: boundJ, awareJ: boundAwareJ }, { unawareJ, awareJ });
    const close = (found: number, expected: number) => {
      if (Math.abs(found - expected) > 1e-9 * 1e6) throw new Error(`${found} is not ${expected}`);
    };
    const bloatJ = view.intrinsicJ + view.extrinsicJ;
    close(view.oracleJ + bloatJ, maxJ);
    close(view.removedIntrinsicJ + view.removedExtrinsicJ + view.leftJ, bloatJ);
    const { savingPct, intrinsicPct, extrinsicPct } = bloatRemoved(maxJ, unawareJ, awareJ);
    if (Math.abs(intrinsicPct + extrinsicPct - savingPct) > 1e-9 * Math.abs(1e8 / maxJ)) {
      throw new Error('the parts are not the saving');
    }
    close((maxJ * savingPct) / 100, maxJ - awareJ);
  });
});
