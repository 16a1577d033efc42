import type { Answer } from './answer.js';
import { makeWorker } from './beside-the-page.js';
import type { Question, Report, Wanted } from './messages.js';

/** Asks a worker of its own for one answer. @returns gives the question up. */
export function answerOnce(wanted: Wanted, onAnswer: (answer: Answer) => void): () => void {
  const worker = makeWorker();
  const question: Question = { id: 1, ...wanted, precision: 'exact' };
  worker.onmessage = ({ data }: MessageEvent<Report>) => {
    if (data.kind !== 'answer' && data.kind !== 'failed') return;
    worker.terminate();
    if (data.kind === 'answer' && data.answer !== undefined) onAnswer(data.answer);
  };
  worker.postMessage(question);
  return () => {
    worker.terminate();
  };
}
