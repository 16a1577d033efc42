import test from 'ava';
import { pathTimes } from '../../src/pipeline/critical-path.js';
import { BACKWARD, FORWARD } from '../../src/profile/operation.js';
import { ACCOUNT_KEYS, BOOKINGS, COMPUTING, type Account } from '../../sim/energy/accounts.js';
import { bookEnergy, type Ledger } from '../../sim/energy/ledger.js';
import { stageSegments } from '../../sim/energy/power-segments.js';
import { stageTimes } from '../../sim/energy/stage-times.js';
import { simulateJob, type Job, type JobRecord } from '../../sim/training/job.js';
import {
  afterMeetingS,
  instructionTiming,
  overheadLags,
  type TimingOverheads,
} from '../../sim/training/timing.js';
import type { Workload } from '../../sim/training/workload.js';
import { exactSum } from '../support/exact-sum.js';
import { checkProperty } from '../support/properties.js';
import { anyJobShape, anyOneFOneBShape, jobOfShape } from '../support/random-jobs.js';

const GPUS = {
  blockingPowerW: 83.64,
  communicationPowerW: 120.5,
  synchronisationPowerW: 97.25,
  gpusPerStage: 8,
};

function assertClose(found: number, expected: number, tolerance: number, what: string): void {
  if (!(Math.abs(found - expected) <= tolerance * Math.max(1, Math.abs(expected)))) {
    throw new Error(`${what}: found ${found}, expected ${expected}`);
  }
}

test('without overheads a pipeline takes its longest path', async (t) => {
  await checkProperty(t, anyJobShape, (shape) => {
    const job = jobOfShape({ ...shape, overheads: 'none', clocks: false, changes: false });
    const record = simulateJob(job);
    let slowestS = 0;
    record.pipelines.forEach((pipeline, p) => {
      const { length, earliestStart } = pathTimes(job.dag, job.pipelines[p]!.durationS);
      assertClose(pipeline.endS, length, 1e-9, `end of pipeline ${p}`);
      earliestStart.forEach((startS, i) => {
        assertClose(pipeline.startS[i]!, startS, 1e-9, `start of instruction ${i}`);
      });
      slowestS = Math.max(slowestS, length);
    });
    assertClose(record.iterationTimeS, slowestS, 1e-9, 'iteration time');
  });
});

test('with overheads a pipeline takes the longest path that planners know, on every schedule', async (t) => {
  await checkProperty(t, anyJobShape, (shape) => {
    const job = jobOfShape({ ...shape, clocks: false, changes: false });
    const { loadingS, receiveS } = instructionTiming(job.dag, job.timing);
    const lags = overheadLags(job.dag, job.timing);
    simulateJob(job).pipelines.forEach((pipeline, p) => {
      const { length, earliestStart } = pathTimes(job.dag, job.pipelines[p]!.durationS, lags);
      assertClose(pipeline.endS, length, 1e-9, `end of pipeline ${p}`);
      earliestStart.forEach((startS, i) => {
        const beginS = pipeline.startS[i]! - loadingS[i]! - receiveS[i]!;
        assertClose(beginS, startS, 1e-9, `begin of instruction ${i}`);
      });
    });
  });
});

/**
 * An oracle that knows neither the DAG nor the simulator: every load, receive, computation and send
 * is an activity of a graph built from the definition of 1F1B and of the two transfer rules.
 */
class ActivityGraph {
  private readonly durationS = new Map<string, number>();
  private readonly after = new Map<string, string[]>();
  private readonly known = new Map<string, number>();

  add(name: string, durationS: number, after: string[]): string {
    this.durationS.set(name, durationS);
    this.after.set(name, after);
    return name;
  }

  /** When an activity ends: the longest path up to it. */
  endS(name: string): number {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const beginS = Math.max(0, ...this.after.get(name)!.map((before) => this.endS(before)));
    const endS = beginS + this.durationS.get(name)!;
    this.known.set(name, endS);
    return endS;
  }

  lengthS(): number {
    return Math.max(...[...this.durationS.keys()].map((name) => this.endS(name)));
  }
}

/** `F3`, `B0`, …: the order of one stage by the definition of 1F1B. */
function stageOrder(stage: number, stages: number, microbatches: number): string[] {
  const warmup = Math.min(stages - 1 - stage, microbatches);
  const order = Array.from({ length: warmup }, (_, m) => `F${m}`);
  for (let m = 0; m < microbatches; m++) {
    if (warmup + m < microbatches) order.push(`F${warmup + m}`);
    order.push(`B${m}`);
  }
  return order;
}

function activities(
  stages: number,
  microbatches: number,
  timing: TimingOverheads,
  durationS: (stage: number, name: string) => number,
): ActivityGraph {
  const graph = new ActivityGraph();
  const bothPay = timing.transferRule === 'message';
  const isOverlapped = timing.transferRule === 'overlapped';
  for (let s = 0; s < stages; s++) {
    let free: string[] = [];
    for (const name of stageOrder(s, stages, microbatches)) {
      const isForward = name.startsWith('F');
      const [from, to] = isForward ? [s - 1, s + 1] : [s + 1, s - 1];
      const hasInput = from >= 0 && from < stages;
      const hasOutput = to >= 0 && to < stages;
      const sent = bothPay ? 'compute' : isOverlapped ? 'travel' : 'send';
      const input = hasInput ? [`${sent} ${from} ${name}`] : [];
      const id = `${s} ${name}`;
      const receiveS = hasInput && bothPay ? timing.transferS[Math.min(s, from)]! : 0;
      const transferS = hasOutput ? timing.transferS[Math.min(s, to)]! : 0;
      const sendS = isOverlapped ? 0 : transferS;
      const receive = graph.add(`receive ${id}`, receiveS, [...free, ...input]);
      const load = graph.add(`load ${id}`, isForward ? timing.loadingS[s]! : 0, [receive]);
      const compute = graph.add(`compute ${id}`, durationS(s, name), [load]);
      if (isOverlapped && hasOutput) graph.add(`travel ${id}`, transferS, [compute]);
      free = [graph.add(`send ${id}`, sendS, [compute])];
    }
  }
  return graph;
}

test('with overheads a pipeline takes the longest path of all its activities', async (t) => {
  await checkProperty(t, anyOneFOneBShape, (shape) => {
    const job = jobOfShape(shape);
    const { dag, timing } = job;
    const record = simulateJob(job);
    record.pipelines.forEach((pipeline, p) => {
      const idOf = new Map<string, number>();
      for (let i = 0; i < dag.instructionCount; i++) {
        const letter = dag.kind[i] === FORWARD ? 'F' : 'B';
        idOf.set(`${dag.stage[i]!} ${letter}${dag.microbatch[i]!}`, i);
      }
      const durations = job.pipelines[p]!.durationS;
      const graph = activities(
        shape.stages,
        shape.microbatches,
        timing,
        (s, name) => durations[idOf.get(`${s} ${name}`)!]!,
      );
      assertClose(pipeline.endS, graph.lengthS(), 1e-9, `end of pipeline ${p}`);
      for (const [name, i] of idOf) {
        assertClose(pipeline.startS[i]!, graph.endS(`load ${name}`), 1e-9, `start of ${name}`);
        assertClose(pipeline.finishS[i]!, graph.endS(`compute ${name}`), 1e-9, `end of ${name}`);
      }
    });
    t.is(record.meetS, Math.max(...record.pipelines.map((pipeline) => pipeline.endS)));
    t.is(record.iterationTimeS, record.meetS + afterMeetingS(timing));
  });
});

test('a stage does one thing at a time, and its times add up to the pipeline’s', async (t) => {
  await checkProperty(t, anyJobShape, (shape) => {
    const job = jobOfShape(shape);
    const { dag } = job;
    simulateJob(job).pipelines.forEach((record) => {
      const times = stageTimes(dag, record);
      const { clockSwitchS, timing: overheads } = record.executed;
      for (let s = 0; s < dag.stageCount; s++) {
        let freeS = 0;
        let waitedS = 0;
        for (let i = dag.stageStart[s]!; i < dag.stageStart[s + 1]!; i++) {
          const gapS = record.startS[i]! - overheads.loadingS[i]! - overheads.receiveS[i]! - freeS;
          const switchS = clockSwitchS?.[i] ?? 0;
          if (gapS < switchS - 1e-9) throw new Error(`instruction ${i} overlaps the one before it`);
          waitedS += gapS - switchS;
          freeS = record.finishS[i]! + overheads.sendS[i]!;
        }
        waitedS += record.endS - freeS;
        assertClose(times['waiting for a stage'][s]!, waitedS, 1e-9, `blocking of stage ${s}`);
        const parts = Object.values(times).map((part: Float64Array) => part[s]!);
        assertClose(exactSum(parts), record.endS, 1e-12, `times of stage ${s}`);
      }
    });
  });
});

/** Σ power × time of the whole job, from what the record says and with exact sums. */
function energyOfRecord({ dag, timing }: Job, record: JobRecord): number {
  const products: number[] = [];
  const add = (powerW: number, ...timesS: number[]) =>
    products.push(GPUS.gpusPerStage * powerW * exactSum(timesS));
  for (const { startS, finishS, executed } of record.pipelines) {
    const { stallS, powerW, waitingW } = executed;
    const { receiveS, sendS } = executed.timing;
    const communicatingW = GPUS.communicationPowerW;
    for (let s = 0; s < dag.stageCount; s++) {
      const [first, end] = [dag.stageStart[s]!, dag.stageStart[s + 1]!];
      /** At the clock of the instruction before i. */
      const waiting = (i: number) => waitingW?.[i < end ? i : first] ?? GPUS.blockingPowerW;
      for (let i = first; i < end; i++) {
        add(powerW[i]!, finishS[i]!, -startS[i]!, -stallS[i]!);
        add(waiting(i + 1), stallS[i]!);
        add(waiting(i), startS[i]!, i === first ? 0 : -finishS[i - 1]!);
        add(communicatingW - waiting(i), receiveS[i]!);
        add(communicatingW - waiting(i + 1), sendS[i]!);
      }
      add(waiting(end), record.iterationTimeS, -finishS[end - 1]!);
      add(communicatingW - waiting(end), timing.gradientReductionS ?? 0);
      add(GPUS.synchronisationPowerW - waiting(end), timing.synchronisationS ?? 0);
    }
  }
  return exactSum(products);
}

/** Every account, computing operation by operation. */
function accountsOf(ledger: Ledger): number[] {
  const others = ACCOUNT_KEYS.filter((account) => account !== COMPUTING);
  return [...ledger.computeJ, ...others.map((account) => ledger[account])];
}

test('the ledger’s accounts add up to power × time within 1e-12', async (t) => {
  await checkProperty(t, anyJobShape, (shape) => {
    const job = jobOfShape(shape);
    const record = simulateJob(job);
    const ledger = bookEnergy(job, record, GPUS);
    const expectedJ = energyOfRecord(job, record);
    const within = (foundJ: number, what: string) => {
      if (!(Math.abs(foundJ - expectedJ) <= 1e-12 * expectedJ)) {
        throw new Error(`${what}: found ${foundJ} J, expected ${expectedJ} J`);
      }
    };
    within(ledger.totalJ, 'total');
    within(exactSum(accountsOf(ledger)), 'sum of accounts');
    within(
      exactSum([ledger.totalComputeJ, ...accountsOf(ledger).slice(ledger.computeJ.length)]),
      'compute and the other accounts',
    );
    const overdrawn = accountsOf(ledger).filter((accountJ) => accountJ < -1e-12 * expectedJ);
    if (overdrawn.length > 0) throw new Error(`accounts below zero: ${overdrawn.join(', ')}`);
  });
});

test('every joule is in the account of its GPU’s activity', async (t) => {
  await checkProperty(t, anyOneFOneBShape, (shape) => {
    const job = jobOfShape(shape);
    const { dag, timing } = job;
    const record = simulateJob(job);
    const ledger = bookEnergy(job, record, GPUS);
    const waitingW = GPUS.gpusPerStage * GPUS.blockingPowerW;
    const communicatingW = GPUS.gpusPerStage * GPUS.communicationPowerW;
    const n = job.pipelines.length;
    const M = dag.microbatchCount;
    const sum = (values: Iterable<number>) => exactSum(values);
    const perMicrobatch = { exchange: 2, message: 4, overlapped: 0 };
    const messages = M * perMicrobatch[timing.transferRule ?? 'exchange'];
    const expected: Partial<Record<keyof Ledger, number>> = {
      loadingJ: n * waitingW * M * sum(timing.loadingS),
      communicationJ:
        n * communicatingW * messages * sum(timing.transferS.slice(0, dag.stageCount - 1)),
      iterationConstantJ: n * waitingW * dag.stageCount * timing.iterationConstantS,
      synchronisationJ:
        n *
        dag.stageCount *
        GPUS.gpusPerStage *
        sum([
          GPUS.communicationPowerW * (timing.gradientReductionS ?? 0),
          GPUS.synchronisationPowerW * (timing.synchronisationS ?? 0),
        ]),
      stallJ: waitingW * sum(job.pipelines.flatMap(({ stallS }) => [...stallS])),
      stragglerBlockingJ:
        waitingW * dag.stageCount * sum(record.pipelines.map(({ endS }) => record.meetS - endS)),
      clockChangeJ: 0,
    };
    for (const [account, joules] of Object.entries(expected)) {
      assertClose(ledger[account as keyof Ledger] as number, joules, 1e-12, account);
    }
    for (let s = 0; s < dag.stageCount; s++) {
      for (const kind of [FORWARD, BACKWARD]) {
        const computeJ = job.pipelines.flatMap(({ durationS, stallS, powerW }: Workload) =>
          [...durationS].map((timeS, i) =>
            dag.stage[i] === s && dag.kind[i] === kind
              ? GPUS.gpusPerStage * powerW[i]! * (timeS - stallS[i]!)
              : 0,
          ),
        );
        assertClose(ledger.computeJ[2 * s + kind]!, sum(computeJ), 1e-12, `stage ${s}, ${kind}`);
      }
    }
  });
});

test('the segments of all stages tile the iteration, and hold the ledger account by account', async (t) => {
  await checkProperty(t, anyJobShape, (shape) => {
    const job = jobOfShape(shape);
    const { dag, timing } = job;
    const record = simulateJob(job);
    const ledger = bookEnergy(job, record, GPUS);
    const products = new Map<Account, number[]>();
    for (const pipeline of record.pipelines) {
      for (let s = 0; s < dag.stageCount; s++) {
        const segments = stageSegments({ dag, timing, record, gpus: GPUS }, pipeline, s);
        let nowS = 0;
        for (const { fromS, untilS, activity, powerW } of segments) {
          if (fromS !== nowS) throw new Error(`a gap at ${nowS} s`);
          nowS = untilS;
          const { account } = BOOKINGS[activity];
          const joules = GPUS.gpusPerStage * powerW * (untilS - fromS);
          products.set(account, [...(products.get(account) ?? []), joules]);
        }
        assertClose(nowS, record.iterationTimeS, 1e-12, `end of stage ${s}`);
      }
    }
    for (const account of ACCOUNT_KEYS) {
      const foundJ = exactSum(products.get(account) ?? []);
      const expectedJ = ledger[account];
      if (!(Math.abs(foundJ - expectedJ) <= 1e-9 * ledger.totalJ)) {
        throw new Error(`${account}: found ${foundJ} J, expected ${expectedJ} J`);
      }
    }
  });
});

/** All numbers of a run as bytes. */
function bytesOf(record: JobRecord, ledger: Ledger): Buffer {
  const numbers = [
    record.iterationTimeS,
    ...record.pipelines.flatMap(({ startS, finishS, endS }) => [...startS, ...finishS, endS]),
    ...accountsOf(ledger),
    ledger.totalComputeJ,
    ledger.totalJ,
  ];
  return Buffer.from(Float64Array.from(numbers).buffer);
}

test('simulating identical pipelines once gives the bytes of simulating them all', async (t) => {
  await checkProperty(t, anyJobShape, (shape) => {
    const job = jobOfShape(shape);
    const short = simulateJob(job);
    const long = simulateJob(job, { simulateAll: true });
    if (short.simulatedPipelines !== new Set(shape.pipelines).size) throw new Error('not once');
    if (long.simulatedPipelines !== shape.pipelines.length) throw new Error('not all');
    if (long.events !== shape.pipelines.length * job.dag.instructionCount)
      throw new Error('events');
    const shortBytes = bytesOf(short, bookEnergy(job, short, GPUS));
    if (!shortBytes.equals(bytesOf(long, bookEnergy(job, long, GPUS)))) throw new Error('differ');
  });
});

test('the same seed gives the same bytes, another seed others', async (t) => {
  const run = (shape: Parameters<typeof jobOfShape>[0]) => {
    const job = jobOfShape(shape);
    const record = simulateJob(job);
    return bytesOf(record, bookEnergy(job, record, GPUS));
  };
  await checkProperty(t, anyJobShape, (shape) => {
    if (!run(shape).equals(run({ ...shape }))) throw new Error('the same seed gave other bytes');
    // Not with ties: a pipeline whose few durations are all drawn as 0 uses no energy at any seed.
    const untied = { ...shape, ties: false };
    if (run(untied).equals(run({ ...untied, seed: shape.seed + 1 })))
      throw new Error('another seed gave the same bytes');
  });
});
