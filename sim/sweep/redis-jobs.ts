import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { InputError } from '../../src/errors.js';
import { addressWithoutPassword, withoutPasswords } from '../../src/passwords.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { ScenarioProfile } from '../scenario/scenario-setting.js';
import type { RunResult } from './run-result.js';

/** Workers that may die of a run before it is parked. */
export const MOST_TRIES = 3;

/** Runs that plan the same, for a worker on any machine. */
export interface BatchJob {
  /** Hash of the sweep: a coordinator knows its own. */
  readonly sweep: string;
  readonly profile: ScenarioProfile;
  /** Hash of what they plan. */
  readonly frontier: string;
  readonly runs: readonly { readonly index: number; readonly scenario: Scenario }[];
  /** Workers that died of these runs when they were part of a larger batch. */
  readonly triesBefore: number;
}

/** What a worker gives back: results, or how many workers died of the batch before. */
export type BatchResult = { readonly results: readonly RunResult[] } | { readonly deaths: number };

/** Workers take only runs of their own version: another one might give other numbers. */
export function queueName(version: string): string {
  return `pipewatt-${version}`;
}

/** A job's name is its content: put in twice, it is there once. */
export function jobIdOf(job: BatchJob): string {
  return createHash('sha256').update(JSON.stringify(job)).digest('hex').slice(0, 40);
}

/** How long it may take until a Redis answers for the first time. */
const PATIENCE_MS = 8000;

/** Told when a Redis is gone, and when it is back. */
export type OnNotice = (sentence: string) => void;

/**
 * Connects to Redis; once connected, it waits for a Redis that is gone to come back.
 * @throws InputError when there is none.
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
  // Without a listener a lost connection would end the process; it is found again by itself.
  redis.on('error', (error: Error) => {
    reason = error.message;
  });
  const connected = redis.connect().then(() => redis.ping());
  // What is told too late is of no use to anyone.
  connected.catch(() => undefined);
  try {
    const late = sleep(PATIENCE_MS, undefined, { ref: false }).then(() => {
      throw new Error(reason);
    });
    await Promise.race([connected, late]);
  } catch (error) {
    redis.disconnect();
    // What ioredis throws says less than what it told its listener.
    const { message } = error as Error;
    throw refuse(
      `${message === 'Connection is closed.' ? reason : message}; is one running there?`,
    );
  }
  if (onNotice !== undefined) tellOutages(redis, shown, onNotice);
  return redis;
}

/** A host, and whatever else there is as it should be: a port, the number of a database. */
function isRedisAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (
    /^rediss?:\/\/[^/\s]+\/?/.test(text) &&
    url.hostname !== '' &&
    url.port !== '0' &&
    /^\/?\d{0,4}$/.test(url.pathname) &&
    // A password that holds # or ? ends the address where it should go on.
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

/** Coordinators say so often that runs wait; what is not said for longer is forgotten. */
const ANNOUNCED_S = 10;
const ANNOUNCED = 'pipewatt:waits:';

/** Says that runs of a version wait, for the next seconds. */
export async function announce(redis: Redis, version: string): Promise<void> {
  await redis.set(`${ANNOUNCED}${version}`, '1', 'EX', ANNOUNCED_S);
}

/** Says that none wait any more. */
export async function withdraw(redis: Redis, version: string): Promise<void> {
  await redis.del(`${ANNOUNCED}${version}`);
}

/** Why a worker of this version has nothing to do: runs wait, but of others only. */
export async function versionProblem(redis: Redis, version: string): Promise<string | undefined> {
  const keys = await redis.keys(`${ANNOUNCED}*`);
  const waiting = keys.map((key) => key.slice(ANNOUNCED.length)).sort();
  if (waiting.length === 0 || waiting.includes(version)) return undefined;
  return `runs of version ${waiting.join(', ')} wait there, but this worker is version ${version}; install the same version on both sides`;
}
