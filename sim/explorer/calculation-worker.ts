import { PlanCache } from '../studies/plan-cache.js';
import { answerTo } from './answer.js';
import { CATALOG_TEXTS } from './catalog-texts.js';
import { catalogChoices } from './choices.js';
import type { Question, Report } from './messages.js';

/** Planner and simulator, beside the page so that it stays awake. */

/** Frontiers that are kept: dragging a slider makes a new one at every step. */
const MOST_PLANS = 24;
/** Progress is told in steps of this. */
const STEP = 0.01;

const cache = new PlanCache(MOST_PLANS);

const tell = (report: Report) => {
  postMessage(report);
};

onmessage = async ({ data: { id, files, precision } }: MessageEvent<Question>) => {
  let told = 0;
  try {
    const onProgress = (done: number, total: number, what: string) => {
      const part = done / total;
      if (part < told + STEP) return;
      told = part;
      tell({ kind: 'progress', id, part, what });
    };
    const answer = await answerTo(files, CATALOG_TEXTS, { cache, precision, onProgress });
    tell({ kind: 'answer', id, answer });
  } catch (error) {
    tell({ kind: 'failed', id, message: String(error) });
  }
};

tell({ kind: 'choices', choices: catalogChoices(CATALOG_TEXTS) });
