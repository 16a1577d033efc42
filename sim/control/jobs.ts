import { basename } from 'node:path';
import { rm } from 'node:fs/promises';
import { InputError, RefusedRequestError } from '../../src/errors.js';
import { ProblemGathering } from '../../src/problem-list.js';
import type { DataFolder } from './data-folder.js';
import { Job, type JobSurroundings } from './job.js';
import { newJobId } from './job-id.js';
import type { Degrees } from './planning/planning-request.js';

/** The most jobs that a server keeps. */
const MOST_JOBS = 10_000;

/** All jobs of a server, by id. */
export class Jobs {
  private readonly jobs = new Map<string, Job>();
  /** In lower case, as some file systems see names; also of jobs that are being created. */
  private readonly taken = new Set<string>();

  /**
   * Goes on with the jobs in a folder.
   * @throws InputError if a file is damaged.
   */
  constructor(
    private readonly folder: DataFolder,
    private readonly surroundings: JobSurroundings,
    private readonly now: () => Date,
  ) {
    const gathering = new ProblemGathering();
    for (const path of folder.files()) {
      const job = gathering.attempt(() => resumed(path, surroundings));
      if (job === undefined) continue;
      this.jobs.set(job.state.id, job);
      this.taken.add(job.state.id.toLowerCase());
    }
    gathering.throwIfAny();
  }

  /** The job with an id. @throws RefusedRequestError if there is none. */
  get(id: string): Job {
    const job = this.jobs.get(id);
    if (job !== undefined) return job;
    throw new RefusedRequestError(
      404,
      'there is no job with this id; POST /register_job makes one',
    );
  }

  /** All jobs, the oldest first. */
  list(): Iterable<Job> {
    return this.jobs.values();
  }

  get size(): number {
    return this.jobs.size;
  }

  /** Registers a job. @returns its id. */
  async register(degrees: Degrees, metadata: string | null | undefined): Promise<string> {
    if (this.taken.size >= MOST_JOBS) {
      throw new RefusedRequestError(
        429,
        `the server keeps ${MOST_JOBS} jobs and takes no more; remove old ones with DELETE /jobs/{job_id}`,
      );
    }
    const at = this.now();
    const scheduler = basename(this.surroundings.defaults.policy);
    const id = newJobId({ at, degrees, scheduler, metadata }, (name) =>
      this.taken.has(name.toLowerCase()),
    );
    this.taken.add(id.toLowerCase());
    try {
      const known = metadata === undefined || metadata === null ? {} : { metadata };
      const job = await Job.create(
        this.folder.fileOf(id),
        { type: 'job-registered', id, degrees, at: at.toISOString(), ...known },
        this.surroundings,
      );
      this.jobs.set(id, job);
    } catch (error) {
      this.taken.delete(id.toLowerCase());
      throw error;
    }
    return id;
  }

  /** Ends a job and removes its file. */
  async remove(id: string): Promise<void> {
    const job = this.get(id);
    this.jobs.delete(id);
    await job.close();
    this.surroundings.planning.forget(id);
    await rm(this.folder.fileOf(id), { force: true });
    this.taken.delete(id.toLowerCase());
  }

  /** Ends waiting requests and finishes writing. */
  async close(): Promise<void> {
    await Promise.all([...this.jobs.values()].map((job) => job.close()));
  }
}

function resumed(path: string, surroundings: JobSurroundings): Job {
  const job = Job.resume(path, surroundings);
  if (`${job.state.id}.jsonl` === basename(path)) return job;
  throw InputError.of({
    source: path,
    message: `holds the job ${job.state.id}; give it back its name, ${job.state.id}.jsonl`,
  });
}
