import test from 'ava';
import { entryOf, groupBy } from '../src/groups.js';

test('groups are in the order of their first items', (t) => {
  const groups = groupBy([5, 2, 8, 1, 7], (value) => value % 3);
  t.deepEqual(
    [...groups],
    [
      [2, [5, 2, 8]],
      [1, [1, 7]],
    ],
  );
  const odd = groupBy(['a', 'b', 'c'], (_, k) => k % 2 === 1);
  t.deepEqual([...odd.values()], [['a', 'c'], ['b']]);
  t.is(groupBy([], String).size, 0);
});

test('an entry is made once', (t) => {
  const map = new Map<string, number[]>();
  entryOf(map, 'a', (): number[] => []).push(1);
  entryOf(map, 'a', () => t.fail('made twice')).push(2);
  t.deepEqual([...map], [['a', [1, 2]]]);
});
