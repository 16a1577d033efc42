import test from 'ava';
import type { Answer, Precision } from '../../sim/explorer/answer.js';
import { formatProblem } from '../../src/errors.js';
import { Calculator } from '../../sim/explorer/calculator.js';
import type { Question, Report } from '../../sim/explorer/messages.js';
import type { Clock, WorkerLike } from '../../sim/explorer/question-lane.js';
import type { ShownRun } from '../../sim/viewer/shown-run.js';

/** A worker that answers when it is told to. */
class TestWorker implements WorkerLike {
  onmessage: WorkerLike['onmessage'] = null;
  onerror: WorkerLike['onerror'] = null;
  readonly asked: Question[] = [];
  isTerminated = false;

  postMessage(question: Question): void {
    this.asked.push(question);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  tell(report: Report): void {
    this.onmessage?.call(this as unknown as Worker, { data: report } as MessageEvent<Report>);
  }

  /** Answers the newest question with its own name. */
  answer(): void {
    const { id, files } = this.asked.at(-1)!;
    const run = { headline: { policy: 'perseus', savedPct: files.name, sentences: [] } };
    this.tell({ kind: 'answer', id, answer: { kind: 'run', run: run as unknown as ShownRun } });
  }

  fail(message: string): void {
    this.onerror?.call(this as unknown as Worker, { message } as ErrorEvent);
  }

  get names(): string[] {
    return this.asked.map(({ files }) => files.name);
  }
}

/** Time that passes when it is told to. */
class TestClock implements Clock {
  private timeMs = 0;
  private alarms: { readonly atMs: number; readonly act: () => void }[] = [];

  nowMs(): number {
    return this.timeMs;
  }

  after(delayMs: number, act: () => void): () => void {
    const alarm = { atMs: this.timeMs + delayMs, act };
    this.alarms.push(alarm);
    return () => {
      this.alarms = this.alarms.filter((other) => other !== alarm);
    };
  }

  pass(durationMs: number): void {
    this.timeMs += durationMs;
    const due = this.alarms.filter(({ atMs }) => atMs <= this.timeMs);
    this.alarms = this.alarms.filter((alarm) => !due.includes(alarm));
    for (const { act } of due) act();
  }
}

const TOO_COARSE: Answer = {
  kind: 'problems',
  problems: [{ source: 'x', message: 'too coarse' }],
  unnamed: 0,
};

const files = (name: string) => ({ name, yaml: '' });

function setup() {
  const workers: TestWorker[] = [];
  const heard: string[] = [];
  const clock = new TestClock();
  const nameOf = (answer: Answer) =>
    answer.kind === 'run'
      ? answer.run.headline.savedPct
      : answer.problems.map(formatProblem).join();
  const calculator = new Calculator(
    () => {
      workers.push(new TestWorker());
      return workers.at(-1)!;
    },
    {
      onChoices: () => heard.push('choices'),
      onProgress: (part, what) => heard.push(`${what} ${part}`),
      onPreview: (answer) => heard.push(`preview ${nameOf(answer)}`),
      onAnswer: (answer) => heard.push(nameOf(answer)),
      onFailure: (message) => heard.push(`failed: ${message}`),
    },
    clock,
  );
  const [exact, preview] = workers;
  return { calculator, workers, exact: exact!, preview: preview!, heard, clock };
}

test('one question at a time, of those that wait the newest; older answers are dropped', (t) => {
  const { calculator, exact, preview, heard } = setup();
  for (const name of ['a', 'b', 'c']) calculator.ask({ files: files(name) });
  t.deepEqual([exact.names, preview.names], [['a'], ['a']]);
  exact.answer();
  t.deepEqual(heard, []);
  t.deepEqual(exact.names, ['a', 'c']);
  exact.answer();
  t.deepEqual(heard, ['c']);
  const precisions = [exact, preview].map(({ asked }): Precision => asked[0]!.precision);
  t.deepEqual(precisions, ['exact', 'preview']);
});

test('a preview is shown if the answer takes long, and never after it', (t) => {
  const { calculator, exact, preview, heard, clock } = setup();
  calculator.ask({ files: files('a') });
  preview.answer();
  clock.pass(100);
  t.deepEqual(heard, [], 'not at once');
  clock.pass(100);
  t.deepEqual(heard, ['preview a']);
  exact.answer();
  t.deepEqual(heard, ['preview a', 'a']);
  calculator.ask({ files: files('b') });
  preview.answer();
  exact.answer();
  clock.pass(1000);
  t.deepEqual(heard, ['preview a', 'a', 'b'], 'the answer came before the preview was due');
  calculator.ask({ files: files('c') });
  exact.answer();
  preview.answer();
  clock.pass(1000);
  t.deepEqual(heard, ['preview a', 'a', 'b', 'c'], 'the preview came after the answer');
});

test('a preview of an older question is not shown, nor what is wrong with one', (t) => {
  const { calculator, preview, heard, clock } = setup();
  calculator.ask({ files: files('a') });
  preview.answer();
  calculator.ask({ files: files('b') });
  clock.pass(400);
  t.deepEqual(heard, []);
  preview.tell({ kind: 'answer', id: 2, answer: TOO_COARSE });
  preview.tell({ kind: 'failed', id: 2, message: 'oops' });
  preview.tell({ kind: 'answer', id: 2, answer: undefined });
  clock.pass(400);
  t.deepEqual(heard, []);
});

test('progress is told of the newest question only', (t) => {
  const { calculator, exact, heard } = setup();
  calculator.ask({ files: files('a') });
  exact.tell({ kind: 'progress', id: 1, part: 0.5, what: 'perseus' });
  calculator.ask({ files: files('b') });
  exact.tell({ kind: 'progress', id: 1, part: 0.6, what: 'perseus' });
  t.deepEqual(heard, ['perseus 0.5']);
});

test('a question that takes long is given up for a newer one, and its worker is not heard', (t) => {
  const { calculator, workers, exact, preview, heard, clock } = setup();
  calculator.ask({ files: files('slow') });
  clock.pass(5000);
  t.false(exact.isTerminated, 'nothing else waits');
  exact.answer();
  preview.answer();
  t.deepEqual(heard, ['slow']);
  calculator.ask({ files: files('slower') });
  clock.pass(150);
  t.deepEqual(exact.names, ['slow', 'slower']);
  clock.pass(200);
  calculator.ask({ files: files('soon') });
  t.is(workers.length, 2, 'patience');
  clock.pass(400);
  t.is(workers.length, 3);
  t.true(exact.isTerminated);
  const young = workers[2]!;
  t.deepEqual(young.names, ['soon']);
  exact.answer();
  young.tell({ kind: 'choices', choices: { models: [], gpus: [], measured: [] } });
  young.answer();
  t.deepEqual(heard, ['slow', 'choices', 'soon']);
});

test('an answer in time keeps the worker, with all that it has planned', (t) => {
  const { calculator, workers, exact, heard, clock } = setup();
  calculator.ask({ files: files('a') });
  calculator.ask({ files: files('b') });
  clock.pass(300);
  exact.answer();
  exact.answer();
  clock.pass(1000);
  t.deepEqual(heard, ['b']);
  t.is(workers.filter(({ isTerminated }) => isTerminated).length, 0);
});

test('after a slow answer, questions of a dragged slider wait until the last of them', (t) => {
  const { calculator, workers, exact, preview, heard, clock } = setup();
  calculator.ask({ files: files('slow') });
  clock.pass(400);
  exact.answer();
  preview.answer();
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
    calculator.ask({ files: files(name) });
    clock.pass(50);
    preview.answer();
  }
  t.deepEqual(exact.names, ['slow']);
  t.deepEqual(preview.names, ['slow', 'a', 'b', 'c', 'd', 'e', 'f'], 'pictures follow at once');
  clock.pass(50);
  t.deepEqual(exact.names, ['slow', 'f']);
  clock.pass(50);
  exact.answer();
  t.deepEqual(heard, ['slow', 'preview f', 'f']);
  calculator.ask({ files: files('quick') });
  t.deepEqual(exact.names, ['slow', 'f', 'quick'], 'that answer was quick: no more pauses');
  t.is(workers.length, 2, 'no worker was given up');
});

test('a slow question that is given up leaves its new worker idle while the slider moves', (t) => {
  const { calculator, workers, clock } = setup();
  for (let k = 0; k < 40; k++) {
    calculator.ask({ files: files(`${k}`) });
    clock.pass(50);
  }
  const exact = workers.filter(({ asked }) =>
    asked.every(({ precision }) => precision === 'exact'),
  );
  t.deepEqual(
    exact.map(({ names }) => names),
    [['0'], []],
  );
  clock.pass(50);
  t.deepEqual(exact[1]!.names, ['39']);
});

test('a bug is told, and the next question is asked all the same', (t) => {
  const { calculator, workers, exact, heard } = setup();
  calculator.ask({ files: files('a') });
  exact.tell({ kind: 'failed', id: 1, message: 'oops' });
  calculator.ask({ files: files('b') });
  exact.answer();
  t.deepEqual(heard, ['failed: oops', 'b']);
  calculator.ask({ files: files('c') });
  exact.fail('no script');
  t.is(workers.length, 2, 'not again and again');
  calculator.ask({ files: files('d') });
  workers[2]!.answer();
  t.deepEqual(heard, ['failed: oops', 'b', 'failed: no script', 'd']);
});
