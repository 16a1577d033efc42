import { PlanCache } from '../run/plan-cache.js';
import { answerTo } from './answer.js';
import { CATALOG_TEXTS } from './catalog-texts.js';
import { catalogChoices } from './choices.js';
import type { Question, ReadingQuestion, Report } from './messages.js';
import { readScenario } from './scenario-reader.js';

/** Planner and simulator in a worker, so that the page stays responsive. */

/** Number of frontiers kept: dragging a slider makes a new one at every step. */
const MOST_PLANS = 24;
/** Step in which progress is reported. */
const STEP = 0.01;

const cache = new PlanCache(MOST_PLANS);

const tell = (report: Report) => {
  postMessage(report);
};

onmessage = async ({ data }: MessageEvent<Question | ReadingQuestion>) => {
  if ('read' in data) read(data);
  else await answer(data);
};

function read({ read: file }: ReadingQuestion): void {
  try {
    tell({ kind: 'read', read: readScenario(file) });
  } catch (error) {
    tell({ kind: 'failed', id: 0, message: String(error) });
  }
}

async function answer({ id, files, drawn, precision }: Question): Promise<void> {
  let told = 0;
  try {
    const onProgress = (done: number, total: number, what: string) => {
      const part = done / total;
      if (part < told + STEP) return;
      told = part;
      tell({ kind: 'progress', id, part, what });
    };
    const found = await answerTo(files, CATALOG_TEXTS, {
      ...{ cache, precision, drawn, onProgress },
    });
    tell({ kind: 'answer', id, answer: found });
  } catch (error) {
    tell({ kind: 'failed', id, message: String(error) });
  }
}

tell({ kind: 'choices', choices: catalogChoices(CATALOG_TEXTS) });
