import test from 'ava';
import fc from 'fast-check';
import { EventQueue } from '../../sim/kernel/event-queue.js';
import { checkProperty } from '../support/properties.js';

/** Few times and priorities, so that most events tie. */
const push = fc.record({ timeS: fc.constantFrom(0, 0.5, 1, 1e9), priority: fc.nat(3) });
const pop = fc.constant('pop' as const);
const commands = fc.array(fc.oneof({ weight: 3, arbitrary: push }, { weight: 2, arbitrary: pop }), {
  maxLength: 300,
});

test('events come out as from a stable sort by time and priority', async (t) => {
  await checkProperty(
    t,
    commands,
    (steps) => {
      const queue = new EventQueue(1);
      const waiting: { timeS: number; priority: number; subject: number }[] = [];
      const popBoth = () => {
        waiting.sort((a, b) => a.timeS - b.timeS || a.priority - b.priority);
        const expected = waiting.shift()!;
        const timeS = queue.nextTimeS;
        const subject = queue.pop();
        if (timeS !== expected.timeS || subject !== expected.subject) {
          throw new Error(
            `popped ${subject} at ${timeS}, expected ${expected.subject} at ${expected.timeS}`,
          );
        }
      };
      steps.forEach((step, subject) => {
        if (step !== 'pop') {
          queue.push(step.timeS, step.priority, subject);
          waiting.push({ ...step, subject });
        } else if (waiting.length > 0) popBoth();
      });
      while (waiting.length > 0) popBoth();
      if (queue.size !== 0) throw new Error(`${queue.size} events are left`);
    },
    500,
  );
});

test('a queue that nothing is in has no next time and nothing to pop', (t) => {
  const queue = new EventQueue();
  t.is(queue.nextTimeS, Infinity);
  t.throws(() => queue.pop(), { message: 'pop from an empty event queue' });
  queue.push(3, 0, 7);
  t.is(queue.pop(), 7);
  t.throws(() => queue.pop());
});

test('a priority outside of 0 to 255 is refused: it would break the order', (t) => {
  const queue = new EventQueue();
  for (const priority of [-1, 256, 0.5, NaN]) {
    t.throws(() => {
      queue.push(0, priority, 0);
    });
  }
  t.is(queue.size, 0);
});
