import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import type {
  JobPlanning,
  PlannedSchedules,
  PlanningRequest,
} from '../../sim/control/planning/planning-request.js';
import { ServedPlan } from '../../sim/control/served-plan.js';
import { madeUpPlan } from '../support/control-server.js';

const REQUEST: PlanningRequest = {
  jobId: 'job',
  degrees: { pp: 1, dp: 2, tp: 1 },
  scenarioText: 'the first scenario',
  policy: 'perseus',
  stragglers: [],
};

/** Planning that answers when it is told to, and rejects what is given up. */
class SlowPlanning implements JobPlanning {
  readonly asked: { readonly request: PlanningRequest; readonly finish: () => void }[] = [];
  givenUp = 0;

  plan(request: PlanningRequest, signal?: AbortSignal): Promise<PlannedSchedules> {
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => {
        this.givenUp++;
        reject(signal.reason as Error);
      });
      const finish = () => {
        resolve(madeUpPlan(request));
      };
      this.asked.push({ request, finish });
    });
  }

  forget(): void {
    // Keeps nothing.
  }

  async close(): Promise<void> {
    // Has no threads.
  }
}

/** A job whose state a test changes. */
function changingJob() {
  const planning = new SlowPlanning();
  let revision = 0;
  let request: PlanningRequest | undefined = REQUEST;
  let second = 0;
  const plan = new ServedPlan(
    planning,
    () => ({ revision, request: () => request }),
    () => second++,
    () => undefined,
  );
  plan.refresh();
  const change = (next: PlanningRequest | undefined) => {
    revision++;
    request = next;
    plan.refresh();
  };
  return { planning, plan, change };
}

test('a plan in work is given up once a job has other settings', async (t) => {
  const { planning, plan, change } = changingJob();
  change({ ...REQUEST, scenarioText: 'the second scenario' });
  t.is(planning.givenUp, 1);
  await turn();
  t.is(planning.asked.length, 2);
  t.is(planning.asked[1]!.request.scenarioText, 'the second scenario');
  t.is(plan.failure, undefined);
  planning.asked[1]!.finish();
  await turn();
  t.is(plan.served?.revision, 1);
});

test('other stragglers wait for the plans in work: they only choose among them', async (t) => {
  const { planning, plan, change } = changingJob();
  const slow = { ...REQUEST, stragglers: [{ pipeline: 1, slowdown: 1.3 }] };
  change(slow);
  t.is(planning.givenUp, 0);
  planning.asked[0]!.finish();
  await turn();
  t.is(plan.served?.revision, 0);
  t.deepEqual(planning.asked[1]!.request, slow);
  planning.asked[1]!.finish();
  await turn();
  t.is(plan.served?.revision, 1);
});

test('a plan in work is given up once settings are lacking', async (t) => {
  const { planning, plan, change } = changingJob();
  change(undefined);
  t.is(planning.givenUp, 1);
  await turn();
  t.false(plan.isBusy);
  t.is(planning.asked.length, 1);
});
