import test from 'ava';
import { WorkerWatch } from '../../sim/sweep/worker-watch.js';

test('that no worker is there is said when the last one goes, and again as long as none comes', (t) => {
  const said: string[] = [];
  const watch = new WorkerWatch((sentence) => said.push(sentence), 'redis://u:pw@h:1', '1.2.3', 3);
  const after = (looks: readonly number[]) => {
    for (const workers of looks) watch.see(workers);
    return said.length;
  };
  t.is(after([0]), 1);
  t.is(after([0, 0]), 1);
  t.is(after([0]), 2, 'every third look');
  t.is(after([2, 1, 1]), 2);
  t.is(after([0]), 3, 'at once when the last is gone');
  t.is(
    said[0],
    'no worker of version 1.2.3 takes runs from there; start one: pipewatt worker --redis redis://u:***@h:1',
  );
  t.true(said.every((sentence) => !sentence.includes('pw')));
});
