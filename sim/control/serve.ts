import type { FastifyInstance } from 'fastify';
import { DataFolder } from './data-folder.js';
import { controlApp } from './http/app.js';
import type { GuardRules } from './http/guard.js';
import { Jobs } from './jobs.js';
import { Metrics } from './metrics.js';
import { withPlanFiles } from './plan-files.js';
import type { ServedDefaults } from './planning-settings.js';
import type { JobPlanning } from './planning/planning-request.js';
import { UploadChecks } from './uploads.js';

/** The settings of a server. */
export interface ServeOptions {
  readonly data: string;
  readonly defaults: ServedDefaults;
  readonly rules: GuardRules;
  readonly planning: JobPlanning;
  readonly version: string;
  /** Reports a problem of the server to who runs it. */
  readonly warn: (sentence: string) => void;
}

/** A server that does not listen yet. */
export interface ControlServer {
  readonly app: FastifyInstance;
  readonly jobs: Jobs;
  /** Finishes requests, planning and files, in this order, and releases the folder. */
  close(): Promise<void>;
}

/**
 * Makes a server that goes on with the jobs in its folder.
 * @throws InputError if another server uses the folder, or a file in it is damaged.
 */
export async function controlServer(options: ServeOptions): Promise<ControlServer> {
  const { defaults, rules, version, warn } = options;
  const folder = DataFolder.take(options.data);
  const planning = withPlanFiles(options.planning);
  try {
    const metrics = new Metrics();
    const jobs = new Jobs(
      folder,
      {
        planning,
        defaults,
        secondsNow: () => performance.now() / 1000,
        onPlanned: (seconds, isRight) => {
          metrics.planned(seconds, isRight);
        },
        warn,
      },
      () => new Date(),
    );
    metrics.watch(jobs);
    const checks = new UploadChecks(defaults);
    const app = await controlApp({ jobs, defaults, metrics, checks, rules, version, warn });
    return {
      app,
      jobs,
      close: async () => {
        const closed = closedConnections(app);
        await jobs.close();
        await closed;
        await planning.close();
        folder.release();
      },
    };
  } catch (error) {
    folder.release();
    throw error;
  }
}

/** Time in which a server that stops finishes requests, and the time between looks at connections. */
const FINISHING_MS = 5000;
const LOOK_MS = 50;

/**
 * Stops listening, and ends when the last connection is gone. Node closes connections that are idle
 * at that moment; one that becomes idle a moment later would be kept for a minute.
 */
async function closedConnections(app: FastifyInstance): Promise<void> {
  const { server } = app;
  const looks = setInterval(() => {
    server.closeIdleConnections();
  }, LOOK_MS);
  const limit = setTimeout(() => {
    server.closeAllConnections();
  }, FINISHING_MS);
  try {
    await app.close();
  } finally {
    clearInterval(looks);
    clearTimeout(limit);
  }
}
