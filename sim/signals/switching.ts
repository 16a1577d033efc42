/** A block of time in which a job that is only on or off is one of both. */
export interface Block {
  readonly lengthS: number;
  /** The mean over its time. */
  readonly costPerJ: number;
  /** Of its first and of its last interval: that is when the job starts or stops. */
  readonly firstCostPerJ: number;
  readonly lastCostPerJ: number;
  /** Whether its limits allow the power of a job that is on. */
  readonly mayRun: boolean;
}

/** A job that is only on or off. */
export interface SwitchedJob {
  readonly rate: number;
  readonly onW: number;
  /** Between a checkpoint and a restart. */
  readonly offW: number;
  /** While it writes a checkpoint or starts again. */
  readonly switchW: number;
  readonly saveS: number;
  readonly restartS: number;
}

/** A job before its first block, in one in which it runs, or in one in which it does not. */
type State = 'new' | 'on' | 'off';

/** Bisections of the price of work. */
const BISECTIONS = 60;
/** Blocks of a schedule that is improved by leaving out single ones. */
const MOST_IMPROVED = 1000;

/**
 * Chooses the blocks in which a job that is only on or off runs, to do its work at little cost: it
 * stops with a checkpoint and starts again from it, which takes time and energy. For each price of
 * work, dynamic programming over blocks finds the best; the lowest price that buys the work is found
 * by bisection. Blocks that are not needed are then left out, the dearest first. O(n) per bisection.
 *
 * @returns whether it runs, per block; as much as possible if the work cannot be done.
 */
export function switchedBlocks(
  blocks: readonly Block[],
  job: SwitchedJob,
  work: number,
): readonly boolean[] {
  const always = blocks.map(({ mayRun }) => mayRun);
  if (workOf(blocks, job, always) <= work) return always;
  let low = 0;
  let high = Math.max(...blocks.map(({ costPerJ }) => Math.abs(costPerJ)), 1e-12);
  high *= (4 * (job.onW + job.switchW)) / job.rate;
  const isEnough = (price: number) => workOf(blocks, job, atPrice(blocks, job, price)) >= work;
  while (!isEnough(high) && high < Number.MAX_VALUE / 4) high *= 4;
  if (isEnough(0)) high = 0;
  for (let k = 0; k < BISECTIONS && high > 0; k++) {
    const middle = (low + high) / 2;
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  const found = atPrice(blocks, job, high);
  const enough = workOf(blocks, job, found) >= work ? found : always;
  return blocks.length > MOST_IMPROVED ? enough : withoutUnneeded(blocks, job, work, enough);
}

/** The states that are cheapest when each iteration earns a price. */
function atPrice(blocks: readonly Block[], job: SwitchedJob, price: number): readonly boolean[] {
  let best: Record<State, number> = { new: 0, on: Infinity, off: Infinity };
  const cameFrom: Record<State, State>[] = [];
  for (const [k, block] of blocks.entries()) {
    const before = blocks[k - 1];
    const on = block.mayRun
      ? block.lengthS * (block.costPerJ * job.onW - price * job.rate)
      : Infinity;
    const off = block.lengthS * block.costPerJ * job.offW;
    const restart =
      job.restartS * (block.firstCostPerJ * (job.switchW - job.onW) + price * job.rate);
    const save =
      job.saveS * ((before?.lastCostPerJ ?? 0) * (job.switchW - job.onW) + price * job.rate);
    const toOn = cheaper(
      ['new', best.new + on],
      ['on', best.on + on],
      ['off', best.off + restart + on],
    );
    const toOff = cheaper(['off', best.off + off], ['on', best.on + save + off]);
    cameFrom.push({ new: 'new', on: toOn[0], off: toOff[0] });
    best = { new: best.new + off, on: toOn[1], off: toOff[1] };
  }
  let state = cheaper(['new', best.new], ['on', best.on], ['off', best.off])[0];
  const runs = new Array<boolean>(blocks.length);
  for (let k = blocks.length - 1; k >= 0; k--) {
    runs[k] = state === 'on';
    state = cameFrom[k]![state];
  }
  return runs;
}

function cheaper(...options: readonly (readonly [State, number])[]): readonly [State, number] {
  return options.reduce((best, option) => (option[1] < best[1] ? option : best));
}

/** Iterations that are done. */
function workOf(blocks: readonly Block[], job: SwitchedJob, runs: readonly boolean[]): number {
  return forBlocks(blocks, job, runs, ({ timeS }) => timeS * job.rate);
}

/** The cost of all blocks; one that restarts or saves computes less. */
function costOf(blocks: readonly Block[], job: SwitchedJob, runs: readonly boolean[]): number {
  return forBlocks(blocks, job, runs, ({ block, isOn, restartS, saveS, timeS }) =>
    isOn
      ? block.costPerJ * timeS * job.onW +
        job.switchW * (block.firstCostPerJ * restartS + block.lastCostPerJ * saveS)
      : block.costPerJ * block.lengthS * job.offW,
  );
}

interface BlockCourse<B extends Block> {
  readonly block: B;
  readonly isOn: boolean;
  readonly restartS: number;
  readonly saveS: number;
  /** For which it computes. */
  readonly timeS: number;
}

/** The events of each block: a restart if it was off before, a checkpoint if it is off after it. */
export function blockCourses<B extends Block>(
  blocks: readonly B[],
  job: SwitchedJob,
  runs: readonly boolean[],
): readonly BlockCourse<B>[] {
  const first = runs.indexOf(true);
  const last = runs.lastIndexOf(true);
  return blocks.map((block, k): BlockCourse<B> => {
    if (runs[k] !== true) return { block, isOn: false, restartS: 0, saveS: 0, timeS: 0 };
    const isRestart = k > first && runs[k - 1] !== true;
    const isStop = k < last && runs[k + 1] !== true;
    const restartS = isRestart ? Math.min(job.restartS, block.lengthS) : 0;
    const saveS = isStop ? Math.min(job.saveS, block.lengthS - restartS) : 0;
    return { block, isOn: true, restartS, saveS, timeS: block.lengthS - restartS - saveS };
  });
}

function forBlocks(
  blocks: readonly Block[],
  job: SwitchedJob,
  runs: readonly boolean[],
  valueOf: (course: BlockCourse<Block>) => number,
): number {
  return blockCourses(blocks, job, runs).reduce((sum, course) => sum + valueOf(course), 0);
}

/** Leaves blocks out as long as the work is done without them and that is cheaper. */
function withoutUnneeded(
  blocks: readonly Block[],
  job: SwitchedJob,
  work: number,
  runs: readonly boolean[],
): readonly boolean[] {
  const dearest = blocks
    .map((_, k) => k)
    .filter((k) => runs[k])
    .sort((a, b) => blocks[b]!.costPerJ - blocks[a]!.costPerJ || b - a);
  let best = runs;
  for (const k of dearest) {
    const fewer = best.with(k, false);
    const isEnough = workOf(blocks, job, fewer) >= work;
    if (isEnough && costOf(blocks, job, fewer) < costOf(blocks, job, best)) best = fewer;
  }
  return best;
}
