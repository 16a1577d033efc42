import test from 'ava';
import { durationText, sweepProgress } from '../../sim/cli/sweep-progress.js';

test('in a log, a line now and then says how far a sweep is, how fast, and how long it still takes', (t) => {
  let nowMs = 0;
  const lines: string[] = [];
  const terminal = {
    out: () => undefined,
    err: (text: string) => lines.push(text),
    isWatched: false,
  };
  const progress = sweepProgress(terminal, () => nowMs);
  progress.update(100, 0, 1000);
  for (let done = 101; done <= 190; done++) {
    nowMs += 1000;
    progress.update(done, done > 150 ? 3 : 0, 1000);
  }
  progress.stop();
  t.deepEqual(lines, [
    '130/1000 runs, 1.0/s, 0 failed, 14 min 30 s left\n',
    '160/1000 runs, 1.0/s, 3 failed, 14 min 00 s left\n',
    '190/1000 runs, 1.0/s, 3 failed, 13 min 30 s left\n',
  ]);
});

test('durations are said in two units', (t) => {
  t.deepEqual([0.2, 59, 60, 3599, 3600, 90_000].map(durationText), [
    ...['1 s', '59 s', '1 min 00 s', '59 min 59 s', '1 h 00 min', '25 h 00 min'],
  ]);
});
