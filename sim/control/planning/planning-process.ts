/** A process that plans one job with a plug-in, request by request, and keeps its frontier. */
import { loadChecked } from '../../plugins/checked-source.js';
import { serveParent } from '../../processes/serve.js';
import { KeptPlans } from './kept-plans.js';
import { replyOf, replyToError, type PlanningReply } from './planning-reply.js';
import type { PlanningRequest } from './planning-request.js';

/** A request, and the time that a command may take. */
export interface PluginTask {
  readonly request: PlanningRequest;
  readonly timeLimitS: number;
}

const kept = new KeptPlans();

serveParent((task) => answer(task as PluginTask));

async function answer({ request, timeLimitS }: PluginTask): Promise<PlanningReply> {
  const name = request.policy;
  try {
    const planner = await loadChecked(name, { source: 'policy', field: name }, timeLimitS);
    return replyOf(() => kept.answer(request, { planner }));
  } catch (error) {
    return replyToError(error);
  }
}
