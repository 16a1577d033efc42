import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { InputError } from '../../src/errors.js';
import type { Scenario } from '../studies/scenario-schema.js';
import type { ScenarioProfile } from '../studies/scenario-setting.js';
import type { RunResult, RunTask } from './run-result.js';

/** Runs that plan the same, for a worker on any machine. */
export interface BatchJob {
  readonly profile: ScenarioProfile;
  readonly runs: readonly { readonly index: number; readonly scenario: Scenario }[];
}

/** What a worker gives back. */
export type BatchResult = readonly RunResult[];

/** Versions of coordinators whose runs wait in a Redis. */
const VERSIONS = 'pipewatt:versions';

/** Workers take only runs of their own version: another one might give other numbers. */
export function queueName(version: string): string {
  return `pipewatt-${version}`;
}

/** A job's name is its content: put in twice, it is there once. */
export function jobIdOf(job: BatchJob): string {
  return createHash('sha256').update(JSON.stringify(job)).digest('hex').slice(0, 40);
}

/** The job of runs that share a profile. */
export function batchJob(tasks: readonly RunTask[]): BatchJob {
  const [first] = tasks;
  return {
    profile: first!.profile,
    runs: tasks.map(({ index, scenario }) => ({ index, scenario })),
  };
}

/**
 * Connects to Redis; once connected, it waits for a Redis that is gone to come back.
 * @throws InputError when there is none.
 */
export async function connect(url: string): Promise<Redis> {
  const redis = new Redis(url, { maxRetriesPerRequest: null, lazyConnect: true });
  // Without a listener a lost connection would end the process; it is found again by itself.
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return redis;
  } catch (error) {
    redis.disconnect();
    throw InputError.of({
      source: url,
      message: `no Redis answers: ${(error as Error).message}; is redis-server running there?`,
    });
  }
}

/** Says that runs of a version wait. */
export async function announce(redis: Redis, version: string): Promise<void> {
  await redis.sadd(VERSIONS, version);
}

/** Says that none wait any more. */
export async function withdraw(redis: Redis, version: string): Promise<void> {
  await redis.srem(VERSIONS, version);
}

/** @throws InputError when runs wait in a Redis, but none of this version. */
export async function checkVersion(redis: Redis, version: string, url: string): Promise<void> {
  const waiting = await redis.smembers(VERSIONS);
  if (waiting.length === 0 || waiting.includes(version)) return;
  throw InputError.of({
    source: url,
    message: `runs of version ${waiting.sort().join(', ')} wait there, but this worker is version ${version}; install the same version on both sides`,
  });
}
