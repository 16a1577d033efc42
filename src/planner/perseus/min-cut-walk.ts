import type { PlanningProblem } from '../planner.js';
import { buildMarginals, type Marginals } from './marginals.js';
import { MaxFlow } from './max-flow.js';
import { buildNetwork, type Network, type Ticks } from './network.js';

/**
 * Walks the exact time–energy frontier from T* down to T_min, one minimum cut per step (Perseus,
 * SOSP '24, section 4.2; after Phillips and Dessouky 1977), with the flow kept from step to step.
 *
 * Invariants between two steps, all tested:
 * - every node v has a whole-tick time π(v); only the arcs' slack is stored: `slackTicks[a]` =
 *   π(head) − π(tail) − duration ≥ 0. An arc is *tight* when that is 0;
 * - only tight arcs carry flow; an instruction arc at duration d carries between
 *   lb = c(d) − c(d + 1) (0 at its slowest) and ub = c(d − 1) − c(d) (∞ at its fastest), a
 *   dependency between 0 and ∞; flow is conserved at every node but source and sink;
 * - an instruction with slack is at its slowest.
 *
 * A step moves all nodes on the sink's side of a minimum cut earlier, and with them the iteration's
 * end:
 *
 *       source's side    ¦    sink's side: earlier by `stepTicks`
 *                        ¦
 *          ●━━ flow ub ━━¦━━━▶●   tight instruction: shrinks, at a cost of ub per tick
 *          ●◀━ flow lb ━━¦━━━━●   tight instruction: grows, and saves lb per tick
 *          ●── no flow ──¦───▶●   arc with slack: loses slack, and is tight once none is left
 *          ●◀─ no flow ──¦────●   dependency, or instruction at its slowest: gains slack
 *
 * Σ ub − Σ lb over the cut's tight arcs is the cut's capacity, which equals the flow: the least
 * energy that one tick less can cost. An instruction's ub is its lb at a duration one tick shorter,
 * so the flow stays valid and the next search starts from it.
 *
 * Cost of a step: the cut's arcs plus the nodes that the search visits (see `MaxFlow`): only newly
 * reached ones while the set of reached nodes grows, and the whole network once the sink is met.
 */
export class MinCutWalk {
  readonly network: Network;
  readonly marginals: Marginals;
  readonly slackTicks: Ticks;
  /** Current duration of each instruction. */
  readonly durationTicks: Int32Array;
  /** Current length of the iteration. */
  lengthTicks: number;
  /** Ticks by which the last step shortened the iteration. */
  stepTicks = 0;
  /** Instructions that the last step changed: `2 · instruction + (1 if it was slowed down)`. */
  readonly changed: Int32Array;
  changedCount = 0;

  private readonly flow: MaxFlow;
  private readonly operation: Int32Array;
  private readonly minTicks: Int32Array;
  private readonly maxTicks: Int32Array;

  /** Starts at T*, every instruction at its slowest. O(instructions + total ticks). */
  constructor(problem: PlanningProblem) {
    const network = buildNetwork(problem);
    this.network = network;
    this.marginals = buildMarginals(problem);
    this.slackTicks = network.slackTicks;
    this.durationTicks = network.durationTicks;
    this.lengthTicks = network.lengthTicks;
    this.operation = problem.dag.operation;
    this.minTicks = Int32Array.from(problem.operations, (op) => op.minTicks);
    this.maxTicks = Int32Array.from(problem.operations, (op) => op.maxTicks);
    this.changed = new Int32Array(network.instructionCount);
    this.flow = new MaxFlow(network);
    for (let a = 0; a < network.arcCount; a++) {
      if (this.slackTicks[a] === 0) this.openArc(a);
    }
  }

  /** Flow on an arc, in quanta. For tests only: hot code works with residuals. */
  flowOn(arc: number): number {
    return this.lowerBound(arc) + this.flow.residual[this.network.back[arc]!]!;
  }

  /** Least flow that a tight arc may carry at its current duration, in quanta. */
  lowerBound(arc: number): number {
    if (arc >= this.network.instructionCount) return 0;
    const op = this.operation[arc]!;
    const d = this.durationTicks[arc]!;
    if (d === this.maxTicks[op]) return 0;
    return this.marginals.value[this.marginals.start[op]! + d - this.minTicks[op]!]!;
  }

  /** Most flow that a tight arc may carry at its current duration, in quanta. */
  upperBound(arc: number): number {
    if (arc >= this.network.instructionCount) return Infinity;
    const op = this.operation[arc]!;
    const d = this.durationTicks[arc]!;
    if (d === this.minTicks[op]) return Infinity;
    return this.marginals.value[this.marginals.start[op]! + d - 1 - this.minTicks[op]!]!;
  }

  /**
   * Takes one step: finds the minimum cut and shortens the iteration by `stepTicks`, which is one
   * tick, or several when no marginal cost on the cut changes in between.
   *
   * @returns false if T_min has been reached, in which case nothing has changed.
   */
  advance(): boolean {
    if (!this.flow.run()) return false;
    this.moveCut(this.ticksToNextEvent());
    return true;
  }

  /** A tight arc becomes part of the residual graph, carrying its lower bound. */
  private openArc(arc: number): void {
    const { forth, back } = this.network;
    this.flow.residual[forth[arc]!] = this.upperBound(arc) - this.lowerBound(arc);
    this.flow.residual[back[arc]!] = 0;
  }

  /**
   * The number of ticks that the cut can move until an arc becomes tight or a marginal cost
   * changes.
   */
  private ticksToNextEvent(): number {
    let ticks = this.lengthTicks;
    const { border, borderCount } = this.flow;
    for (let k = 0; k < borderCount; k++) {
      const limit = this.ticksArcAllows(border[k]!);
      if (limit < ticks) ticks = limit;
    }
    return ticks;
  }

  private ticksArcAllows(halfArc: number): number {
    const { slackTicks, marginals, durationTicks, operation, minTicks, maxTicks } = this;
    const arc = this.network.arcOf[halfArc]!;
    const forward = this.network.forth[arc] === halfArc;
    if (slackTicks[arc]! > 0) return forward ? slackTicks[arc]! : Infinity;
    if (arc >= this.network.instructionCount) return Infinity;
    const op = operation[arc]!;
    const d = durationTicks[arc]!;
    const entry = marginals.start[op]! + d - minTicks[op]!;
    if (forward) return marginals.equalDown[entry - 1]!;
    return d === maxTicks[op] ? Infinity : marginals.equalUp[entry]!;
  }

  /** Moves everything on the sink's side earlier; arcs across the cut shrink, grow or go slack. */
  private moveCut(ticks: number): void {
    this.lengthTicks -= ticks;
    this.stepTicks = ticks;
    this.changedCount = 0;
    const { border, borderCount } = this.flow;
    const { arcOf, forth } = this.network;
    for (let k = 0; k < borderCount; k++) {
      const arc = arcOf[border[k]!]!;
      if (forth[arc] === border[k]) this.moveForwardArc(arc, ticks);
      else this.moveBackwardArc(arc, ticks);
    }
  }

  /** An arc from the source's side: it shrinks, or loses slack and may become tight. */
  private moveForwardArc(arc: number, ticks: number): void {
    if (this.slackTicks[arc]! > 0) {
      this.slackTicks[arc]! -= ticks;
      if (this.slackTicks[arc]! > 0) return;
    } else {
      // It carried its upper bound, which is the lower bound of the shorter duration.
      this.durationTicks[arc]! -= ticks;
      this.changed[this.changedCount++] = 2 * arc;
    }
    this.openArc(arc);
    this.flow.open(this.network.forth[arc]!);
  }

  /** An arc towards the source's side: it grows, or gains slack and carries nothing. */
  private moveBackwardArc(arc: number, ticks: number): void {
    const { residual } = this.flow;
    const forth = this.network.forth[arc]!;
    const back = this.network.back[arc]!;
    const canGrow =
      this.slackTicks[arc] === 0 &&
      arc < this.network.instructionCount &&
      this.durationTicks[arc]! < this.maxTicks[this.operation[arc]!]!;
    if (!canGrow) {
      this.slackTicks[arc]! += ticks;
      residual[forth] = 0;
      residual[back] = 0;
      return;
    }
    // It carried its lower bound, which is the upper bound of the longer duration.
    this.durationTicks[arc]! += ticks;
    this.changed[this.changedCount++] = 2 * arc + 1;
    residual[forth] = 0;
    residual[back] = this.upperBound(arc) - this.lowerBound(arc);
    this.flow.open(back);
  }
}
