import type { FaultJob } from './fault-job.js';

/** GPUs that are in no pipeline, for a time. */
export interface IdleStep {
  readonly timeS: number;
  readonly gpus: number;
}

/** Times that differ by less are the same: sums of times are rounded. */
const SAME_TIME = 1 + 1e-12;

/**
 * The nodes of a job and its spares: which are broken, and when they are at hand again. All take
 * equally long to repair, so that they come back in the order in which they broke.
 */
export class NodeYard {
  /** Times at which nodes are at hand again, ascending; those before `first` are. */
  private readonly returnsS: number[] = [];
  private first = 0;

  constructor(private readonly job: FaultJob) {}

  /** Pipelines that have all their GPUs. */
  get pipelines(): number {
    return Math.min(this.job.pipelines, Math.floor(this.gpus / this.job.gpusPerPipeline));
  }

  /** Whether the job has as many pipelines as it needs to go on. */
  get isEnough(): boolean {
    const { pipelines, rules } = this.job;
    return this.pipelines >= (rules.nodes?.shrinks === true ? 1 : pipelines);
  }

  /** The time at which the next broken node is at hand again; infinite if none is broken. */
  get nextReturnS(): number {
    return this.returnsS[this.first] ?? Infinity;
  }

  /** GPUs that work; infinite if a node is always at hand. */
  private get gpus(): number {
    const { pipelines, gpusPerPipeline, rules } = this.job;
    if (rules.nodes === undefined) return Infinity;
    const { spares, gpusPerNode } = rules.nodes;
    const broken = this.returnsS.length - this.first;
    return Math.max(0, pipelines * gpusPerPipeline + (spares - broken) * gpusPerNode);
  }

  /** The time at which one more pipeline than these has all its GPUs. */
  returnOfOneMoreS(pipelines: number): number {
    const { nodes } = this.job.rules;
    if (nodes === undefined || pipelines >= this.job.pipelines) return Infinity;
    const lacking = (pipelines + 1) * this.job.gpusPerPipeline - this.gpus;
    const returns = Math.max(1, Math.ceil(lacking / nodes.gpusPerNode));
    return this.returnsS[this.first + returns - 1] ?? Infinity;
  }

  /** A node breaks. */
  breakOne(nowS: number): void {
    const { nodes } = this.job.rules;
    if (nodes !== undefined) this.returnsS.push(nowS + nodes.repairS);
  }

  /**
   * Lets time pass: nodes come back.
   * @returns the GPUs that are in none of this many pipelines; no step if a node is always at hand.
   */
  pass(fromS: number, untilS: number, pipelines: number): IdleStep[] {
    const { nodes } = this.job.rules;
    if (nodes === undefined) return [];
    const steps: IdleStep[] = [];
    let nowS = fromS;
    for (;;) {
      const stepS = Math.min(this.nextReturnS, untilS);
      const gpus = Math.max(0, this.gpus - pipelines * this.job.gpusPerPipeline);
      if (stepS > nowS) steps.push({ timeS: stepS - nowS, gpus });
      nowS = Math.max(nowS, stepS);
      if (this.nextReturnS > untilS * SAME_TIME) return steps;
      this.first++;
    }
  }
}
