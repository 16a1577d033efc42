import test from 'ava';
import type { Answer } from '../../sim/explorer/answer.js';
import { Calculator, type WorkerLike } from '../../sim/explorer/calculator.js';
import type { Question, Report } from '../../sim/explorer/messages.js';

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

  answer(question: Question): void {
    this.tell({ kind: 'answer', id: question.id, answer: answerOf(question.files.name) });
  }
}

const answerOf = (name: string): Answer => ({ kind: 'problems', problems: [name] });
const files = (name: string) => ({ name, yaml: '' });

function setup() {
  const workers: TestWorker[] = [];
  const heard: string[] = [];
  const clock = { nowMs: 0 };
  const calculator = new Calculator(
    () => {
      workers.push(new TestWorker());
      return workers.at(-1)!;
    },
    {
      onChoices: () => heard.push('choices'),
      onProgress: (part, what) => heard.push(`${what} ${part}`),
      onAnswer: (answer) => heard.push(answer.kind === 'problems' ? answer.problems.join() : 'run'),
      onFailure: (message) => heard.push(`failed: ${message}`),
    },
    () => clock.nowMs,
  );
  return { calculator, workers, heard, clock };
}

test('one question at a time, of those that wait the newest; older answers are dropped', (t) => {
  const { calculator, workers, heard } = setup();
  const [worker] = workers;
  for (const name of ['a', 'b', 'c']) calculator.ask(files(name));
  t.deepEqual(
    worker!.asked.map((question) => question.files.name),
    ['a'],
  );
  worker!.answer(worker!.asked[0]!);
  t.deepEqual(heard, []);
  t.deepEqual(
    worker!.asked.map((question) => question.files.name),
    ['a', 'c'],
  );
  worker!.answer(worker!.asked[1]!);
  t.deepEqual(heard, ['c']);
});

test('progress is told of the newest question only', (t) => {
  const { calculator, workers, heard } = setup();
  const [worker] = workers;
  calculator.ask(files('a'));
  worker!.tell({ kind: 'progress', id: 1, part: 0.5, what: 'perseus' });
  calculator.ask(files('b'));
  worker!.tell({ kind: 'progress', id: 1, part: 0.6, what: 'perseus' });
  t.deepEqual(heard, ['perseus 0.5']);
});

test('a question that takes long is given up for a newer one, and its worker is not heard', (t) => {
  const { calculator, workers, heard, clock } = setup();
  calculator.ask(files('slow'));
  clock.nowMs = 1000;
  calculator.ask(files('soon'));
  t.is(workers.length, 1, 'patience');
  clock.nowMs = 2500;
  calculator.ask(files('new'));
  const [old, young] = workers;
  t.true(old!.isTerminated);
  old!.answer(old!.asked[0]!);
  young!.tell({ kind: 'choices', choices: { models: [], gpus: [], measured: [] } });
  young!.answer(young!.asked[0]!);
  t.deepEqual(heard, ['choices', 'new']);
});

test('a bug is told, and the next question is asked all the same', (t) => {
  const { calculator, workers, heard } = setup();
  const [worker] = workers;
  calculator.ask(files('a'));
  worker!.tell({ kind: 'failed', id: 1, message: 'oops' });
  calculator.ask(files('b'));
  worker!.answer(worker!.asked[1]!);
  t.deepEqual(heard, ['failed: oops', 'b']);
});
