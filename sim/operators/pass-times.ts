import type { Recomputation } from './job-choices.js';
import { blockWeights, type PartParameters } from './block-weights.js';
import type { Block, ModelShape } from './model-shape.js';
import {
  addWork,
  collectiveTimeS,
  NO_WORK,
  operatorTime,
  totalTimeS,
  type Execution,
  type WorkTimeS,
} from './operator-time.js';
import { BYTES, type Operator } from './operators.js';

export { RECOMPUTATIONS, type Recomputation } from './job-choices.js';

/** Work of a forward and of its backward. */
export interface PassTimes {
  readonly forward: WorkTimeS;
  readonly backward: WorkTimeS;
}

/** Sums pass by pass. */
export function addPasses(a: PassTimes, b: PassTimes): PassTimes {
  return { forward: addWork(a.forward, b.forward), backward: addWork(a.backward, b.backward) };
}

/** Work of operators, with recomputation in the backward. */
export function timesOf(
  operators: readonly Operator[],
  recompute: Recomputation,
  execution: Execution,
): PassTimes {
  const sum = (pass: 'forward' | 'backward', which: readonly Operator[]) =>
    which.reduce(
      (total, operator) => addWork(total, operatorTime(operator, pass, execution)),
      NO_WORK,
    );
  const passes = (which: readonly Operator[]): PassTimes => {
    const again = {
      none: [],
      selective: which.filter(({ kind }) => kind === 'attention'),
      full: which,
    }[recompute];
    return {
      forward: sum('forward', which),
      backward: addWork(sum('forward', again), sum('backward', which)),
    };
  };
  if (execution.layout.exchange?.isOverlapped !== true) return passes(operators);
  const isExchange = (operator: Operator) =>
    operator.kind === 'collective' && operator.group === 'expert';
  return behind(
    passes(operators.filter((operator) => !isExchange(operator))),
    passes(operators.filter(isExchange)),
  );
}

/**
 * Adds exchanges that run while another microbatch computes the other pass of the same layer: over
 * both passes together, the longer of the two counts.
 */
function behind(computing: PassTimes, exchanges: PassTimes): PassTimes {
  const both = ({ forward, backward }: PassTimes) => totalTimeS(forward) + totalTimeS(backward);
  const exchangeS = both(exchanges);
  const exposed = exchangeS === 0 ? 0 : Math.max(0, 1 - both(computing) / exchangeS);
  const seen = (work: WorkTimeS): WorkTimeS => ({
    ...work,
    communication: work.communication * exposed,
  });
  return addPasses(computing, {
    forward: seen(exchanges.forward),
    backward: seen(exchanges.backward),
  });
}

/**
 * Adds the time by which gathering a layer's weights and scattering its gradients exceeds the
 * layer's own work, with which they overlap: weights before the forward and, if they were released,
 * before the backward (FSDP: Zhao et al., VLDB '23, section 3). Elements have two bytes.
 *
 * @param weights of the layer on one GPU, before they are shared out.
 */
export function shardedTimes(
  times: PassTimes,
  { dense, experts }: PartParameters,
  execution: Execution,
): PassTimes {
  const { sharded } = execution.layout;
  if (sharded === undefined) return times;
  const moving = (pattern: 'allGather' | 'reduceScatter') =>
    collectiveTimeS(pattern, 'dense', BYTES * dense, execution) +
    (experts === 0 ? 0 : collectiveTimeS(pattern, 'experts', BYTES * experts, execution));
  const gatherS = moving('allGather');
  const again = sharded === 'weights' ? gatherS : 0;
  const added = (work: WorkTimeS, movedS: number): WorkTimeS => ({
    ...work,
    communication: work.communication + Math.max(0, movedS - totalTimeS(work)),
  });
  return {
    forward: added(times.forward, gatherS),
    backward: added(times.backward, again + moving('reduceScatter')),
  };
}

/** The same of a block. */
export function shardedBlockTimes(
  times: PassTimes,
  block: Block,
  shape: ModelShape,
  execution: Execution,
): PassTimes {
  return shardedTimes(times, blockWeights(block, shape, execution.layout), execution);
}
