import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { mutatedCsv, csvMutation } from '../fuzz/mutate-csv.js';
import { mutatedFile, textMutation } from '../fuzz/mutate-text.js';
import { mutated, treeMutation, type Tree } from '../fuzz/mutate-tree.js';
import { profileCsv } from '../fuzz/small-scenarios.js';
import { jobInfo, rankInfo } from '../support/control-server.js';
import { checkProperty } from '../support/properties.js';
import { TestServer } from '../support/serve.js';

const BODIES = 5000;
/** Bodies after which a job makes way for a new one, so that it is not full of nonsense. */
const BODIES_OF_A_JOB = 100;
/** Planning what a body asks for may take long; its answer is then not waited for. */
const PATIENCE_MS = 3000;

interface Body {
  readonly method: 'POST' | 'PUT';
  /** Below the address; `{id}` is the job. */
  readonly path: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
}

const RESULT = {
  rank: 0,
  iter_time: [0.9, 0.91],
  iter_energy: [300, 301],
  time_breakdown: {
    forward: [
      [0.1, 0.1],
      [0.1, 0.1],
    ],
    backward: [
      [0.2, 0.2],
      [0.2, 0.2],
    ],
  },
  energy_breakdown: {
    forward: [
      [35, 35],
      [35, 35],
    ],
    backward: [
      [70, 70],
      [70, 70],
    ],
  },
  round: 1,
};
const SCENARIO =
  'name: fuzzed\nprofile: {csv: p.csv, blockingPowerW: 80}\npipeline: {microbatches: 2}\nunitTimeS: 0.01\n';
const PLAN =
  "[\n[('forward', 1410), ('forward', 990), ('backward', 1095), ('backward', 1200)],\n[('forward', 1410), ('backward', 1410), ('forward', 0), ('backward', 1410)],\n]\n";

const changes = <T>(one: fc.Arbitrary<T>) => fc.array(one, { maxLength: 3 });

/** A JSON body with some of it changed, or its text damaged. */
function changedJson(path: string, right: Tree): fc.Arbitrary<Body> {
  const tree = changes(treeMutation).map((each) => JSON.stringify(mutated(right, each)));
  const text = changes(textMutation).map((each) => bytesOf(JSON.stringify(right), each));
  return fc
    .oneof({ weight: 3, arbitrary: tree }, { weight: 1, arbitrary: text })
    .map((body) => ({ method: 'POST', path, body }));
}

function bytesOf(text: string, each: Parameters<typeof mutatedFile>[1]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(mutatedFile(text, each) ?? []);
}

function changedText(path: string, right: string): fc.Arbitrary<Body> {
  return changes(textMutation).map((each) => ({
    method: 'PUT',
    path,
    body: bytesOf(right, each),
  }));
}

const anyBody: fc.Arbitrary<Body> = fc.oneof(
  { weight: 1, arbitrary: changedJson('/register_job', jobInfo(2, 2, 1, 'fuzzed')) },
  { weight: 2, arbitrary: changedJson('/register_rank/{id}', rankInfo(1, 2, 2)) },
  { weight: 4, arbitrary: changedJson('/result/{id}', RESULT) },
  {
    weight: 2,
    arbitrary: changedJson('/jobs/{id}/stragglers', { pipeline: 1, slowdown: 1.2 }),
  },
  {
    weight: 2,
    arbitrary: changes(csvMutation).map((each) => ({
      method: 'PUT' as const,
      path: '/jobs/{id}/profile',
      body: mutatedCsv(profileCsv(2), each),
    })),
  },
  { weight: 1, arbitrary: changedText('/jobs/{id}/scenario', SCENARIO) },
  { weight: 1, arbitrary: changedText('/jobs/{id}/plan', PLAN) },
);

/** Sends a request. @returns its status and body; undefined if the answer takes long. */
async function answerOf(url: string, init: RequestInit) {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    const response = await fetch(url, { ...init, signal });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

/** A job whose first stage waits for nothing but its plan. */
async function newJob(url: string): Promise<string> {
  const init = { method: 'POST', body: JSON.stringify(jobInfo(2, 2)) };
  const made = await answerOf(`${url}/register_job`, init);
  const id = JSON.parse(made!.text) as string;
  const rank = { method: 'POST', body: JSON.stringify(rankInfo(0, 2, 2)) };
  await answerOf(`${url}/register_rank/${id}`, rank);
  return id;
}

/** Memory of a process in MB; NaN where the system does not tell. */
function memoryMB(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  } catch {
    return NaN;
  }
}

test(`${BODIES} fuzzed bodies: each is answered, none by a fault of the server`, async (t) => {
  const server = await TestServer.start('--microbatches', '2');
  t.teardown(() => server.stop());
  const statuses = new Map<number | 'late', number>();
  let sent = 0;
  let id = '';
  let halfwayMB = NaN;
  const send = async ({ method, path, body }: Body) => {
    if (sent % BODIES_OF_A_JOB === 0) {
      if (id !== '') await answerOf(`${server.url}/jobs/${id}`, { method: 'DELETE' });
      id = await newJob(server.url);
    }
    if (++sent === BODIES / 2) halfwayMB = memoryMB(server.pid);
    const answer = await answerOf(server.url + path.replace('{id}', id), { method, body });
    const status = answer?.status ?? 'late';
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (answer === undefined || answer.status === 200) return;
    if (answer.status >= 500) throw new Error(`${answer.status}: ${answer.text}`);
    const { detail } = JSON.parse(answer.text) as { detail?: unknown };
    if (detail === undefined || /\bat .*\.js:\d/.test(answer.text)) throw new Error(answer.text);
  };
  await checkProperty(t, anyBody, send, BODIES);
  const endMB = memoryMB(server.pid);
  t.log(
    [...statuses].map(([status, times]) => `${status}: ${times}`).join(', '),
    `memory: ${halfwayMB.toFixed(0)} MB halfway, ${endMB.toFixed(0)} MB at the end`,
  );
  t.true((statuses.get(200) ?? 0) > 300, 'some bodies are right');
  t.true((statuses.get(422) ?? 0) > 1000, 'many bodies are wrong');
  t.false(endMB > halfwayMB * 1.5 + 100, 'memory grows');
  t.is((await answerOf(`${server.url}/healthz`, {}))?.status, 200);
  t.is(await server.stop(), 0);
  t.is(server.end.err.includes('at '), false, server.end.err);
});
