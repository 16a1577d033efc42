import test from 'ava';
import { nearestName } from '../src/nearest-name.js';

const FIELDS = ['pipeline', 'pipelines', 'policies', 'seed', 'scale'];

test('few typing errors are forgiven: letters wrong, left out, doubled, swapped, of another case', (t) => {
  const meant = (name: string) => nearestName(name, FIELDS);
  t.is(meant('polices'), 'policies');
  t.is(meant('policiees'), 'policies');
  t.is(meant('poilcies'), 'policies');
  t.is(meant('Scale'), 'scale');
  t.is(meant('sede'), 'seed');
});

test('a name that contains the wanted one, or is part of it, is near', (t) => {
  t.is(nearestName('time', ['time_ms', 'stage']), 'time_ms');
  t.is(nearestName('energy_joules', ['energy', 'time']), 'energy');
});

test('what is too far off is not suggested', (t) => {
  t.is(nearestName('xyz', FIELDS), undefined);
  t.is(nearestName('', FIELDS), undefined);
  t.is(nearestName('seed', []), undefined);
});
