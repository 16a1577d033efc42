import { Worker } from 'node:worker_threads';
import { InputError, RefusedRequestError } from '../../src/errors.js';
import { nextNeed, type JobSettings, type ServedDefaults } from './planning-settings.js';
import { checkUpload, type ProfileFacts, type Upload } from './upload-check.js';
import type { UploadReply } from './upload-thread.js';

/** Uploads of this many characters are checked in milliseconds; larger ones get a thread. */
const SMALL = 100_000;
/** Threads at once. */
const MOST_THREADS = 2;
const MEMORY_MB = 1024;
const TIME_LIMIT_MS = 60_000;

/** Checks files that are sent for jobs, large ones beside the server's own thread. */
export class UploadChecks {
  private threads = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly defaults: ServedDefaults) {}

  /**
   * Checks the settings that a job would have with what was sent.
   * @returns facts about a profile, if one was sent.
   * @throws InputError with every problem, or RefusedRequestError if it contradicts the registration.
   */
  async check(settings: JobSettings): Promise<ProfileFacts | undefined> {
    const { degrees, profile, planText, scenarioText } = settings;
    const need = nextNeed(settings, this.defaults);
    const upload: Upload = {
      ...{ degrees, profileCsv: profile?.csv, planText, scenarioText },
      request: 'request' in need ? need.request : undefined,
    };
    const size = [profile?.csv, planText, scenarioText].reduce(
      (sum, text) => sum + (text?.length ?? 0),
      0,
    );
    return size <= SMALL ? checkUpload(upload) : this.checkBeside(upload);
  }

  private async checkBeside(upload: Upload): Promise<ProfileFacts | undefined> {
    if (this.threads >= MOST_THREADS) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else this.threads++;
    try {
      const reply = await replyOf(upload);
      if ('facts' in reply) return reply.facts;
      if ('problems' in reply) throw new InputError(reply.problems);
      throw new RefusedRequestError(reply.status, reply.refused);
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.threads--;
      else next();
    }
  }
}

async function replyOf(upload: Upload): Promise<UploadReply> {
  const worker = new Worker(new URL('./upload-thread.js', import.meta.url), {
    workerData: upload,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  });
  const tooLarge = 'the file takes too long or too much memory to read; send a smaller one';
  const timer = setTimeout(() => void worker.terminate(), TIME_LIMIT_MS);
  try {
    return await new Promise<UploadReply>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', (error: NodeJS.ErrnoException) => {
        reject(
          error.code === 'ERR_WORKER_OUT_OF_MEMORY'
            ? new RefusedRequestError(422, tooLarge)
            : error,
        );
      });
      worker.once('exit', () => {
        reject(new RefusedRequestError(422, tooLarge));
      });
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
