import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { PlainConnection, type PlainAnswer } from './plain-http.js';

/** A job of ranks that ask and report as fast as a server answers, or in step with a training job. */
export interface Load {
  readonly port: number;
  readonly pp: number;
  readonly dp: number;
  readonly tp: number;
  readonly iterations: number;
  /** Seconds over which ranks ask one after the other, and report; 0: all at the same moment. */
  readonly spreadS: number;
  /** Sent before ranks ask; the server's own settings if left out. */
  readonly scenario?: string;
  /** How long a rank tries to reach a server that is away. */
  readonly patienceS?: number;
}

/** What came of a load. */
export interface LoadResult {
  readonly jobId: string;
  readonly ranks: number;
  /** Reports that the server has acknowledged. */
  readonly acknowledged: number;
  /** Milliseconds until each schedule came, the first of each rank left out: it waits for the plan. */
  readonly schedulesMs: readonly number[];
  /** Entries of the schedules, all the same for one stage. */
  readonly wrongSchedules: number;
  /** Requests that had to be sent again. */
  readonly repeated: number;
}

/** The course of a load, for a test in the same process. */
interface LoadCourse {
  /** Receives the id of the job once all ranks are registered. */
  onJob(id: string): void;
  /** Whether the iteration that has ended was the last. */
  isEnough(): boolean;
}

/** Runs a job of ranks, each with a connection of its own. */
export async function runLoad(load: Load, course?: LoadCourse): Promise<LoadResult> {
  const { port, pp, dp, tp, iterations } = load;
  const first = new PlainConnection(port);
  const degrees = { pp_degree: pp, dp_degree: dp, tp_degree: tp, world_size: pp * dp * tp };
  const jobId = JSON.parse(
    ok(await first.send('POST', '/register_job', JSON.stringify(degrees))),
  ) as string;
  if (load.scenario !== undefined) {
    ok(await first.send('PUT', `/jobs/${jobId}/scenario`, load.scenario));
  }
  first.close();
  const ranks = Array.from({ length: pp * dp * tp }, (_, rank) => new LoadRank(load, jobId, rank));
  await Promise.all(ranks.map((rank) => rank.register()));
  course?.onJob(jobId);
  for (let k = 0; k < iterations; k++) {
    await Promise.all(ranks.map((rank) => rank.ask(k)));
    await Promise.all(ranks.map((rank) => rank.report(k)));
    if (course?.isEnough() === true) break;
  }
  for (const rank of ranks) rank.close();
  return {
    jobId,
    ranks: ranks.length,
    acknowledged: ranks.reduce((sum, rank) => sum + rank.acknowledged, 0),
    schedulesMs: ranks.flatMap((rank) => rank.schedulesMs),
    wrongSchedules: ranks.reduce((sum, rank) => sum + rank.wrongSchedules, 0),
    repeated: ranks.reduce((sum, rank) => sum + rank.repeated, 0),
  };
}

class LoadRank {
  acknowledged = 0;
  repeated = 0;
  wrongSchedules = 0;
  readonly schedulesMs: number[] = [];
  private readonly connection: PlainConnection;
  private forwards = 0;

  constructor(
    private readonly load: Load,
    private readonly jobId: string,
    private readonly rank: number,
  ) {
    this.connection = new PlainConnection(load.port);
  }

  async register(): Promise<void> {
    const { dp, tp } = this.load;
    const place = {
      rank: this.rank,
      tp_rank: this.rank % tp,
      dp_rank: Math.floor(this.rank / tp) % dp,
      pp_rank: Math.floor(this.rank / (tp * dp)),
    };
    const clocks = Array.from({ length: 81 }, (_, k) => 1410 - 15 * k);
    const body = JSON.stringify({ ...place, available_frequencies: clocks });
    await this.send('POST', `/register_rank/${this.jobId}`, body);
  }

  async ask(round: number): Promise<void> {
    await this.myTurn();
    const beganMs = performance.now();
    const schedule = await this.send('GET', `/schedule/${this.jobId}?rank=${this.rank}`);
    if (round > 0) this.schedulesMs.push(performance.now() - beganMs);
    if (!schedule.startsWith(`{"rank":${this.rank},"frequencies":[["forward",`)) {
      this.wrongSchedules++;
    }
    this.forwards = schedule.split('"forward"').length - 1;
  }

  async report(round: number): Promise<void> {
    await this.myTurn();
    const count = this.forwards;
    const times = (each: number) => [Array.from({ length: count }, () => each)];
    await this.send(
      'POST',
      `/result/${this.jobId}`,
      JSON.stringify({
        ...{ rank: this.rank, round, iter_time: [0.4 * count], iter_energy: [80 * count] },
        time_breakdown: { forward: times(0.1), backward: times(0.2) },
        energy_breakdown: { forward: times(25), backward: times(50) },
      }),
    );
    this.acknowledged++;
  }

  close(): void {
    this.connection.close();
  }

  private async myTurn(): Promise<void> {
    const { spreadS, dp, tp, pp } = this.load;
    if (spreadS > 0) await sleep((1000 * spreadS * this.rank) / (dp * tp * pp));
  }

  /** Sends a request until it is answered, as clients do while a server is away. */
  private async send(method: string, path: string, body?: string): Promise<string> {
    const untilMs = performance.now() + 1000 * (this.load.patienceS ?? 0);
    for (;;) {
      try {
        return ok(await this.connection.send(method, path, body));
      } catch (error) {
        if (performance.now() > untilMs || error instanceof RangeError) throw error;
        this.repeated++;
        this.connection.close();
        await sleep(100);
      }
    }
  }
}

/** The body of an answer. @throws RangeError if the server refused. */
function ok({ status, body }: PlainAnswer): string {
  if (status === 200) return body;
  throw new RangeError(`the server answered ${status}: ${body}`);
}
