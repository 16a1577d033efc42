import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Jobs } from './jobs.js';
import { JOB_STATES, plannedIteration, reportedIteration, stateName } from './job-view.js';

/** Only this many jobs, the latest, have figures of their own. */
const JOBS_SHOWN = 100;

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 120, 600];

/** The figures of a server for Prometheus. */
export class Metrics {
  readonly registry = new Registry();
  private readonly requests = new Histogram({
    name: 'pipewatt_request_duration_seconds',
    help: 'Time from a request to its answer, waiting for plans and disks included',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: SECONDS,
    registers: [this.registry],
  });
  private readonly planning = new Histogram({
    name: 'pipewatt_planning_duration_seconds',
    help: 'Time that plans took, waiting for a thread included',
    labelNames: ['outcome'] as const,
    buckets: SECONDS,
    registers: [this.registry],
  });
  private readonly results = new Counter({
    name: 'pipewatt_results_total',
    help: 'Reports of ranks that were acknowledged, repeated ones included',
    registers: [this.registry],
  });

  answered(method: string, route: string, status: number, seconds: number): void {
    this.requests.observe({ method, route, status: String(status) }, seconds);
    if (route === '/result/:job_id' && status === 200) this.results.inc();
  }

  planned(seconds: number, isRight: boolean): void {
    this.planning.observe({ outcome: isRight ? 'planned' : 'failed' }, seconds);
  }

  /** Adds figures that are counted when they are asked for. */
  watch(jobs: Jobs): void {
    const registers = [this.registry];
    new Gauge({
      name: 'pipewatt_jobs',
      help: 'Jobs by state',
      labelNames: ['state'] as const,
      registers,
      collect() {
        for (const state of JOB_STATES) this.set({ state }, 0);
        for (const job of jobs.list()) this.inc({ state: stateName(job) });
      },
    });
    new Gauge({
      name: 'pipewatt_ranks',
      help: 'Ranks that have registered',
      registers,
      collect() {
        this.set(0);
        for (const job of jobs.list()) this.inc(job.state.ranks.size);
      },
    });
    this.watchIterations(jobs);
  }

  private watchIterations(jobs: Jobs): void {
    const figures = [
      ['time', 'seconds', 'timeS', 'Time of an iteration'],
      ['energy', 'joules', 'energyJ', 'Energy of an iteration of one pipeline, all its GPUs'],
    ] as const;
    for (const [quantity, unit, key, about] of figures) {
      new Gauge({
        name: `pipewatt_iteration_${quantity}_${unit}`,
        help: `${about}, planned and reported, of the ${JOBS_SHOWN} latest jobs`,
        labelNames: ['job', 'source'] as const,
        registers: [this.registry],
        collect() {
          this.reset();
          for (const job of [...jobs.list()].slice(-JOBS_SHOWN)) {
            const { id } = job.state;
            const planned = job.plan.served === undefined ? null : plannedIteration(job)[key];
            const reported = reportedIteration(job.state)[key];
            if (planned !== null) this.set({ job: id, source: 'planned' }, planned);
            if (reported !== null) this.set({ job: id, source: 'reported' }, reported);
          }
        },
      });
    }
  }
}
