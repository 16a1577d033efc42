/** Work and costs by rank, whose sums over the first ranks are found quickly (a Fenwick tree). */
export class PrefixSums {
  private readonly work: Float64Array;
  private readonly cost: Float64Array;
  private readonly highest: number;
  private total = 0;

  constructor(private readonly count: number) {
    this.work = new Float64Array(count + 1);
    this.cost = new Float64Array(count + 1);
    this.highest = 2 ** Math.floor(Math.log2(Math.max(count, 1)));
  }

  /** Adds to a rank. O(log n). */
  add(rank: number, work: number, cost: number): void {
    this.total += work;
    for (let k = rank + 1; k <= this.count; k += k & -k) {
      this.work[k]! += work;
      this.cost[k]! += cost;
    }
  }

  /**
   * The cost of this much work from the first ranks on, the last of them in part; undefined if all
   * together do less. O(log n).
   * @param tolerance work that may be missing.
   */
  costOf(work: number, tolerance: number): number | undefined {
    if (work > this.total + tolerance) return undefined;
    let at = 0;
    let done = 0;
    let cost = 0;
    for (let step = this.highest; step >= 1; step /= 2) {
      const next = at + step;
      if (next > this.count || done + this.work[next]! > work) continue;
      at = next;
      done += this.work[next]!;
      cost += this.cost[next]!;
    }
    if (at >= this.count || done >= work) return cost;
    // The rank that is taken in part is alone between the sums up to it and before it.
    const [ofWork, ofCost] = this.ofRank(at);
    return ofWork <= 0 ? cost : cost + (ofCost * Math.min(work - done, ofWork)) / ofWork;
  }

  private ofRank(rank: number): readonly [work: number, cost: number] {
    const upTo = (count: number) => {
      let [work, cost] = [0, 0];
      for (let k = count; k > 0; k -= k & -k) {
        work += this.work[k]!;
        cost += this.cost[k]!;
      }
      return [work, cost] as const;
    };
    const [before, after] = [upTo(rank), upTo(rank + 1)];
    return [after[0] - before[0], after[1] - before[1]];
  }
}
