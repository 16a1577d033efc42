import test from 'ava';
import fc from 'fast-check';
import {
  begun,
  changed,
  redone,
  settled,
  undone,
  type History,
} from '../../sim/explorer/history.js';
import { checkProperty } from '../support/properties.js';

test('each change is undone and redone by itself, a drag as one', (t) => {
  let history = begun('a');
  history = changed(history, 'b');
  for (const dragged of ['c', 'd', 'e']) history = changed(history, dragged, true);
  history = settled(history);
  history = changed(history, 'f', true);
  t.deepEqual(history.past, ['a', 'b', 'e']);
  const back = [undone, undone, undone, undone, redone].map((step) => {
    history = step(history);
    return history.present;
  });
  t.deepEqual(back, ['e', 'b', 'a', 'a', 'b']);
  history = changed(history, 'g');
  t.deepEqual(history.future, [], 'another change leaves nothing to redo');
  t.is(redone(history), history);
});

test('a drag after an undo is a change of its own', (t) => {
  let history = changed(begun('a'), 'b', true);
  history = undone(history);
  history = changed(history, 'c', true);
  t.deepEqual(history.past, ['a']);
});

test('undoing everything comes to the beginning, redoing everything to the end', async (t) => {
  const anyStep = fc.oneof(
    fc.record({ to: fc.nat(), isDragging: fc.boolean() }),
    fc.constantFrom(settled<number>, undone<number>, redone<number>),
  );
  await checkProperty(t, fc.array(anyStep, { maxLength: 60 }), (steps) => {
    const end = steps.reduce(
      (history: History<number>, step) =>
        typeof step === 'function' ? step(history) : changed(history, step.to, step.isDragging),
      begun(-1),
    );
    let back = end;
    while (back.past.length > 0) back = undone(back);
    t.is(back.present, -1);
    let forth = back;
    while (forth.future.length > 0) forth = redone(forth);
    t.deepEqual(forth.past.concat(forth.present), [...end.past, end.present, ...end.future]);
  });
});

test('a long history forgets its beginning', (t) => {
  let history = begun(0);
  for (let k = 1; k <= 250; k++) history = changed(history, k);
  t.is(history.past.length, 200);
  t.is(history.past[0], 50);
});
