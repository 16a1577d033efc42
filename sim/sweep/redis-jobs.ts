import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { InputError } from '../../src/errors.js';
import { addressWithoutPassword, withoutPasswords } from '../../src/passwords.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { ScenarioProfile } from '../scenario/scenario-setting.js';
import type { RunResult } from './run-result.js';

/** Workers that may die of a run before it is given up. */
export const MOST_TRIES = 3;

/** Runs with the same planning problem, for a worker on any machine. */
export interface BatchJob {
  /** Hash of the sweep: a coordinator knows its own. */
  readonly sweep: string;
  readonly profile: ScenarioProfile;
  /** Hash of their planning problem. */
  readonly frontier: string;
  /** See `RunTask`; left out unless it is true. */
  readonly noBound?: true;
  readonly runs: readonly { readonly index: number; readonly scenario: Scenario }[];
  /** Workers that died of these runs when they were part of a larger batch. */
  readonly triesBefore: number;
}

/** A worker's answer: results, or how many workers have died of the batch. */
export type BatchResult = { readonly results: readonly RunResult[] } | { readonly deaths: number };

/** Workers only take runs of their own version: another one might give other numbers. */
export function queueName(version: string): string {
  return `pipewatt-${version}`;
}

/** A job's name is its content: queued twice, it exists once. */
export function jobIdOf(job: BatchJob): string {
  return createHash('sha256').update(JSON.stringify(job)).digest('hex').slice(0, 40);
}

/** The longest time until a Redis first answers. */
const PATIENCE_MS = 8000;

/** Called when the Redis is lost, and when it is back. */
export type OnNotice = (sentence: string) => void;

/**
 * Connects to Redis; once connected, it waits for a lost Redis to come back.
 * @throws InputError if there is none.
 */
export async function connect(url: string, onNotice?: OnNotice): Promise<Redis> {
  const shown = addressWithoutPassword(url);
  const refuse = (reason: string) =>
    InputError.of({ source: shown, message: `no Redis answers: ${withoutPasswords(reason)}` });
  if (!isRedisAddress(url)) {
    throw InputError.of({
      source: shown,
      message:
        'is not an address of a Redis, expected one such as redis://host:6379, redis://user:password@host:6379/0 or rediss://host (in a password, write @ as %40, / as %2F, # as %23, ? as %3F, % as %25)',
    });
  }
  let reason = `nothing within ${PATIENCE_MS / 1000} s`;
  const options = { maxRetriesPerRequest: null, connectTimeout: PATIENCE_MS, lazyConnect: true };
  const redis = new Redis(url, options);
  // Without a listener, a lost connection would end the process; ioredis reconnects by itself.
  redis.on('error', (error: Error) => {
    reason = error.message;
  });
  const connected = redis.connect().then(() => redis.ping());
  // Late errors are of no use.
  connected.catch(() => undefined);
  try {
    const late = sleep(PATIENCE_MS, undefined, { ref: false }).then(() => {
      throw new Error(reason);
    });
    await Promise.race([connected, late]);
  } catch (error) {
    redis.disconnect();
    // The errors that ioredis throws say less than those passed to its listener.
    const { message } = error as Error;
    throw refuse(
      `${message === 'Connection is closed.' ? reason : message}; is one running there?`,
    );
  }
  if (onNotice !== undefined) tellOutages(redis, shown, onNotice);
  return redis;
}

/** Whether an address has a host and, if any, a valid port and database number. */
function isRedisAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (
    /^rediss?:\/\/[^/\s]+\/?/.test(text) &&
    url.hostname !== '' &&
    url.port !== '0' &&
    /^\/?\d{0,4}$/.test(url.pathname) &&
    // A # or ? in a password cuts the address short.
    url.hash === '' &&
    !url.search.includes('@') &&
    [url.username, url.password, url.search].every(isEncoded)
  );
}

/** Whether every % begins the code of a character. */
function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** @throws InputError when there is no Redis. */
export async function checkRedis(url: string): Promise<void> {
  (await connect(url)).disconnect();
}

function tellOutages(redis: Redis, url: string, onNotice: OnNotice): void {
  let isGone = false;
  redis.on('reconnecting', () => {
    if (!isGone) onNotice(`${url} is gone; waits until it is back`);
    isGone = true;
  });
  redis.on('ready', () => {
    if (isGone) onNotice(`${url} is back`);
    isGone = false;
  });
}

/** Announcements of waiting runs expire after this time; coordinators repeat them. */
const ANNOUNCED_S = 10;
const ANNOUNCED = 'pipewatt:waits:';

/** Announces that runs of a version wait, for the next seconds. */
export async function announce(redis: Redis, version: string): Promise<void> {
  await redis.set(`${ANNOUNCED}${version}`, '1', 'EX', ANNOUNCED_S);
}

/** Withdraws the announcement. */
export async function withdraw(redis: Redis, version: string): Promise<void> {
  await redis.del(`${ANNOUNCED}${version}`);
}

/** The reason why a worker of this version is idle: only runs of other versions wait. */
export async function versionProblem(redis: Redis, version: string): Promise<string | undefined> {
  const keys = await redis.keys(`${ANNOUNCED}*`);
  const waiting = keys.map((key) => key.slice(ANNOUNCED.length)).sort();
  if (waiting.length === 0 || waiting.includes(version)) return undefined;
  return `runs of version ${waiting.join(', ')} wait there, but this worker is version ${version}; install the same version on both sides`;
}
