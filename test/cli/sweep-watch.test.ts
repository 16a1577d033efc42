import { Writable } from 'node:stream';
import test from 'ava';
import { watchedProgress } from '../../sim/cli/sweep-watch.js';

/** Up by lines, or clear the rest; or text. */
const ESC = String.fromCharCode(27);
const MOVES = new RegExp(`${ESC}\\[(\\d+)A|(${ESC}\\[0J)|([^${ESC}]+)`, 'g');

/** Lines that a terminal shows of what was written, with the movements that the program makes. */
function screenOf(written: string): string[] {
  const lines = [''];
  let at = 0;
  for (const [, up, down, text] of written.matchAll(MOVES)) {
    if (up !== undefined) at -= Number(up);
    else if (down !== undefined) lines.splice(at, Infinity, '');
    else {
      const [first = '', ...more] = text!.split('\n');
      lines[at] = `${lines[at]!}${first}`;
      lines.splice(at + 1, Infinity, ...more);
      at += more.length;
    }
  }
  return lines;
}

test('the table is drawn in the place of the last one, once a second, the time left below it', (t) => {
  let written = '';
  let nowMs = 0;
  let filled = 0;
  const screen = Object.assign(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        written += chunk.toString();
        done();
      },
    }),
    { rows: 8 },
  );
  const live = {
    text: () => Array.from({ length: ++filled }, (_, k) => `row ${k} \u0007`).join('\n'),
  };
  const progress = watchedProgress(live, screen, () => nowMs);
  for (let done = 0; done <= 40; done++) {
    progress.update(done, 0, 100);
    nowMs += 100;
  }
  t.is(filled, 5, 'at 0, 1, 2, 3 and 4 s');
  t.deepEqual(screenOf(written), [
    ...Array.from({ length: 5 }, (_, k) => `row ${k} \\u0007`),
    '40/100 runs, 10.0/s, 0 failed, 6 s left',
    '',
  ]);
  progress.say('a worker is gone');
  t.deepEqual(screenOf(written), ['a worker is gone', '']);
  progress.stop();
  t.is(screenOf(written).length, 9, 'no longer than the terminal is high');
});
